//! The descriptions that the program carries as starting points.

use std::path::Path;

/// A description to start from.
#[derive(Debug, Clone, Copy)]
pub struct Spec {
    /// Its name, as `--from` takes it.
    pub name: &'static str,
    /// The whole text of the description.
    pub text: &'static str,
}

/// All of them, the simplest first.
pub const SPECS: [Spec; 17] = [
    Spec {
        name: "mnist_onelayer",
        text: include_str!("../../specs/mnist_onelayer.cnn"),
    },
    Spec {
        name: "mnist_pyramid",
        text: include_str!("../../specs/mnist_pyramid.cnn"),
    },
    Spec {
        name: "mnist_pyramid_average",
        text: include_str!("../../specs/mnist_pyramid_average.cnn"),
    },
    Spec {
        name: "mnist_mlp",
        text: include_str!("../../specs/mnist_mlp.cnn"),
    },
    Spec {
        name: "lenet",
        text: include_str!("../../specs/lenet.cnn"),
    },
    Spec {
        name: "mnist_tiny",
        text: include_str!("../../specs/mnist_tiny.cnn"),
    },
    Spec {
        name: "mobilenet_fashion",
        text: include_str!("../../specs/mobilenet_fashion.cnn"),
    },
    Spec {
        name: "autoencoder_fashion",
        text: include_str!("../../specs/autoencoder_fashion.cnn"),
    },
    Spec {
        name: "cifar10_small_vgg",
        text: include_str!("../../specs/cifar10_small_vgg.cnn"),
    },
    Spec {
        name: "resnet8_cifar10",
        text: include_str!("../../specs/resnet8_cifar10.cnn"),
    },
    Spec {
        name: "resnet20_cifar10",
        text: include_str!("../../specs/resnet20_cifar10.cnn"),
    },
    Spec {
        name: "photos",
        text: include_str!("../../specs/photos.cnn"),
    },
    Spec {
        name: "cats_and_dogs",
        text: include_str!("../../specs/cats_and_dogs.cnn"),
    },
    Spec {
        name: "regression_angles",
        text: include_str!("../../specs/regression_angles.cnn"),
    },
    Spec {
        name: "transfer_flowers",
        text: include_str!("../../specs/transfer_flowers.cnn"),
    },
    Spec {
        name: "unet_masks",
        text: include_str!("../../specs/unet_masks.cnn"),
    },
    Spec {
        name: "siamese_digits",
        text: include_str!("../../specs/siamese_digits.cnn"),
    },
];

impl Spec {
    /// What the comment in its first line says.
    pub fn about(&self) -> &'static str {
        let first = self.text.lines().next().unwrap_or_default();
        first.trim_start_matches(['#', ' '])
    }
}

/// The spec with this name.
pub fn find(name: &str) -> Option<&'static Spec> {
    SPECS.iter().find(|spec| spec.name == name)
}

/// The spec that a file is named after: `lenet.cnn`, `specs/lenet`.
pub fn of_file(path: &Path) -> Option<&'static Spec> {
    path.file_stem().and_then(|stem| stem.to_str()).and_then(find)
}
