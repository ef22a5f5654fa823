//! NumPy's `.npz`: the weights by their names, and the samples.

use super::model::{File, Model};
use crate::session::{Error, Result};
use std::io::{self, Cursor, Write};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

/// One file with the weights, `LAYER.VARIABLE`, and the samples.
///
/// # Errors
/// When there is no memory for it.
pub fn files(model: &Model<'_>) -> Result<Vec<File>> {
    let weights = model
        .weights
        .iter()
        .map(|(name, shape, values)| (name.as_str(), shape.clone(), values.as_slice()));
    let arrays: Vec<_> = weights.chain(sample_arrays(model)).collect();
    Ok(vec![File::main(archive(&arrays)?)])
}

/// The samples alone: `sample_inputs` and `sample_outputs`.
///
/// # Errors
/// When there is no memory for them.
pub fn samples(model: &Model<'_>) -> Result<Vec<u8>> {
    archive(&sample_arrays(model))
}

/// A name, a shape and the values of an array.
type Array<'a> = (&'a str, Vec<usize>, &'a [f32]);

fn sample_arrays<'a>(model: &'a Model<'_>) -> Vec<Array<'a>> {
    let graph = &model.graph;
    let batched = |value| {
        let sizes = graph.shape(value).sizes().iter().copied();
        std::iter::once(model.samples.count).chain(sizes).collect()
    };
    vec![
        ("sample_inputs", batched(graph.input), &model.samples.inputs),
        ("sample_outputs", batched(graph.output), &model.samples.outputs),
    ]
}

fn archive(arrays: &[Array<'_>]) -> Result<Vec<u8>> {
    let members = arrays
        .iter()
        .map(|(name, shape, values)| (format!("{name}.npy"), npy(shape, values)));
    stored(members)
}

/// A zip archive of uncompressed files, which has the same bytes whenever it is made.
///
/// # Errors
/// When there is no memory for it.
pub fn stored(members: impl IntoIterator<Item = (String, Vec<u8>)>) -> Result<Vec<u8>> {
    let refused = |cause: io::Error| Error::message(format!("cannot make the archive: {cause}"));
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Stored)
        .last_modified_time(zip::DateTime::default());
    for (name, bytes) in members {
        archive
            .start_file(name, options.large_file(bytes.len() >= u32::MAX as usize))
            .map_err(|cause| refused(cause.into()))?;
        archive.write_all(&bytes).map_err(refused)?;
    }
    let made = archive.finish().map_err(|cause| refused(cause.into()))?;
    Ok(made.into_inner())
}

/// The bytes of an `.npy` file of float32, version 1.0; the header ends at a multiple of 64 bytes.
fn npy(shape: &[usize], values: &[f32]) -> Vec<u8> {
    let sizes: Vec<String> = shape.iter().map(|size| format!("{size},")).collect();
    let header = format!(
        "{{'descr': '<f4', 'fortran_order': False, 'shape': ({}), }}",
        sizes.join(" ")
    );
    let padding = (10 + header.len() + 1).next_multiple_of(64) - (10 + header.len() + 1);
    let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
    bytes.extend(((header.len() + padding + 1) as u16).to_le_bytes());
    bytes.extend(header.as_bytes());
    bytes.extend(std::iter::repeat_n(b' ', padding));
    bytes.push(b'\n');
    bytes.extend(values.iter().flat_map(|value| value.to_le_bytes()));
    bytes
}
