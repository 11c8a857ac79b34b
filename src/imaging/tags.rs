//! What the first directory of a TIFF file says, or that of EXIF metadata, which is one.

use image::metadata::Orientation;

const ENTRY_BYTES: usize = 12;
/// The most numbers that are read of one entry: what is asked for has one a channel.
const MAX_NUMBERS: usize = 16;

const BITS_PER_SAMPLE: u16 = 258;
const PHOTOMETRIC: u16 = 262;
const ORIENTATION: u16 = 274;
const SAMPLES_PER_PIXEL: u16 = 277;
const EXTRA_SAMPLES: u16 = 338;
const SAMPLE_FORMAT: u16 = 339;

const COLOUR_PROFILE: u16 = 34675;

const BYTE: u16 = 1;
const SHORT: u16 = 3;
const LONG: u16 = 4;
const UNDEFINED: u16 = 7;

/// A directory of tags (TIFF 6.0, section 2).
pub(super) struct Tags<'a> {
    bytes: &'a [u8],
    is_big_endian: bool,
    entries: &'a [[u8; ENTRY_BYTES]],
}

impl<'a> Tags<'a> {
    /// The first directory in `bytes`, as much of it as there is.
    pub(super) fn read(bytes: &'a [u8]) -> Option<Self> {
        // Some writers leave what a JPEG has before its EXIF metadata there.
        let bytes = bytes.strip_prefix(b"Exif\0\0").unwrap_or(bytes);
        let is_big_endian = match bytes.get(..4)? {
            b"II*\0" => false,
            b"MM\0*" => true,
            _ => return None,
        };
        let mut tags = Self { bytes, is_big_endian, entries: &[] };
        let offset = tags.number(LONG, 4)? as usize;
        let count = tags.number(SHORT, offset)? as usize;
        let (entries, _) = bytes.get(offset + 2..)?.as_chunks();
        tags.entries = &entries[..count.min(entries.len())];
        Some(tags)
    }

    /// How the picture is turned; none if nothing says so that can be understood.
    pub(super) fn orientation(&self) -> Option<Orientation> {
        let &number = self.numbers(ORIENTATION).first()?;
        Orientation::from_exif(u8::try_from(number).ok()?)
    }

    /// Whether the colours of a TIFF are multiplied by its alpha already.
    pub(super) fn is_premultiplied(&self) -> bool {
        self.extra_samples().first() == Some(&1)
    }

    /// What the samples of a TIFF are that are no colours: 0 if nothing says it, 1 and 2 for alpha.
    pub(super) fn extra_samples(&self) -> Vec<u32> {
        self.numbers(EXTRA_SAMPLES)
    }

    /// How many samples each pixel of a TIFF has.
    pub(super) fn samples(&self) -> u32 {
        self.numbers(SAMPLES_PER_PIXEL).first().copied().unwrap_or(1)
    }

    /// What the colours of a TIFF are, by its number.
    pub(super) fn photometric(&self) -> Option<u32> {
        self.numbers(PHOTOMETRIC).first().copied()
    }

    /// The bytes of a TIFF, whose samples are said to be no colours but bands from black to white.
    pub(super) fn with_photometric_of_bands(&self) -> Vec<u8> {
        let mut bytes = self.bytes.to_vec();
        let entry = self.entries.iter().position(|entry| self.short(entry, 0) == Some(PHOTOMETRIC));
        let first = self.number(LONG, 4).map(|offset| offset as usize + 2);
        let place = first.zip(entry).map(|(first, entry)| first + entry * ENTRY_BYTES);
        if let Some(entry) = place.and_then(|place| bytes.get_mut(place..place + ENTRY_BYTES)) {
            let [kind, one] = if self.is_big_endian {
                [SHORT.to_be_bytes(), 1_u16.to_be_bytes()]
            } else {
                [SHORT.to_le_bytes(), 1_u16.to_le_bytes()]
            };
            entry[2..4].copy_from_slice(&kind);
            entry[8..10].copy_from_slice(&one);
        }
        bytes
    }

    /// Whether the channels of a TIFF are integers of 32 bits: that is what they are where nothing says what they are.
    pub(super) fn has_long_integers(&self) -> bool {
        self.numbers(BITS_PER_SAMPLE).contains(&32) && self.numbers(SAMPLE_FORMAT).iter().all(|&format| format == 1)
    }

    /// The colour profile of a TIFF.
    pub(super) fn colour_profile(&self) -> Option<&'a [u8]> {
        let entry = self.entries.iter().find(|entry| self.short(entry, 0) == Some(COLOUR_PROFILE))?;
        let own = Self { bytes: entry, ..*self };
        if !matches!(self.short(entry, 2)?, BYTE | UNDEFINED) {
            return None;
        }
        let (count, start) = (own.number(LONG, 4)? as usize, own.number(LONG, 8)? as usize);
        self.bytes.get(start..start.checked_add(count)?)
    }

    /// The numbers of a tag; none if it is not there or has no whole numbers.
    fn numbers(&self, tag: u16) -> Vec<u32> {
        self.entries
            .iter()
            .find(|entry| self.short(entry, 0) == Some(tag))
            .and_then(|entry| self.values(entry))
            .unwrap_or_default()
    }

    fn values(&self, entry: &'a [u8; ENTRY_BYTES]) -> Option<Vec<u32>> {
        let own = Self { bytes: entry, ..*self };
        let kind = self.short(entry, 2)?;
        let bytes_each = match kind {
            BYTE => 1,
            SHORT => 2,
            LONG => 4,
            _ => return None,
        };
        let count = own.number(LONG, 4)? as usize;
        // Few enough stand in the entry itself.
        let (source, start) =
            if count.saturating_mul(bytes_each) <= 4 { (&own, 8) } else { (self, own.number(LONG, 8)? as usize) };
        (0..count.min(MAX_NUMBERS)).map(|number| source.number(kind, start.checked_add(number * bytes_each)?)).collect()
    }

    fn short(&self, entry: &'a [u8; ENTRY_BYTES], at: usize) -> Option<u16> {
        Self { bytes: entry, ..*self }.number(SHORT, at)?.try_into().ok()
    }

    /// The number of this kind at this place.
    fn number(&self, kind: u16, at: usize) -> Option<u32> {
        let bytes = self.bytes.get(at..)?;
        let is_big_endian = self.is_big_endian;
        Some(match kind {
            BYTE => u32::from(*bytes.first()?),
            SHORT => {
                let pair = *bytes.first_chunk()?;
                u32::from(if is_big_endian { u16::from_be_bytes(pair) } else { u16::from_le_bytes(pair) })
            }
            _ => {
                let four = *bytes.first_chunk()?;
                if is_big_endian { u32::from_be_bytes(four) } else { u32::from_le_bytes(four) }
            }
        })
    }
}

/// The EXIF metadata of a PNG, wherever among its chunks they stand: PNG's third edition lets them follow the pixels.
pub(super) fn exif_of_png(bytes: &[u8]) -> Option<&[u8]> {
    let mut rest = bytes.get(8..)?;
    loop {
        let length = u32::from_be_bytes(*rest.first_chunk()?) as usize;
        let kind = rest.get(4..8)?;
        let end = length.checked_add(8)?;
        match kind {
            b"eXIf" => return rest.get(8..end),
            b"IEND" => return None,
            // Behind the data stand the four bytes of a check sum.
            _ => rest = rest.get(end.checked_add(4)?..)?,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A directory with one entry.
    fn exif(entry: &[u8]) -> Vec<u8> {
        [b"MM\0*\0\0\0\x08\0\x01", entry, &[0; 4]].concat()
    }

    #[test]
    fn an_orientation_is_read_whatever_the_size_of_its_number() {
        for entry in [&b"\x01\x12\0\x03\0\0\0\x01\0\x06\0\0"[..], b"\x01\x12\0\x04\0\0\0\x01\0\0\0\x06"] {
            let bytes = exif(entry);
            assert_eq!(Tags::read(&bytes).unwrap().orientation(), Some(Orientation::Rotate90));
            let prefixed = [b"Exif\0\0", &bytes[..]].concat();
            assert_eq!(Tags::read(&prefixed).unwrap().orientation(), Some(Orientation::Rotate90));
        }
        let little = b"II*\0\x08\0\0\0\x01\0\x12\x01\x04\0\x01\0\0\0\x08\0\0\0";
        assert_eq!(Tags::read(little).unwrap().orientation(), Some(Orientation::Rotate270));
    }

    #[test]
    fn what_is_cut_short_or_out_of_range_says_nothing() {
        let bytes = exif(b"\x01\x12\0\x04\0\0\0\x01\0\0\0\x06");
        for cut in 0..bytes.len() - 4 {
            assert_eq!(Tags::read(&bytes[..cut]).and_then(|tags| tags.orientation()), None, "cut at {cut}");
        }
        for entry in [
            &b"\x01\x12\0\x04\0\0\0\x01\0\0\x01\x06"[..],
            b"\x01\x12\0\x04\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF",
            b"\x01\x12\0\x02\0\0\0\x01\0\0\0\x06",
            b"\x01\x12\0\x04\0\0\0\0\0\0\0\x06",
        ] {
            assert_eq!(Tags::read(&exif(entry)).unwrap().orientation(), None, "{entry:?}");
        }
        assert!(Tags::read(b"MM\0*\xFF\xFF\xFF\xFF").is_none());
    }
}
