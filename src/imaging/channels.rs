//! A number for each channel of a picture.

use std::{fmt, ops::Deref};

use serde::{Deserialize, Serialize};

/// The most channels that a network's input may have.
pub const MAX_CHANNELS: usize = 16;

/// A number for each channel of a picture, from 1 to [`MAX_CHANNELS`] of them: a list that is copied. In files it is a list
/// of numbers.
#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(try_from = "Vec<f32>", into = "Vec<f32>")]
pub struct Channels {
    numbers: [f32; MAX_CHANNELS],
    count: usize,
}

impl Channels {
    /// These numbers.
    pub const fn of<const N: usize>(own: [f32; N]) -> Self {
        const { assert!(N > 0 && N <= MAX_CHANNELS) };
        let mut numbers = [0.0; MAX_CHANNELS];
        let mut at = 0;
        while at < N {
            numbers[at] = own[at];
            at += 1;
        }
        Self { numbers, count: N }
    }

    /// The same number for so many channels: at least one, at most [`MAX_CHANNELS`].
    pub fn all(number: f32, channels: usize) -> Self {
        Self { numbers: [number; MAX_CHANNELS], count: channels.clamp(1, MAX_CHANNELS) }
    }

    /// What is made of each.
    pub fn map(mut self, make: impl Fn(f32) -> f32) -> Self {
        self.numbers.iter_mut().take(self.count).for_each(|number| *number = make(*number));
        self
    }

    /// The same numbers for a network of so many channels: one that stands for all of them is repeated.
    ///
    /// # Errors
    /// They are others in number, in words.
    pub fn for_channels(self, channels: usize) -> Result<Self, String> {
        match *self {
            _ if self.count == channels => Ok(self),
            [one] if (1..=MAX_CHANNELS).contains(&channels) => Ok(Self::all(one, channels)),
            _ => Err(format!(
                "{} numbers, and the network takes {channels} channels: give {channels}, or one for all",
                self.count
            )),
        }
    }
}

impl Deref for Channels {
    type Target = [f32];

    fn deref(&self) -> &[f32] {
        &self.numbers[..self.count]
    }
}

impl<const N: usize> From<[f32; N]> for Channels {
    fn from(numbers: [f32; N]) -> Self {
        Self::of(numbers)
    }
}

/// No numbers, or more than there can be channels.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0} numbers for the channels of a picture: give 1 to {MAX_CHANNELS}")]
pub struct NoChannels(usize);

impl TryFrom<&[f32]> for Channels {
    type Error = NoChannels;

    fn try_from(own: &[f32]) -> Result<Self, NoChannels> {
        let mut numbers = [0.0; MAX_CHANNELS];
        let place = numbers.get_mut(..own.len()).filter(|place| !place.is_empty());
        place.ok_or(NoChannels(own.len()))?.copy_from_slice(own);
        Ok(Self { numbers, count: own.len() })
    }
}

impl TryFrom<Vec<f32>> for Channels {
    type Error = NoChannels;

    fn try_from(own: Vec<f32>) -> Result<Self, NoChannels> {
        own.as_slice().try_into()
    }
}

impl From<Channels> for Vec<f32> {
    fn from(own: Channels) -> Self {
        own.to_vec()
    }
}

/// The numbers alone, as of a slice.
impl PartialEq for Channels {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl<const N: usize> PartialEq<[f32; N]> for Channels {
    fn eq(&self, other: &[f32; N]) -> bool {
        **self == *other
    }
}

/// As of a slice: `[0.5, 0.5, 0.5]`.
impl fmt::Debug for Channels {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&**self, formatter)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_written_and_read_like_one_of_fixed_length() {
        let numbers = [0.485_f32, 0.456, 0.406];
        let json = serde_json::to_string(&Channels::of(numbers)).unwrap();
        assert_eq!(json, serde_json::to_string(&numbers).unwrap());
        assert_eq!(serde_json::from_str::<Channels>("[1, 0.5]").unwrap(), [1.0, 0.5]);
        for wrong in ["[]", "0.5", "[1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1]"] {
            serde_json::from_str::<Channels>(wrong).unwrap_err();
        }
        assert_eq!(format!("{:?}", Channels::of(numbers)), format!("{numbers:?}"));
    }

    #[test]
    fn one_number_stands_for_all_channels_and_others_have_to_be_as_many() {
        assert_eq!(Channels::of([0.5]).for_channels(4), Ok([0.5; 4].into()));
        assert_eq!(Channels::of([0.5, 0.25]).for_channels(2), Ok([0.5, 0.25].into()));
        assert!(Channels::of([0.5, 0.25]).for_channels(3).unwrap_err().contains("takes 3 channels"));
        Channels::of([0.5]).for_channels(MAX_CHANNELS + 1).unwrap_err();
        assert_ne!(Channels::of([0.0; 3]), Channels::of([0.0; 4]));
    }
}
