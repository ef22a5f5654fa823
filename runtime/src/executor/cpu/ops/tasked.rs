//! What every operation's room does.

use super::super::maker::Maker;

/// An operation that this executor can do.
pub trait Tasked {
    /// Adds its tasks.
    fn tasks(&self, maker: &mut Maker<'_>);
}
