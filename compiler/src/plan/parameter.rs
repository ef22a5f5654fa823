//! The variables of a network in one flat buffer, and the way between Keras's order and the buffer's.

use crate::call::initializer::Initializer;
use crate::training::constraints::Constraint;
use crate::training::regularizers::Regularizer;
use serde::Serialize;

/// One variable in the flat parameter buffer.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Parameter {
    /// `LAYER.VARIABLE`, as in files.
    pub name: String,
    /// Keras's shape.
    pub shape: Vec<usize>,
    /// How it starts.
    pub initializer: Initializer,
    /// Whether updates move it. One that does not train keeps its values, weight decay or not, and its piece of the
    /// gradients is not written.
    pub trainable: bool,
    /// What it adds to the loss, where it trains.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub regularizer: Option<Regularizer>,
    /// What it is held to after each update, where it trains.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub constraint: Option<Constraint>,
    /// Where it lies.
    pub range: Range,
    /// How Keras's order becomes the buffer's.
    pub layout: ParameterLayout,
}

/// A piece of the flat parameter buffer, in floats; both ends are multiples of 4.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
pub struct Range {
    /// The first float.
    pub offset: usize,
    /// How many floats, padding included.
    pub floats: usize,
}

/// The order of a variable's numbers in the flat buffer. The last axis is padded with zeros to a multiple of 4; a zero
/// stays zero, since its gradient is.
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
    /// Keras's own order.
    Vector,
}

impl ParameterLayout {
    /// How many numbers of a variable of that shape lie on one axis, before it is padded.
    fn row(self, shape: &[usize]) -> usize {
        let axes = match self {
            Self::Depthwise => 2,
            Self::Convolution | Self::Dense { .. } | Self::Vector => 1,
        };
        shape.iter().rev().take(axes).product::<usize>().max(1)
    }

    /// Where Keras's axes lie in the buffer: for each of them the sizes and the strides of the axes that it is here, which are
    /// two where inputs are counted by position, then channel.
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

    /// Floats of a variable of that shape, padding included.
    pub fn floats(self, shape: &[usize]) -> usize {
        let row = self.row(shape);
        shape.iter().product::<usize>() / row * row.next_multiple_of(4)
    }
}

impl Parameter {
    /// Keras's values in the buffer's order, `range.floats` of them. `values` must hold the product of `shape`.
    pub fn pack(&self, values: &[f32]) -> Vec<f32> {
        let mut packed = vec![0.0; self.range.floats];
        for (keras, here) in self.order().enumerate() {
            if let (Some(slot), Some(&value)) = (packed.get_mut(here), values.get(keras)) {
                *slot = value;
            }
        }
        packed
    }

    /// The values in Keras's order, from the whole flat buffer.
    pub fn unpack(&self, parameters: &[f32]) -> Vec<f32> {
        let piece = parameters.get(self.range.offset..).unwrap_or_default();
        self.order()
            .map(|here| piece.get(here).copied().unwrap_or(0.0))
            .collect()
    }

    /// The number of values.
    pub fn count(&self) -> usize {
        self.shape.iter().product()
    }

    /// For each value in Keras's order its place in the range.
    fn order(&self) -> impl Iterator<Item = usize> {
        let last = self.layout.row(&self.shape);
        let row = last.next_multiple_of(4);
        let rows = self.count() / last;
        let layout = self.layout;
        let inputs = self.shape.iter().rev().nth(1).copied().unwrap_or(1).max(1);
        (0..rows * last).map(move |index| {
            let (keras_row, column) = (index / last, index % last);
            let here = match layout {
                ParameterLayout::Vector | ParameterLayout::Depthwise => keras_row,
                // Keras's rows are (tap, input), ours (input, tap).
                ParameterLayout::Convolution => (keras_row % inputs) * (rows / inputs) + keras_row / inputs,
                ParameterLayout::Dense { channels, positions } => {
                    (keras_row % channels) * positions + keras_row / channels
                }
            };
            here * row + column
        })
    }
}
