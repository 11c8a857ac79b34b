//! Writes state dicts as `torch.save` does: an archive, or the sequence of pickles that it was before PyTorch 1.6.

use std::io::{Result, Write};

use igoscope_test_tools::le_bytes;

/// A tensor in single precision: name, shape, values row by row.
pub type Named = (String, Vec<usize>, Vec<f32>);

/// Name and shape of a tensor in single precision.
pub type Shaped = (String, Vec<usize>);

/// Bytes of an old file that holds the tensors in a dict.
pub fn legacy(tensors: &[Named]) -> Vec<u8> {
    let shapes: Vec<Shaped> = tensors.iter().map(|(name, shape, _)| (name.clone(), shape.clone())).collect();
    let mut file = Vec::new();
    let values = |wanted: &str, _: &[usize]| tensors.iter().find(|(name, ..)| name == wanted).unwrap().2.clone();
    sequence(&mut file, &shapes, values).unwrap();
    file
}

/// Writes an old file. `values` makes the values of one tensor after the other.
pub fn sequence(file: &mut impl Write, tensors: &[Shaped], values: impl Fn(&str, &[usize]) -> Vec<f32>) -> Result<()> {
    file.write_all(&[0x80, 2, 0x8a, 10, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19, b'.'])?;
    file.write_all(b"\x80\x02M\xe9\x03.\x80\x02}.")?;
    file.write_all(&dict(tensors, b"Nt"))?;
    let mut keys = b"\x80\x02](".to_vec();
    (0..tensors.len()).for_each(|number| text(&mut keys, &number.to_string()));
    keys.extend(b"e.");
    file.write_all(&keys)?;
    for (name, shape) in tensors {
        file.write_all(&(count(shape) as u64).to_le_bytes())?;
        file.write_all(&le_bytes(&values(name, shape)))?;
    }
    Ok(())
}

/// Writes an archive with its members stored one after the other, without checksums, which nobody asks for. `values`
/// makes the values of one tensor after the other.
pub fn archive(file: &mut impl Write, tensors: &[Shaped], values: impl Fn(&str, &[usize]) -> Vec<f32>) -> Result<()> {
    let (mut directory, mut offset) = (Vec::new(), 0_u32);
    let described = (0..=tensors.len()).map(|number| match number.checked_sub(1) {
        None => ("archive/data.pkl".to_owned(), dict(tensors, b"t")),
        Some(number) => {
            let (name, shape) = &tensors[number];
            (format!("archive/data/{number}"), le_bytes(&values(name, shape)))
        }
    });
    for (name, content) in described {
        let (size, length) = (u32::try_from(content.len()).unwrap(), u16::try_from(name.len()).unwrap());
        // No flags, stored, no time, no checksum.
        let mut record = [0; 14].to_vec();
        record.extend([size, size].map(u32::to_le_bytes).concat());
        record.extend(length.to_le_bytes());
        record.extend([0; 2]);
        file.write_all(&[b"PK\x03\x04", &record[..], name.as_bytes(), &content].concat())?;
        directory.extend(b"PK\x01\x02\0\0");
        directory.extend(&record);
        directory.extend([0; 10]);
        directory.extend(offset.to_le_bytes());
        directory.extend(name.as_bytes());
        offset += 4 + u32::try_from(record.len() + name.len() + content.len()).unwrap();
    }
    let members = u16::try_from(tensors.len() + 1).unwrap().to_le_bytes();
    let size = u32::try_from(directory.len()).unwrap().to_le_bytes();
    let end = [&b"PK\x05\x06\0\0\0\0"[..], &members, &members, &size, &offset.to_le_bytes(), &[0; 2]].concat();
    file.write_all(&[directory, end].concat())
}

/// The pickle of a dict of tensors, each with a storage of its own. `end` closes the description of a storage.
fn dict(tensors: &[Shaped], end: &[u8]) -> Vec<u8> {
    let mut pickle = b"\x80\x02}(".to_vec();
    for (number, (name, shape)) in tensors.iter().enumerate() {
        text(&mut pickle, name);
        pickle.extend(b"ctorch._utils\n_rebuild_tensor_v2\n((");
        text(&mut pickle, "storage");
        pickle.extend(b"ctorch\nFloatStorage\n");
        text(&mut pickle, &number.to_string());
        text(&mut pickle, "cpu");
        whole(&mut pickle, count(shape));
        pickle.extend(end);
        pickle.extend(b"QK\0(");
        shape.iter().for_each(|&size| whole(&mut pickle, size));
        pickle.extend(b"t(");
        (0..shape.len()).for_each(|dimension| whole(&mut pickle, count(&shape[dimension + 1..])));
        pickle.extend(b"t\x89}tR");
    }
    pickle.extend(b"u.");
    pickle
}

fn count(shape: &[usize]) -> usize {
    shape.iter().product()
}

fn text(file: &mut Vec<u8>, text: &str) {
    file.push(b'X');
    file.extend(u32::try_from(text.len()).unwrap().to_le_bytes());
    file.extend(text.as_bytes());
}

fn whole(file: &mut Vec<u8>, number: usize) {
    file.push(b'J');
    file.extend(u32::try_from(number).unwrap().to_le_bytes());
}
