//! The names that printed operations use for tensors and variables.

use super::parameter::{Parameter, Range};
use super::tensor::{Tensor, TensorId};
use crate::numbers::thousands;
use crate::window::Grid;

/// An operation as it is printed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// The result and how it comes about: `dense = flatten @ dense.kernel`.
    pub formula: String,
    /// The sizes of one sample that the operation works with.
    pub sizes: String,
}

/// Names for the tensors and variables that the operations of a program know by number.
#[derive(Debug, Clone, Copy)]
pub struct Words<'a> {
    /// A name for each tensor, told apart where several have the same.
    pub labels: &'a [String],
    /// The tensors of the program, for their sizes.
    pub tensors: &'a [Tensor],
    /// The variables of the plan, in the order of their offsets.
    pub parameters: &'a [Parameter],
    /// The length of the flat parameter buffer.
    pub parameter_floats: usize,
}

impl Words<'_> {
    /// The name of a tensor; `?` where there is no such tensor.
    pub fn tensor(&self, id: TensorId) -> &str {
        self.labels.get(id.0).map_or("?", String::as_str)
    }

    /// `, name` where there is a tensor, otherwise nothing.
    pub fn also(&self, id: Option<TensorId>) -> String {
        id.map_or_else(String::new, |id| format!(", {}", self.tensor(id)))
    }

    /// The size of one sample, channels first, then all positions in one number: `20x64`.
    pub fn size(&self, id: TensorId) -> String {
        let tensor = self.tensors.get(id.0);
        tensor.map_or_else(String::new, |tensor| match tensor.positions {
            1 => thousands(tensor.channels),
            positions => format!("{}x{}", thousands(tensor.channels), thousands(positions)),
        })
    }

    /// The sizes before and after an operation: `20x64 -> 20`.
    pub fn through(&self, from: TensorId, to: TensorId) -> String {
        format!("{} -> {}", self.size(from), self.size(to))
    }

    /// The name of the variable at a range; `?` where none lies there.
    pub fn variable(&self, range: Range) -> &str {
        let at = self
            .parameters
            .binary_search_by_key(&range.offset, |parameter| parameter.range.offset);
        let found = at.ok().and_then(|at| self.parameters.get(at));
        found
            .filter(|parameter| parameter.range == range)
            .map_or("?", |parameter| parameter.name.as_str())
    }

    /// The gradients of a kernel and of its bias, where there is one: `ddense.kernel, ddense.bias`.
    pub fn dvariables(&self, kernel: Range, bias: Option<Range>) -> String {
        let bias = bias.map_or_else(String::new, |bias| format!(", d{}", self.variable(bias)));
        format!("d{}{bias}", self.variable(kernel))
    }

    /// ` + dense.bias` where there is a bias, otherwise nothing.
    pub fn plus(&self, bias: Option<Range>) -> String {
        bias.map_or_else(String::new, |bias| format!(" + {}", self.variable(bias)))
    }

    /// The formula, with the gradient step of a relu whose output is `mask`, where there is one.
    pub fn masked(&self, formula: String, mask: Option<TensorId>) -> String {
        match mask {
            Some(mask) => format!("{formula} where {} > 0", self.tensor(mask)),
            None => formula,
        }
    }
}

/// `5x5: 28x28x1 -> 24x24x10`, with strides, dilation and padding where they are not the default; `(inputs, outputs)`
/// are the channels.
pub fn window(grid: &Grid, (inputs, outputs): (usize, usize)) -> String {
    let (v, h) = (grid.vertical, grid.horizontal);
    let unless = |word: &str, plain: (usize, usize), sizes: (usize, usize)| {
        if sizes == plain {
            String::new()
        } else {
            format!(" {word} {}x{}", sizes.0, sizes.1)
        }
    };
    let strides = unless("every", (1, 1), (v.stride, h.stride));
    let dilation = unless("dilated", (1, 1), (v.dilation, h.dilation));
    let padding = unless("padded", (0, 0), (v.pad_before, h.pad_before));
    format!(
        "{}x{}{strides}{dilation}{padding}: {}x{}x{inputs} -> {}x{}x{outputs}",
        v.size, h.size, v.input, h.input, v.output, h.output
    )
}
