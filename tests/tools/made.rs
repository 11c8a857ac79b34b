//! Weights that a formula makes, so that no file of them is needed: PyTorch's in `tests/fixtures/zoo.py` are the same.

/// Values in [-1, 1) that look random, the same as in `zoo.py`.
pub fn uniform(name: &str, count: usize, seed: u32) -> Vec<f32> {
    let key = checksum(name).wrapping_add(seed);
    let value = |index: u32| {
        let mut bits = index.wrapping_mul(0x9E37_79B1) ^ key;
        for (shift, factor) in [(16, 0x85EB_CA6B), (13, 0xC2B2_AE35), (16, 1)] {
            bits = (bits ^ (bits >> shift)).wrapping_mul(factor);
        }
        (bits >> 8) as f32 / (1 << 23) as f32 - 1.0
    };
    (0..count as u32).map(value).collect()
}

/// CRC-32, as zip files have it.
fn checksum(text: &str) -> u32 {
    !text.bytes().fold(!0, |sum, byte| {
        (0..8).fold(sum ^ u32::from(byte), |sum, _| (sum >> 1) ^ (0xEDB8_8320 & 0_u32.wrapping_sub(sum & 1)))
    })
}

/// The values of a weight, the same as in `zoo.py`.
pub fn made(name: &str, shape: &[usize], gain: f32) -> Vec<f32> {
    let values = uniform(name, shape.iter().product(), 0).into_iter();
    if shape.len() == 3 && shape[0] == 1 {
        // Class tokens and places.
        return values.map(|value| 0.5 * value).collect();
    }
    if shape.len() > 1 {
        let inputs: usize = shape[1..].iter().product();
        let scale = (3.0 * f64::from(gain) / inputs as f64).sqrt() as f32;
        return values.map(|value| scale * value).collect();
    }
    let (mean, spread) = match name.rsplit('.').next() {
        Some("running_var") => (1.0, 0.5),
        Some("weight") => (1.0, 0.25),
        _ => (0.0, 0.25),
    };
    values.map(|value| mean + spread * value).collect()
}

/// Numbers as files of weights hold them.
pub fn le_bytes(values: &[f32]) -> Vec<u8> {
    values.iter().flat_map(|value| value.to_le_bytes()).collect()
}
