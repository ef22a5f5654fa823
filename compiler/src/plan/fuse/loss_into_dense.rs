//! Merges the loss into a dense layer without relu, where only the loss reads its sums and one workgroup makes all
//! its units. The workgroup then has all classes of its samples at hand, and the sums need no tensor.

use super::links::Links;
use crate::ops::{Head, Op};
use crate::plan::tensor::TensorId;

pub(super) fn pass(links: &mut Links) {
    for index in 0..links.len() {
        if let Some((loss, sums, head)) = head_of(links, index) {
            if links.output() == Some(sums) {
                links.keep_no_output();
            }
            links.remove(loss);
            links.change(index, |op| *op = Op::Head(head));
        }
    }
}

/// The index of the loss, the tensor of the sums, and the head that replaces both operations.
fn head_of(links: &Links, index: usize) -> Option<(usize, TensorId, Head)> {
    let Op::Dense(dense) = links.op(index)? else {
        return None;
    };
    let &[reader] = links.readers(dense.output) else {
        return None;
    };
    let Op::Loss(loss) = links.op(reader)? else {
        return None;
    };
    let head = Head {
        geometry: dense.geometry,
        input: dense.input,
        kernel: dense.kernel,
        bias: dense.bias,
        from_logits: loss.from_logits,
        doutput: loss.dinput,
    };
    (!dense.relu && loss.losses.is_none() && Head::fits(&dense.geometry)).then_some((reader, dense.output, head))
}

#[cfg(test)]
mod tests {
    use crate::check::check_file;
    use crate::ops::Op;
    use crate::plan::memory::Sharing;
    use crate::plan::program::{Plan, Program};
    use crate::plan_of;

    /// The plan of a network of 4x4 pictures.
    fn plan(layers: &str, from_logits: bool) -> Plan {
        let from_logits = if from_logits { "True" } else { "False" };
        let text = format!(
            "model test {{\n Input(shape=(4, 4, 1))\n{layers}\n}}\n\
             compile(loss=SparseCategoricalCrossentropy(from_logits={from_logits}), metrics=['acc'])\n"
        );
        let tree = grammar::parse(&grammar::source::Source::new("test.cnn", text)).unwrap();
        let (checked, _) = check_file(&tree).unwrap();
        plan_of(&checked, Sharing::Shared)
    }

    fn names(program: &Program) -> Vec<&'static str> {
        program.operations.iter().map(|operation| operation.op.name()).collect()
    }

    #[test]
    fn a_small_last_dense_layer_takes_the_loss() {
        for (units, from_logits) in [(2, true), (10, false), (12, true)] {
            let plan = plan(&format!("Flatten()\nlast = Dense({units})"), from_logits);
            assert_eq!(
                names(&plan.training),
                ["gather", "dense, loss", "dense dkernel", "update"]
            );
            assert_eq!(names(&plan.evaluation), ["gather", "dense, loss"]);
            assert_eq!(names(&plan.prediction), ["gather", "dense"]);
            assert_eq!(plan.training.operations[1].layer, "last");
            let Op::Head(head) = &plan.training.operations[1].op else {
                panic!("{:?}", plan.training);
            };
            assert_eq!(head.from_logits, from_logits);
            // What the backward pass takes is what the head made; what it took that from is in no tensor.
            assert!(
                matches!(&plan.training.operations[2].op, Op::DenseDkernel(dkernel) if Some(dkernel.doutput) == head.doutput)
            );
            assert_eq!((plan.training.output, plan.evaluation.output), (None, None));
            assert_eq!((plan.training.tensors.len(), plan.evaluation.tensors.len()), (2, 1));
            assert!(plan.prediction.output.is_some());
        }
    }

    #[test]
    fn a_softmax_that_the_loss_has_absorbed_is_no_hindrance() {
        let plan = plan("Flatten()\nDense(3, activation='softmax')", false);
        assert_eq!(names(&plan.evaluation), ["gather", "dense, loss"]);
        assert!(matches!(&plan.evaluation.operations[1].op, Op::Head(head) if head.from_logits));
    }

    #[test]
    fn what_a_head_cannot_do_stays_apart() {
        let apart = ["gather", "dense", "loss"];
        assert_eq!(names(&plan("Flatten()\nDense(13)", true).evaluation), apart);
        assert_eq!(
            names(&plan("Flatten()\nDense(3, activation='relu')", true).evaluation),
            apart
        );
        assert_eq!(
            names(&plan("Flatten()\nDense(3, activation='tanh')", true).evaluation),
            ["gather", "dense", "activation", "loss"]
        );
        assert_eq!(
            names(&plan("Flatten()\na = Dense(3)\nAdd()([a, a])", true).evaluation),
            ["gather", "dense", "add", "loss"]
        );
    }
}
