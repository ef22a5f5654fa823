//! What `weights` asks an application for (`obtain_input_shape` and the checks in `keras/src/applications/`).

use super::arguments::Asked;
use super::published::{
    DENSENET, EFFICIENTNET, MOBILENET, MOBILENET_V2, Named, RESNET, VGG16, VGG19, Weights, XCEPTION,
};
use crate::call::arguments::Arguments;
use crate::call::values;
use grammar::ast::ValueKind;
use grammar::diagnostic::Diagnostic;
use std::path::Path;

/// The weights of an application that Keras publishes.
#[derive(Debug)]
pub(super) struct Imagenet {
    /// The application.
    pub(super) name: &'static str,
    /// The usual height and width.
    pub(super) size: usize,
    /// The sizes that there are weights for, where that is more than the usual one.
    pub(super) sizes: &'static [usize],
    /// The file for these arguments, or why there is none.
    pub(super) file: fn(&Asked) -> Result<Named, String>,
}

/// The pictures that `MobileNet`'s weights were trained with.
pub(super) const MOBILENET_SIZES: [usize; 4] = [128, 160, 192, 224];
/// Those of `MobileNetV2`'s.
pub(super) const MOBILENET_V2_SIZES: [usize; 5] = [96, 128, 160, 192, 224];

#[expect(
    clippy::unnecessary_wraps,
    reason = "other applications have no file for some arguments"
)]
pub(super) fn vgg16(asked: &Asked) -> Result<Named, String> {
    Ok(plain(VGG16, "vgg16", asked))
}

#[expect(
    clippy::unnecessary_wraps,
    reason = "other applications have no file for some arguments"
)]
pub(super) fn vgg19(asked: &Asked) -> Result<Named, String> {
    Ok(plain(VGG19, "vgg19", asked))
}

#[expect(
    clippy::unnecessary_wraps,
    reason = "other applications have no file for some arguments"
)]
pub(super) fn resnet50(asked: &Asked) -> Result<Named, String> {
    Ok(plain(RESNET, "resnet50", asked))
}

#[expect(
    clippy::unnecessary_wraps,
    reason = "other applications have no file for some arguments"
)]
pub(super) fn resnet101(asked: &Asked) -> Result<Named, String> {
    Ok(plain(RESNET, "resnet101", asked))
}

#[expect(
    clippy::unnecessary_wraps,
    reason = "other applications have no file for some arguments"
)]
pub(super) fn resnet50_v2(asked: &Asked) -> Result<Named, String> {
    Ok(plain(RESNET, "resnet50v2", asked))
}

#[expect(
    clippy::unnecessary_wraps,
    reason = "other applications have no file for some arguments"
)]
pub(super) fn xception(asked: &Asked) -> Result<Named, String> {
    Ok(plain(XCEPTION, "xception", asked))
}

#[expect(
    clippy::unnecessary_wraps,
    reason = "other applications have no file for some arguments"
)]
pub(super) fn densenet121(asked: &Asked) -> Result<Named, String> {
    Ok(plain(DENSENET, "densenet121", asked))
}

#[expect(
    clippy::unnecessary_wraps,
    reason = "other applications have no file for some arguments"
)]
pub(super) fn efficientnet_b0(asked: &Asked) -> Result<Named, String> {
    let end = if asked.include_top { "" } else { "_notop" };
    Ok(Named::new(EFFICIENTNET, format!("efficientnetb0{end}.h5")))
}

/// The file of most applications, whose names begin with a stem of their own.
fn plain(folder: &'static str, stem: &str, asked: &Asked) -> Named {
    let end = if asked.include_top { "" } else { "_notop" };
    Named::new(folder, format!("{stem}_weights_tf_dim_ordering_tf_kernels{end}.h5"))
}

/// `MobileNet`'s: of the alphas that there are, and the usual size where there is none of this one.
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

/// `MobileNetV2`'s.
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

/// The size of the pictures that there are weights for.
pub(super) fn square(asked: &Asked, sizes: &[usize]) -> usize {
    let (height, width, _) = asked.sizes;
    if height == width && sizes.contains(&height) {
        height
    } else {
        224
    }
}

/// What `weights` asks for, if it goes with the rest (`obtain_input_shape` and the checks of each application).
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
        // Where the default asks for them, the argument that does not go with it is at fault.
        let span = arguments.span_of(if is_given { "weights" } else { argument });
        arguments.diagnostics().push(
            Diagnostic::error("E0231", message)
                .at(span, label)
                .help("weights=None begins with random weights"),
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
