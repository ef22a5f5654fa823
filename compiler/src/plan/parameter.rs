//! The variables of a network in one flat buffer, and the way between Keras's order and the buffer's.

use crate::call::initializer::Initializer;
use crate::training::constraints::Constraint;
use crate::training::regularizers::Regularizer;
use serde::Serialize;

/// One variable in the flat parameter buffer.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Parameter {
    /// The layer's and the variable's name, joined by a dot as in files: `conv2d.kernel`.
    pub name: String,
    /// The sizes of its axes in Keras's order.
    pub shape: Vec<usize>,
    /// How its values are drawn before training.
    pub initializer: Initializer,
    /// Whether updates move it. A variable that does not train keeps its values even with weight decay, and its piece
    /// of the gradients is not written.
    pub trainable: bool,
    /// The penalty that it adds to the loss; None where it does not train or has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub regularizer: Option<Regularizer>,
    /// The limit that it is held to after each update; None where it does not train or has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub constraint: Option<Constraint>,
    /// The floats of the flat buffer that hold it.
    pub range: Range,
    /// How Keras's order is turned into the buffer's.
    pub layout: ParameterLayout,
}

/// A piece of the flat parameter buffer, in floats; both ends are multiples of 4.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
pub struct Range {
    /// The index of the first float.
    pub offset: usize,
    /// The number of floats, padding included.
    pub floats: usize,
}

/// The order of a variable's numbers in the flat buffer. The last axis is padded with zeros to a multiple of 4; they
/// stay zeros, since their gradients are zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ParameterLayout {
    /// A convolution's kernel: Keras (height, width, inputs, filters), here [input][row][column][filter].
    Convolution,
    /// A dense kernel: Keras (inputs, units), here [input][unit]. Where the input is a flattened map, Keras counts inputs
    /// by position, then channel; here channel, then position, as the map lies.
    Dense {
        /// Channels of the flattened map, or all inputs.
        channels: usize,
        /// Positions of the flattened map, or 1.
        positions: usize,
    },
    /// A depthwise kernel: Keras (height, width, inputs, multiplier), here [row][column][input and multiplier], one after
    /// the other on one axis.
    Depthwise,
    /// Keras's own order: biases and all other variables.
    Vector,
}

impl ParameterLayout {
    /// The number of values of a variable of that shape that lie on one padded row.
    fn row(self, shape: &[usize]) -> usize {
        let axes = match self {
            Self::Depthwise => 2,
            Self::Convolution | Self::Dense { .. } | Self::Vector => 1,
        };
        shape.iter().rev().take(axes).product::<usize>().max(1)
    }

    /// The place of Keras's axes in the buffer: for each of them the sizes and strides of the axes that it is split
    /// into here, two where inputs are counted by position, then channel, and one otherwise.
    pub fn strides(self, shape: &[usize]) -> Vec<Vec<[usize; 2]>> {
        let row = self.row(shape).next_multiple_of(4);
        // Within a row numbers lie side by side, and rows behind one another, the last axis first.
        let in_row = match self {
            Self::Depthwise => 2,
            Self::Convolution | Self::Dense { .. } | Self::Vector => 1,
        };
        let (mut column, mut rows) = (1, 1);
        let mut axes: Vec<Vec<[usize; 2]>> = Vec::new();
        for (place, &size) in shape.iter().rev().enumerate() {
            let stride = if place < in_row {
                let stride = column;
                column *= size;
                stride
            } else {
                let stride = row * rows;
                rows *= size;
                stride
            };
            axes.push(vec![[size, stride]]);
        }
        match self {
            Self::Vector | Self::Depthwise => {}
            Self::Dense { channels, positions } => {
                if let Some(inputs) = axes.get_mut(1) {
                    *inputs = vec![[positions, row], [channels, positions * row]];
                }
            }
            // The inputs come before the taps.
            Self::Convolution => {
                let inputs = axes
                    .get(1)
                    .and_then(|axis| axis.first())
                    .map_or(1, |&[size, _]| size.max(1));
                let taps = rows / inputs;
                for (place, axis) in axes.iter_mut().enumerate().skip(1) {
                    for [_, stride] in axis {
                        *stride = if place == 1 { taps * row } else { *stride / inputs };
                    }
                }
            }
        }
        axes.reverse();
        axes
    }

    /// The number of floats that a variable of that shape takes, padding included.
    pub fn floats(self, shape: &[usize]) -> usize {
        let row = self.row(shape);
        shape.iter().product::<usize>() / row * row.next_multiple_of(4)
    }
}

impl Parameter {
    /// Puts Keras's values into the buffer's order, `range.floats` of them. `values` must hold as many as `shape` says.
    pub fn pack(&self, values: &[f32]) -> Vec<f32> {
        let mut packed = vec![0.0; self.range.floats];
        let rows = values.chunks_exact(self.layout.row(&self.shape));
        for (here, row) in self.places().zip(rows) {
            if let Some(slot) = packed.get_mut(here..here + row.len()) {
                slot.copy_from_slice(row);
            }
        }
        packed
    }

    /// Takes the variable's values out of the whole flat buffer, in Keras's order.
    pub fn unpack(&self, parameters: &[f32]) -> Vec<f32> {
        self.rows(parameters).flatten().copied().collect()
    }

    /// The variable's rows where they lie in the whole flat buffer, in Keras's order.
    pub fn rows<'a>(&self, parameters: &'a [f32]) -> impl Iterator<Item = &'a [f32]> + use<'a> {
        let piece = parameters.get(self.range.offset..).unwrap_or_default();
        let last = self.layout.row(&self.shape);
        self.places()
            .map(move |here| piece.get(here..here + last).unwrap_or_default())
    }

    /// The number of values.
    pub fn count(&self) -> usize {
        self.shape.iter().product()
    }

    /// For each row in Keras's order, where it begins within the range.
    fn places(&self) -> impl Iterator<Item = usize> + use<> {
        let last = self.layout.row(&self.shape);
        let row = last.next_multiple_of(4);
        let rows = self.count() / last;
        let layout = self.layout;
        let inputs = self.shape.iter().rev().nth(1).copied().unwrap_or(1).max(1);
        (0..rows).map(move |keras_row| {
            let here = match layout {
                ParameterLayout::Vector | ParameterLayout::Depthwise => keras_row,
                // Keras's rows are (tap, input), ours (input, tap).
                ParameterLayout::Convolution => (keras_row % inputs) * (rows / inputs) + keras_row / inputs,
                ParameterLayout::Dense { channels, positions } => {
                    (keras_row % channels) * positions + keras_row / channels
                }
            };
            here * row
        })
    }
}
