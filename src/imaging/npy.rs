//! Arrays as NumPy keeps them: `.npy`.

/// What such a file begins with.
pub(super) const SIGNATURE: &[u8] = b"\x93NUMPY";

/// The most axes of an array, and digits of its shape, that make sense.
const MOST_AXES: usize = 32;

/// An array: its shape, and its numbers one after the other, the last axis fastest.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Array {
    /// How long each axis is.
    pub sides: Vec<usize>,
    /// As many numbers as that comes to; all finite.
    pub values: Vec<f32>,
    /// The largest number of their kind, if they are integers.
    pub largest: Option<f32>,
}

impl Array {
    /// Reads one.
    ///
    /// # Errors
    /// It is none, or none that is read: what was wrong, in words.
    pub fn read(bytes: &[u8]) -> Result<Self, String> {
        let Header { kind, sides, data } = Header::read(bytes)?;
        let count = sides.iter().try_fold(1_usize, |count, side| count.checked_mul(*side)).unwrap_or(usize::MAX);
        let refusal = || format!("its numbers are of the kind {kind}: save float32");
        let (values, largest) = numbers(&kind, data).ok_or_else(refusal)?;
        if values.len() != count {
            let shape = in_words(&sides);
            return Err(format!("it has {} numbers and says that they are ({shape})", values.len()));
        }
        if values.iter().any(|value| !value.is_finite()) {
            return Err("some of its numbers are not finite".to_owned());
        }
        Ok(Self { sides, values, largest })
    }
}

/// What an array says of itself, and the bytes of its numbers.
pub(super) struct Header<'a> {
    kind: String,
    /// How long each axis is.
    pub sides: Vec<usize>,
    data: &'a [u8],
}

impl<'a> Header<'a> {
    /// Reads it; of an array that is cut short as well.
    ///
    /// # Errors
    /// It is no array, or none that is read: what was wrong, in words.
    pub fn read(bytes: &'a [u8]) -> Result<Self, String> {
        let (header, data) = parts(bytes).ok_or("it is no array as NumPy keeps it")?;
        if header.contains("fortran_order:True") {
            return Err("its columns come before its rows: save numpy.ascontiguousarray of it".to_owned());
        }
        let part = |from: &str, to: char| {
            header.split_once(from).and_then(|(_, rest)| rest.split_once(to)).map(|(part, _)| part)
        };
        let kind = part("descr:", ',').ok_or("its header has no kind of number")?.to_owned();
        let shape = part("shape:(", ')').ok_or("its header has no shape")?;
        let sides: Result<Vec<usize>, _> = shape.split(',').filter(|side| !side.is_empty()).map(str::parse).collect();
        let sides = sides.ok().filter(|sides| sides.len() <= MOST_AXES);
        Ok(Self { kind, sides: sides.ok_or_else(|| format!("its shape is ({})", shortened(shape)))?, data })
    }
}

/// A shape as NumPy writes it, without the brackets.
pub(super) fn in_words(sides: &[usize]) -> String {
    sides.iter().map(usize::to_string).collect::<Vec<_>>().join(",")
}

fn shortened(text: &str) -> String {
    text.chars().take(80).collect()
}

/// The header without its spaces and quotes, and the bytes behind it.
fn parts(bytes: &[u8]) -> Option<(String, &[u8])> {
    let rest = bytes.strip_prefix(SIGNATURE)?;
    let (version, rest) = rest.split_at_checked(2)?;
    let (length, rest) = match version[0] {
        1 => (usize::from(u16::from_le_bytes(rest.get(..2)?.try_into().ok()?)), rest.get(2..)?),
        _ => (usize::try_from(u32::from_le_bytes(rest.get(..4)?.try_into().ok()?)).ok()?, rest.get(4..)?),
    };
    let (header, data) = rest.split_at_checked(length)?;
    Some((str::from_utf8(header).ok()?.replace([' ', '"', '\''], ""), data))
}

/// Numbers of a kind, as NumPy names it, with the largest of that kind if it is of integers; none of a kind that is not
/// read, or where a part of one is left.
fn numbers(kind: &str, data: &[u8]) -> Option<(Vec<f32>, Option<f32>)> {
    fn each<const N: usize>(data: &[u8], number: impl Fn([u8; N]) -> f32) -> Option<Vec<f32>> {
        let (chunks, rest) = data.as_chunks::<N>();
        rest.is_empty().then(|| chunks.iter().map(|chunk| number(*chunk)).collect())
    }
    let floats = |values: Option<Vec<f32>>| Some((values?, None));
    let integers = |values: Option<Vec<f32>>, largest: f32| Some((values?, Some(largest)));
    match kind {
        "<f4" => floats(each(data, f32::from_le_bytes)),
        "<f8" => floats(each(data, |bytes| f64::from_le_bytes(bytes) as f32)),
        "<f2" => floats(each(data, |bytes| half::f16::from_le_bytes(bytes).to_f32())),
        "|b1" => integers(each(data, |[byte]: [u8; 1]| f32::from(byte != 0)), 1.0),
        "|u1" => integers(each(data, |[byte]: [u8; 1]| f32::from(byte)), f32::from(u8::MAX)),
        "<u2" => integers(each(data, |bytes| f32::from(u16::from_le_bytes(bytes))), f32::from(u16::MAX)),
        "<u4" => integers(each(data, |bytes| u32::from_le_bytes(bytes) as f32), u32::MAX as f32),
        "|i1" => integers(each(data, |[byte]: [u8; 1]| f32::from(byte.cast_signed())), f32::from(i8::MAX)),
        "<i2" => integers(each(data, |bytes| f32::from(i16::from_le_bytes(bytes))), f32::from(i16::MAX)),
        "<i4" => integers(each(data, |bytes| i32::from_le_bytes(bytes) as f32), i32::MAX as f32),
        "<i8" => integers(each(data, |bytes| i64::from_le_bytes(bytes) as f32), i64::MAX as f32),
        _ => None,
    }
}
