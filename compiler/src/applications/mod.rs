//! Keras's applications as layers: well-known networks, each written as a description in the language itself, for the
//! arguments that it is called with. `resolve` reads the description and puts its layers in place of the call.

mod arguments;
mod densenet;
mod description;
mod efficientnet;
mod mobilenet;
mod mobilenet_v2;
mod preprocessing;
mod published;
mod resnet;
mod resnet_v2;
mod vgg;
mod weights;
mod writer;
mod xception;

pub(crate) use arguments::Text;
pub(crate) use preprocessing::{is_preprocessing, with_mode};
pub use published::{Named, PUBLISHED, Published, Weights};

use crate::call::arguments::Arguments;
use crate::call::signature::Signature;
use arguments::Asked;
use weights::Imagenet;

/// An application that can be called.
#[derive(Debug)]
pub struct Application {
    /// Its function in `keras.applications`.
    pub name: &'static str,
    /// The module of `keras.applications` that has it as well.
    module: &'static str,
    /// What it takes.
    pub signature: &'static Signature,
    /// The height and width of its pictures where it classifies and none are given.
    size: usize,
    /// The smallest height and width that Keras takes.
    least: usize,
    /// The sizes that there are weights for, where that is more than the usual one.
    sizes: &'static [usize],
    /// Its name as a layer, where it is not the function's in small letters.
    layer: Option<fn(&Asked) -> String>,
    /// Writes its layers.
    write: fn(&Asked, &mut writer::Writer),
    /// The file of weights that Keras publishes for it, or why there is none.
    imagenet: fn(&Asked) -> Result<Named, String>,
}

const fn plain(
    name: &'static str,
    module: &'static str,
    imagenet: fn(&Asked) -> Result<Named, String>,
    write: fn(&Asked, &mut writer::Writer),
) -> Application {
    Application {
        name,
        module,
        signature: &arguments::PLAIN,
        size: 224,
        least: 32,
        sizes: &[],
        layer: None,
        write,
        imagenet,
    }
}

/// Every application, in the order of the language reference.
pub static CATALOGUE: [Application; 10] = [
    plain("VGG16", "vgg16", weights::vgg16, |asked, to| {
        vgg::write(asked, [2, 2, 3, 3, 3], to);
    }),
    plain("VGG19", "vgg19", weights::vgg19, |asked, to| {
        vgg::write(asked, [2, 2, 4, 4, 4], to);
    }),
    plain("ResNet50", "resnet50", weights::resnet50, |asked, to| {
        resnet::write(asked, [3, 4, 6, 3], to);
    }),
    plain("ResNet101", "resnet", weights::resnet101, |asked, to| {
        resnet::write(asked, [3, 4, 23, 3], to);
    }),
    plain("ResNet50V2", "resnet_v2", weights::resnet50_v2, |asked, to| {
        resnet_v2::write(asked, [3, 4, 6, 3], to);
    }),
    Application {
        signature: &arguments::MOBILENET,
        sizes: &weights::MOBILENET_SIZES,
        layer: Some(|asked| asked.name_with_size("mobilenet")),
        ..plain("MobileNet", "mobilenet", weights::mobilenet, mobilenet::write)
    },
    Application {
        signature: &arguments::MOBILENET_V2,
        sizes: &weights::MOBILENET_V2_SIZES,
        layer: Some(|asked| asked.name_with_size("mobilenetv2")),
        ..plain(
            "MobileNetV2",
            "mobilenet_v2",
            weights::mobilenet_v2,
            mobilenet_v2::write,
        )
    },
    Application {
        size: 299,
        least: 71,
        ..plain("Xception", "xception", weights::xception, xception::write)
    },
    plain("DenseNet121", "densenet", weights::densenet121, |asked, to| {
        densenet::write(asked, [6, 12, 24, 16], to);
    }),
    plain(
        "EfficientNetB0",
        "efficientnet",
        weights::efficientnet_b0,
        efficientnet::write,
    ),
];

/// The application that a call names.
pub fn entry(name: &str) -> Option<&'static Application> {
    CATALOGUE.iter().find(|application| application.name == name)
}

/// The description of an application as it classifies, with its layers written out, to read and to change; nothing for what
/// is none.
pub fn description(name: &str) -> Option<String> {
    let application = entry(name)?;
    let (call, mut diagnostics) = (description::call(name), Vec::new());
    let mut arguments = Arguments::bind(application.signature, &call, &mut diagnostics);
    let text = application.text(&mut arguments)?;
    Some(description::file(name, &text.source))
}

impl Application {
    /// The paths that may stand before its name, beside those of `keras.applications` itself.
    pub(crate) fn prefixes(&self) -> Vec<String> {
        let module = self.module;
        let before = [
            "",
            "applications.",
            "keras.applications.",
            "tf.keras.applications.",
            "tensorflow.keras.applications.",
        ];
        before.iter().map(|before| format!("{before}{module}")).collect()
    }

    /// Its description for these arguments; nothing where one of them, which has then been reported, is of no use.
    pub(crate) fn text(&self, arguments: &mut Arguments) -> Option<Text> {
        let mut asked = Asked::read(arguments, self.size, self.least)?;
        let imagenet = Imagenet {
            name: self.name,
            size: self.size,
            sizes: self.sizes,
            file: self.imagenet,
        };
        let weights = weights::read(arguments, &asked, &imagenet)?;
        asked.imagenet = matches!(weights, Some(Weights::Imagenet(_)));
        if asked.imagenet && !self.sizes.is_empty() {
            asked.rows = weights::square(&asked, self.sizes);
        }
        let mut writer = writer::Writer::new(&asked);
        (self.write)(&asked, &mut writer);
        Some(Text {
            name: self
                .layer
                .map_or_else(|| self.name.to_ascii_lowercase(), |layer| layer(&asked)),
            source: writer.finish(),
            shape: asked.shape,
            weights,
        })
    }
}
