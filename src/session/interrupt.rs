//! How a run is told to end early.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// A handle that ends a run early, from any thread or a signal handler. Clones are one handle. What is under way ends after
/// its present step, and keeps what it has.
#[derive(Debug, Clone, Default)]
pub struct Interrupt(Arc<AtomicBool>);

impl Interrupt {
    /// A handle that nobody has raised.
    pub fn new() -> Self {
        Self::default()
    }

    /// Asks for the end; says whether that had been asked before.
    pub fn raise(&self) -> bool {
        self.0.swap(true, Ordering::SeqCst)
    }

    /// Whether the end was asked for.
    pub fn is_raised(&self) -> bool {
        self.0.load(Ordering::SeqCst)
    }
}
