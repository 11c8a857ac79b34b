//! The threads that compute.

use std::sync::Arc;

use rayon::{ThreadPool, ThreadPoolBuildError, ThreadPoolBuilder};

/// A pool of `threads` compute threads, or one a core if 0, that flush denormals to zero.
///
/// # Errors
/// The operating system gave no threads.
pub fn compute_pool(threads: usize) -> Result<Arc<ThreadPool>, ThreadPoolBuildError> {
    ThreadPoolBuilder::new()
        .num_threads(threads)
        .thread_name(|index| format!("compute {index}"))
        .start_handler(|_| flush_denormals())
        .build()
        .map(Arc::new)
}

/// Lets other threads go before this one and before those that it starts from now on, where the system can.
pub fn lower_priority() {
    /// From -20, before all others, to 19, after them.
    #[cfg(target_os = "linux")]
    const NICENESS: i32 = 10;
    #[cfg(target_os = "linux")]
    if let Err(why) = rustix::process::setpriority_process(None, NICENESS) {
        tracing::debug!("computing keeps its priority: {why}");
    }
}

/// Lets this thread take numbers below 1.2e-38 for zero.
///
/// A saturated softmax sends such gradients backwards, and processors are some 25 times slower on them.
pub fn flush_denormals() {
    #[cfg(target_arch = "x86_64")]
    {
        /// Flush results to zero (bit 15) and take operands for zero (bit 6).
        const FLUSH: u32 = 1 << 15 | 1 << 6;
        let mut control: u32 = 0;
        // SAFETY: SSE is part of x86-64; the instructions read and write this thread's control register through a
        // pointer to a live u32, and the bits set change no exception mask.
        unsafe {
            std::arch::asm!("stmxcsr [{}]", in(reg) &raw mut control, options(nostack, preserves_flags));
            control |= FLUSH;
            std::arch::asm!("ldmxcsr [{}]", in(reg) &raw const control, options(nostack, preserves_flags));
        }
    }
    #[cfg(target_arch = "aarch64")]
    {
        /// Flush to zero (bit 24).
        const FLUSH: u64 = 1 << 24;
        let mut control: u64;
        // SAFETY: reads and writes this thread's floating-point control register; only the flush bit changes.
        unsafe {
            std::arch::asm!("mrs {}, fpcr", out(reg) control, options(nomem, nostack, preserves_flags));
            control |= FLUSH;
            std::arch::asm!("msr fpcr, {}", in(reg) control, options(nomem, nostack, preserves_flags));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::hint::black_box;

    use super::*;

    #[test]
    #[cfg(target_os = "linux")]
    fn a_thread_of_lower_priority_hands_that_on_to_those_it_starts() {
        let niceness = || rustix::process::getpriority_process(None).unwrap();
        let before = niceness();
        let after = std::thread::spawn(move || {
            lower_priority();
            compute_pool(1).unwrap().install(niceness)
        });
        assert_eq!(after.join().unwrap(), 10.max(before));
        assert_eq!(niceness(), before, "other threads are left alone");
    }

    #[test]
    fn compute_threads_take_denormals_for_zero() {
        let product = compute_pool(1).unwrap().install(|| black_box(1e-20_f32) * black_box(1e-20_f32));
        #[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
        assert_eq!(product, 0.0);
        let _ = product;
    }
}
