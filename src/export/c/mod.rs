//! A C99 file that depends on nothing: the weights as constants, one function, no heap.

mod activation;
mod int8;
mod writer;

use super::model::{File, Model};
use crate::session::{Error, Result};
use compiler::portable::fold;
use writer::Writer;

/// The C file, with samples to check it by behind `#ifdef CNNC_CHECK`.
///
/// # Errors
/// When a weight is infinite or NaN, which C has no constant for.
pub fn files(model: &Model<'_>) -> Result<Vec<File>> {
    if let Some(quantized) = &model.int8 {
        return Ok(vec![File::main(int8::text(quantized, model))]);
    }
    let graph = fold(model.graph.clone());
    if let Some(weight) = graph
        .weights
        .iter()
        .find(|weight| weight.values.iter().any(|value| !value.is_finite()))
    {
        return Err(Error::message(format!(
            "{} holds numbers that are not finite",
            weight.name
        )));
    }
    Ok(vec![File::main(Writer::new(&graph).text(model))])
}
