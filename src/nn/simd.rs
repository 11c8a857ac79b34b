//! Plain loops, compiled for every vector unit and chosen at run time.

use std::cell::Cell;

use pulp::{Arch, Scalar, Simd, WithSimd};

use super::buffer::Number;

thread_local! {
    /// Whether this thread does without a vector unit.
    static PLAIN: Cell<bool> = const { Cell::new(false) };
}

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

/// Asks for the memory of some values, that it be in cache when they are read, where there is a way to.
pub(crate) fn prefetch<T: Number>(values: &[T]) {
    /// Bytes of a cache line.
    const LINE: usize = 64;
    #[cfg(target_arch = "x86_64")]
    for line in values.chunks(LINE / size_of::<T>()) {
        use std::arch::x86_64::{_MM_HINT_T1, _mm_prefetch};
        // SAFETY: every processor of this kind has the instruction, and the line is one of the slice's.
        unsafe { _mm_prefetch::<_MM_HINT_T1>(line.as_ptr().cast()) };
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = (values, LINE);
}

/// Runs a kernel on the best vector unit there is.
pub(crate) fn run(kernel: impl Kernel) {
    if PLAIN.get() {
        Dispatched(kernel).with_simd(Scalar::new());
    } else {
        Arch::new().dispatch(Dispatched(kernel));
    }
}
