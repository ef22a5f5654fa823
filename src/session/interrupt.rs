//! Tells a run to end early.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// A handle that ends a run early, from any thread or from a signal handler; all clones are the same handle. The run ends after
/// its current step, and what it has done is kept.
#[derive(Debug, Clone, Default)]
pub struct Interrupt(Arc<AtomicBool>);

impl Interrupt {
    /// A handle that has not been raised.
    pub fn new() -> Self {
        Self::default()
    }

    /// Asks for the end; returns whether it had been asked for before.
    pub fn raise(&self) -> bool {
        self.0.swap(true, Ordering::SeqCst)
    }

    /// Whether the end has been asked for.
    pub fn is_raised(&self) -> bool {
        self.0.load(Ordering::SeqCst)
    }
}
