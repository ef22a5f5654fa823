//! What every optimizer says of itself. Each implements [`UpdateRule`] in a file of its own; the list of these files is in
//! `training/optimizers/mod.rs`.

use crate::call::arguments::Arguments;
use crate::call::signature::Signature;
use crate::explanation::expression::Equation;
use crate::training::schedules::LearningRate;
use shaders::Constant;

/// A buffer that an optimizer keeps from step to step, with a number for each parameter.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Slot {
    /// Keras's name for it, which is also its name in files.
    pub name: &'static str,
    /// The value of all its numbers before the first step.
    pub start: f32,
}

impl Slot {
    /// A slot whose numbers begin at zero.
    pub const fn zero(name: &'static str) -> Self {
        Self { name, start: 0.0 }
    }
}

/// The numbers that the host computes for a step, so that no device has to count steps or raise numbers to their
/// powers. All are computed in `f64` and rounded once.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rates {
    /// The factor of the rule's direction: the learning rate, with the bias correction of the rules that have one.
    pub step_size: f64,
    /// Nadam: the factor of the gradient itself.
    pub gradient_size: f64,
    /// Nadam: the factor that corrects the mean of squares.
    pub square_scale: f64,
}

impl Rates {
    /// The numbers of a rule that corrects nothing.
    pub const fn plain(learning_rate: f64) -> Self {
        Self {
            step_size: learning_rate,
            gradient_size: 0.0,
            square_scale: 1.0,
        }
    }
}

/// The entry point of `shaders/optimizer.wgsl`, and the constants that it uses; other constants have no effect on it.
#[derive(Debug, Clone, PartialEq)]
pub struct UpdateKernel {
    /// The name of the function that makes a step.
    pub entry: &'static str,
    /// The values of the constants, by their names in the file.
    pub constants: Vec<(&'static str, Constant)>,
}

impl UpdateKernel {
    /// An entry point with constants that are floats.
    pub fn new(entry: &'static str, numbers: &[(&'static str, f64)]) -> Self {
        let float = |&(name, value): &(&'static str, f64)| (name, Constant::Float(value as f32));
        Self {
            entry,
            constants: numbers.iter().map(float).collect(),
        }
    }

    /// Adds a constant that is a truth value.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: bool) -> Self {
        self.constants.push((name, Constant::Bool(value)));
        self
    }
}

/// An optimizer's update rule, with its arguments.
pub trait UpdateRule: Sized {
    /// Name, arguments and defaults, as Keras has them.
    const SIGNATURE: &'static Signature;

    /// Reads the rule that a call asks for; None after its arguments were reported.
    fn read(arguments: &mut Arguments<'_>) -> Option<Self>;

    /// The learning rate that the description gives, or the default.
    fn learning_rate(&self) -> &LearningRate;

    /// The share of each parameter that decays, times the learning rate, for rules that have decay by default; None for others.
    fn weight_decay(&self) -> Option<f64> {
        None
    }

    /// The buffers that it keeps from step to step, in the order in which kernels bind them; at most three.
    fn slots(&self) -> Vec<Slot>;

    /// The numbers of step `step`, counted from 1, at that learning rate.
    fn rates(&self, learning_rate: f64, _step: u64) -> Rates {
        Rates::plain(learning_rate)
    }

    /// The kernel with which a GPU makes a step.
    fn kernel(&self) -> UpdateKernel;

    /// The arguments besides the learning rate, as a plan prints them.
    fn printed(&self) -> Vec<(&'static str, String)>;

    /// Sentences for learners about what it does.
    fn words(&self) -> String;

    /// The first step worked out, at the learning rate of that step, for a weight that is `weight` after decay and
    /// has a gradient of [`GRADIENT`]. The last equation gives the new weight.
    fn by_hand(&self, weight: crate::explanation::expression::Expression, learning_rate: f64) -> Vec<Equation>;
}

/// The weight that the example of `cnnc explain` begins with.
pub const WEIGHT: f64 = 1.0;
/// The gradient of that weight.
pub const GRADIENT: f64 = 0.5;

/// The equation of an expression and its value, rounded to five significant digits.
pub fn significant(left: crate::explanation::expression::Expression, unit: &'static str) -> Equation {
    let size = left.value().abs().log10().floor();
    let decimals = if size.is_finite() {
        (4.0 - size).clamp(0.0, 12.0) as usize
    } else {
        1
    };
    left.nearly(decimals, unit)
}

/// `True` or `False`, as a description writes them.
pub fn truth(value: bool) -> String {
    if value { "True" } else { "False" }.to_owned()
}
