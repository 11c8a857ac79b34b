//! Changes to an archive as an archive: values of its descriptions, where changed bytes would mostly have another check sum.

use std::io::{Cursor, Read, Write};

use libfuzzer_sys::fuzzer_mutate;
use serde_json::Value;
use zip::{CompressionMethod, ZipArchive, ZipWriter, write::SimpleFileOptions};

/// Numbers at the edges of what is allowed.
const INTS: [i64; 16] =
    [0, 1, 2, 3, 7, 32, 33, 1000, 65_536, 1 << 31, 1 << 40, i64::MAX, -1, -2, -4, i64::MIN];

/// A generator of SplitMix64.
struct Random(u64);

impl Random {
    fn below(&mut self, count: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((bits ^ (bits >> 31)) % count.max(1) as u64) as usize
    }
}

/// `data[..size]` changed in its place, in at most `max_size` bytes; how many it is then.
pub fn changed(data: &mut [u8], size: usize, max_size: usize, seed: u32) -> usize {
    let mut random = Random(u64::from(seed));
    if random.below(20) == 0 {
        return fuzzer_mutate(data, size, max_size);
    }
    match members(&data[..size]).and_then(|members| written(members, &mut random)) {
        Some(bytes) if bytes.len() <= max_size => {
            data[..bytes.len()].copy_from_slice(&bytes);
            bytes.len()
        }
        _ => fuzzer_mutate(data, size, max_size),
    }
}

fn members(data: &[u8]) -> Option<Vec<(String, Vec<u8>)>> {
    let mut archive = ZipArchive::new(Cursor::new(data)).ok()?;
    let mut members = Vec::new();
    for index in 0..archive.len() {
        let mut member = archive.by_index(index).ok()?;
        let mut bytes = Vec::new();
        member.by_ref().take(1 << 20).read_to_end(&mut bytes).ok()?;
        members.push((member.name().ok()?.into_owned(), bytes));
    }
    Some(members)
}

fn written(mut members: Vec<(String, Vec<u8>)>, random: &mut Random) -> Option<Vec<u8>> {
    let described: Vec<usize> = (0..members.len()).filter(|&at| members[at].0.ends_with(".json")).collect();
    if random.below(8) == 0 || described.is_empty() {
        change_members(&mut members, random);
    } else {
        let at = described[random.below(described.len())];
        let mut value: Value = serde_json::from_slice(&members[at].1).ok()?;
        for _ in 0..=random.below(3) {
            change(&mut value, random);
        }
        members[at].1 = serde_json::to_vec(&value).ok()?;
    }
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    for (name, bytes) in members {
        writer.start_file(name, options).ok()?;
        writer.write_all(&bytes).ok()?;
    }
    Some(writer.finish().ok()?.into_inner())
}

/// A member less, two that change places, one cut short, or one whose bytes are others.
fn change_members(members: &mut Vec<(String, Vec<u8>)>, random: &mut Random) {
    if members.is_empty() {
        return;
    }
    let (one, other) = (random.below(members.len()), random.below(members.len()));
    match random.below(4) {
        0 => {
            members.remove(one);
        }
        1 => {
            let bytes = members[one].1.clone();
            members[one].1 = std::mem::replace(&mut members[other].1, bytes);
        }
        2 => {
            let left = random.below(members[one].1.len());
            members[one].1.truncate(left);
        }
        _ => {
            let bytes = &mut members[one].1;
            let at = random.below(bytes.len());
            if let Some(byte) = bytes.get_mut(at) {
                *byte = random.below(256) as u8;
            }
        }
    }
}

/// Changes a value somewhere within `root`.
fn change(root: &mut Value, random: &mut Random) {
    let count = size(root);
    let other = at(root, &mut random.below(count)).map(|value| value.clone());
    let Some(value) = at(root, &mut random.below(count)) else { return };
    match (value, random.below(4)) {
        (value, 0) => {
            // Something from elsewhere, that is not most of it.
            if let Some(other) = other.filter(|other| size(other) < 100) {
                *value = other;
            }
        }
        (Value::Array(items), 1) if !items.is_empty() => {
            items.remove(random.below(items.len()));
        }
        (Value::Array(items), 2) if !items.is_empty() => {
            let copied = items[random.below(items.len())].clone();
            items.insert(random.below(items.len()), copied);
        }
        (Value::Array(items), _) if !items.is_empty() => {
            let (one, other) = (random.below(items.len()), random.below(items.len()));
            items.swap(one, other);
        }
        (Value::Object(fields), _) if !fields.is_empty() => {
            let name = fields.keys().nth(random.below(fields.len())).cloned().unwrap_or_default();
            fields.remove(&name);
        }
        (value, 1) => *value = Value::Null,
        (value, 2) => *value = Value::from([f64::MAX, -0.5, 1e-30, 0.0][random.below(4)]),
        (value, _) => *value = Value::from(INTS[random.below(INTS.len())]),
    }
}

/// How many values there are in one, itself among them.
fn size(value: &Value) -> usize {
    1 + match value {
        Value::Array(items) => items.iter().map(size).sum(),
        Value::Object(fields) => fields.values().map(size).sum(),
        _ => 0,
    }
}

/// The value that is so many after the first, in order.
fn at<'a>(value: &'a mut Value, left: &mut usize) -> Option<&'a mut Value> {
    if *left == 0 {
        return Some(value);
    }
    *left -= 1;
    match value {
        Value::Array(items) => items.iter_mut().find_map(|item| at(item, left)),
        Value::Object(fields) => fields.values_mut().find_map(|field| at(field, left)),
        _ => None,
    }
}
