//! Reads `weights`, with the checks of `obtain_input_shape` and of each file in `keras/src/applications/`.

use super::arguments::Asked;
use super::published::{EFFICIENTNET, EFFICIENTNET_V2, MOBILENET, MOBILENET_V2, Named, Weights};
use crate::call::arguments::Arguments;
use crate::call::values;
use grammar::ast::ValueKind;
use grammar::diagnostic::Diagnostic;
use std::path::Path;

/// What is known of the `ImageNet` weights that Keras publishes for an application.
#[derive(Debug)]
pub(super) struct Imagenet {
    /// The application's name in messages, such as `VGG16`.
    pub(super) name: &'static str,
    /// The usual height and width of pictures.
    pub(super) size: usize,
    /// The heights and widths for which there are weights; empty where there is one set for the usual size.
    pub(super) sizes: &'static [usize],
    /// Names the file for these arguments, or says why there is none.
    pub(super) file: fn(&Asked) -> Result<Named, String>,
}

/// The heights and widths of pictures that `MobileNet` was trained with.
pub(super) const MOBILENET_SIZES: [usize; 4] = [128, 160, 192, 224];
/// The heights and widths of pictures that `MobileNetV2` was trained with.
pub(super) const MOBILENET_V2_SIZES: [usize; 5] = [96, 128, 160, 192, 224];

/// The file of most applications: the stem, the layout of the kernels, and `_notop` where the top is left out.
#[expect(
    clippy::unnecessary_wraps,
    reason = "other applications have no file for some arguments"
)]
pub(super) fn usual(folder: &'static str, stem: &str, asked: &Asked) -> Result<Named, String> {
    let end = if asked.include_top { "" } else { "_notop" };
    let file = format!("{stem}_weights_tf_dim_ordering_tf_kernels{end}.h5");
    Ok(Named::new(folder, file))
}

/// The file of an `EfficientNet`, such as `efficientnetb0` for `stem`.
#[expect(
    clippy::unnecessary_wraps,
    reason = "other applications have no file for some arguments"
)]
pub(super) fn efficientnet(stem: &str, asked: &Asked) -> Result<Named, String> {
    let end = if asked.include_top { "" } else { "_notop" };
    Ok(Named::new(EFFICIENTNET, format!("{stem}{end}.h5")))
}

/// The file of an `EfficientNetV2`, such as `efficientnetv2-b0` for `stem`.
#[expect(
    clippy::unnecessary_wraps,
    reason = "other applications have no file for some arguments"
)]
pub(super) fn efficientnet_v2(stem: &str, asked: &Asked) -> Result<Named, String> {
    let end = if asked.include_top { "" } else { "_notop" };
    Ok(Named::new(EFFICIENTNET_V2, format!("{stem}{end}.h5")))
}

/// The file for this alpha and size of pictures, that for 224 where there is none for the size. Errs for other alphas
/// than 0.25, 0.5, 0.75 and 1, and for a `depth_multiplier` other than 1.
pub(super) fn mobilenet(asked: &Asked) -> Result<Named, String> {
    if asked.depth_multiplier != 1 {
        return Err("ImageNet weights are for depth_multiplier=1".to_owned());
    }
    let alpha = [(0.25, "2_5"), (0.5, "5_0"), (0.75, "7_5"), (1.0, "1_0")]
        .into_iter()
        .find(|(alpha, _)| (alpha - asked.alpha).abs() < 1e-9);
    let Some((_, alpha)) = alpha else {
        return Err("ImageNet weights are for an alpha of 0.25, 0.5, 0.75 or 1.0".to_owned());
    };
    let rows = square(asked, &MOBILENET_SIZES);
    let end = if asked.include_top { "" } else { "_no_top" };
    Ok(Named::new(MOBILENET, format!("mobilenet_{alpha}_{rows}_tf{end}.h5")))
}

/// The file for this alpha and size of pictures, that for 224 where there is none for the size. Errs for other alphas
/// than 0.35, 0.5, 0.75, 1, 1.3 and 1.4.
pub(super) fn mobilenet_v2(asked: &Asked) -> Result<Named, String> {
    if ![0.35, 0.5, 0.75, 1.0, 1.3, 1.4].contains(&asked.alpha) {
        return Err("ImageNet weights are for an alpha of 0.35, 0.5, 0.75, 1.0, 1.3 or 1.4".to_owned());
    }
    let rows = square(asked, &MOBILENET_V2_SIZES);
    let end = if asked.include_top { "" } else { "_no_top" };
    let file = format!(
        "mobilenet_v2_weights_tf_dim_ordering_tf_kernels_{:?}_{rows}{end}.h5",
        asked.alpha
    );
    Ok(Named::new(MOBILENET_V2, file))
}

/// The size of pictures whose weights are taken: that of the input where it is square and among `sizes`, otherwise 224.
pub(super) fn square(asked: &Asked, sizes: &[usize]) -> usize {
    let (height, width, _) = asked.sizes;
    if height == width && sizes.contains(&height) {
        height
    } else {
        224
    }
}

/// Reads `weights`: Some(None) where the network begins at random. Reports E0231, and gives None, where `ImageNet`
/// weights do not go with the other arguments.
#[expect(clippy::option_option, reason = "unreadable, absent and given are three things")]
pub(super) fn read(arguments: &mut Arguments, asked: &Asked, of: &Imagenet) -> Option<Option<Weights>> {
    let written = arguments.read("weights", |parameter, value, diagnostics| {
        if value.kind == ValueKind::None {
            return Some(None);
        }
        values::string(parameter, value, diagnostics).map(Some)
    })?;
    let Some(written) = written else {
        return Some(None);
    };
    let is_given = arguments.written("weights").is_some();
    let mut refuse = |argument: &str, message: String, label: String| {
        // Where the weights are asked for by default, the argument that does not go with them is at fault.
        let span = arguments.span_of(if is_given { "weights" } else { argument });
        arguments.diagnostics().push(
            Diagnostic::error("E0231", message)
                .at(span, label)
                .help("weights=None starts from random weights"),
        );
        None
    };
    if written != "imagenet" {
        if Path::new(&written)
            .extension()
            .is_some_and(|extension| extension == "h5")
        {
            return Some(Some(Weights::File(written)));
        }
        let message = "`weights` is \"imagenet\", the path of an .h5 file, or None".to_owned();
        return refuse("weights", message, format!("this is \"{written}\""));
    }
    let name = of.name;
    let (height, width, channels) = asked.sizes;
    if channels != 3 {
        let message = format!("the ImageNet weights of {name} are for pictures of three channels");
        return refuse("input_shape", message, format!("these have {channels}"));
    }
    if asked.include_top {
        if asked.classes != 1000 {
            let message = format!("the ImageNet weights of {name} with its top are for 1000 classes");
            return refuse("classes", message, format!("these are {}", asked.classes));
        }
        if !matches!(asked.classifier_activation, "softmax" | "linear") {
            let message = format!("the ImageNet weights of {name} are for \"softmax\" or None at its end");
            let label = format!("this is \"{}\"", asked.classifier_activation);
            return refuse("classifier_activation", message, label);
        }
        let usual = match of.sizes {
            [] => of.size,
            sizes => square(asked, sizes),
        };
        if (height, width) != (usual, usual) {
            let message = format!("the ImageNet weights of {name} with its top are for pictures of {usual}x{usual}");
            return refuse("input_shape", message, format!("these are {height}x{width}"));
        }
    }
    match (of.file)(asked) {
        Ok(file) => Some(Some(Weights::Imagenet(file))),
        Err(message) => {
            let argument = if message.contains("alpha") {
                "alpha"
            } else {
                "depth_multiplier"
            };
            refuse(argument, message, "not with these arguments".to_owned())
        }
    }
}
