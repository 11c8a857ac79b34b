//! What was done while nobody looked: said at the wall's corner for some seconds, then only in the log.

use std::{
    path::PathBuf,
    time::{Duration, Instant},
};

/// How long it stays: as long as two lines take to be noticed and read.
const STAYS: Duration = Duration::from_secs(6);
/// The most at once: more are not read.
const MAX: usize = 3;

/// Something that was done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Toast {
    /// Names it.
    pub number: u64,
    /// What it says.
    pub text: String,
    /// The folder that it is about, if it is about one.
    pub folder: Option<PathBuf>,
    until: Instant,
}

/// What was done just now, the newest last. Takes the clock as an argument.
#[derive(Debug, Clone, Default)]
pub struct Toasts {
    all: Vec<Toast>,
    last: u64,
}

impl Toasts {
    /// Says that something was done.
    pub fn add(&mut self, text: String, folder: Option<PathBuf>, now: Instant) {
        self.last += 1;
        // Said again, it is the newest.
        self.all.retain(|toast| toast.text != text);
        if self.all.len() == MAX {
            self.all.remove(0);
        }
        self.all.push(Toast { number: self.last, text, folder, until: now + STAYS });
    }

    /// Takes one off, by its number.
    pub fn dismiss(&mut self, number: u64) {
        self.all.retain(|toast| toast.number != number);
    }

    /// Takes off those whose time is over; how long until the next one's is.
    pub fn settle(&mut self, now: Instant) -> Option<Duration> {
        self.all.retain(|toast| toast.until > now);
        self.all.iter().map(|toast| toast.until.saturating_duration_since(now)).min()
    }

    /// Those that are being said, the newest last.
    pub fn all(&self) -> &[Toast] {
        &self.all
    }

    /// Whether this is being said.
    pub fn says(&self, text: &str) -> bool {
        self.all.iter().any(|toast| toast.text == text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_goes_by_itself_and_then_no_frame_is_asked_for() {
        let start = Instant::now();
        let mut toasts = Toasts::default();
        assert_eq!(toasts.settle(start), None);
        toasts.add("one".to_owned(), None, start);
        toasts.add("two".to_owned(), None, start + STAYS / 2);
        assert_eq!(toasts.settle(start + STAYS / 2), Some(STAYS / 2));
        assert_eq!(toasts.settle(start + STAYS), Some(STAYS / 2));
        assert!(!toasts.says("one") && toasts.says("two"));
        assert_eq!(toasts.settle(start + STAYS * 2), None);
        assert!(!toasts.says("two"));
    }

    #[test]
    fn a_few_are_enough_and_nothing_is_said_twice() {
        let now = Instant::now();
        let mut toasts = Toasts::default();
        for text in ["a", "b", "b", "c", "d"] {
            toasts.add(text.to_owned(), None, now);
        }
        let texts: Vec<_> = toasts.all.iter().map(|toast| toast.text.as_str()).collect();
        assert_eq!(texts, ["b", "c", "d"]);
        let first = toasts.all[0].number;
        toasts.dismiss(first);
        assert!(!toasts.says("b") && toasts.says("c"));
    }
}
