//! What the layers share that mix the samples of a batch, and what they are compared with alike, in training alone.

use crate::call::arguments::Arguments;
use crate::layers::augmenting;
use crate::ops::draws::stream;
use crate::ops::{MIXTURE, Mix, Mixture, Mixtures};
use crate::plan::builder::Forward;
use crate::plan::tensor::TensorId;
use crate::shape::Shape;

/// The end of what each of these layers says.
pub(super) const TARGETS: &str = "What outputs are compared with is mixed in the same shares. Evaluation and prediction leave \
                                  samples as they are.";

/// A share, or the least and the largest of a range of them. A number is the largest; the least is 0 then.
pub(super) fn shares(name: &str, arguments: &mut Arguments) -> Option<[f64; 2]> {
    let [least, most] = augmenting::factor(name, augmenting::SHARE, arguments)?;
    Some([least.max(0.0), most])
}

/// Adds the operations that mix samples; gives the tensor of the output.
pub(super) fn mixed(mixture: Mixture, at: &mut Forward<'_>) -> TensorId {
    let input = at.input();
    let Some((height, width, _)) = at.input_shape().as_map().filter(|_| augmenting::acts(at)) else {
        return input;
    };
    let size = (height, width);
    let mixtures = at.tensor("mixtures", &Shape::flat(MIXTURE));
    at.push(Mixtures {
        mixture,
        size,
        stream: stream(at.name()),
        output: mixtures,
    });
    let output = at.output();
    at.push(Mix {
        cut: mixture.cuts().then_some(size),
        input,
        mixtures,
        output,
    });
    output
}
