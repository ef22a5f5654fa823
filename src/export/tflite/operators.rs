//! The operators of TFLite that networks are written with: their numbers and options in `schema.fbs`.

#![allow(clippy::unnecessary_wraps, reason = "operators without options have none")]

use super::flat::Field;

/// An operator of TFLite's own.
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

/// An operator's options: their number in the union, and their fields.
pub type Options = Option<(u8, Vec<(usize, Field)>)>;

/// How windows are padded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Padding {
    /// As Keras's "same".
    Same,
    /// Not at all.
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

/// `Conv2DOptions`
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

/// `DepthwiseConv2DOptions`
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

/// `Pool2DOptions`
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

/// `TransposeConvOptions`
pub fn transposed(padding: Padding, strides: Pair) -> Options {
    Some((
        49,
        vec![(0, padding.field()), (1, size(strides.1)), (2, size(strides.0))],
    ))
}

/// `FullyConnectedOptions`, which keeps the axes before the last.
pub fn dense() -> Options {
    Some((8, vec![(2, Field::truth(true))]))
}

/// `SoftmaxOptions`
pub fn softmax() -> Options {
    Some((9, vec![(0, Field::float(1.0))]))
}

/// `ConcatenationOptions`
pub fn concatenation(axis: usize) -> Options {
    Some((10, vec![(0, size(axis))]))
}

/// `ReducerOptions`
pub fn reducer(keeps_axes: bool) -> Options {
    Some((27, vec![(0, Field::truth(keeps_axes))]))
}

/// `ResizeBilinearOptions` and `ResizeNearestNeighborOptions`: places are the centres of cells.
pub fn resize(bilinear: bool) -> Options {
    if bilinear {
        Some((15, vec![(3, Field::truth(true))]))
    } else {
        Some((74, vec![(1, Field::truth(true))]))
    }
}

/// `LeakyReluOptions`
pub fn leaky_relu(alpha: f32) -> Options {
    Some((75, vec![(0, Field::float(alpha))]))
}

fn size(value: usize) -> Field {
    Field::int(i32::try_from(value).unwrap_or(i32::MAX))
}
