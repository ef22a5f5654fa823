use super::Build;
use super::backward::{Around, Backward, Differentiated};
use compiler::ops::{ActivityPenalty, ActivityPenaltyBackward, Op, Regularize};
use compiler::plan::{TensorId, TensorKind};
use compiler::training::constraints::Constraint;
use compiler::training::regularizers::{Regularizer, Strengths};

impl Build {
    /// Gives every variable whose name begins so a regularizer.
    pub fn regularize(&mut self, name: &str, regularizer: Regularizer) {
        for parameter in self
            .parameters
            .iter_mut()
            .filter(|parameter| parameter.name.starts_with(name))
        {
            parameter.regularizer = Some(regularizer);
        }
    }

    /// Gives every variable whose name begins so a constraint.
    pub fn constrain(&mut self, name: &str, constraint: &Constraint) {
        for parameter in self
            .parameters
            .iter_mut()
            .filter(|parameter| parameter.name.starts_with(name))
        {
            parameter.constraint = Some(constraint.clone());
        }
    }

    /// The operations of all regularizers.
    pub fn regularizers(&self) -> Vec<Op> {
        let regularized = self.parameters.iter().filter_map(|parameter| {
            let strengths = parameter.regularizer?.strengths();
            Some(Op::Regularize(Regularize {
                strengths,
                variable: parameter.range,
            }))
        });
        regularized.collect()
    }

    pub fn activity(&mut self, input: TensorId, strengths: Strengths) {
        let (channels, positions) = self.sizes(input);
        let chunks = ActivityPenalty::chunks(channels * positions);
        let sums = self.tensor("penalty", chunks, 1, TensorKind::Floats);
        self.push(ActivityPenalty { strengths, input, sums });
    }
}

impl Differentiated for ActivityPenalty {
    /// Behind all that the input's users have given it.
    fn backward(&self, to: &mut Backward<'_>, _: &Around<'_>) {
        let (strengths, input) = (self.strengths, self.input);
        let doutput = to.doutput(input);
        let dinput = to.gradient_tensor(input);
        to.push(ActivityPenaltyBackward {
            strengths,
            input,
            doutput,
            dinput,
        });
        to.gradients[input.0] = Some(dinput);
    }
}
