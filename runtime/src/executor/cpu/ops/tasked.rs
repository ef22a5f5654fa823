//! What every operation's room does.

use super::super::maker::Maker;

/// An operation that this executor can do.
pub trait Tasked {
    /// Adds the operation's tasks, in the order in which they run, with the memory that they need.
    fn tasks(&self, maker: &mut Maker<'_>);
}
