//! The files of weights that Keras publishes for its applications: names, folders and md5 sums as in
//! `keras/src/applications/`, 3.15.1. Keras gives no sums for `MobileNet` and `MobileNetV2`. Lengths are those of the
//! files as they are served.

use serde::Serialize;

/// The source of the weights that a model used as a layer begins with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Weights {
    /// A file of `ImageNet` weights that Keras publishes.
    Imagenet(Named),
    /// The path of a file that Keras has written, relative to the description's folder.
    File(String),
}

/// A file that Keras would download.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Named {
    /// The file's name where it is published.
    pub file: String,
    /// The folder that serves it: an address that ends in `/`.
    #[serde(skip)]
    pub folder: &'static str,
    /// The length and the sum of the file; None where neither is known.
    #[serde(skip)]
    pub published: Option<&'static Published>,
}

/// A published file, identified as far as its length and its sum can do so.
#[derive(Debug, PartialEq, Eq)]
pub struct Published {
    /// The name of the file's data set for `cnnc data fetch`.
    pub set: &'static str,
    /// The file's name where it is published.
    pub file: &'static str,
    /// The folder that serves it: an address that ends in `/`.
    pub folder: &'static str,
    /// The length in bytes; None where it is not known, and then the file is not fetched.
    pub bytes: Option<u64>,
    /// The md5 sum in lowercase hex; None where Keras gives none.
    pub md5: Option<&'static str>,
}

pub(super) const VGG16: &str = "https://storage.googleapis.com/tensorflow/keras-applications/vgg16/";
pub(super) const VGG19: &str = "https://storage.googleapis.com/tensorflow/keras-applications/vgg19/";
pub(super) const RESNET: &str = "https://storage.googleapis.com/tensorflow/keras-applications/resnet/";
pub(super) const MOBILENET: &str = "https://storage.googleapis.com/tensorflow/keras-applications/mobilenet/";
pub(super) const MOBILENET_V2: &str = "https://storage.googleapis.com/tensorflow/keras-applications/mobilenet_v2/";
pub(super) const XCEPTION: &str = "https://storage.googleapis.com/tensorflow/keras-applications/xception/";
pub(super) const DENSENET: &str = "https://storage.googleapis.com/tensorflow/keras-applications/densenet/";

pub(super) const EFFICIENTNET: &str = "https://storage.googleapis.com/keras-applications/";

const fn file(
    set: &'static str,
    folder: &'static str,
    file: &'static str,
    bytes: Option<u64>,
    md5: Option<&'static str>,
) -> Published {
    Published {
        set,
        file,
        folder,
        bytes,
        md5,
    }
}

/// The known files. Those with `-top` are for whole networks, the others end before the classes.
pub static PUBLISHED: [Published; 23] = [
    file(
        "vgg16",
        VGG16,
        "vgg16_weights_tf_dim_ordering_tf_kernels_notop.h5",
        Some(58_889_256),
        Some("6d6bbae143d832006294945121d1f1fc"),
    ),
    file(
        "vgg16-top",
        VGG16,
        "vgg16_weights_tf_dim_ordering_tf_kernels.h5",
        Some(553_467_096),
        Some("64373286793e3c8b2b4e3219cbf3544b"),
    ),
    file(
        "vgg19",
        VGG19,
        "vgg19_weights_tf_dim_ordering_tf_kernels_notop.h5",
        Some(80_134_624),
        Some("253f8cb515780f3b799900260a226db6"),
    ),
    file(
        "vgg19-top",
        VGG19,
        "vgg19_weights_tf_dim_ordering_tf_kernels.h5",
        Some(574_710_816),
        Some("cbe5617147190e668d6c5d5026f83318"),
    ),
    file(
        "resnet50",
        RESNET,
        "resnet50_weights_tf_dim_ordering_tf_kernels_notop.h5",
        Some(94_765_736),
        Some("4d473c1dd8becc155b73f8504c6f6626"),
    ),
    file(
        "resnet50-top",
        RESNET,
        "resnet50_weights_tf_dim_ordering_tf_kernels.h5",
        Some(102_967_424),
        Some("2cb95161c43110f7111970584f804107"),
    ),
    file(
        "resnet101",
        RESNET,
        "resnet101_weights_tf_dim_ordering_tf_kernels_notop.h5",
        Some(171_446_536),
        Some("88cf7a10940856eca736dc7b7e228a21"),
    ),
    file(
        "resnet101-top",
        RESNET,
        "resnet101_weights_tf_dim_ordering_tf_kernels.h5",
        None,
        Some("f1aeb4b969a6efcfb50fad2f0c20cfc5"),
    ),
    file(
        "resnet50v2",
        RESNET,
        "resnet50v2_weights_tf_dim_ordering_tf_kernels_notop.h5",
        Some(94_668_760),
        Some("fac2f116257151a9d068a22e544a4917"),
    ),
    file(
        "resnet50v2-top",
        RESNET,
        "resnet50v2_weights_tf_dim_ordering_tf_kernels.h5",
        None,
        Some("3ef43a0b657b3be2300d5770ece849e0"),
    ),
    file(
        "mobilenet",
        MOBILENET,
        "mobilenet_1_0_224_tf_no_top.h5",
        Some(17_225_924),
        None,
    ),
    file(
        "mobilenet_v2",
        MOBILENET_V2,
        "mobilenet_v2_weights_tf_dim_ordering_tf_kernels_1.0_224_no_top.h5",
        Some(9_406_464),
        None,
    ),
    file(
        "mobilenet_v2-96",
        MOBILENET_V2,
        "mobilenet_v2_weights_tf_dim_ordering_tf_kernels_1.0_96_no_top.h5",
        Some(9_406_464),
        None,
    ),
    file(
        "mobilenet_v2-128",
        MOBILENET_V2,
        "mobilenet_v2_weights_tf_dim_ordering_tf_kernels_1.0_128_no_top.h5",
        Some(9_406_464),
        None,
    ),
    file(
        "mobilenet_v2-160",
        MOBILENET_V2,
        "mobilenet_v2_weights_tf_dim_ordering_tf_kernels_1.0_160_no_top.h5",
        Some(9_406_464),
        None,
    ),
    file(
        "mobilenet_v2-192",
        MOBILENET_V2,
        "mobilenet_v2_weights_tf_dim_ordering_tf_kernels_1.0_192_no_top.h5",
        Some(9_406_464),
        None,
    ),
    file(
        "mobilenet_v2-top",
        MOBILENET_V2,
        "mobilenet_v2_weights_tf_dim_ordering_tf_kernels_1.0_224.h5",
        Some(14_536_120),
        None,
    ),
    file(
        "xception",
        XCEPTION,
        "xception_weights_tf_dim_ordering_tf_kernels_notop.h5",
        Some(83_683_744),
        Some("b0042744bf5b25fce3cb969f33bebb97"),
    ),
    file(
        "xception-top",
        XCEPTION,
        "xception_weights_tf_dim_ordering_tf_kernels.h5",
        Some(91_884_032),
        Some("0a58e3b7378bc2990ea3b43d5981f1f6"),
    ),
    file(
        "densenet121",
        DENSENET,
        "densenet121_weights_tf_dim_ordering_tf_kernels_notop.h5",
        Some(29_084_464),
        Some("30ee3e1110167f948a6b9946edeeb738"),
    ),
    file(
        "densenet121-top",
        DENSENET,
        "densenet121_weights_tf_dim_ordering_tf_kernels.h5",
        None,
        Some("9d60b8095a5708f2dcce2bca79d332c7"),
    ),
    file(
        "efficientnetb0",
        EFFICIENTNET,
        "efficientnetb0_notop.h5",
        Some(16_705_208),
        Some("50bc09e76180e00e4465e1a485ddc09d"),
    ),
    file(
        "efficientnetb0-top",
        EFFICIENTNET,
        "efficientnetb0.h5",
        Some(21_834_768),
        Some("902e53a9f72be733fc0bcb005b3ebbac"),
    ),
];

impl Named {
    /// The file of this name in a folder, with what is known of it.
    pub(super) fn new(folder: &'static str, file: String) -> Self {
        Self {
            published: PUBLISHED.iter().find(|published| published.file == file),
            file,
            folder,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_is_listed_once_and_has_a_sum_or_a_length() {
        for (index, file) in PUBLISHED.iter().enumerate() {
            let others = PUBLISHED.iter().skip(index + 1);
            assert!(
                others
                    .clone()
                    .all(|other| other.set != file.set && other.file != file.file)
            );
            assert!(file.folder.starts_with("https://") && file.folder.ends_with('/'));
            assert!(file.md5.is_some() || file.bytes.is_some(), "{}", file.set);
            let is_hex = |sum: &str| sum.len() == 32 && sum.chars().all(|digit| "0123456789abcdef".contains(digit));
            assert!(file.md5.is_none_or(is_hex), "{}", file.set);
        }
    }
}
