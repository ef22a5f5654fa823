//! The limit that a variable is held to after each update.

use crate::launch::dispatch::Resource::Parameters;
use crate::launch::kernel::{Constants, unsigned};
use crate::launch::launcher::Launcher;
use crate::ops::operation::{Operation, touches};
use crate::plan::parameter::{Parameter, Range};
use crate::plan::words::{Words, Written};
use crate::training::constraints::Limit;
use serde::Serialize;
use shaders::{Constant, File};

/// The largest number of axes that a variable has in the buffer, and so of a norm.
pub const AXES: usize = 5;

/// `variable = limit(variable)`, where numbers that differ along the axes of `within` only share a norm.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Constrain {
    /// The limit of numbers or of norms.
    pub limit: Limit,
    /// The place of the variable, in floats from the start of the parameters.
    pub variable: Range,
    /// Sizes and strides, in floats, of the axes that a norm is taken over.
    pub within: Vec<[usize; 2]>,
    /// Sizes and strides, in floats, of the other axes.
    pub across: Vec<[usize; 2]>,
}

touches!(Constrain in BatchInnermost {
    parameters: variable;
});

impl Constrain {
    /// A number that is added to a norm before something is divided by it (`epsilon` in `keras/src/backend/config.py`).
    pub const EPSILON: f32 = 1e-7;

    /// The operation for a variable; None where it has no constraint.
    pub fn of(parameter: &Parameter) -> Option<Self> {
        let constraint = parameter.constraint.as_ref()?;
        let rank = parameter.shape.len() as i64;
        let (mut within, mut across) = (Vec::new(), Vec::new());
        for (axis, own) in (0_i64..).zip(parameter.layout.strides(&parameter.shape)) {
            let summed = constraint
                .axes()
                .iter()
                .any(|&given| given == axis || given + rank == axis);
            let side = if summed { &mut within } else { &mut across };
            side.extend(own);
        }
        Some(Self {
            limit: constraint.limit(),
            variable: parameter.range,
            within,
            across,
        })
    }

    /// The number of norms, and the number of values that each is taken over.
    pub fn counts(&self) -> (usize, usize) {
        let count = |axes: &[[usize; 2]]| axes.iter().map(|[size, _]| size).product();
        (count(&self.across), count(&self.within))
    }

    /// The offset of the number with this index along a product of axes, in floats.
    pub fn place(axes: &[[usize; 2]], mut index: usize) -> usize {
        let mut at = 0;
        for [size, stride] in axes.iter().rev() {
            at += index % size * stride;
            index /= size;
        }
        at
    }
}

impl Operation for Constrain {
    fn name(&self) -> &'static str {
        "constrain"
    }

    fn written(&self, words: &Words<'_>) -> Written {
        let variable = words.variable(self.variable);
        let held = match self.limit {
            Limit::NonNegative => format!("max({variable}, 0)"),
            Limit::Norm { least, most, .. } => format!("{variable} with norms from {least} to {most}"),
        };
        let (norms, each) = self.counts();
        Written {
            formula: format!("{variable} = {held}"),
            sizes: format!("{norms} of {each}"),
        }
    }

    fn launch(&self, launcher: &mut Launcher<'_>) {
        const NAMES: [[&str; 4]; AXES] = [
            ["WITHIN_SIZE_0", "WITHIN_STRIDE_0", "ACROSS_SIZE_0", "ACROSS_STRIDE_0"],
            ["WITHIN_SIZE_1", "WITHIN_STRIDE_1", "ACROSS_SIZE_1", "ACROSS_STRIDE_1"],
            ["WITHIN_SIZE_2", "WITHIN_STRIDE_2", "ACROSS_SIZE_2", "ACROSS_STRIDE_2"],
            ["WITHIN_SIZE_3", "WITHIN_STRIDE_3", "ACROSS_SIZE_3", "ACROSS_STRIDE_3"],
            ["WITHIN_SIZE_4", "WITHIN_STRIDE_4", "ACROSS_SIZE_4", "ACROSS_STRIDE_4"],
        ];
        let (norms, each) = self.counts();
        let (non_negative, least, most, rate) = match self.limit {
            Limit::NonNegative => (true, 0.0, 0.0, 0.0),
            Limit::Norm { least, most, rate } => (false, least, most, rate),
        };
        let mut constants: Constants = vec![
            ("VARIABLE_AT", unsigned(self.variable.offset)),
            ("NORMS", unsigned(norms)),
            ("NON_NEGATIVE", Constant::Bool(non_negative)),
            ("LEAST", Constant::Float(least as f32)),
            ("MOST", Constant::Float(most as f32)),
            ("RATE", Constant::Float(rate as f32)),
            ("EPSILON", Constant::Float(Self::EPSILON)),
        ];
        for (place, [size, stride, across_size, across_stride]) in NAMES.into_iter().enumerate() {
            let axis = |axes: &[[usize; 2]]| axes.get(place).copied().unwrap_or([1, 0]);
            let ([own, step], [other, far]) = (axis(&self.within), axis(&self.across));
            constants.extend([
                (size, unsigned(own)),
                (stride, unsigned(step)),
                (across_size, unsigned(other)),
                (across_stride, unsigned(far)),
            ]);
        }
        let kernel = launcher.kernel(File::Constraint, "constrain", constants);
        let work = launcher.fixed(norms);
        launcher.push_long(kernel, vec![(0, Parameters)], work, 2 * each);
    }
}
