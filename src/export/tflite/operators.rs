//! The operators of TFLite that networks are written with: their numbers and options as in `schema.fbs`.

#![allow(clippy::unnecessary_wraps, reason = "operators without options have none")]

use super::flat::Field;

/// A built-in operator of TFLite.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[repr(i32)]
#[allow(missing_docs)]
pub enum Operator {
    Add = 0,
    AveragePool2d = 1,
    Concatenation = 2,
    Conv2d = 3,
    DepthwiseConv2d = 4,
    Dequantize = 6,
    FullyConnected = 9,
    Logistic = 14,
    MaxPool2d = 17,
    Mul = 18,
    Relu = 19,
    Relu6 = 21,
    Reshape = 22,
    ResizeBilinear = 23,
    Softmax = 25,
    Tanh = 28,
    Pad = 34,
    Transpose = 39,
    Mean = 40,
    Sub = 41,
    Div = 42,
    Exp = 47,
    Prelu = 54,
    Maximum = 55,
    Minimum = 57,
    Greater = 61,
    Slice = 65,
    TransposeConv = 67,
    Log = 73,
    Rsqrt = 76,
    ReduceMax = 82,
    ResizeNearestNeighbor = 97,
    LeakyRelu = 98,
    Abs = 101,
    Elu = 111,
    Quantize = 114,
    SelectV2 = 123,
    Gelu = 150,
}

/// The options of an operator: their number in the union `BuiltinOptions`, and their fields by slot.
pub type Options = Option<(u8, Vec<(usize, Field)>)>;

/// How an operator pads its windows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Padding {
    /// Zeros, as by Keras's `padding="same"`.
    Same,
    /// No padding, as by Keras's `padding="valid"`.
    Valid,
}

impl Padding {
    fn field(self) -> Field {
        Field::Byte(match self {
            Self::Same => 0,
            Self::Valid => 1,
        })
    }
}

type Pair = (usize, usize);

/// The fields of `Conv2DOptions`; pairs are for rows and columns.
pub fn convolution(padding: Padding, strides: Pair, dilation: Pair) -> Options {
    let fields = vec![
        (0, padding.field()),
        (1, size(strides.1)),
        (2, size(strides.0)),
        (4, size(dilation.1)),
        (5, size(dilation.0)),
    ];
    Some((1, fields))
}

/// The fields of `DepthwiseConv2DOptions`; pairs are for rows and columns.
pub fn depthwise(padding: Padding, strides: Pair, dilation: Pair, multiplier: usize) -> Options {
    let fields = vec![
        (0, padding.field()),
        (1, size(strides.1)),
        (2, size(strides.0)),
        (3, size(multiplier)),
        (5, size(dilation.1)),
        (6, size(dilation.0)),
    ];
    Some((2, fields))
}

/// The fields of `Pool2DOptions`; pairs are for rows and columns.
pub fn pool(padding: Padding, strides: Pair, window: Pair) -> Options {
    let fields = vec![
        (0, padding.field()),
        (1, size(strides.1)),
        (2, size(strides.0)),
        (3, size(window.1)),
        (4, size(window.0)),
    ];
    Some((5, fields))
}

/// The fields of `TransposeConvOptions`; the strides are for rows and columns.
pub fn transposed(padding: Padding, strides: Pair) -> Options {
    Some((
        49,
        vec![(0, padding.field()), (1, size(strides.1)), (2, size(strides.0))],
    ))
}

/// The fields of `FullyConnectedOptions`, with all axes before the last kept (`keep_num_dims`).
pub fn dense() -> Options {
    Some((8, vec![(2, Field::truth(true))]))
}

/// The fields of `SoftmaxOptions`, with a `beta` of 1.
pub fn softmax() -> Options {
    Some((9, vec![(0, Field::float(1.0))]))
}

/// The fields of `ConcatenationOptions`; `axis` counts the batch, too.
pub fn concatenation(axis: usize) -> Options {
    Some((10, vec![(0, size(axis))]))
}

/// The fields of `ReducerOptions`: whether reduced axes are kept with a length of 1.
pub fn reducer(keeps_axes: bool) -> Options {
    Some((27, vec![(0, Field::truth(keeps_axes))]))
}

/// The fields of `ResizeBilinearOptions` or `ResizeNearestNeighborOptions`, with `half_pixel_centers`.
pub fn resize(bilinear: bool) -> Options {
    if bilinear {
        Some((15, vec![(3, Field::truth(true))]))
    } else {
        Some((74, vec![(1, Field::truth(true))]))
    }
}

/// The fields of `LeakyReluOptions`.
pub fn leaky_relu(alpha: f32) -> Options {
    Some((75, vec![(0, Field::float(alpha))]))
}

fn size(value: usize) -> Field {
    Field::int(i32::try_from(value).unwrap_or(i32::MAX))
}
