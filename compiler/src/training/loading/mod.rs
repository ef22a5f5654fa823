//! Data sets that the text describes by Keras's loaders, one room each: `train = image_dataset_from_directory("photos/train")`.

mod image_dataset_from_directory;
mod pictures;
mod reading;

pub use pictures::{Aspect, Interpolation, LabelMode, Loader, Loading, PictureFiles, Share, Subset};

use crate::call::arguments::{Arguments, not_wired};
use crate::call::names;
use crate::call::signature::Signature;
use crate::call::suggest::{any_of, nearest};
use grammar::ast::Call;
use grammar::diagnostic::Diagnostic;

/// What can be called.
pub static SIGNATURES: [&Signature; 1] = [&image_dataset_from_directory::SIGNATURE];

/// Whether a call of that name gives data.
pub fn is_loader(name: &str) -> bool {
    SIGNATURES.iter().any(|signature| signature.is_called(name))
}

/// Reads a data set's call. Nothing where it is none, or a part of it cannot be used; that is reported.
pub(crate) fn read(call: &Call, diagnostics: &mut Vec<Diagnostic>) -> Option<PictureFiles> {
    not_wired(call, "a data set", diagnostics);
    let known = || SIGNATURES.iter().map(|signature| signature.name);
    let name = call.name.node.as_str();
    if !is_loader(name) {
        let diagnostic = Diagnostic::error("E0508", format!("`{name}` gives no data set"));
        let diagnostic = diagnostic.at(call.name.span, "no loader has this name");
        diagnostics.push(match nearest(name, known()) {
            Some(meant) => diagnostic
                .help(format!("did you mean `{meant}`?"))
                .fix(call.name.span, meant),
            None => diagnostic.help(format!("there is {}", any_of(known()))),
        });
        return None;
    }
    names::check_prefix(
        call,
        "utils",
        &[
            "preprocessing",
            "keras.preprocessing",
            "tf.keras.preprocessing",
            "tensorflow.keras.preprocessing",
        ],
        diagnostics,
    );
    let mut arguments = Arguments::bind(&image_dataset_from_directory::SIGNATURE, call, diagnostics);
    image_dataset_from_directory::read(call.span, &mut arguments)
}
