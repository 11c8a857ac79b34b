//! Numbers as the window writes them: those of the exported files, and what only a run under way has.

use std::time::Duration;

pub use crate::export::{answer, score, seconds, share, short, value};

/// A number as people type it: with a decimal point or comma, a minus of either kind, a percent sign or spaces.
pub fn parsed(text: &str) -> Option<f64> {
    let plain: String = text.trim().trim_end_matches('%').chars().filter(|letter| !letter.is_whitespace()).collect();
    let plain = plain.replace('−', "-");
    let plain = match (plain.rfind(','), plain.rfind('.')) {
        // The last of the two is before the decimals, the others are between thousands.
        (Some(comma), Some(point)) if comma > point => plain.replace('.', "").replace(',', "."),
        (Some(_), Some(_)) => plain.replace(',', ""),
        (Some(_), None) => plain.replace(',', "."),
        (None, _) => plain,
    };
    plain.parse().ok().filter(|number: &f64| number.is_finite())
}

/// About how long something will take.
pub fn about(duration: Duration) -> String {
    let seconds = duration.as_secs_f64().ceil() as u64;
    if seconds < 100 {
        text!("number-seconds", number = seconds)
    } else {
        text!("number-minutes", number = seconds.div_ceil(60))
    }
}

/// Iterations a second, or seconds an iteration where that says more.
pub fn speed(iterations_per_second: f64) -> String {
    if iterations_per_second >= 1.0 {
        text!("number-iterations-per-second", number = format!("{iterations_per_second:.1}"))
    } else {
        text!("number-seconds-per-iteration", number = format!("{:.1}", 1.0 / iterations_per_second))
    }
}

/// A whole number in groups of three digits, with thin spaces between them that no line ends at.
pub fn grouped(digits: &str) -> String {
    let len = digits.chars().count();
    let group = |(at, digit): (usize, char)| {
        let is_first = at > 0 && (len - at).is_multiple_of(3);
        is_first.then_some('\u{202f}').into_iter().chain([digit])
    };
    digits.chars().enumerate().flat_map(group).collect()
}

/// Bytes of a megabyte, as drives and networks count.
const MEGABYTE: f64 = 1e6;

/// So many bytes, in megabytes.
pub fn megabytes(bytes: u64) -> String {
    let megabytes = bytes as f64 / MEGABYTE;
    let number = if megabytes < 9.95 { format!("{megabytes:.1}") } else { format!("{megabytes:.0}") };
    text!("number-megabytes", number = number)
}

/// How many bytes of how many are here.
pub fn bytes_of(done: u64, total: u64) -> String {
    let [done, total] = [done, total].map(|bytes| format!("{:.1}", bytes as f64 / MEGABYTE));
    text!("number-megabytes-of", done = done, total = total)
}

/// The speed of a download.
pub fn bytes_per_second(speed: f64) -> String {
    text!("number-megabytes-per-second", number = format!("{:.1}", speed / MEGABYTE))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_are_typed_after_a_comma_or_a_point() {
        let typed = ["0,5", "0.5", " −1,25 ", "1.234,5", "1,234.5", "1e-3", "15 %", "12"];
        let numbers = [0.5, 0.5, -1.25, 1234.5, 1234.5, 1e-3, 15.0, 12.0];
        for (text, number) in typed.into_iter().zip(numbers) {
            assert_eq!(parsed(text), Some(number), "{text}");
        }
        assert!(["", "a", "1,2,3", "inf", "NaN"].iter().all(|text| parsed(text).is_none()));
    }

    #[test]
    fn large_numbers_are_read_by_the_thousand() {
        let of = |digits| grouped(digits).replace('\u{202f}', " ");
        assert_eq!(["7", "123", "1234", "11689512"].map(of), ["7", "123", "1 234", "11 689 512"]);
    }

    #[test]
    fn time_left_is_rounded_up() {
        assert_eq!(about(Duration::from_millis(1200)), "2 s");
        assert_eq!(about(Duration::from_secs(130)), "3 min");
    }
}
