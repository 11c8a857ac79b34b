//! Whether a JPEG is all there: decoders fill what is missing with grey, and grey would be explained like the rest.

const MARKER: u8 = 0xFF;
const START_OF_IMAGE: u8 = 0xD8;
const END_OF_IMAGE: u8 = 0xD9;
/// Markers that stand alone, without a length: a stuffed zero, TEM, and the restarts RST0 to RST7.
const STUFFED: u8 = 0x00;
const TEMPORARY: u8 = 0x01;
const FIRST_RESTART: u8 = 0xD0;
const LAST_RESTART: u8 = 0xD7;

/// Whether the first picture of a JPEG reaches its end-of-image marker (ITU-T T.81, annex B).
///
/// Segments are stepped over by their length, so the end of a thumbnail inside the metadata does not count.
/// What follows the end (a second view, a phone's video) is not looked at.
pub(super) fn reaches_its_end(bytes: &[u8]) -> bool {
    let mut position = 0;
    while let Some(marker_at) = bytes.get(position..).and_then(|rest| rest.iter().position(|&byte| byte == MARKER)) {
        position += marker_at + 1;
        match bytes.get(position) {
            None => return false,
            Some(&END_OF_IMAGE) => return true,
            // A marker may be preceded by any number of fill bytes: the next turn finds the last of them.
            Some(&MARKER) => {}
            Some(&(STUFFED | TEMPORARY | START_OF_IMAGE | FIRST_RESTART..=LAST_RESTART)) => position += 1,
            Some(_) => {
                let Some(&[high, low]) = bytes.get(position + 1..position + 3) else {
                    return false;
                };
                position += 1 + usize::from(u16::from_be_bytes([high, low]));
            }
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

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
