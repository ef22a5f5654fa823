//! Checks that samples fit into memory.

use super::error::FolderError;
use crate::data::picture::Form;
use crate::data::source::MAX_BYTES;
use crate::error::Result;
use crate::memory;
use compiler::shape::Shape;

/// An error where there is no room for the samples, before any is made; `width` is the number of bytes of a value.
pub(crate) fn see_that_they_fit(count: usize, shape: &Shape, form: Form, width: u64) -> Result<()> {
    let bytes = (count as u64)
        .saturating_mul(form.values() as u64)
        .saturating_mul(width);
    let available = memory::available().unwrap_or(MAX_BYTES).min(MAX_BYTES);
    if bytes > available {
        let shape = shape.clone();
        let error = FolderError::Memory {
            count,
            shape,
            bytes,
            available,
        };
        return Err(error.into());
    }
    Ok(())
}
