//! The formats that a trained network can be exported to.

/// A format of files that hold a trained network.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// ONNX with opset 17, in float32 or int8.
    Onnx,
    /// Keras 3's `.keras` file: the network and its weights.
    Keras,
    /// The weights alone, in Keras 3's `.weights.h5` file.
    KerasWeights,
    /// A PyTorch module and its state dict.
    Torch,
    /// TFLite, in float32 or int8.
    Tflite,
    /// A C99 file without dependencies, in float32 or int8.
    C,
    /// The variables as an `.npz` archive of NumPy's arrays.
    Npz,
    /// A page that predicts in the browser.
    Html,
}

impl Format {
    /// Every format, in the order in which they are listed.
    pub const ALL: [Self; 8] = [
        Self::Onnx,
        Self::Keras,
        Self::KerasWeights,
        Self::Torch,
        Self::Tflite,
        Self::C,
        Self::Npz,
        Self::Html,
    ];

    /// The name of the format on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Onnx => "onnx",
            Self::Keras => "keras",
            Self::KerasWeights => "weights.h5",
            Self::Torch => "torch",
            Self::Tflite => "tflite",
            Self::C => "c",
            Self::Npz => "npz",
            Self::Html => "html",
        }
    }

    /// Whether the format can hold a network in 8-bit integers.
    pub const fn has_integers(self) -> bool {
        match self {
            Self::Onnx | Self::Tflite | Self::C => true,
            Self::Keras | Self::KerasWeights | Self::Torch | Self::Npz | Self::Html => false,
        }
    }

    /// What the format is, for people.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Onnx => "ONNX, opset 17, for onnxruntime and most other runtimes",
            Self::Keras => "a .keras file, which Keras 3 loads and trains on",
            Self::KerasWeights => "a .weights.h5 file, for load_weights of a Keras model of the same layers",
            Self::Torch => "a folder with model.py and model.safetensors, for PyTorch",
            Self::Tflite => "a .tflite file, for LiteRT on telephones and small boards",
            Self::C => "a C99 file without dependencies: no heap, for a microcontroller",
            Self::Html => "one page that predicts what is drawn or dropped on it, offline",
            Self::Npz => "the weights as NumPy arrays, LAYER.VARIABLE",
        }
    }
}
