//! How a window (a convolution's kernel, a pool) slides over an axis. Every output size of the compiler comes from
//! [`Sliding::along`]; there is no second formula.

use serde::Serialize;

/// The ways in which a window treats the borders: Keras's argument `padding`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Padding {
    /// No padding: only windows that lie wholly inside.
    Valid,
    /// Enough padding for `ceil(input / stride)` windows; an odd cell goes to the bottom and the right.
    Same,
    /// As many windows as with `Same`, but all padding lies before the first cell, so that no window sees later cells
    /// than its own.
    Causal,
}

impl Padding {
    /// Keras's word for the padding.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Valid => "valid",
            Self::Same => "same",
            Self::Causal => "causal",
        }
    }
}

/// A window over both image axes, `(vertical, horizontal)`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
pub struct Window {
    /// Rows and columns of the window: `kernel_size` or `pool_size`.
    pub size: (usize, usize),
    /// `strides`: cells from one window to the next.
    pub strides: (usize, usize),
    /// `dilation_rate`; `(1, 1)` for pools.
    pub dilation: (usize, usize),
    /// `padding`: whether windows may stick out of the image.
    pub padding: Padding,
}

/// A window along one axis of a known size.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
pub struct Sliding {
    /// Cells of the input.
    pub input: usize,
    /// Cells of the output.
    pub output: usize,
    /// Cells of the window.
    pub size: usize,
    /// Cells from one window to the next.
    pub stride: usize,
    /// Cells from one tap of the window to the next.
    pub dilation: usize,
    /// Cells of padding before the first cell. Padding behind the last cell is implied: taps beyond it read nothing.
    pub pad_before: usize,
}

impl Sliding {
    /// The window laid along an axis of `input` cells; None where no window fits.
    ///
    /// valid: `floor((input - dilation (size - 1) - 1) / stride) + 1`; same: `ceil(input / stride)`, padded by
    /// `max((output - 1) stride + dilation (size - 1) + 1 - input, 0)`, the smaller half before.
    /// Source: `keras/src/ops/operation_utils.py`, `compute_conv_output_shape`, `compute_pooling_output_shape`.
    pub fn along(input: usize, size: usize, stride: usize, dilation: usize, padding: Padding) -> Option<Self> {
        if size == 0 || stride == 0 || dilation == 0 || input == 0 {
            return None;
        }
        let extent = dilation.checked_mul(size - 1)?.checked_add(1)?;
        let (output, pad_before) = match padding {
            Padding::Valid => (input.checked_sub(extent)? / stride + 1, 0),
            Padding::Same => {
                let output = input.div_ceil(stride);
                let covered = ((output - 1) * stride).checked_add(extent)?;
                (output, covered.saturating_sub(input) / 2)
            }
            Padding::Causal => (input.div_ceil(stride), extent - 1),
        };
        Some(Self {
            input,
            output,
            size,
            stride,
            dilation,
            pad_before,
        })
    }

    /// Cells that the window spans, gaps between taps included.
    pub fn extent(&self) -> usize {
        self.dilation * (self.size - 1) + 1
    }

    /// How many cells windows stick out of a padded axis, before and after it together.
    pub fn overhang(&self) -> usize {
        ((self.output - 1) * self.stride + self.extent()).saturating_sub(self.input)
    }
}

/// A window laid over an image.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
pub struct Grid {
    /// The window along the height of the image.
    pub vertical: Sliding,
    /// The window along the width of the image.
    pub horizontal: Sliding,
}

/// What one number of a layer's output sees of the input's height and width.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reach {
    /// Cells of the window, `(vertical, horizontal)`.
    pub size: (usize, usize),
    /// Cells from one window to the next.
    pub strides: (usize, usize),
    /// Cells from one tap of the window to the next.
    pub dilation: (usize, usize),
}

impl Reach {
    /// The one cell at the same place.
    pub const CELL: Self = Self {
        size: (1, 1),
        strides: (1, 1),
        dilation: (1, 1),
    };
}

impl Window {
    /// A window of the one cell at the same place.
    pub const CELL: Self = Self {
        size: (1, 1),
        strides: (1, 1),
        dilation: (1, 1),
        padding: Padding::Valid,
    };

    /// The cells of the input that one window sees.
    pub fn reach(&self) -> Reach {
        Reach {
            size: self.size,
            strides: self.strides,
            dilation: self.dilation,
        }
    }

    /// Lays the window over an image of `height` x `width`; None where it does not fit.
    pub fn over(&self, height: usize, width: usize) -> Option<Grid> {
        let (size, strides, dilation) = (self.size, self.strides, self.dilation);
        Some(Grid {
            vertical: Sliding::along(height, size.0, strides.0, dilation.0, self.padding)?,
            horizontal: Sliding::along(width, size.1, strides.1, dilation.1, self.padding)?,
        })
    }
}
