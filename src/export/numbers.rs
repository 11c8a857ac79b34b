//! Numbers as people read them, the same on screen, in captions and in reports.

use crate::model::Answer;

/// What a model answers: a probability in percent, or an output as it is.
pub fn answer(answer: Answer) -> String {
    match answer {
        Answer::Probability(probability) => percent(probability),
        Answer::Output(output) => short(f64::from(output)),
    }
}

/// A probability in percent.
pub fn percent(probability: f32) -> String {
    let percent = probability * 100.0;
    if percent >= 0.1 {
        format!("{percent:.1} %")
    } else if percent >= 0.01 {
        format!("{percent:.2} %")
    } else {
        "< 0.01 %".to_owned()
    }
}

/// A score, an area or a term, all of which are about 1 at most.
pub fn score(value: f64) -> String {
    let text = format!("{value:.3}");
    // What is written as 0 has no sign.
    if text == "-0.000" { "0.000".to_owned() } else { text }
}

/// A share of cells in percent.
pub fn share(share: f32) -> String {
    let percent = share * 100.0;
    if percent < 9.95 && percent > 0.0 { format!("{percent:.1} %") } else { format!("{percent:.0} %") }
}

/// A value of a map, to two digits.
pub fn value(value: f32) -> String {
    let size = value.abs();
    if value == 0.0 {
        "0".to_owned()
    } else if size < 1e-3 {
        trim_exponent(&format!("{value:.1e}"))
    } else {
        let decimals = (1 - size.log10().floor() as i32).clamp(0, 4) as usize;
        format!("{value:.decimals$}")
    }
}

/// A parameter or step size: short whatever its size.
pub fn short(value: f64) -> String {
    let size = value.abs();
    if value == 0.0 {
        "0".to_owned()
    } else if !(1e-3..1e5).contains(&size) {
        trim_exponent(&format!("{value:.2e}"))
    } else {
        let decimals = (2 - size.log10().floor() as i32).clamp(0, 5) as usize;
        let text = format!("{value:.decimals$}");
        if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
    }
}

/// `1.00e-5` without the zeros that say nothing.
fn trim_exponent(text: &str) -> String {
    match text.split_once('e') {
        Some((digits, exponent)) if digits.contains('.') => {
            format!("{}e{exponent}", digits.trim_end_matches('0').trim_end_matches('.'))
        }
        _ => text.to_owned(),
    }
}

/// How long something took.
pub fn seconds(seconds: f64) -> String {
    if seconds < 0.995 { format!("{:.0} ms", seconds * 1e3) } else { format!("{seconds:.1} s") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_and_large_numbers_stay_short() {
        let written = [0.0, 1e-5, 1e-4, 0.05, 0.2, 1.0, 20.0, 123.456, 1000.0, 1e6, 0.0012].map(short);
        assert_eq!(written, ["0", "1e-5", "1e-4", "0.05", "0.2", "1", "20", "123", "1000", "1e6", "0.0012"]);
    }

    #[test]
    fn a_maps_values_have_two_digits_and_shares_no_more_than_are_seen() {
        assert_eq!([0.0, 0.518, 12.4, 0.0234, 3.2e-5].map(value), ["0", "0.52", "12", "0.023", "3.2e-5"]);
        assert_eq!(
            [0.0, 0.0013, 0.032, 0.0996, 0.24, 1.0].map(share),
            ["0 %", "0.1 %", "3.2 %", "10 %", "24 %", "100 %"]
        );
    }

    #[test]
    fn a_score_that_is_written_as_none_has_no_sign() {
        assert_eq!([-0.0004, -0.0006, 0.0, 0.1234].map(score), ["0.000", "-0.001", "0.000", "0.123"]);
    }

    #[test]
    fn a_tiny_probability_is_not_written_as_none() {
        assert_eq!([0.9512, 0.0034, 0.0004, 0.00001].map(percent), ["95.1 %", "0.3 %", "0.04 %", "< 0.01 %"]);
    }
}
