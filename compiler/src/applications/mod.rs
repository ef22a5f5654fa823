//! Keras's applications: well-known networks, each of which writes itself as a description in the language for the
//! arguments of a call. `resolve` reads that description and puts its layers in the place of the call.

mod arguments;
mod densenet;
mod description;
mod efficientnet;
mod efficientnet_v2;
mod inception_v3;
mod inverted;
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
pub use preprocessing::changes_nothing;
pub(crate) use preprocessing::{FUNCTION as PREPROCESSING, is_preprocessing, with_mode};
pub use published::{Named, PUBLISHED, Published, Weights};

use crate::call::arguments::Arguments;
use crate::call::signature::Signature;
use arguments::Asked;
use efficientnet::Scale;
use efficientnet_v2::Size;
use grammar::ast::File;
use published::{DENSENET, INCEPTION_V3, RESNET, VGG16, VGG19, XCEPTION};
use weights::{Imagenet, usual};

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

/// An `EfficientNet`, from B0 to B7.
const fn scaled(
    name: &'static str,
    size: usize,
    imagenet: fn(&Asked) -> Result<Named, String>,
    write: fn(&Asked, &mut writer::Writer),
) -> Application {
    Application {
        size,
        ..plain(name, "efficientnet", imagenet, write)
    }
}

/// An `EfficientNetV2`, whose name in summaries has a hyphen.
const fn second(
    name: &'static str,
    size: usize,
    imagenet: fn(&Asked) -> Result<Named, String>,
    write: fn(&Asked, &mut writer::Writer),
    layer: fn(&Asked) -> String,
) -> Application {
    Application {
        size,
        signature: &arguments::EFFICIENTNET_V2,
        layer: Some(layer),
        ..plain(name, "efficientnet_v2", imagenet, write)
    }
}

/// Every application, in the order of the language reference.
pub static CATALOGUE: [Application; 30] = [
    plain(
        "VGG16",
        "vgg16",
        |asked| usual(VGG16, "vgg16", asked),
        |asked, to| vgg::write(asked, [2, 2, 3, 3, 3], to),
    ),
    plain(
        "VGG19",
        "vgg19",
        |asked| usual(VGG19, "vgg19", asked),
        |asked, to| vgg::write(asked, [2, 2, 4, 4, 4], to),
    ),
    plain(
        "ResNet50",
        "resnet50",
        |asked| usual(RESNET, "resnet50", asked),
        |asked, to| resnet::write(asked, [3, 4, 6, 3], to),
    ),
    plain(
        "ResNet101",
        "resnet",
        |asked| usual(RESNET, "resnet101", asked),
        |asked, to| resnet::write(asked, [3, 4, 23, 3], to),
    ),
    plain(
        "ResNet152",
        "resnet",
        |asked| usual(RESNET, "resnet152", asked),
        |asked, to| resnet::write(asked, [3, 8, 36, 3], to),
    ),
    plain(
        "ResNet50V2",
        "resnet_v2",
        |asked| usual(RESNET, "resnet50v2", asked),
        |asked, to| resnet_v2::write(asked, [3, 4, 6, 3], to),
    ),
    plain(
        "ResNet101V2",
        "resnet_v2",
        |asked| usual(RESNET, "resnet101v2", asked),
        |asked, to| resnet_v2::write(asked, [3, 4, 23, 3], to),
    ),
    plain(
        "ResNet152V2",
        "resnet_v2",
        |asked| usual(RESNET, "resnet152v2", asked),
        |asked, to| resnet_v2::write(asked, [3, 8, 36, 3], to),
    ),
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
        least: 75,
        layer: Some(|_| "inception_v3".to_owned()),
        ..plain(
            "InceptionV3",
            "inception_v3",
            |asked| usual(INCEPTION_V3, "inception_v3", asked),
            inception_v3::write,
        )
    },
    Application {
        size: 299,
        least: 71,
        ..plain(
            "Xception",
            "xception",
            |asked| usual(XCEPTION, "xception", asked),
            xception::write,
        )
    },
    plain(
        "DenseNet121",
        "densenet",
        |asked| usual(DENSENET, "densenet121", asked),
        |asked, to| densenet::write(asked, [6, 12, 24, 16], to),
    ),
    plain(
        "DenseNet169",
        "densenet",
        |asked| usual(DENSENET, "densenet169", asked),
        |asked, to| densenet::write(asked, [6, 12, 32, 32], to),
    ),
    plain(
        "DenseNet201",
        "densenet",
        |asked| usual(DENSENET, "densenet201", asked),
        |asked, to| densenet::write(asked, [6, 12, 48, 32], to),
    ),
    scaled(
        "EfficientNetB0",
        224,
        |asked| weights::efficientnet("efficientnetb0", asked),
        |asked, to| efficientnet::write(asked, &Scale::new(1.0, 1.0, 0.2), to),
    ),
    scaled(
        "EfficientNetB1",
        240,
        |asked| weights::efficientnet("efficientnetb1", asked),
        |asked, to| efficientnet::write(asked, &Scale::new(1.0, 1.1, 0.2), to),
    ),
    scaled(
        "EfficientNetB2",
        260,
        |asked| weights::efficientnet("efficientnetb2", asked),
        |asked, to| efficientnet::write(asked, &Scale::new(1.1, 1.2, 0.3), to),
    ),
    scaled(
        "EfficientNetB3",
        300,
        |asked| weights::efficientnet("efficientnetb3", asked),
        |asked, to| efficientnet::write(asked, &Scale::new(1.2, 1.4, 0.3), to),
    ),
    scaled(
        "EfficientNetB4",
        380,
        |asked| weights::efficientnet("efficientnetb4", asked),
        |asked, to| efficientnet::write(asked, &Scale::new(1.4, 1.8, 0.4), to),
    ),
    scaled(
        "EfficientNetB5",
        456,
        |asked| weights::efficientnet("efficientnetb5", asked),
        |asked, to| efficientnet::write(asked, &Scale::new(1.6, 2.2, 0.4), to),
    ),
    scaled(
        "EfficientNetB6",
        528,
        |asked| weights::efficientnet("efficientnetb6", asked),
        |asked, to| efficientnet::write(asked, &Scale::new(1.8, 2.6, 0.5), to),
    ),
    scaled(
        "EfficientNetB7",
        600,
        |asked| weights::efficientnet("efficientnetb7", asked),
        |asked, to| efficientnet::write(asked, &Scale::new(2.0, 3.1, 0.5), to),
    ),
    second(
        "EfficientNetV2B0",
        224,
        |asked| weights::efficientnet_v2("efficientnetv2-b0", asked),
        |asked, to| efficientnet_v2::write(asked, &Size::Base(1.0, 1.0), to),
        |_| "efficientnetv2-b0".to_owned(),
    ),
    second(
        "EfficientNetV2B1",
        240,
        |asked| weights::efficientnet_v2("efficientnetv2-b1", asked),
        |asked, to| efficientnet_v2::write(asked, &Size::Base(1.0, 1.1), to),
        |_| "efficientnetv2-b1".to_owned(),
    ),
    second(
        "EfficientNetV2B2",
        260,
        |asked| weights::efficientnet_v2("efficientnetv2-b2", asked),
        |asked, to| efficientnet_v2::write(asked, &Size::Base(1.1, 1.2), to),
        |_| "efficientnetv2-b2".to_owned(),
    ),
    second(
        "EfficientNetV2B3",
        300,
        |asked| weights::efficientnet_v2("efficientnetv2-b3", asked),
        |asked, to| efficientnet_v2::write(asked, &Size::Base(1.2, 1.4), to),
        |_| "efficientnetv2-b3".to_owned(),
    ),
    second(
        "EfficientNetV2S",
        384,
        |asked| weights::efficientnet_v2("efficientnetv2-s", asked),
        |asked, to| efficientnet_v2::write(asked, &Size::Small, to),
        |_| "efficientnetv2-s".to_owned(),
    ),
    second(
        "EfficientNetV2M",
        480,
        |asked| weights::efficientnet_v2("efficientnetv2-m", asked),
        |asked, to| efficientnet_v2::write(asked, &Size::Medium, to),
        |_| "efficientnetv2-m".to_owned(),
    ),
    second(
        "EfficientNetV2L",
        480,
        |asked| weights::efficientnet_v2("efficientnetv2-l", asked),
        |asked, to| efficientnet_v2::write(asked, &Size::Large, to),
        |_| "efficientnetv2-l".to_owned(),
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
    /// The height and width of pictures that it takes with its top where its call gives no shape.
    pub fn usual_size(&self) -> usize {
        self.size
    }

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
