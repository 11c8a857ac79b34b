//! Numbers as the window writes them: those of the exported files, and what only a run under way has.

use std::time::Duration;

pub use crate::export::{answer, score, seconds, share, short, value};

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
    fn time_left_is_rounded_up() {
        assert_eq!(about(Duration::from_millis(1200)), "2 s");
        assert_eq!(about(Duration::from_secs(130)), "3 min");
    }
}
