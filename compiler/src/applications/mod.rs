//! Keras's applications as layers: well-known networks, each written as a description in the language itself, for the
//! arguments that it is called with. `resolve` reads the description and puts its layers in place of the call.

mod arguments;
mod densenet;
mod mobilenet;
mod mobilenet_v2;
mod resnet;
mod resnet_v2;
mod vgg;
mod writer;
mod xception;

pub(crate) use arguments::Text;

use crate::call::arguments::Arguments;
use crate::call::signature::Signature;
use arguments::Asked;

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
    /// Its name as a layer, where it is not the function's in small letters.
    layer: Option<fn(&Asked) -> String>,
    /// Writes its layers.
    write: fn(&Asked, &mut writer::Writer),
}

const fn plain(name: &'static str, module: &'static str, write: fn(&Asked, &mut writer::Writer)) -> Application {
    Application {
        name,
        module,
        signature: &arguments::PLAIN,
        size: 224,
        least: 32,
        layer: None,
        write,
    }
}

/// Every application, in the order of the language reference.
pub static CATALOGUE: [Application; 9] = [
    plain("VGG16", "vgg16", |asked, to| vgg::write(asked, [2, 2, 3, 3, 3], to)),
    plain("VGG19", "vgg19", |asked, to| vgg::write(asked, [2, 2, 4, 4, 4], to)),
    plain("ResNet50", "resnet50", |asked, to| {
        resnet::write(asked, [3, 4, 6, 3], to)
    }),
    plain("ResNet101", "resnet", |asked, to| {
        resnet::write(asked, [3, 4, 23, 3], to)
    }),
    plain("ResNet50V2", "resnet_v2", |asked, to| {
        resnet_v2::write(asked, [3, 4, 6, 3], to)
    }),
    Application {
        signature: &arguments::MOBILENET,
        layer: Some(|asked| asked.name_with_size("mobilenet")),
        ..plain("MobileNet", "mobilenet", mobilenet::write)
    },
    Application {
        signature: &arguments::MOBILENET_V2,
        layer: Some(|asked| asked.name_with_size("mobilenetv2")),
        ..plain("MobileNetV2", "mobilenet_v2", mobilenet_v2::write)
    },
    Application {
        size: 299,
        least: 71,
        ..plain("Xception", "xception", xception::write)
    },
    plain("DenseNet121", "densenet", |asked, to| {
        densenet::write(asked, [6, 12, 24, 16], to)
    }),
];

/// The application that a call names.
pub fn entry(name: &str) -> Option<&'static Application> {
    CATALOGUE.iter().find(|application| application.name == name)
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
        let asked = Asked::read(arguments, self.size, self.least)?;
        let mut writer = writer::Writer::new(&asked);
        (self.write)(&asked, &mut writer);
        Some(Text {
            name: self
                .layer
                .map_or_else(|| self.name.to_ascii_lowercase(), |layer| layer(&asked)),
            source: writer.finish(),
            shape: asked.shape,
        })
    }
}
