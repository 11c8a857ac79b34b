//! Layers that know their shapes only, for asking a network which weights it wants.

use std::cell::Cell;

thread_local! {
    static OUTLINE: Cell<bool> = const { Cell::new(false) };
}

/// Lets the layers that `make` builds on this thread keep no weights: they cost no time and no memory, and can be
/// looked at but not run.
pub fn outline<T>(make: impl FnOnce() -> T) -> T {
    /// Sets it back also when `make` panics.
    struct Before(bool);
    impl Drop for Before {
        fn drop(&mut self) {
            OUTLINE.set(self.0);
        }
    }
    let _before = Before(OUTLINE.replace(true));
    make()
}

/// Whether layers are made without weights.
pub(crate) fn is_outline() -> bool {
    OUTLINE.get()
}
