//! Plain loops, compiled for every vector unit and chosen at run time.

use std::cell::Cell;

use pulp::{
    Arch, Scalar, Simd, WithSimd,
    bytemuck::{bytes_of, cast_slice, checked},
};

thread_local! {
    /// Whether this thread does without a vector unit.
    static PLAIN: Cell<bool> = const { Cell::new(false) };
}

/// One bit a lane.
const BITS: [u32; 16] = {
    let mut bits = [0; 16];
    let mut lane = 0;
    while lane < bits.len() {
        bits[lane] = 1 << lane;
        lane += 1;
    }
    bits
};

/// Does `work` as on a processor whose vector unit is not known, on this thread: for tests of that way.
pub fn without_simd<T>(work: impl FnOnce() -> T) -> T {
    let before = PLAIN.replace(true);
    let result = work();
    PLAIN.set(before);
    result
}

/// A loop in vector code: written for `simd`, or left to the compiler.
///
/// `run` must be `#[inline(always)]`, so that it is compiled anew for each vector unit.
pub(crate) trait Kernel {
    /// Does the work.
    fn run<S: Simd>(self, simd: S);
}

struct Dispatched<K>(K);

impl<K: Kernel> WithSimd for Dispatched<K> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        self.0.run(simd);
    }
}

/// The bit of every lane, the first lane's lowest.
#[inline(always)]
fn own_bits<S: Simd>(_: S) -> S::u32s {
    const { assert!(S::F32_LANES <= BITS.len()) };
    // SAFETY: the register is no longer than the bits. A load of some lanes would be a call.
    unsafe { BITS.as_ptr().cast::<S::u32s>().read_unaligned() }
}

/// The lanes of a mask as bits, the first lane's lowest.
#[inline(always)]
pub(crate) fn bits_of<S: Simd>(simd: S, mask: S::m32s) -> u32 {
    if let [low, high] = *bytes_of(&mask)
        && S::F32_LANES == 16
    {
        // Mask registers are bits.
        return u32::from(u16::from_ne_bytes([low, high]));
    }
    #[cfg(target_arch = "x86_64")]
    if S::F32_LANES == 8 {
        // SAFETY: eight lanes of 32 bits are registers of AVX, which this processor then has, and so are their masks.
        return unsafe { std::arch::x86_64::_mm256_movemask_ps(std::mem::transmute_copy(&mask)) as u32 };
    }
    let bits = simd.select_u32s(mask, own_bits(simd), simd.splat_u32s(0));
    cast_slice(std::slice::from_ref(&bits)).iter().fold(0, |all: u32, bit: &u32| all | bit)
}

/// The mask whose lanes are the lowest bits: the way back from [`bits_of`].
#[inline(always)]
pub(crate) fn mask_of<S: Simd>(simd: S, bits: u32) -> S::m32s {
    if S::F32_LANES == 16
        && let Ok(mask) = checked::try_pod_read_unaligned(&(bits as u16).to_ne_bytes())
    {
        return mask;
    }
    let own = own_bits(simd);
    simd.equal_u32s(simd.and_u32s(simd.splat_u32s(bits), own), own)
}

/// `min(max(value, low), high)`. A NaN stays one, so that damaged weights are noticed.
#[inline(always)]
pub(crate) fn clamp<S: Simd>(simd: S, value: S::f32s, low: S::f32s, high: S::f32s) -> S::f32s {
    if S::F32_LANES == 1 {
        // Without a vector unit, the larger of a number and a NaN is the number; with one, the second or the NaN.
        let raised = simd.select_f32s(simd.less_than_f32s(value, low), low, value);
        return simd.select_f32s(simd.less_than_f32s(high, raised), high, raised);
    }
    simd.min_f32s(high, simd.max_f32s(low, value))
}

/// Runs a kernel on the best vector unit there is.
pub(crate) fn run(kernel: impl Kernel) {
    if PLAIN.get() {
        Dispatched(kernel).with_simd(Scalar::new());
    } else {
        Arch::new().dispatch(Dispatched(kernel));
    }
}

/// Runs a kernel on a vector unit half as wide as the best, if that is the widest there is and has one within.
pub(crate) fn run_narrow(kernel: impl Kernel) {
    #[cfg(target_arch = "x86_64")]
    if let (Arch::V4(wide), false) = (Arch::new(), PLAIN.get()) {
        return Simd::vectorize(*wide, Dispatched(kernel));
    }
    run(kernel);
}

/// Asks for what will be read soon, so that it is in the second-level cache then. Nothing is read: the address may be
/// any.
#[inline(always)]
pub(crate) fn fetch(address: *const f32) {
    #[cfg(target_arch = "x86_64")]
    // SAFETY: every x86-64 processor has the instruction, and it does not fail.
    unsafe {
        std::arch::x86_64::_mm_prefetch::<{ std::arch::x86_64::_MM_HINT_T1 }>(address.cast());
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = address;
}

#[cfg(test)]
mod tests {
    use super::*;

    struct ThereAndBack(u32);

    impl Kernel for ThereAndBack {
        fn run<S: Simd>(self, simd: S) {
            let own = self.0 & ((1 << S::F32_LANES) - 1);
            assert_eq!(bits_of(simd, mask_of(simd, self.0)), own);
            let lanes = simd.select_u32s(mask_of(simd, self.0), simd.splat_u32s(1), simd.splat_u32s(0));
            let mut values = [0; 16];
            simd.partial_store_u32s(&mut values[..S::F32_LANES], lanes);
            for (lane, value) in values[..S::F32_LANES].iter().enumerate() {
                assert_eq!(*value, self.0 >> lane & 1);
            }
        }
    }

    #[test]
    fn masks_and_bits_are_the_same() {
        for bits in [0, 1, 0x8000, 0x0100, 0xa5c3, 0xffff] {
            run(ThereAndBack(bits));
            without_simd(|| run(ThereAndBack(bits)));
        }
    }
}
