//! Keras's applications: well-known networks, each of which writes itself as a description in the language for the
//! arguments of a call. `resolve` reads that description and puts its layers in the place of the call.

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
pub(crate) use preprocessing::{FUNCTION as PREPROCESSING, changes_nothing, is_preprocessing, with_mode};
pub use published::{Named, PUBLISHED, Published, Weights};

use crate::call::arguments::Arguments;
use crate::call::signature::Signature;
use arguments::Asked;
use grammar::ast::File;
use weights::Imagenet;

/// A network of `keras.applications` that a description may call.
#[derive(Debug)]
pub struct Application {
    /// Its function in `keras.applications`.
    pub name: &'static str,
    /// The module of `keras.applications` that has the function as well.
    module: &'static str,
    /// The arguments of a call.
    pub signature: &'static Signature,
    /// The height and width of pictures for a network with its top whose call gives no shape.
    size: usize,
    /// The smallest height and width that Keras accepts.
    least: usize,
    /// The heights and widths for which Keras publishes weights; empty where there is one set for the usual size.
    sizes: &'static [usize],
    /// Makes the layer's name where that is not the function's in small letters.
    layer: Option<fn(&Asked) -> String>,
    /// Appends the network's layers to a description that holds its input.
    write: fn(&Asked, &mut writer::Writer),
    /// Names the file of weights that Keras publishes for these arguments, or says why there is none.
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

/// Completes each `preprocess_input` that stands without its module, see [`preprocessing::complete`].
pub(crate) fn complete(file: &mut File) {
    preprocessing::complete(file, |name| entry(name).map(|application| application.module));
}

/// The application that a call names.
pub fn entry(name: &str) -> Option<&'static Application> {
    CATALOGUE.iter().find(|application| application.name == name)
}

/// The description of an application with its top and all layers written out, for people to read and to change; None
/// for a name that is not an application's.
pub fn description(name: &str) -> Option<String> {
    let application = entry(name)?;
    let (call, mut diagnostics) = (description::call(name), Vec::new());
    let mut arguments = Arguments::bind(application.signature, &call, &mut diagnostics);
    let text = application.text(&mut arguments)?;
    Some(description::file(name, &text.source))
}

impl Application {
    /// The paths that may stand before the name, except for those of `keras.applications` itself.
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

    /// Writes the description for these arguments; None after an argument was reported.
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
