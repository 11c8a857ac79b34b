//! The bits of a JPEG's scans, and the Huffman codes among them (ITU-T T.81, annexes C and F).

use std::mem;

/// The scans could not be followed: their kind is not known, or they contradict what stands before them.
#[derive(Debug)]
pub(super) struct Unknown;

/// A table of Huffman codes.
pub(super) struct Codes {
    /// For each length from 1 to 16: the codes of this length and shorter ones, with 16 bits, are less than this.
    limits: [u32; 16],
    /// For each length: the place of its first symbol less its first code.
    offsets: [i32; 16],
    symbols: Vec<u8>,
}

impl Codes {
    /// Of the number of codes of each length, and the symbols in the order of their codes.
    pub fn new(lengths: &[u8], symbols: &[u8]) -> Result<Self, Unknown> {
        let (mut limits, mut offsets) = ([0; 16], [0; 16]);
        let (mut code, mut place) = (0_u32, 0_i32);
        for (bits, &count) in (1_u32..).zip(lengths) {
            let at = bits as usize - 1;
            offsets[at] = place - i32::try_from(code).map_err(|_| Unknown)?;
            code += u32::from(count);
            place += i32::from(count);
            if code > 1 << bits {
                return Err(Unknown);
            }
            limits[at] = code << (16 - bits);
            code <<= 1;
        }
        Ok(Self { limits, offsets, symbols: symbols.to_vec() })
    }
}

/// What stands where a restart marker should.
pub(super) enum Restart {
    Found,
    /// Another marker, or nothing.
    Ended,
    /// More data.
    Absent,
}

/// The bits of entropy-coded data, the first in the highest place.
pub(super) struct Bits<'a> {
    bytes: &'a [u8],
    position: usize,
    buffer: u64,
    count: u32,
    /// Whether more bits were taken than there were before the next marker.
    pub is_short: bool,
}

impl<'a> Bits<'a> {
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, position: 0, buffer: 0, count: 0, is_short: false }
    }

    fn fill(&mut self) {
        while self.count <= 56 {
            let (byte, length) = match self.bytes.get(self.position..) {
                None | Some([]) => return,
                Some([0xFF, 0, ..]) => (0xFF, 2),
                Some([0xFF, ..]) => return,
                Some([byte, ..]) => (*byte, 1),
            };
            self.position += length;
            self.buffer |= u64::from(byte) << (56 - self.count);
            self.count += 8;
        }
    }

    /// Takes up to 16 bits.
    pub fn take(&mut self, count: u32) -> u32 {
        if count == 0 {
            return 0;
        }
        if self.count < count {
            self.fill();
        }
        let bits = self.buffer >> (64 - count);
        self.is_short |= self.count < count;
        self.buffer <<= count;
        self.count = self.count.saturating_sub(count);
        bits as u32
    }

    /// Takes a code; none if the bits are none.
    pub fn symbol(&mut self, codes: &Codes) -> Option<u8> {
        if self.count < 16 {
            self.fill();
        }
        let ahead = (self.buffer >> 48) as u32;
        let Some(at) = codes.limits.iter().position(|&limit| ahead < limit) else {
            // At the end of the data stand ones, which are no code.
            self.is_short |= self.count < 16;
            return None;
        };
        let code = (ahead >> (15 - at)) as i32;
        self.take(at as u32 + 1);
        codes.symbols.get(usize::try_from(code + codes.offsets[at]).ok()?).copied()
    }

    /// Goes on behind the restart marker that should be next.
    pub fn restart(&mut self) -> Restart {
        let unread = mem::take(&mut self.count) / 8;
        self.buffer = 0;
        let rest = self.bytes.get(self.position..).unwrap_or_default();
        let is_marker = |pair: &[u8]| pair[0] == 0xFF && pair[1] != 0 && pair[1] != 0xFF;
        let Some(ahead) = rest.windows(2).position(is_marker) else { return Restart::Ended };
        if (0xD0..=0xD7).contains(&rest[ahead + 1]) {
            self.position += ahead + 2;
            return Restart::Found;
        }
        let is_fill = rest[..ahead].iter().all(|&byte| byte == 0xFF);
        if unread > 0 || !is_fill { Restart::Absent } else { Restart::Ended }
    }
}
