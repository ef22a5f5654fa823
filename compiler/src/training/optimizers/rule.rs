//! What every optimizer says of itself, whichever it is. Each implements [`UpdateRule`] in a room of its own; the list of
//! rooms is in `training/optimizers/mod.rs`.

use crate::call::arguments::Arguments;
use crate::call::signature::Signature;
use crate::explanation::expression::Equation;
use crate::training::schedules::LearningRate;
use shaders::Constant;

/// One number for each parameter that an optimizer keeps from step to step.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Slot {
    /// Keras's name for it, which is also its name in files.
    pub name: &'static str,
    /// What all of its numbers start as.
    pub start: f32,
}

impl Slot {
    /// A slot that starts at zero.
    pub const fn zero(name: &'static str) -> Self {
        Self { name, start: 0.0 }
    }
}

/// What the host works out for a step, so that no device has to count steps or raise powers of their number. All in `f64`,
/// rounded once.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rates {
    /// What the rule's direction is multiplied by: the learning rate, with the bias correction of those that have one.
    pub step_size: f64,
    /// Nadam: what the gradient itself is multiplied by.
    pub gradient_size: f64,
    /// Nadam: what corrects the mean of squares.
    pub square_scale: f64,
}

impl Rates {
    /// Those of a rule that corrects nothing.
    pub const fn plain(learning_rate: f64) -> Self {
        Self {
            step_size: learning_rate,
            gradient_size: 0.0,
            square_scale: 1.0,
        }
    }
}

/// The entry point of `shaders/optimizer.wgsl` and the constants that it uses; the others have no effect on it.
#[derive(Debug, Clone, PartialEq)]
pub struct UpdateKernel {
    /// The entry point.
    pub entry: &'static str,
    /// By name.
    pub constants: Vec<(&'static str, Constant)>,
}

impl UpdateKernel {
    /// An entry point and its numbers.
    pub fn new(entry: &'static str, numbers: &[(&'static str, f64)]) -> Self {
        let float = |&(name, value): &(&'static str, f64)| (name, Constant::Float(value as f32));
        Self {
            entry,
            constants: numbers.iter().map(float).collect(),
        }
    }

    /// The same with a truth value.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: bool) -> Self {
        self.constants.push((name, Constant::Bool(value)));
        self
    }
}

/// An optimizer's update rule.
pub trait UpdateRule: Sized {
    /// Name, arguments and defaults, as Keras has them.
    const SIGNATURE: &'static Signature;

    /// The rule that a call asks for; what is wrong with its arguments is reported.
    fn read(arguments: &mut Arguments<'_>) -> Option<Self>;

    /// Its learning rate.
    fn learning_rate(&self) -> &LearningRate;

    /// The share of each parameter that decays, times the learning rate, where the rule has one of its own by default.
    fn weight_decay(&self) -> Option<f64> {
        None
    }

    /// What it keeps from step to step, in the order in which kernels bind it; at most three.
    fn slots(&self) -> Vec<Slot>;

    /// The rates of step `step`, counted from 1, with that learning rate.
    fn rates(&self, learning_rate: f64, _step: u64) -> Rates {
        Rates::plain(learning_rate)
    }

    /// How a GPU does it.
    fn kernel(&self) -> UpdateKernel;

    /// Its arguments but for the learning rate, as a plan prints them.
    fn printed(&self) -> Vec<(&'static str, String)>;

    /// What it does, in sentences for learners.
    fn words(&self) -> String;

    /// Its first step by hand, with the learning rate of that step, for a weight that is `weight` after decay and has a
    /// gradient of [`GRADIENT`]. The last equation comes to the new weight.
    fn by_hand(&self, weight: crate::explanation::expression::Expression, learning_rate: f64) -> Vec<Equation>;
}

/// The weight that the example of `cnnc explain` begins with.
pub const WEIGHT: f64 = 1.0;
/// Its gradient.
pub const GRADIENT: f64 = 0.5;

/// About what it comes to, with five significant digits.
pub fn significant(left: crate::explanation::expression::Expression, unit: &'static str) -> Equation {
    let size = left.value().abs().log10().floor();
    let decimals = if size.is_finite() {
        (4.0 - size).clamp(0.0, 12.0) as usize
    } else {
        1
    };
    left.nearly(decimals, unit)
}

/// `True` or `False`, as a description says it.
pub fn truth(value: bool) -> String {
    if value { "True" } else { "False" }.to_owned()
}
