//! Plain loops, compiled for every vector unit and chosen at run time.

use pulp::{Arch, Simd, WithSimd};

/// A loop that the compiler turns into vector code.
///
/// `run` must be `#[inline(always)]`, so that it is compiled anew for each vector unit.
pub(crate) trait Kernel {
    /// Does the work. `FUSED` says that [`f32::mul_add`] is one instruction here.
    fn run<const FUSED: bool>(self);
}

struct Dispatched<K>(K);

impl<K: Kernel> WithSimd for Dispatched<K> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        if S::IS_SCALAR { self.0.run::<false>() } else { self.0.run::<true>() }
    }
}

/// Runs a kernel on the best vector unit there is.
pub(crate) fn run(kernel: impl Kernel) {
    Arch::new().dispatch(Dispatched(kernel));
}

/// `a · b + c`.
#[inline(always)]
pub(crate) fn mul_add<const FUSED: bool>(a: f32, b: f32, c: f32) -> f32 {
    if FUSED { a.mul_add(b, c) } else { a * b + c }
}
