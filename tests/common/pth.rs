//! Writes a state dict as `torch.save` did before PyTorch 1.6.
#![allow(dead_code, clippy::unwrap_used)]

/// A tensor in single precision: name, shape, values row by row.
pub type Named = (String, Vec<usize>, Vec<f32>);

/// Bytes of a file that holds the tensors in a dict.
pub fn legacy(tensors: &[Named]) -> Vec<u8> {
    let mut file = vec![0x80, 2, 0x8a, 10, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19, b'.'];
    file.extend(b"\x80\x02M\xe9\x03.\x80\x02}.");
    file.extend(b"\x80\x02}(");
    for (number, (name, shape, values)) in tensors.iter().enumerate() {
        text(&mut file, name);
        file.extend(b"ctorch._utils\n_rebuild_tensor_v2\n((");
        text(&mut file, "storage");
        file.extend(b"ctorch\nFloatStorage\n");
        text(&mut file, &number.to_string());
        text(&mut file, "cpu");
        whole(&mut file, values.len());
        file.extend(b"NtQK\0(");
        shape.iter().for_each(|&size| whole(&mut file, size));
        file.extend(b"t(");
        (0..shape.len()).for_each(|dimension| whole(&mut file, shape[dimension + 1..].iter().product()));
        file.extend(b"t\x89}tR");
    }
    file.extend(b"u.\x80\x02](");
    (0..tensors.len()).for_each(|number| text(&mut file, &number.to_string()));
    file.extend(b"e.");
    for (_, _, values) in tensors {
        file.extend((values.len() as u64).to_le_bytes());
        values.iter().for_each(|value| file.extend(value.to_le_bytes()));
    }
    file
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
