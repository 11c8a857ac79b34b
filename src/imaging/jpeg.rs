//! Whether a JPEG is all there: decoders fill what is missing with grey, and grey would be explained like the rest.

use super::{jpeg_bits::Unknown, jpeg_scan::Scans};

const MARKER: u8 = 0xFF;
const START_OF_IMAGE: u8 = 0xD8;
const END_OF_IMAGE: u8 = 0xD9;
/// Markers that stand alone, without a length: a stuffed zero, TEM, and the restarts RST0 to RST7.
const STUFFED: u8 = 0x00;
const TEMPORARY: u8 = 0x01;
const FIRST_RESTART: u8 = 0xD0;
const LAST_RESTART: u8 = 0xD7;
const HUFFMAN_TABLES: u8 = 0xC4;
const RESTART_INTERVAL: u8 = 0xDD;
const START_OF_SCAN: u8 = 0xDA;
/// Frame headers; between them stand the tables above and what is reserved.
const FRAMES: [u8; 13] = [0xC0, 0xC1, 0xC2, 0xC3, 0xC5, 0xC6, 0xC7, 0xC9, 0xCA, 0xCB, 0xCD, 0xCE, 0xCF];

/// What the first picture of a JPEG lacks, in words; nothing if it is all there, as far as can be told.
///
/// What follows its end (a second view, a phone's video) is not looked at.
pub(super) fn lacks(bytes: &[u8]) -> Option<&'static str> {
    if !each_segment(bytes, |_, _, _| Ok(())).unwrap_or(true) {
        return Some("its end is missing");
    }
    has_gaps(bytes).unwrap_or(false).then_some("a part of it is missing before its end")
}

/// Whether a scan ends before it has all of the picture.
fn has_gaps(bytes: &[u8]) -> Result<bool, Unknown> {
    let (mut scans, mut has_gaps) = (Scans::default(), false);
    each_segment(bytes, |marker, segment, rest| {
        match marker {
            HUFFMAN_TABLES => scans.tables(segment)?,
            RESTART_INTERVAL => scans.restart_interval(segment)?,
            START_OF_SCAN => has_gaps |= scans.scan(segment, rest)?,
            _ if FRAMES.contains(&marker) => scans.frame(marker, segment)?,
            _ => {}
        }
        Ok(())
    })?;
    Ok(has_gaps || scans.lacks_a_component())
}

/// Calls `each` with every segment of the first picture in a JPEG: its marker, what it has, and all that follows it.
/// Whether the picture reaches its end-of-image marker (ITU-T T.81, annex B).
///
/// Segments are stepped over by their length, so the end of a thumbnail inside the metadata does not count.
fn each_segment(bytes: &[u8], mut each: impl FnMut(u8, &[u8], &[u8]) -> Result<(), Unknown>) -> Result<bool, Unknown> {
    let mut position = 0;
    while let Some(marker_at) = bytes.get(position..).and_then(|rest| rest.iter().position(|&byte| byte == MARKER)) {
        position += marker_at + 1;
        match bytes.get(position) {
            None => return Ok(false),
            Some(&END_OF_IMAGE) => return Ok(true),
            // A marker may be preceded by any number of fill bytes: the next turn finds the last of them.
            Some(&MARKER) => {}
            Some(&(STUFFED | TEMPORARY | START_OF_IMAGE | FIRST_RESTART..=LAST_RESTART)) => position += 1,
            Some(&marker) => {
                let Some(&[high, low]) = bytes.get(position + 1..position + 3) else {
                    return Ok(false);
                };
                let end = position + 1 + usize::from(u16::from_be_bytes([high, low]));
                if let (Some(segment), Some(rest)) = (bytes.get(position + 3..end), bytes.get(end..)) {
                    each(marker, segment, rest)?;
                }
                position = end;
            }
        }
    }
    Ok(false)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reaches_its_end(bytes: &[u8]) -> bool {
        each_segment(bytes, |_, _, _| Ok(())).unwrap()
    }

    const BEFORE_END: [u8; 15] = [0xFF, 0xD8, 0xFF, 0xE1, 0, 6, 0xFF, 0xD9, 7, 7, 0xFF, 0xDA, 0, 2, 9];

    #[test]
    fn the_end_inside_a_segment_does_not_count() {
        assert!(!reaches_its_end(&BEFORE_END));
    }

    #[test]
    fn the_end_after_stuffed_bytes_restarts_and_fill_counts() {
        let mut bytes = BEFORE_END.to_vec();
        bytes.extend([0xFF, 0x00, 5, 0xFF, 0xD3, 5, 0xFF, 0xFF]);
        assert!(!reaches_its_end(&bytes));
        bytes.extend([0xD9, 1, 2, 3]);
        assert!(reaches_its_end(&bytes));
    }

    #[test]
    fn a_segment_longer_than_the_file_is_no_end() {
        assert!(!reaches_its_end(&[0xFF, 0xD8, 0xFF, 0xE1, 0xFF, 0xFF, 0xFF, 0xD9]));
        assert!(!reaches_its_end(&[0xFF, 0xD8, 0xFF, 0xE1, 0]));
        assert!(!reaches_its_end(&[]));
    }
}
