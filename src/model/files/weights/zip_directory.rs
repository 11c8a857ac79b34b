//! Where the members of a zip archive lie: all that reading an archive of stored members takes.
//!
//! Source: PKWARE's *.ZIP File Format Specification* (APPNOTE 6.3), sections 4.3 and 4.5.3. Members are never
//! unpacked: PyTorch stores them as they are, and others are refused, so that no file is larger than it looks.

use std::{collections::HashMap, ops::Range};

use super::{error::WeightsError, tensor_file::Source};

/// The end record without its comment.
const END: usize = 22;

/// The most bytes of a comment after it.
const MAX_COMMENT_BYTES: u64 = 65_535;

/// The end record of large archives, as far as it matters, and the locator that leads to it.
const LARGE_END: u64 = 56;
const LOCATOR: usize = 20;

/// A member's record in the directory without its name, and the one before its data.
const RECORD: usize = 46;
const LOCAL: u64 = 30;

/// The most bytes of the directory: PyTorch takes some 100 a tensor.
const MAX_DIRECTORY_BYTES: u64 = 32 << 20;

/// Stands in a field of four bytes for a number that is kept elsewhere.
const ELSEWHERE: u64 = 0xffff_ffff;

/// Where a member's bytes lie in the archive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Member {
    header: u64,
    size: u64,
    stored: bool,
}

impl Member {
    /// Bytes of the member.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Where the member's bytes begin, if they are stored as they are.
    pub fn start(&self, source: &Source) -> Result<u64, WeightsError> {
        if !self.stored {
            return Err(WeightsError::Compressed);
        }
        let header = source.bytes(self.header, LOCAL)?;
        if !header.starts_with(b"PK\x03\x04") {
            return Err(WeightsError::DamagedMember);
        }
        let skipped = LOCAL + number(&header, 26..28) + number(&header, 28..30);
        let start = self.header.checked_add(skipped).ok_or(WeightsError::DamagedArchive)?;
        let inside = start.checked_add(self.size).is_some_and(|end| end <= source.len);
        if inside { Ok(start) } else { Err(WeightsError::CutOff) }
    }
}

/// The members of an archive, by name.
pub(crate) fn members(source: &Source) -> Result<HashMap<String, Member>, WeightsError> {
    let (start, size) = directory(source)?;
    if size > MAX_DIRECTORY_BYTES {
        return Err(WeightsError::LargeDirectory(size));
    }
    let directory = source.bytes(start, size)?;
    let mut members = HashMap::new();
    let mut rest = directory.as_slice();
    while rest.len() >= RECORD && rest.starts_with(b"PK\x01\x02") {
        let [name, extra, comment] = [28..30, 30..32, 32..34].map(|field| number(rest, field) as usize);
        let record = rest.get(..RECORD + name + extra).ok_or(WeightsError::DamagedDirectory)?;
        let (name, extra) = record[RECORD..].split_at(name);
        members.insert(String::from_utf8_lossy(name).into_owned(), member(record, extra)?);
        rest = rest.get(RECORD + name.len() + extra.len() + comment..).unwrap_or_default();
    }
    Ok(members)
}

fn member(record: &[u8], extra: &[u8]) -> Result<Member, WeightsError> {
    let encrypted = number(record, 8..10) & 1 == 1;
    let method = number(record, 10..12);
    let mut fields = [number(record, 24..28), number(record, 20..24), number(record, 42..46)];
    // Numbers of eight bytes, in this order, for those that four are too few for.
    let mut large = large_numbers(extra);
    for field in &mut fields {
        if *field == ELSEWHERE {
            *field = large.next().ok_or(WeightsError::DamagedDirectory)?;
        }
    }
    let [size, packed, header] = fields;
    Ok(Member { header, size, stored: method == 0 && size == packed && !encrypted })
}

/// The numbers in the extra field of large archives, whose number is 1.
fn large_numbers(mut extra: &[u8]) -> impl Iterator<Item = u64> {
    let mut found: &[u8] = &[];
    while extra.len() >= 4 {
        let (kind, len) = (number(extra, 0..2), number(extra, 2..4) as usize);
        let content = extra.get(4..4 + len).unwrap_or_default();
        if kind == 1 {
            found = content;
            break;
        }
        extra = extra.get(4 + len..).unwrap_or_default();
    }
    found.chunks_exact(8).map(|bytes| number(bytes, 0..8))
}

/// Where the directory begins, and how long it is.
fn directory(source: &Source) -> Result<(u64, u64), WeightsError> {
    let tail_len = source.len.min(END as u64 + MAX_COMMENT_BYTES + LOCATOR as u64);
    let tail_start = source.len - tail_len;
    let tail = source.bytes(tail_start, tail_len)?;
    let end = (0..=tail.len().saturating_sub(END)).rev().find(|&at| tail[at..].starts_with(b"PK\x05\x06"));
    let end = end.filter(|at| at + END <= tail.len());
    let end = end.ok_or(WeightsError::NoEnd)?;
    let record = &tail[end..];
    let (size, start) = (number(record, 12..16), number(record, 16..20));
    if size != ELSEWHERE && start != ELSEWHERE {
        return Ok((start, size));
    }
    let locator = end.checked_sub(LOCATOR).map(|at| &tail[at..end]).filter(|bytes| bytes.starts_with(b"PK\x06\x07"));
    let locator = locator.ok_or(WeightsError::DamagedEnd)?;
    let record = source.bytes(number(locator, 8..16), LARGE_END)?;
    if !record.starts_with(b"PK\x06\x06") {
        return Err(WeightsError::DamagedEnd);
    }
    Ok((number(&record, 48..56), number(&record, 40..48)))
}

/// A number of up to eight bytes, little end first; 0 where there are none.
fn number(bytes: &[u8], field: Range<usize>) -> u64 {
    bytes.get(field).unwrap_or_default().iter().rev().fold(0, |number, byte| number << 8 | u64::from(*byte))
}
