//! Whether the scans of a JPEG have all of their picture. An end marker says nothing of that: programs that mend files
//! put one after whatever there is, and decoders fill the rest with grey without a word.
//!
//! The entropy-coded data are walked as a decoder does (ITU-T T.81, annexes F and G), but values are stepped over: only
//! how many bits each block takes is of interest. What cannot be followed is left to the decoder.

use super::{
    jpeg_bits::{Bits, Codes, Restart, Unknown},
    photo::MAX_PIXELS,
};

const BLOCK: usize = 64;
/// The most scans that are followed: each may walk every block with hardly a bit, so that time has a bound.
const MAX_SCANS: usize = 100;
/// The most components a picture has: red, green, blue and alpha, or four inks.
const MAX_COMPONENTS: usize = 4;

/// Whether something of the picture is missing.
type Missing = bool;

/// What the headers have said, and which coefficients are known of the blocks.
#[derive(Default)]
pub(super) struct Scans {
    frame: Option<Frame>,
    dc: [Option<Codes>; 4],
    ac: [Option<Codes>; 4],
    /// Minimal coded units between restart markers; none if 0.
    restart_interval: usize,
    count: usize,
}

struct Frame {
    is_progressive: bool,
    width: usize,
    height: usize,
    components: Vec<Component>,
}

struct Component {
    id: u8,
    horizontal: usize,
    vertical: usize,
    /// Whether a scan had its mean levels.
    is_seen: bool,
    /// A bit for each coefficient of a block that is not 0, of progressive pictures only: how many bits a later scan has
    /// for a block depends on it.
    nonzero: Vec<u64>,
}

/// What a scan codes of its blocks.
#[derive(Clone, Copy)]
enum Pass {
    Sequential,
    FirstDc,
    RefineDc,
    FirstAc { from: usize, to: usize },
    RefineAc { from: usize, to: usize },
}

/// A component of a scan.
struct Part {
    component: usize,
    dc: usize,
    ac: usize,
}

impl Scans {
    /// Takes in a frame header.
    pub(super) fn frame(&mut self, marker: u8, segment: &[u8]) -> Result<(), Unknown> {
        // Baseline, extended sequential and progressive, all with Huffman codes; others no decoder here knows.
        let is_progressive = match marker {
            0xC0 | 0xC1 => false,
            0xC2 => true,
            _ => return Err(Unknown),
        };
        let &[_, height_high, height_low, width_high, width_low, count, ref rest @ ..] = segment else {
            return Err(Unknown);
        };
        let height = usize::from(u16::from_be_bytes([height_high, height_low]));
        let width = usize::from(u16::from_be_bytes([width_high, width_low]));
        let is_usual = (1..=MAX_PIXELS).contains(&((width * height) as u64)) && usize::from(count) <= MAX_COMPONENTS;
        if !is_usual || self.frame.is_some() {
            return Err(Unknown);
        }
        let (specifications, _) = rest.as_chunks::<3>();
        let mut components = Vec::with_capacity(MAX_COMPONENTS);
        for &[id, sampling, _] in specifications.iter().take(usize::from(count)) {
            let (horizontal, vertical) = (usize::from(sampling >> 4), usize::from(sampling & 15));
            if !(1..=4).contains(&horizontal) || !(1..=4).contains(&vertical) {
                return Err(Unknown);
            }
            components.push(Component { id, horizontal, vertical, is_seen: false, nonzero: Vec::new() });
        }
        if components.len() != usize::from(count) {
            return Err(Unknown);
        }
        let mut frame = Frame { is_progressive, width, height, components };
        if is_progressive {
            let (across, down) = frame.units();
            for component in &mut frame.components {
                component.nonzero = vec![0; across * component.horizontal * down * component.vertical];
            }
        }
        self.frame = Some(frame);
        Ok(())
    }

    /// Takes in tables of Huffman codes.
    pub(super) fn tables(&mut self, mut segment: &[u8]) -> Result<(), Unknown> {
        while let Some((&place, rest)) = segment.split_first() {
            let (lengths, rest) = rest.split_at_checked(16).ok_or(Unknown)?;
            let count = lengths.iter().map(|&length| usize::from(length)).sum();
            let (symbols, rest) = rest.split_at_checked(count).ok_or(Unknown)?;
            let tables = if place >> 4 == 0 { &mut self.dc } else { &mut self.ac };
            *tables.get_mut(usize::from(place & 15)).ok_or(Unknown)? = Some(Codes::new(lengths, symbols)?);
            segment = rest;
        }
        Ok(())
    }

    /// Takes in how far restart markers are apart.
    pub(super) fn restart_interval(&mut self, segment: &[u8]) -> Result<(), Unknown> {
        let &[high, low] = segment else { return Err(Unknown) };
        self.restart_interval = usize::from(u16::from_be_bytes([high, low]));
        Ok(())
    }

    /// Walks a scan, whose header is `segment` and whose data begin `data`.
    pub(super) fn scan(&mut self, segment: &[u8], data: &[u8]) -> Result<Missing, Unknown> {
        self.count += 1;
        let frame = self.frame.as_mut().ok_or(Unknown)?;
        if self.count > MAX_SCANS {
            return Err(Unknown);
        }
        let (&count, rest) = segment.split_first().ok_or(Unknown)?;
        let (selectors, rest) = rest.split_at_checked(2 * usize::from(count)).ok_or(Unknown)?;
        let &[from, to, approximation] = rest else { return Err(Unknown) };
        let mut parts = Vec::with_capacity(MAX_COMPONENTS);
        for &[id, tables] in selectors.as_chunks::<2>().0 {
            let component = frame.components.iter().position(|component| component.id == id).ok_or(Unknown)?;
            parts.push(Part { component, dc: usize::from(tables >> 4), ac: usize::from(tables & 15) });
        }
        if parts.is_empty() || parts.len() > frame.components.len() {
            return Err(Unknown);
        }
        let (from, to) = (usize::from(from), usize::from(to));
        let pass = match (frame.is_progressive, from, approximation >> 4) {
            (false, ..) => Pass::Sequential,
            (true, 0, _) if to != 0 => return Err(Unknown),
            (true, 0, 0) => Pass::FirstDc,
            (true, 0, _) => Pass::RefineDc,
            (true, ..) if from > to || to >= BLOCK || parts.len() != 1 => return Err(Unknown),
            (true, _, 0) => Pass::FirstAc { from, to },
            (true, _, _) => Pass::RefineAc { from, to },
        };
        if matches!(pass, Pass::Sequential | Pass::FirstDc) {
            parts.iter().for_each(|part| frame.components[part.component].is_seen = true);
        }
        self.walk(pass, &parts, data)
    }

    /// Whether a component had no scan at all.
    pub(super) fn lacks_a_component(&self) -> Missing {
        self.frame.as_ref().is_some_and(|frame| frame.components.iter().any(|component| !component.is_seen))
    }

    fn walk(&mut self, pass: Pass, parts: &[Part], data: &[u8]) -> Result<Missing, Unknown> {
        let frame = self.frame.as_mut().ok_or(Unknown)?;
        let (across, down) = frame.units();
        let strides: Vec<usize> =
            parts.iter().map(|part| across * frame.components[part.component].horizontal).collect();
        // A scan of one component has no blocks beyond the picture's edge.
        let alone = parts.len() == 1;
        let (across, down) = if alone { frame.blocks(parts[0].component) } else { (across, down) };
        let units = across * down;
        let mut walker = Walker { bits: Bits::new(data), blocks_to_skip: 0 };
        for unit in 0..units {
            if self.restart_interval > 0 && unit > 0 && unit.is_multiple_of(self.restart_interval) {
                match walker.bits.restart() {
                    Restart::Found => {}
                    Restart::Ended => return Ok(true),
                    Restart::Absent => return Err(Unknown),
                }
                walker.blocks_to_skip = 0;
            }
            for (number, (part, &stride)) in parts.iter().zip(&strides).enumerate() {
                let Component { horizontal, vertical, nonzero, .. } = &mut frame.components[part.component];
                let (wide, high) = if alone { (1, 1) } else { (*horizontal, *vertical) };
                let blocks = wide * high;
                for block in 0..blocks {
                    let column = unit % across * wide + block % wide;
                    let row = unit / across * high + block / wide;
                    let known = nonzero.get_mut(row * stride + column);
                    let tables = Tables { dc: self.dc.get(part.dc), ac: self.ac.get(part.ac) };
                    match walker.block(pass, &tables, known)? {
                        Walked::Whole => {}
                        // Some encoders lose the last bits, which costs nothing that can be seen.
                        Walked::Short if (unit + 1, number + 1, block + 1) == (units, parts.len(), blocks) => {}
                        Walked::Short | Walked::NoCode => return Ok(true),
                    }
                }
            }
        }
        Ok(false)
    }
}

impl Frame {
    /// Minimal coded units across and down, of a scan of several components.
    fn units(&self) -> (usize, usize) {
        let most = |factor: fn(&Component) -> usize| self.components.iter().map(factor).max().unwrap_or(1);
        let (horizontal, vertical) = (most(|component| component.horizontal), most(|component| component.vertical));
        (self.width.div_ceil(8 * horizontal), self.height.div_ceil(8 * vertical))
    }

    /// Blocks of a component across and down that have something of the picture.
    fn blocks(&self, component: usize) -> (usize, usize) {
        let most = |factor: fn(&Component) -> usize| self.components.iter().map(factor).max().unwrap_or(1);
        let (horizontal, vertical) = (most(|component| component.horizontal), most(|component| component.vertical));
        let own = &self.components[component];
        let blocks = |length: usize, own: usize, most: usize| (length * own).div_ceil(most).div_ceil(8);
        (blocks(self.width, own.horizontal, horizontal), blocks(self.height, own.vertical, vertical))
    }
}

struct Tables<'a> {
    dc: Option<&'a Option<Codes>>,
    ac: Option<&'a Option<Codes>>,
}

impl Tables<'_> {
    /// Without tables, those of motion JPEG are meant: such files are left to the decoder.
    fn dc(&self) -> Result<&Codes, Unknown> {
        self.dc.and_then(Option::as_ref).ok_or(Unknown)
    }

    fn ac(&self) -> Result<&Codes, Unknown> {
        self.ac.and_then(Option::as_ref).ok_or(Unknown)
    }
}

/// What there was of a block.
enum Walked {
    Whole,
    /// The data ended before the block did.
    Short,
    /// The bits are no code: decoders give up here.
    NoCode,
}

struct Walker<'a> {
    bits: Bits<'a>,
    /// Blocks that an earlier one has declared to have no further coefficients.
    blocks_to_skip: usize,
}

impl Walker<'_> {
    fn block(&mut self, pass: Pass, tables: &Tables<'_>, known: Option<&mut u64>) -> Result<Walked, Unknown> {
        let mut unknown = 0;
        let known = known.unwrap_or(&mut unknown);
        let has_codes = match pass {
            Pass::Sequential => self.dc(tables.dc()?) && self.sequential(tables.ac()?),
            Pass::FirstDc => self.dc(tables.dc()?),
            Pass::RefineDc => {
                self.bits.take(1);
                true
            }
            Pass::FirstAc { from, to } => self.first(tables.ac()?, from, to, known),
            Pass::RefineAc { from, to } => self.refine(tables.ac()?, from, to, known),
        };
        Ok(match (self.bits.is_short, has_codes) {
            (true, _) => Walked::Short,
            (false, true) => Walked::Whole,
            (false, false) => Walked::NoCode,
        })
    }

    fn dc(&mut self, codes: &Codes) -> bool {
        let Some(length) = self.bits.symbol(codes) else { return false };
        self.bits.take(u32::from(length & 15));
        true
    }

    fn sequential(&mut self, codes: &Codes) -> bool {
        let mut place = 1;
        while place < BLOCK && !self.bits.is_short {
            let Some(symbol) = self.bits.symbol(codes) else { return false };
            let (run, length) = (usize::from(symbol >> 4), u32::from(symbol & 15));
            if length == 0 && run < 15 {
                break;
            }
            self.bits.take(length);
            place += run + 1;
        }
        true
    }

    /// The number of blocks without further coefficients, this one among them.
    fn end_of_band(&mut self, exponent: u32) -> usize {
        (1 << exponent) + self.bits.take(exponent) as usize
    }

    fn first(&mut self, codes: &Codes, from: usize, to: usize, known: &mut u64) -> bool {
        if self.blocks_to_skip > 0 {
            self.blocks_to_skip -= 1;
            return true;
        }
        let mut place = from;
        while place <= to && !self.bits.is_short {
            let Some(symbol) = self.bits.symbol(codes) else { return false };
            let (run, length) = (usize::from(symbol >> 4), u32::from(symbol & 15));
            if length == 0 && run < 15 {
                self.blocks_to_skip = self.end_of_band(run as u32) - 1;
                break;
            }
            place += run;
            if length > 0 && place < BLOCK {
                *known |= 1 << place;
            }
            self.bits.take(length);
            place += 1;
        }
        true
    }

    fn refine(&mut self, codes: &Codes, from: usize, to: usize, known: &mut u64) -> bool {
        let mut place = from;
        while self.blocks_to_skip == 0 && place <= to && !self.bits.is_short {
            let Some(symbol) = self.bits.symbol(codes) else { return false };
            let (mut run, length) = (symbol >> 4, symbol & 15);
            if length == 0 && run < 15 {
                self.blocks_to_skip = self.end_of_band(u32::from(run));
                break;
            }
            // The sign of a coefficient that is 1 from now on.
            self.bits.take(u32::from(length > 0));
            while place <= to {
                if *known >> place & 1 == 1 {
                    self.bits.take(1);
                } else if run == 0 {
                    break;
                } else {
                    run -= 1;
                }
                place += 1;
            }
            if length > 0 && place <= to {
                *known |= 1 << place;
            }
            place += 1;
        }
        if self.blocks_to_skip > 0 {
            self.blocks_to_skip -= 1;
            let band = if place <= to { u64::MAX >> (BLOCK - 1 - to) & u64::MAX << place } else { 0 };
            let mut left = (*known & band).count_ones();
            while left > 0 {
                let some = left.min(16);
                self.bits.take(some);
                left -= some;
            }
        }
        true
    }
}
