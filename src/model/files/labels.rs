//! The names of a model's classes, and finding one of them.

use std::path::{Path, PathBuf};

use crate::Head;

/// A class that was looked for by its name or number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Found {
    /// Its number.
    pub class: usize,
    /// The number of another class, if the text is the name of the one and the number of the other.
    pub numbered: Option<usize>,
}

/// Class names, by class number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Labels {
    names: Vec<String>,
    file: Option<PathBuf>,
}

impl Labels {
    /// One name a line, in the order of the class numbers. Empty lines, and the mark that some editors put before a
    /// text, are left out.
    pub fn from_lines(text: &str) -> Self {
        let lines = text.trim_start_matches('\u{feff}').lines().map(|line| line.trim().to_owned());
        Self { names: lines.filter(|line| !line.is_empty()).collect(), file: None }
    }

    /// The same, given by the user in a text file.
    pub fn said_by(self, file: &Path) -> Self {
        Self { file: Some(file.to_owned()), ..self }
    }

    /// The text file that the user gave them in, if they came so.
    pub fn file(&self) -> Option<&Path> {
        self.file.as_deref()
    }

    /// The names of the classes, in the order of their numbers; each becomes one line, and an empty one its number's.
    pub fn from_names(names: &[String]) -> Self {
        let mut all = Self::numbered(names.len());
        for (own, name) in all.names.iter_mut().zip(names) {
            let words: Vec<&str> = name.split_whitespace().collect();
            if !words.is_empty() {
                *own = words.join(" ");
            }
        }
        all
    }

    /// The names “class 0”, “class 1”, … of so many classes.
    pub fn numbered(classes: usize) -> Self {
        Self { names: (0..classes).map(|id| format!("class {id}")).collect(), file: None }
    }

    /// The names “output 0”, “output 1”, … of so many quantities.
    pub fn of_outputs(outputs: usize) -> Self {
        Self { names: (0..outputs).map(|id| format!("output {id}")).collect(), file: None }
    }

    /// The same for a model with this head: one name is enough for a class and its opposite.
    pub fn for_head(mut self, head: Head) -> Self {
        if let (Head::Binary, [name]) = (head, self.names.as_slice()) {
            self.names.insert(0, format!("not {name}"));
        }
        self
    }

    /// Whether the numbers mean the same classes: as many, and most of them called the same up to the first comma, as
    /// some name a class by all its synonyms.
    pub fn mean_the_same(&self, other: &Self) -> bool {
        let first = |name: &str| name.split(',').next().unwrap_or_default().trim().to_lowercase();
        let same = self.names.iter().zip(&other.names).filter(|(own, other)| first(own) == first(other)).count();
        self.len() == other.len() && 2 * same > self.len()
    }

    /// How many classes there are.
    pub fn len(&self) -> usize {
        self.names.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.names.is_empty()
    }

    /// The name of class `id`; its number where it has none.
    pub fn name(&self, id: usize) -> String {
        self.names.get(id).cloned().unwrap_or_else(|| format!("class {id}"))
    }

    /// The classes whose number or name fits a search text, best first: exact name, then exact number, then names that
    /// begin with it, then names with a word that does, then names that contain it. Case does not count; an empty text fits
    /// nothing.
    pub fn search(&self, text: &str) -> Vec<usize> {
        let wanted = text.trim().to_lowercase();
        if wanted.is_empty() {
            return Vec::new();
        }
        let number = wanted.parse::<usize>().ok();
        let mut found: Vec<(u8, usize)> = self
            .names
            .iter()
            .enumerate()
            .filter_map(|(id, name)| {
                let name = name.to_lowercase();
                let rank = if name == wanted {
                    0
                } else if number == Some(id) {
                    1
                } else if name.starts_with(&wanted) {
                    2
                } else if name.split([' ', '-']).any(|word| word.starts_with(&wanted)) {
                    3
                } else if name.contains(&wanted) {
                    4
                } else {
                    return None;
                };
                Some((rank, id))
            })
            .collect();
        found.sort_unstable();
        found.into_iter().map(|(_, id)| id).collect()
    }

    /// The one class meant by a number or a name; a name need only be complete enough to be the only one. A whole name
    /// goes before a number: see [`Found::numbered`].
    ///
    /// # Errors
    /// What was wrong, in words for the user: no such class, or several with their names.
    pub fn find(&self, text: &str) -> Result<Found, String> {
        let number = text.trim().parse::<usize>().ok().filter(|number| *number < self.names.len());
        let named = number.and_then(|_| self.named(text));
        let class = named.map_or_else(|| self.find_one(text), Ok)?;
        Ok(Found { class, numbered: number.filter(|number| *number != class) })
    }

    /// The first class whose whole name this is, whatever the case.
    pub fn named(&self, text: &str) -> Option<usize> {
        let wanted = text.trim().to_lowercase();
        self.names.iter().position(|name| name.to_lowercase() == wanted)
    }

    fn find_one(&self, text: &str) -> Result<usize, String> {
        let wanted = text.trim();
        if let Ok(number) = wanted.parse::<usize>()
            && self.named(wanted).is_none()
        {
            return if number < self.names.len() {
                Ok(number)
            } else {
                Err(format!(
                    "class {number} does not exist: the model has classes 0 to {}",
                    self.names.len().saturating_sub(1)
                ))
            };
        }
        let found = self.search(wanted);
        match found.as_slice() {
            [] => Err(format!(
                "no class is called “{wanted}”: give another name, or a number from 0 to {}",
                self.names.len().saturating_sub(1)
            )),
            [only] => Ok(*only),
            [first, ..] if self.name(*first).to_lowercase() == wanted.to_lowercase() => Ok(*first),
            several => {
                let names: Vec<String> =
                    several.iter().take(5).map(|&id| format!("{} ({id})", self.name(id))).collect();
                let more = if several.len() > 5 { ", …" } else { "" };
                Err(format!(
                    "“{wanted}” fits {} classes: {}{more}; give a full name or a number",
                    several.len(),
                    names.join(", ")
                ))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels() -> Labels {
        Labels::from_lines("tabby cat\ntiger cat\nespresso\nespresso maker\ncatamaran\n")
    }

    #[test]
    fn a_whole_name_wins_over_names_that_contain_it() {
        assert_eq!(labels().find("Espresso"), Ok(Found { class: 2, numbered: None }));
    }

    #[test]
    fn classes_are_the_same_if_most_are_called_so_and_there_are_as_many() {
        let with_synonyms = "tabby cat, tabby\nTiger cat\nespresso\nespresso machine\ncatamaran, boat\n";
        assert!(labels().mean_the_same(&Labels::from_lines(with_synonyms)));
        assert!(
            !labels().mean_the_same(&Labels::from_lines("espresso\ncatamaran\ntabby cat\ntiger cat\nespresso maker"))
        );
        assert!(!labels().mean_the_same(&Labels::from_lines("tabby cat\ntiger cat\nespresso\nespresso maker")));
    }

    #[test]
    fn a_number_names_its_class() {
        assert_eq!(labels().find(" 4 "), Ok(Found { class: 4, numbered: None }));
        assert!(labels().find("5").unwrap_err().contains("0 to 4"));
    }

    /// As of ages, years, or the keys of a telephone.
    #[test]
    fn a_name_goes_before_the_number_of_another_class_and_says_so() {
        let keys = Labels::from_lines("1\n2\n3\n40\n");
        assert_eq!(keys.find("2"), Ok(Found { class: 1, numbered: Some(2) }));
        assert_eq!(keys.find("0"), Ok(Found { class: 0, numbered: None }), "nothing is called so");
        assert_eq!(keys.find("40"), Ok(Found { class: 3, numbered: None }), "no class has that number");
        assert_eq!(keys.search("2"), [1, 2]);
        assert!(keys.find("4").unwrap_err().contains("0 to 3"));
        let digits = Labels::from_lines("0\n1\n2\n");
        assert_eq!(digits.find("2"), Ok(Found { class: 2, numbered: None }));
    }

    #[test]
    fn one_name_is_enough_for_a_class_and_its_opposite() {
        let named = |lines: &str, head| Labels::from_lines(lines).for_head(head);
        assert_eq!(named("cat", Head::Binary), Labels::from_lines("not cat\ncat"));
        assert_eq!(named("dog\ncat", Head::Binary), Labels::from_lines("dog\ncat"));
        assert_eq!(named("cat", Head::Regression).len(), 1);
    }

    #[test]
    fn an_ambiguous_name_lists_what_it_fits() {
        let error = labels().find("cat").unwrap_err();
        assert!(error.contains("tabby cat (0)") && error.contains("catamaran (4)"), "{error}");
    }

    #[test]
    fn search_puts_beginnings_before_words_before_parts() {
        assert_eq!(labels().search("ca"), vec![4, 0, 1]);
        assert_eq!(labels().search(""), Vec::<usize>::new());
    }
}
