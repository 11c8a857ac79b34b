//! A part of a dataset, for one of several processes.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// Part `number` of `of`: every `of`th picture, so that parts take about as long as each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Shard {
    /// From 1 to `of`.
    pub number: usize,
    /// How many there are.
    pub of: usize,
}

impl Shard {
    /// Whether the picture at this place, counted from 0, is in it.
    pub fn has(self, index: usize) -> bool {
        index % self.of == self.number - 1
    }

    /// The name of its folder.
    pub fn folder(self) -> String {
        let digits = self.of.to_string().len();
        format!("shard-{:0digits$}-of-{}", self.number, self.of)
    }
}

impl fmt::Display for Shard {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}/{}", self.number, self.of)
    }
}

impl FromStr for Shard {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let parts = text.split_once('/').and_then(|(number, of)| Some((number.parse().ok()?, of.parse().ok()?)));
        match parts {
            Some((number, of)) if (1..=of).contains(&number) => Ok(Self { number, of }),
            _ => Err(format!("“{text}” is no part: give i/n, from 1/n to n/n, as 2/5 for the second of five")),
        }
    }
}

impl TryFrom<String> for Shard {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl From<Shard> for String {
    fn from(shard: Shard) -> Self {
        shard.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shards_have_every_picture_once() {
        for of in 1..6 {
            let shards: Vec<Shard> = (1..=of).map(|number| format!("{number}/{of}").parse().unwrap()).collect();
            for index in 0..23 {
                assert_eq!(shards.iter().filter(|shard| shard.has(index)).count(), 1);
            }
        }
    }

    #[test]
    fn what_is_no_part_is_refused() {
        for text in ["0/5", "6/5", "1", "a/b", "1/0", "", "-1/2"] {
            assert!(text.parse::<Shard>().unwrap_err().contains("2/5"), "{text}");
        }
        assert_eq!(
            "7/12".parse::<Shard>().map(|shard| (shard.to_string(), shard.folder())),
            Ok(("7/12".to_owned(), "shard-07-of-12".to_owned()))
        );
    }
}
