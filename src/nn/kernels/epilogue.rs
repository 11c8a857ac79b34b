//! Epilogues: what becomes of sums once they are there. Forwards the bias and the activation, whose derivative is noted
//! for backward; backwards the derivative of the activation before.
//!
//! Sums of a product or of a depthwise convolution are still in registers then, and all that can be done to them there
//! is done there, before they are written ([`RegisterEpilogue`]). Only a smooth activation, which needs registers of its
//! own, waits until a strip of sums is written: it is applied while they are in cache.

use std::ops::Range;

use pulp::{MemMask, Simd};

use super::{
    derivative::{Derivative, row_bytes, rows_of},
    simd::{self, Kernel, bits_of, clamp, mask_of},
    smooth_activation::{ApplySmooth, HardSigmoid, HardSwish, Sigmoid, Silu},
};
use crate::activation::Activation;

/// What is done to the sums of a map, `[rows, channels]`.
#[derive(Debug)]
pub(crate) enum Epilogue<'a> {
    /// All of it in registers.
    InRegisters(RegisterEpilogue<'a>),
    /// What is below 0 becomes 0, in cache; before, some of it in registers.
    Rectified(RegisterEpilogue<'a>),
    /// `activation(sum + bias)` for a smooth activation, in cache; notes its derivative if anybody wants to know.
    InCache { activation: Activation, bias: &'a [f32], derivative: Option<&'a mut [f32]> },
}

impl<'a> Epilogue<'a> {
    /// For the sums that a bias and an activation are of.
    pub fn forward(activation: Activation, bias: &'a [f32], derivative: Option<&'a mut Derivative>) -> Self {
        match (activation.clamp(), derivative) {
            (
                Some((low, high)),
                Some(Derivative::Bits { bits, .. } | Derivative::Rectified { bits: Some(bits), .. }),
            ) => Self::InRegisters(RegisterEpilogue::Clamp { low, high, bias, inside: Some(bits) }),
            (Some((low, high)), _) => Self::InRegisters(RegisterEpilogue::Clamp { low, high, bias, inside: None }),
            (None, Some(Derivative::Values { values, .. })) => {
                Self::InCache { activation, bias, derivative: Some(values) }
            }
            (None, _) => Self::InCache { activation, bias, derivative: None },
        }
    }

    /// For the gradient with respect to what an activation with this derivative gave, or to something else.
    pub fn backward(derivative: Option<&'a Derivative>) -> Self {
        Self::InRegisters(match derivative {
            None => RegisterEpilogue::Nothing,
            Some(Derivative::Bits { bits, channels }) => RegisterEpilogue::Mask { bits, channels: *channels },
            Some(Derivative::Rectified { bits: None, .. }) => return Self::Rectified(RegisterEpilogue::Nothing),
            Some(Derivative::Rectified { bits: Some(bits), channels }) => {
                return Self::Rectified(RegisterEpilogue::Mask { bits, channels: *channels });
            }
            Some(Derivative::Values { values, channels }) => {
                RegisterEpilogue::Scale { by: values, channels: *channels }
            }
        })
    }

    /// What is done to the sums of some rows before they are written.
    pub fn in_registers(&mut self, rows: Range<usize>) -> RegisterEpilogue<'_> {
        match self {
            Self::InRegisters(epilogue) | Self::Rectified(epilogue) => epilogue.part(rows),
            Self::InCache { .. } => RegisterEpilogue::Nothing,
        }
    }

    /// What is left to do to some rows once their sums are written.
    pub fn finish_in_cache(&mut self, rows: Range<usize>, values: &mut [f32]) {
        let (activation, bias, derivative) = match self {
            Self::InRegisters(_) => return,
            Self::Rectified(_) => return rectify(values),
            Self::InCache { activation, bias, derivative } => (activation, bias, derivative),
        };
        let derivative = derivative.as_deref_mut().map(|all| &mut all[rows.start * bias.len()..rows.end * bias.len()]);
        match activation {
            Activation::Sigmoid => simd::run(ApplySmooth { activation: Sigmoid, values, bias, derivative }),
            Activation::HardSwish => simd::run(ApplySmooth { activation: HardSwish, values, bias, derivative }),
            Activation::HardSigmoid => simd::run(ApplySmooth { activation: HardSigmoid, values, bias, derivative }),
            _ => simd::run(ApplySmooth { activation: Silu, values, bias, derivative }),
        }
    }

    /// Does all of it to some rows whose sums are written.
    pub fn apply(&mut self, rows: Range<usize>, values: &mut [f32]) {
        let channels = values.len() / rows.len().max(1);
        self.in_registers(rows.clone()).apply(values, channels);
        self.finish_in_cache(rows, values);
    }
}

/// What is below 0 becomes 0. A NaN stays one, so that damaged weights are noticed.
fn rectify(values: &mut [f32]) {
    for value in values {
        *value = if *value < 0.0 { 0.0 } else { *value };
    }
}

/// What is done to the sums of a map, `[rows, channels]`, before they are written.
#[derive(Debug)]
pub(crate) enum RegisterEpilogue<'a> {
    /// Nothing.
    Nothing,
    /// `min(max(sum + bias, low), high)`. A NaN stays one, so that damaged weights are noticed.
    Clamp {
        low: f32,
        high: f32,
        /// `[channels]`.
        bias: &'a [f32],
        /// Where it is noted which sums lie between low and high, if anybody wants to know.
        inside: Option<&'a mut [u8]>,
    },
    /// `sum` where the bit is set, else 0.
    Mask { bits: &'a [u8], channels: usize },
    /// Every `sum` times one number.
    Times(f32),
    /// `sum · by`.
    Scale { by: &'a [f32], channels: usize },
}

/// Where registers of sums lie in their map.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place {
    /// Of the first register.
    pub row: usize,
    /// From one row of registers to the next.
    pub step: usize,
    /// Of the first register in a row; a multiple of the lanes.
    pub channel: usize,
}

impl RegisterEpilogue<'_> {
    /// The same for some rows.
    pub fn part(&mut self, rows: Range<usize>) -> RegisterEpilogue<'_> {
        match self {
            Self::Nothing => RegisterEpilogue::Nothing,
            Self::Times(by) => RegisterEpilogue::Times(*by),
            Self::Clamp { low, high, bias, inside } => {
                let inside = inside.as_deref_mut().map(|inside| &mut inside[rows_of(rows, bias.len())]);
                RegisterEpilogue::Clamp { low: *low, high: *high, bias, inside }
            }
            Self::Mask { bits, channels } => {
                RegisterEpilogue::Mask { bits: &bits[rows_of(rows, *channels)], channels: *channels }
            }
            Self::Scale { by, channels } => {
                let by = &by[rows.start * *channels..rows.end * *channels];
                RegisterEpilogue::Scale { by, channels: *channels }
            }
        }
    }

    /// Whether it is for maps of at least so many rows, and of so many channels.
    pub fn fits(&self, rows: usize, count: usize) -> bool {
        match self {
            Self::Nothing | Self::Times(_) => true,
            Self::Clamp { bias, inside, .. } => {
                bias.len() == count && inside.as_ref().is_none_or(|inside| inside.len() >= rows * row_bytes(count))
            }
            Self::Mask { bits, channels } => *channels == count && bits.len() >= rows * row_bytes(count),
            Self::Scale { by, channels } => *channels == count && by.len() >= rows * count,
        }
    }

    /// Does it to `REGISTERS` registers in each of `ROWS` rows. All lanes are channels if `FULL`.
    ///
    /// # Safety
    /// It [fits](Self::fits) a map in which the registers' rows and first channels lie.
    #[inline(always)]
    pub unsafe fn apply_to<S: Simd, const ROWS: usize, const REGISTERS: usize, const FULL: bool>(
        &mut self,
        simd: S,
        sums: &mut [[S::f32s; REGISTERS]; ROWS],
        at: Place,
    ) {
        let channel = |register: usize| at.channel + register * S::F32_LANES;
        // Each loop does one thing: only short ones are unrolled, without which the sums would leave their registers.
        match self {
            Self::Nothing => {}
            Self::Times(by) => {
                let by = simd.splat_f32s(*by);
                for sum in sums.as_flattened_mut() {
                    *sum = simd.mul_f32s(*sum, by);
                }
            }
            Self::Clamp { low, high, bias, inside } => {
                for register in 0..REGISTERS {
                    // SAFETY: the lanes that are loaded are channels.
                    let own = unsafe { load::<S, FULL>(simd, bias, channel(register), bias.len()) };
                    for sums in sums.iter_mut() {
                        sums[register] = simd.add_f32s(sums[register], own);
                    }
                }
                let (low, high) = (simd.splat_f32s(*low), simd.splat_f32s(*high));
                if let Some(inside) = inside {
                    let step = at.step * row_bytes(bias.len());
                    for register in 0..REGISTERS {
                        let mut byte = at.row * row_bytes(bias.len());
                        for sums in sums.iter() {
                            let above = simd.less_than_f32s(low, sums[register]);
                            let between = simd.and_m32s(above, simd.less_than_f32s(sums[register], high));
                            // SAFETY: the caller's rows and channels have their bits.
                            unsafe { write_bits(simd, inside, byte, channel(register), between) };
                            byte += step;
                        }
                    }
                }
                for sum in sums.as_flattened_mut() {
                    *sum = clamp(simd, *sum, low, high);
                }
            }
            Self::Mask { bits, channels } => {
                let step = at.step * row_bytes(*channels);
                for register in 0..REGISTERS {
                    let mut byte = at.row * row_bytes(*channels);
                    for sums in sums.iter_mut() {
                        // SAFETY: the caller's rows and channels have their bits.
                        let mask = unsafe { read_bits(simd, bits, byte, channel(register)) };
                        sums[register] = simd.select_f32s(mask, sums[register], simd.splat_f32s(0.0));
                        byte += step;
                    }
                }
            }
            Self::Scale { by, channels } => {
                for register in 0..REGISTERS {
                    let mut from = at.row * *channels;
                    for sums in sums.iter_mut() {
                        let (first, end) = (from + channel(register), from + *channels);
                        // SAFETY: the lanes that are loaded are channels of the caller's rows.
                        let factor = unsafe { load::<S, FULL>(simd, by, first, end) };
                        sums[register] = simd.mul_f32s(sums[register], factor);
                        from += at.step * *channels;
                    }
                }
            }
        }
    }

    /// Does it to sums that were written, all rows that there are.
    pub fn apply(self, sums: &mut [f32], channels: usize) {
        if !matches!(self, Self::Nothing) {
            simd::run(InPlace { epilogue: self, sums, channels });
        }
    }
}

/// The register at `from`, or as many of its lanes as lie before `end`, the others 0.
///
/// # Safety
/// They lie in `values`.
#[inline(always)]
unsafe fn load<S: Simd, const FULL: bool>(simd: S, values: &[f32], from: usize, end: usize) -> S::f32s {
    let place = values.as_ptr().wrapping_add(from);
    // SAFETY: as the caller promises; no other lane is read.
    unsafe {
        if FULL {
            place.cast::<S::f32s>().read_unaligned()
        } else {
            simd.mask_load_ptr_f32s(first_lanes(simd, end.saturating_sub(from)), place)
        }
    }
}

/// As many of the first lanes, or all there are.
#[inline(always)]
pub(crate) fn first_lanes<S: Simd>(simd: S, count: usize) -> MemMask<S::m32s> {
    MemMask::new(mask_of(simd, ((1_u64 << count.min(S::F32_LANES)) - 1) as u32))
}

/// Notes a mask's bits in the row of bits that begins at `row`.
///
/// # Safety
/// The row has bits for `channel`.
#[inline(always)]
unsafe fn write_bits<S: Simd>(simd: S, all: &mut [u8], row: usize, channel: usize, mask: S::m32s) {
    let bits = bits_of(simd, mask);
    // SAFETY: as the caller promises; rows are whole words, and registers begin at multiples of their lanes.
    unsafe {
        let byte = all.as_mut_ptr().add(row + channel / 8);
        match S::F32_LANES {
            16 => byte.cast::<u16>().write_unaligned((bits as u16).to_le()),
            8 => byte.write(bits as u8),
            _ => {
                let before = if channel.is_multiple_of(8) { 0 } else { byte.read() };
                byte.write(before | (bits as u8) << (channel % 8));
            }
        }
    }
}

/// The mask that [`write_bits`] has noted.
///
/// # Safety
/// As for it.
#[inline(always)]
unsafe fn read_bits<S: Simd>(simd: S, all: &[u8], row: usize, channel: usize) -> S::m32s {
    // SAFETY: as for `write_bits`.
    let bits = unsafe {
        let byte = all.as_ptr().add(row + channel / 8);
        if S::F32_LANES == 16 {
            u32::from(u16::from_le(byte.cast::<u16>().read_unaligned()))
        } else {
            u32::from(byte.read()) >> (channel % 8)
        }
    };
    mask_of(simd, bits)
}

struct InPlace<'a> {
    epilogue: RegisterEpilogue<'a>,
    sums: &'a mut [f32],
    channels: usize,
}

impl Kernel for InPlace<'_> {
    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let Self { mut epilogue, sums, channels } = self;
        let rows = sums.len() / channels.max(1);
        assert!(epilogue.fits(rows, channels), "it is for these sums");
        for (row, sums) in sums.chunks_exact_mut(channels.max(1)).enumerate() {
            for channel in (0..channels).step_by(S::F32_LANES) {
                let place = Place { row, step: 0, channel };
                let lanes = &mut sums[channel..];
                // SAFETY: it fits, and this is one of its rows and channels. As many lanes are read and written as
                // the row has left.
                unsafe {
                    if lanes.len() >= S::F32_LANES {
                        let register = lanes.as_mut_ptr().cast::<S::f32s>();
                        let mut sum = [[register.read_unaligned()]];
                        epilogue.apply_to::<S, 1, 1, true>(simd, &mut sum, place);
                        register.write_unaligned(sum[0][0]);
                    } else {
                        let mut sum = [[simd.partial_load_f32s(lanes)]];
                        epilogue.apply_to::<S, 1, 1, false>(simd, &mut sum, place);
                        simd.partial_store_f32s(lanes, sum[0][0]);
                    }
                }
            }
        }
    }
}
