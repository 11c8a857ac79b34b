//! Arrays as NumPy keeps them.

use std::{error::Error, fs, path::Path};

use candle_core::{Device, Tensor};

/// Writes rows × columns of float32.
///
/// # Errors
/// There is no room or right to write.
pub fn write_npy(path: &Path, values: &[f32], [rows, columns]: [usize; 2]) -> Result<(), Box<dyn Error>> {
    Ok(Tensor::from_slice(values, (rows, columns), &Device::Cpu)?.write_npy(path)?)
}

/// Reads rows × columns of float32 as [`write_npy`] and NumPy write them: the values, row by row, and how many rows.
///
/// # Errors
/// It cannot be read, or is another kind of file or array: what was wrong, in words.
pub fn read_npy(path: &Path) -> Result<(Vec<f32>, usize), String> {
    let bytes = fs::read(path).map_err(|error| error.to_string())?;
    parse(&bytes).ok_or_else(|| "it is no array of float32 in rows and columns as NumPy keeps it".to_owned())
}

fn parse(bytes: &[u8]) -> Option<(Vec<f32>, usize)> {
    let rest = bytes.strip_prefix(b"\x93NUMPY")?;
    let (version, rest) = rest.split_at_checked(2)?;
    let (length, rest) = match version[0] {
        1 => (usize::from(u16::from_le_bytes(rest.get(..2)?.try_into().ok()?)), rest.get(2..)?),
        _ => (usize::try_from(u32::from_le_bytes(rest.get(..4)?.try_into().ok()?)).ok()?, rest.get(4..)?),
    };
    let (header, data) = rest.split_at_checked(length)?;
    let header: String = str::from_utf8(header).ok()?.replace([' ', '"'], "").replace('\'', "");
    let is_plain = header.contains("descr:<f4") && header.contains("fortran_order:False");
    let shape = header.split_once("shape:(")?.1.split_once(')')?.0;
    // NumPy and others write a comma behind the last side, or not.
    let mut sides = shape.trim_end_matches(',').split(',').map(str::parse::<usize>);
    let (rows, columns) = (sides.next()?.ok()?, sides.next()?.ok()?);
    let is_whole = sides.next().is_none() && rows.checked_mul(columns)?.checked_mul(4)? == data.len();
    let values = || data.chunks_exact(4).map(|bytes| f32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]));
    (is_plain && is_whole).then(|| (values().collect(), rows))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_again_and_what_is_cut_short_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.npy");
        let values = [0.5, -1.0, 3.0, 1e-9, 0.0, 7.25];
        write_npy(&path, &values, [2, 3]).unwrap();
        assert_eq!(read_npy(&path), Ok((values.to_vec(), 2)));
        let bytes = fs::read(&path).unwrap();
        for length in 0..bytes.len() {
            assert_eq!(parse(&bytes[..length]), None, "{length} bytes");
        }
        let doubles = bytes.iter().map(|byte| if *byte == b'4' { b'8' } else { *byte }).collect::<Vec<_>>();
        assert_eq!(parse(&doubles), None);
    }
}
