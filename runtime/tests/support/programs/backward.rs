//! The backward pass of a program that is written by hand.

use super::Build;
use compiler::activation::ActivationFunction;
use compiler::ops::{ActivationBackward, Add, Gather, Op};
use compiler::plan::{TensorId, TensorKind};

/// A forward operation with a gradient.
pub trait Differentiated {
    /// Adds the operations that make its gradients.
    fn backward(&self, to: &mut Backward<'_>, around: &Around<'_>);
}

/// The forward operations around one.
pub struct Around<'a> {
    pub before: &'a [Op],
    pub itself: &'a Op,
    pub after: &'a [Op],
}

impl Around<'_> {
    fn makes_relu(&self, of: TensorId) -> bool {
        let made = |op: &Op| {
            if let Op::Convolution(convolution) = op {
                convolution.relu && convolution.output == of
            } else if let Op::Dense(dense) = op {
                dense.relu && dense.output == of
            } else {
                false
            }
        };
        self.before.iter().chain([self.itself]).any(made)
    }
}

pub struct Backward<'a> {
    /// For each tensor the tensor of its gradient, once there is one.
    pub gradients: Vec<Option<TensorId>>,
    pub made: Vec<Op>,
    pub build: &'a mut Build,
}

impl Backward<'_> {
    pub fn push(&mut self, op: impl Into<Op>) {
        self.made.push(op.into());
    }

    pub fn elements(&self, of: TensorId) -> usize {
        let (channels, positions) = self.build.sizes(of);
        channels * positions
    }

    pub fn gradient_tensor(&mut self, of: TensorId) -> TensorId {
        let (channels, positions) = self.build.sizes(of);
        self.build.tensor("d", channels, positions, TensorKind::Floats)
    }

    pub fn doutput(&self, of: TensorId) -> TensorId {
        self.gradients[of.0].expect("every tensor reaches the loss")
    }

    /// Makes a tensor for one share of the gradient of `to`, which `op` writes, and adds it to the shares that there are.
    pub fn contribute<O: Into<Op>>(&mut self, to: TensorId, op: impl FnOnce(TensorId) -> O) {
        if to == self.build.input() && !self.build.input_gradient {
            return;
        }
        let share = self.gradient_tensor(to);
        self.push(op(share));
        let total = match self.gradients[to.0] {
            None => share,
            Some(left) => {
                let output = self.gradient_tensor(to);
                self.push(Add {
                    left,
                    right: share,
                    output,
                });
                output
            }
        };
        self.gradients[to.0] = Some(total);
    }

    /// The relu whose gradient step a `dinput` may take: its output is `of`, and nothing else reads that.
    pub fn mask(&self, of: TensorId, around: &Around<'_>) -> Option<TensorId> {
        let alone = !around.before.iter().chain(around.after).any(|op| op.reads(of));
        (self.build.masks && alone && around.makes_relu(of)).then_some(of)
    }

    /// The gradient of a relu's output with the relu's own step taken, here or by the operation that made the gradient.
    pub fn behind_relu(&mut self, output: TensorId, relu: bool, around: &Around<'_>) -> TensorId {
        let doutput = self.doutput(output);
        let users: Vec<&Op> = around.after.iter().filter(|op| op.reads(output)).collect();
        let masks = matches!(users.as_slice(), [Op::Convolution(_) | Op::Dense(_)]);
        if !relu || (masks && self.build.masks && around.makes_relu(output)) {
            return doutput;
        }
        let dinput = self.gradient_tensor(output);
        self.push(ActivationBackward {
            function: ActivationFunction::RELU,
            input: None,
            output,
            doutput,
            dinput,
        });
        dinput
    }
}

impl Differentiated for Gather {
    fn backward(&self, _: &mut Backward<'_>, _: &Around<'_>) {}
}

/// The operations of a forward pass.
macro_rules! differentiated {
    ($($name:ident),+ $(,)?) => {
        pub fn differentiated(op: &Op) -> &dyn Differentiated {
            match op {
                $(Op::$name(operation) => operation,)+
                other => unreachable!("{} is not part of a forward pass", other.name()),
            }
        }
    };
}

differentiated! {
    Gather,
    Convolution,
    Dense,
    Activation,
    Dropout,
    Softmax,
    Pool,
    GlobalPool,
    Add,
    Copy,
    Transpose,
    Permute,
    Shift,
    UpSample,
    GroupedConvolution,
    AddBias,
    Merge,
    Rescale,
    Moments,
    SetStatistics,
    BatchStatistics,
    Normalize,
    NormalizeMoving,
    Prelu,
    ActivityPenalty,
    Transforms,
    Affine,
    Adjust,
    Erase,
    Noise,
    Mixtures,
    Mix,
}
