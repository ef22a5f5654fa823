//! What a convolution and its two gradients take and make.

use crate::ops::geometry::ConvolutionGeometry;
use crate::ops::operation::{Tensors, touches};
use crate::plan::parameter::Range;
use crate::plan::tensor::TensorId;
use crate::plan::words::Words;
use serde::Serialize;

/// The gradient of a convolution's output.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Doutput {
    /// The gradient, or the gradient of a 2x2 maximum pool's output where the pool is fused.
    pub tensor: TensorId,
    /// With a fused pool: the codes that say which pixel of each window gets the gradient; the other pixels get none.
    pub codes: Option<TensorId>,
}

impl Tensors for Doutput {
    fn tensors(&self, found: &mut Vec<TensorId>) {
        self.tensor.tensors(found);
        self.codes.tensors(found);
    }

    fn tensors_mut<'a>(&'a mut self, found: &mut Vec<&'a mut TensorId>) {
        self.tensor.tensors_mut(found);
        self.codes.tensors_mut(found);
    }
}

impl Doutput {
    pub(super) fn view(&self, geometry: &ConvolutionGeometry) -> (usize, usize) {
        let [_, map] = geometry.ends();
        if self.codes.is_some() { geometry.pooled() } else { map }
    }

    pub(super) fn written(&self, words: &Words<'_>) -> String {
        let tensor = words.tensor(self.tensor);
        match self.codes {
            Some(codes) => format!("unpool({tensor}, {})", words.tensor(codes)),
            None => tensor.to_owned(),
        }
    }
}

/// `output = pool(relu(conv(input, kernel) + bias))`; bias, relu and pool each only where set.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Convolution {
    /// Channels, sizes and window of the layer.
    pub geometry: ConvolutionGeometry,
    /// Floats of `in_channels` x the grid's input.
    pub input: TensorId,
    /// Parameters in the order [`ParameterLayout::Convolution`](crate::plan::parameter::ParameterLayout).
    pub kernel: Range,
    /// Parameters, one for each output channel; None without a bias.
    pub bias: Option<Range>,
    /// Whether negative sums become zero.
    pub relu: bool,
    /// Whether only the largest of each 2x2 window is kept; windows that do not lie wholly inside are left out.
    pub pool: bool,
    /// The tensor for the place of the largest in each window; only with `pool`.
    pub codes: Option<TensorId>,
    /// Floats of `out_channels` x the grid's output, or half of its height and width with `pool`.
    pub output: TensorId,
}

touches!(Convolution in BatchInnermost | ChannelBlocked {
    reads: input;
    writes: output, codes;
    parameters: kernel, bias;
});

/// `dkernel = sum over positions and samples of doutput x input`, `dbias = sum of doutput`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ConvolutionDkernel {
    /// Channels, sizes and window of the layer.
    pub geometry: ConvolutionGeometry,
    /// The input of the convolution.
    pub input: TensorId,
    /// The gradient of the convolution's output.
    pub doutput: Doutput,
    /// Where the gradient of the kernel lies, in floats from the start of the gradients.
    pub kernel: Range,
    /// Where the gradient of the bias lies, in floats from the start of the gradients; None without a bias.
    pub bias: Option<Range>,
}

touches!(ConvolutionDkernel in BatchInnermost | ChannelBlocked {
    reads: input, doutput;
    gradients: kernel, bias;
});

/// `dinput = transposed convolution of doutput`, zero where `mask` is not positive.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ConvolutionDinput {
    /// Channels, sizes and window of the layer.
    pub geometry: ConvolutionGeometry,
    /// The gradient of the convolution's output.
    pub doutput: Doutput,
    /// Where the kernel lies, in floats from the start of the parameters.
    pub kernel: Range,
    /// The output of the relu before the convolution, whose gradient step is included here; None where there is none.
    pub mask: Option<TensorId>,
    /// The gradient of the convolution's input.
    pub dinput: TensorId,
}

touches!(ConvolutionDinput in BatchInnermost | ChannelBlocked {
    reads: doutput, mask;
    writes: dinput;
    parameters: kernel;
});
