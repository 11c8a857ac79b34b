//! What the window has to say, in lines that can be read back.

use std::{collections::VecDeque, time::Instant};

use super::toasts::Toasts;

/// How many lines are kept: a long session's worth, and no more memory than a picture.
const KEPT: usize = 1000;

/// How much a line matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Level {
    /// Something was done.
    Note,
    /// Something could not be done.
    Error,
}

/// One line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// How much it matters.
    pub level: Level,
    /// What it says.
    pub text: String,
}

/// The lines so far, oldest first, and the error that is being shown.
#[derive(Debug, Clone, Default)]
pub struct Messages {
    lines: VecDeque<Message>,
    error: Option<String>,
    /// What was done just now.
    pub toasts: Toasts,
}

impl Messages {
    /// Notes that something was done.
    pub fn note(&mut self, text: impl Into<String>) {
        self.push(Level::Note, text.into());
    }

    /// Notes that something was done that the user may not see, and says so on the wall.
    pub fn done(&mut self, text: impl Into<String>, now: Instant) {
        let text = text.into();
        self.toasts.add(text.clone(), now);
        self.push(Level::Note, text);
    }

    /// Notes that something could not be done, and shows it until it is dismissed.
    pub fn error(&mut self, text: impl Into<String>) {
        let text = sentence(&text.into());
        self.error = Some(text.clone());
        self.push(Level::Error, text);
    }

    fn push(&mut self, level: Level, text: String) {
        if self.lines.len() == KEPT {
            self.lines.pop_front();
        }
        self.lines.push_back(Message { level, text });
    }

    /// The error that was not dismissed yet.
    pub fn shown_error(&self) -> Option<&str> {
        self.error.as_deref()
    }

    /// Whether this is the error that was not dismissed yet.
    pub fn shows(&self, text: &str) -> bool {
        self.error.as_deref() == Some(text)
    }

    /// Takes the error off the screen; the line stays.
    pub fn dismiss(&mut self) {
        self.error = None;
    }

    /// The newest line, unless it is said elsewhere: an error across the top, or what was done on the wall.
    pub fn unsaid(&self) -> Option<&Message> {
        let said = |message: &Message| match message.level {
            Level::Note => self.toasts.says(&message.text),
            Level::Error => self.error.as_deref() == Some(message.text.as_str()),
        };
        self.last().filter(|message| !said(message))
    }

    /// The lines, oldest first.
    pub fn lines(&self) -> impl ExactSizeIterator<Item = &Message> {
        self.lines.iter()
    }

    /// The newest line.
    pub fn last(&self) -> Option<&Message> {
        self.lines.back()
    }

    /// All lines as text, to be copied.
    pub fn as_text(&self) -> String {
        self.lines
            .iter()
            .map(|message| match message.level {
                Level::Note => format!("{}\n", message.text),
                Level::Error => text!("log-error", text = message.text.as_str()) + "\n",
            })
            .collect()
    }
}

/// With a capital letter at its beginning: errors of other rooms are written to follow a colon.
pub(super) fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dismissed_error_stays_in_the_log() {
        let mut messages = Messages::default();
        messages.error("no such file");
        assert_eq!(messages.shown_error(), Some("No such file"));
        messages.dismiss();
        assert_eq!(messages.shown_error(), None);
        assert_eq!(messages.as_text(), "error: No such file\n");
    }

    #[test]
    fn nothing_is_said_in_two_places() {
        let now = Instant::now();
        let mut messages = Messages::default();
        messages.note("opened");
        assert!(messages.unsaid().is_some());
        messages.done("saved", now);
        assert!(messages.unsaid().is_none());
        messages.toasts.settle(now + std::time::Duration::from_secs(60));
        assert!(messages.unsaid().is_some());
        messages.error("lost");
        assert!(messages.unsaid().is_none());
        messages.dismiss();
        assert!(messages.unsaid().is_some());
    }

    #[test]
    fn the_oldest_lines_go_first() {
        let mut messages = Messages::default();
        for number in 0..=KEPT {
            messages.note(number.to_string());
        }
        assert_eq!(messages.lines().len(), KEPT);
        assert_eq!(messages.lines().next().map(|message| message.text.as_str()), Some("1"));
    }
}
