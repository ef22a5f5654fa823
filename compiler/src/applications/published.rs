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
pub(super) const INCEPTION_V3: &str = "https://storage.googleapis.com/tensorflow/keras-applications/inception_v3/";
pub(super) const DENSENET: &str = "https://storage.googleapis.com/tensorflow/keras-applications/densenet/";

pub(super) const EFFICIENTNET_V2: &str =
    "https://storage.googleapis.com/tensorflow/keras-applications/efficientnet_v2/";
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
pub static PUBLISHED: [Published; 63] = [
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
    file(
        "resnet152",
        RESNET,
        "resnet152_weights_tf_dim_ordering_tf_kernels_notop.h5",
        None,
        Some("ee4c566cf9a93f14d82f913c2dc6dd0c"),
    ),
    file(
        "resnet152-top",
        RESNET,
        "resnet152_weights_tf_dim_ordering_tf_kernels.h5",
        None,
        Some("100835be76be38e30d865e96f2aaae62"),
    ),
    file(
        "resnet101v2",
        RESNET,
        "resnet101v2_weights_tf_dim_ordering_tf_kernels_notop.h5",
        None,
        Some("c0ed64b8031c3730f411d2eb4eea35b5"),
    ),
    file(
        "resnet101v2-top",
        RESNET,
        "resnet101v2_weights_tf_dim_ordering_tf_kernels.h5",
        None,
        Some("6343647c601c52e1368623803854d971"),
    ),
    file(
        "resnet152v2",
        RESNET,
        "resnet152v2_weights_tf_dim_ordering_tf_kernels_notop.h5",
        None,
        Some("ed17cf2e0169df9d443503ef94b23b33"),
    ),
    file(
        "resnet152v2-top",
        RESNET,
        "resnet152v2_weights_tf_dim_ordering_tf_kernels.h5",
        None,
        Some("a49b44d1979771252814e80f8ec446f9"),
    ),
    file(
        "inception_v3",
        INCEPTION_V3,
        "inception_v3_weights_tf_dim_ordering_tf_kernels_notop.h5",
        None,
        Some("bcbd6486424b2319ff4ef7d526e38f63"),
    ),
    file(
        "inception_v3-top",
        INCEPTION_V3,
        "inception_v3_weights_tf_dim_ordering_tf_kernels.h5",
        None,
        Some("9a0d58056eeedaa3f26cb7ebd46da564"),
    ),
    file(
        "densenet169",
        DENSENET,
        "densenet169_weights_tf_dim_ordering_tf_kernels_notop.h5",
        None,
        Some("b8c4d4c20dd625c148057b9ff1c1176b"),
    ),
    file(
        "densenet169-top",
        DENSENET,
        "densenet169_weights_tf_dim_ordering_tf_kernels.h5",
        None,
        Some("d699b8f76981ab1b30698df4c175e90b"),
    ),
    file(
        "densenet201",
        DENSENET,
        "densenet201_weights_tf_dim_ordering_tf_kernels_notop.h5",
        None,
        Some("c13680b51ded0fb44dff2d8f86ac8bb1"),
    ),
    file(
        "densenet201-top",
        DENSENET,
        "densenet201_weights_tf_dim_ordering_tf_kernels.h5",
        None,
        Some("1ceb130c1ea1b78c3bf6114dbdfd8807"),
    ),
    file(
        "efficientnetb1",
        EFFICIENTNET,
        "efficientnetb1_notop.h5",
        None,
        Some("74c4e6b3e1f6a1eea24c589628592432"),
    ),
    file(
        "efficientnetb1-top",
        EFFICIENTNET,
        "efficientnetb1.h5",
        None,
        Some("1d254153d4ab51201f1646940f018540"),
    ),
    file(
        "efficientnetb2",
        EFFICIENTNET,
        "efficientnetb2_notop.h5",
        None,
        Some("111f8e2ac8aa800a7a99e3239f7bfb39"),
    ),
    file(
        "efficientnetb2-top",
        EFFICIENTNET,
        "efficientnetb2.h5",
        None,
        Some("b15cce36ff4dcbd00b6dd88e7857a6ad"),
    ),
    file(
        "efficientnetb3",
        EFFICIENTNET,
        "efficientnetb3_notop.h5",
        None,
        Some("af6d107764bb5b1abb91932881670226"),
    ),
    file(
        "efficientnetb3-top",
        EFFICIENTNET,
        "efficientnetb3.h5",
        None,
        Some("ffd1fdc53d0ce67064dc6a9c7960ede0"),
    ),
    file(
        "efficientnetb4",
        EFFICIENTNET,
        "efficientnetb4_notop.h5",
        None,
        Some("ebc24e6d6c33eaebbd558eafbeedf1ba"),
    ),
    file(
        "efficientnetb4-top",
        EFFICIENTNET,
        "efficientnetb4.h5",
        None,
        Some("18c95ad55216b8f92d7e70b3a046e2fc"),
    ),
    file(
        "efficientnetb5",
        EFFICIENTNET,
        "efficientnetb5_notop.h5",
        None,
        Some("38879255a25d3c92d5e44e04ae6cec6f"),
    ),
    file(
        "efficientnetb5-top",
        EFFICIENTNET,
        "efficientnetb5.h5",
        None,
        Some("ace28f2a6363774853a83a0b21b9421a"),
    ),
    file(
        "efficientnetb6",
        EFFICIENTNET,
        "efficientnetb6_notop.h5",
        None,
        Some("9ecce42647a20130c1f39a5d4cb75743"),
    ),
    file(
        "efficientnetb6-top",
        EFFICIENTNET,
        "efficientnetb6.h5",
        None,
        Some("165f6e37dce68623721b423839de8be5"),
    ),
    file(
        "efficientnetb7",
        EFFICIENTNET,
        "efficientnetb7_notop.h5",
        None,
        Some("cbcfe4450ddf6f3ad90b1b398090fe4a"),
    ),
    file(
        "efficientnetb7-top",
        EFFICIENTNET,
        "efficientnetb7.h5",
        None,
        Some("8c03f828fec3ef71311cd463b6759d99"),
    ),
    file(
        "efficientnetv2-b0",
        EFFICIENTNET_V2,
        "efficientnetv2-b0_notop.h5",
        None,
        Some("893217f2bb855e2983157299931e43ff"),
    ),
    file(
        "efficientnetv2-b0-top",
        EFFICIENTNET_V2,
        "efficientnetv2-b0.h5",
        None,
        Some("21ecbf6da12460d5c40bb2f29ceb2188"),
    ),
    file(
        "efficientnetv2-b1",
        EFFICIENTNET_V2,
        "efficientnetv2-b1_notop.h5",
        None,
        Some("0e80663031ca32d657f9caa404b6ec37"),
    ),
    file(
        "efficientnetv2-b1-top",
        EFFICIENTNET_V2,
        "efficientnetv2-b1.h5",
        None,
        Some("069f0534ff22adf035c89e2d9547a9dc"),
    ),
    file(
        "efficientnetv2-b2",
        EFFICIENTNET_V2,
        "efficientnetv2-b2_notop.h5",
        None,
        Some("1dfe2e7a5d45b6632553a8961ea609eb"),
    ),
    file(
        "efficientnetv2-b2-top",
        EFFICIENTNET_V2,
        "efficientnetv2-b2.h5",
        None,
        Some("424e49f28180edbde1e94797771950a7"),
    ),
    file(
        "efficientnetv2-b3",
        EFFICIENTNET_V2,
        "efficientnetv2-b3_notop.h5",
        None,
        Some("f6abf7b5849ac99a89b50dd3fd532856"),
    ),
    file(
        "efficientnetv2-b3-top",
        EFFICIENTNET_V2,
        "efficientnetv2-b3.h5",
        None,
        Some("1f1fc43bd98a6e4fd8fdfd551e02c7a0"),
    ),
    file(
        "efficientnetv2-s",
        EFFICIENTNET_V2,
        "efficientnetv2-s_notop.h5",
        None,
        Some("af0682fb74e8c54910f2d4393339c070"),
    ),
    file(
        "efficientnetv2-s-top",
        EFFICIENTNET_V2,
        "efficientnetv2-s.h5",
        None,
        Some("e1d88a8495beba45748fedd0cecbe016"),
    ),
    file(
        "efficientnetv2-m",
        EFFICIENTNET_V2,
        "efficientnetv2-m_notop.h5",
        None,
        Some("1b8dc055df72dde80d614482840fe342"),
    ),
    file(
        "efficientnetv2-m-top",
        EFFICIENTNET_V2,
        "efficientnetv2-m.h5",
        None,
        Some("a3bf6aa3276309f4fc6a34aa114c95cd"),
    ),
    file(
        "efficientnetv2-l",
        EFFICIENTNET_V2,
        "efficientnetv2-l_notop.h5",
        None,
        Some("b0b66b5c863aef5b46e8608fe1711615"),
    ),
    file(
        "efficientnetv2-l-top",
        EFFICIENTNET_V2,
        "efficientnetv2-l.h5",
        None,
        Some("27e6d408b53c7ebc868fefa357689935"),
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
