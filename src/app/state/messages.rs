//! What the window has to say, in lines that can be read back.

use std::{collections::VecDeque, path::Path, time::Instant};

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

/// What an error that is being shown is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum About {
    /// Whatever.
    Anything,
    /// A model that was chosen: said where models are chosen too, and over once there is one.
    Model,
}

/// The lines so far, oldest first, and the errors that are being shown.
#[derive(Debug, Clone, Default)]
pub struct Messages {
    lines: VecDeque<Message>,
    errors: Vec<(About, String)>,
    /// How many of the newest lines were said since something new was asked.
    fresh: usize,
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
        self.toasts.add(text.clone(), None, now);
        self.push(Level::Note, text);
    }

    /// The same of something that is in this folder now, which can be shown.
    pub fn done_in(&mut self, folder: &Path, text: impl Into<String>, now: Instant) {
        let text = text.into();
        self.toasts.add(text.clone(), Some(folder.to_owned()), now);
        self.push(Level::Note, text);
    }

    /// Notes that something could not be done, and shows it until it is dismissed.
    pub fn error(&mut self, text: impl Into<String>) {
        self.show(About::Anything, &text.into());
    }

    /// Notes that something is wrong with a model that was chosen, and shows it until it is dismissed or another model
    /// is there.
    pub fn model_error(&mut self, text: impl Into<String>) {
        self.show(About::Model, &text.into());
    }

    fn show(&mut self, about: About, text: &str) {
        let text = sentence(text);
        // Said again, it is the newest.
        self.errors.retain(|(_, known)| *known != text);
        if self.errors.len() == KEPT {
            self.errors.remove(0);
        }
        self.errors.push((about, text.clone()));
        self.push(Level::Error, text);
    }

    fn push(&mut self, level: Level, text: String) {
        if self.lines.len() == KEPT {
            self.lines.pop_front();
        }
        self.lines.push_back(Message { level, text });
        self.fresh += 1;
    }

    /// Something new is asked: what was said of what was asked before is in the log only.
    pub fn begin_anew(&mut self) {
        self.fresh = 0;
    }

    /// The newest error that was not dismissed yet.
    pub fn shown_error(&self) -> Option<&str> {
        self.errors.last().map(|(_, text)| text.as_str())
    }

    /// Whether this is one of the errors that were not dismissed yet.
    pub fn shows(&self, text: &str) -> bool {
        self.shown_errors().any(|error| error == text)
    }

    /// Takes one of them off the screen; its line stays.
    pub fn take_back(&mut self, text: &str) {
        self.errors.retain(|(_, known)| known != text);
    }

    /// The errors that were not dismissed yet, the oldest first.
    pub fn shown_errors(&self) -> impl Iterator<Item = &str> {
        self.errors.iter().map(|(_, text)| text.as_str())
    }

    /// Those of them that are about a model.
    pub fn model_errors(&self) -> impl Iterator<Item = &str> {
        self.errors.iter().filter(|(about, _)| *about == About::Model).map(|(_, text)| text.as_str())
    }

    /// Takes the errors off the screen; their lines stay.
    pub fn dismiss(&mut self) {
        self.errors.clear();
    }

    /// Takes those about a model off the screen.
    pub fn dismiss_model(&mut self) {
        self.errors.retain(|(about, _)| *about != About::Model);
    }

    /// The newest line, unless it is said elsewhere: an error across the top, or what was done on the wall; nor what was
    /// said before something new was asked.
    pub fn unsaid(&self) -> Option<&Message> {
        let said = |message: &Message| match message.level {
            Level::Note => self.toasts.says(&message.text),
            Level::Error => self.shown_errors().any(|error| error == message.text),
        };
        self.last().filter(|message| self.fresh > 0 && !said(message))
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
    fn every_error_is_shown_until_it_is_dismissed_and_one_about_a_model_until_there_is_another() {
        let mut messages = Messages::default();
        for text in ["one", "two", "one"] {
            messages.error(text);
        }
        messages.model_error("three");
        assert_eq!(messages.shown_errors().collect::<Vec<_>>(), ["Two", "One", "Three"]);
        assert_eq!(messages.model_errors().collect::<Vec<_>>(), ["Three"]);
        assert!(messages.unsaid().is_none(), "all of them are said across the top");
        messages.dismiss_model();
        assert_eq!((messages.shown_error(), messages.model_errors().next()), (Some("One"), None));
        messages.dismiss();
        assert_eq!(messages.shown_error(), None);
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
