//! The header of a safetensors file: eight bytes that give its length, then JSON.
//!
//! Source: the format's description in the `safetensors` repository.

use std::{collections::BTreeMap, fmt};

use serde::{
    Deserialize,
    de::{Deserializer, Error, IgnoredAny, MapAccess, Visitor},
};

use super::{
    error::WeightsError,
    tensor_file::{MAX_TENSORS, Place, Precision, Source},
};

/// The most bytes of a header: a tensor takes some 100 of them.
const MAX_HEADER_BYTES: u64 = 16 << 20;

/// Bytes before the header.
const LENGTH: u64 = 8;

/// What a header says of a tensor.
#[derive(Deserialize)]
struct Described {
    dtype: String,
    shape: Vec<u64>,
    data_offsets: [u64; 2],
}

/// All of a header but its `__metadata__`.
struct Header(BTreeMap<String, Described>);

impl<'de> Deserialize<'de> for Header {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Entries)
    }
}

struct Entries;

impl<'de> Visitor<'de> for Entries {
    type Value = Header;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("tensors by name")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Header, A::Error> {
        let mut tensors = BTreeMap::new();
        while let Some(name) = map.next_key::<String>()? {
            if name == "__metadata__" {
                map.next_value::<IgnoredAny>()?;
                continue;
            }
            tensors.insert(name, map.next_value()?);
            if tensors.len() > MAX_TENSORS {
                return Err(A::Error::custom("there are too many tensors"));
            }
        }
        Ok(Header(tensors))
    }
}

/// Where the tensors of a safetensors file lie.
pub(crate) fn tensors(source: &Source) -> Result<BTreeMap<String, Place>, WeightsError> {
    let mut length = [0; LENGTH as usize];
    source.read(0, &mut length)?;
    let length = u64::from_le_bytes(length);
    if length > MAX_HEADER_BYTES {
        return Err(WeightsError::LargeHeader(length));
    }
    let header = source.bytes(LENGTH, length)?;
    let Header(described) = serde_json::from_slice(&header).map_err(WeightsError::DamagedHeader)?;
    let data = LENGTH + length;
    described
        .into_iter()
        .map(|(name, described)| match place(&described, data) {
            Ok(place) => Ok((name, place)),
            Err(why) => Err(WeightsError::DamagedTensor { name, why: why.into() }),
        })
        .collect()
}

fn place(described: &Described, data: u64) -> Result<Place, WeightsError> {
    let [from, to] = described.data_offsets;
    let bytes = to.checked_sub(from).ok_or(WeightsError::Backwards { from, to })?;
    let start = data.checked_add(from).ok_or(WeightsError::StartOverflow)?;
    let precision = match described.dtype.as_str() {
        "F16" => Precision::F16,
        "BF16" => Precision::Bf16,
        "F32" => Precision::F32,
        "F64" => Precision::F64,
        "BOOL" | "U8" | "I8" | "F8_E4M3" | "F8_E5M2" | "F8_E8M0" => Precision::Other(1),
        "I16" | "U16" => Precision::Other(2),
        "I32" | "U32" => Precision::Other(4),
        "I64" | "U64" | "C64" => Precision::Other(8),
        other => return Err(WeightsError::UnknownType(other.to_owned())),
    };
    Place::dense(precision, &described.shape, start, bytes)
}
