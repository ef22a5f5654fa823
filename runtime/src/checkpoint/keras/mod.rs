//! Keras's own files of weights: `.weights.h5` as Keras 3 writes it (`keras/src/saving/saving_lib.py`), and the older
//! layout of `.h5` files, whole models' included (`keras/src/legacy/saving/legacy_h5_format.py`).

mod current;
mod hdf5;
mod legacy;
mod values;

pub use hdf5::Hdf5;
pub use values::Values;

use crate::error::{Result, RuntimeError};
use compiler::saved::Saved;
use std::path::Path;

/// Reads the values of a model's variables. `layers` is the model as such files lay it out.
///
/// # Errors
/// When the file cannot be read, is none of Keras's, or is of another model.
pub fn load(path: &Path, layers: &[Saved]) -> Result<Values> {
    load_from(&Hdf5::open(path)?, layers)
}

/// The same from a file that is open.
///
/// # Errors
/// When the file is none of Keras's, or is of another model.
pub fn load_from(file: &Hdf5, layers: &[Saved]) -> Result<Values> {
    let root = file.group("")?;
    if root.texts("layer_names")?.is_some() {
        return legacy::load(&root, layers);
    }
    let groups = root.groups()?;
    let has = |name: &str| groups.iter().any(|group| group == name);
    if has("model_weights") {
        return legacy::load(&root.group("model_weights")?, layers);
    }
    // What TensorFlow's own Keras 2.13 and later called it.
    for name in ["layers", "_layer_checkpoint_dependencies"] {
        if has(name) {
            return current::load(&root.group(name)?, layers);
        }
    }
    Err(RuntimeError::mismatch(
        file.name(),
        "a file of weights of Keras's",
        "an HDF5 file without layers",
    ))
}
