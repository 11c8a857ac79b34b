//! The sample pictures that come with igoscope. `assets/NOTICE` names their origin and licence.

use super::{Origin, Photo, PhotoError};

/// A picture that is part of the program.
#[derive(Debug, Clone, Copy)]
pub struct Sample {
    /// Name of its file without its extension.
    pub name: &'static str,
    /// The file.
    pub bytes: &'static [u8],
}

impl Sample {
    /// The sample of this name.
    pub fn named(name: &str) -> Option<&'static Self> {
        SAMPLES.iter().find(|sample| sample.name == name)
    }

    /// Decodes it.
    ///
    /// # Errors
    /// None that a sound build can give.
    pub fn photo(&self) -> Result<Photo, PhotoError> {
        Photo::decode(self.bytes, self.name, Origin::Sample)
    }
}

macro_rules! sample {
    ($name:literal) => {
        Sample { name: $name, bytes: include_bytes!(concat!("../../assets/samples/", $name, ".jpg")) }
    };
}

/// Every sample picture.
pub static SAMPLES: &[Sample] = &[
    sample!("coffee"),
    sample!("chelsea"),
    sample!("camera"),
    sample!("rocket"),
    sample!("flower"),
    sample!("china"),
    sample!("astronaut"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_sample_decodes_and_is_found_by_its_name() {
        for sample in SAMPLES {
            let photo = Sample::named(sample.name).unwrap().photo().unwrap();
            assert!(photo.width() >= 224 && photo.height() >= 224, "{}", sample.name);
        }
    }

    #[test]
    fn samples_have_a_portrait_a_landscape_and_a_square() {
        let shapes: Vec<_> = SAMPLES.iter().map(|s| s.photo().unwrap()).map(|p| p.width().cmp(&p.height())).collect();
        for shape in [std::cmp::Ordering::Less, std::cmp::Ordering::Equal, std::cmp::Ordering::Greater] {
            assert!(shapes.contains(&shape), "{shape:?}");
        }
    }
}
