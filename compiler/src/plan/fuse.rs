//! Fusion: operations that a kernel can do on the way are merged into it. What is computed stays the same number for
//! number; only fewer tensors are written and fewer kernels launched.

use crate::activation::Activation;
use crate::plan::{Doutput, Kind, Plan, PoolKind, Pooling, Program, Tensor, TensorId, TensorKind};
use crate::tiling::DENSE_GROUPS;

/// Fuses all programs of a plan.
pub fn fuse(plan: Plan) -> Plan {
    Plan {
        training: fuse_program(plan.training),
        evaluation: fuse_program(plan.evaluation),
        prediction: fuse_program(plan.prediction),
        ..plan
    }
}

fn fuse_program(mut program: Program) -> Program {
    relu_into_product(&mut program);
    pool_into_convolution(&mut program);
    relu_gradient_into_dinput(&mut program);
    loss_into_dense(&mut program);
    program
}

fn readers(program: &Program, tensor: TensorId) -> Vec<usize> {
    let reads = |kind: &Kind| kind.reads().contains(&tensor);
    program
        .operations
        .iter()
        .enumerate()
        .filter(|(_, operation)| reads(&operation.kind))
        .map(|(i, _)| i)
        .collect()
}

fn remove(program: &mut Program, operations: &[usize]) {
    let mut index = 0;
    program.operations.retain(|_| {
        index += 1;
        !operations.contains(&(index - 1))
    });
}

/// A convolution or dense layer whose sums only a relu reads takes the relu: `relu(conv(x) + b)` in one kernel.
fn relu_into_product(program: &mut Program) {
    let mut index = 0;
    while let Some(operation) = program.operations.get(index) {
        let merged = match &operation.kind {
            Kind::Convolution {
                relu: false, output, ..
            }
            | Kind::Dense {
                relu: false, output, ..
            } => only_relu_after(program, *output),
            _ => None,
        };
        if let (Some((reader, activated)), Some(operation)) = (merged, program.operations.get_mut(index)) {
            if let Kind::Convolution { relu, output, .. } | Kind::Dense { relu, output, .. } = &mut operation.kind {
                *relu = true;
                *output = activated;
            }
            remove(program, &[reader]);
        }
        index += 1;
    }
}

fn only_relu_after(program: &Program, tensor: TensorId) -> Option<(usize, TensorId)> {
    let [reader] = *readers(program, tensor).as_slice() else {
        return None;
    };
    match program.operations.get(reader)?.kind {
        Kind::Activation {
            function: Activation::RELU,
            output,
            ..
        } if Some(tensor) != program.output => Some((reader, output)),
        _ => None,
    }
}

/// A convolution (with or without relu) whose output only a 2x2 maximum pool reads keeps just the maxima, and in training
/// the place of each. The relu's gradient step then comes before the pool's: `max` and `relu` commute.
fn pool_into_convolution(program: &mut Program) {
    let mut index = 0;
    while index < program.operations.len() {
        if let Some(found) = pool_after(program, index) {
            merge_pool(program, index, &found);
        }
        index += 1;
    }
}

struct PoolAfter {
    pool: usize,
    pooled: TensorId,
    /// The pool's backward operation, and the relu's.
    backward: Option<(usize, Option<usize>)>,
}

fn pool_after(program: &Program, index: usize) -> Option<PoolAfter> {
    let Kind::Convolution {
        pool: false,
        relu,
        output: full,
        ..
    } = program.operations.get(index)?.kind
    else {
        return None;
    };
    if Some(full) == program.output {
        return None;
    }
    let (mut pool, mut pool_backward, mut relu_backward) = (None, None, None);
    for reader in readers(program, full) {
        match program.operations.get(reader)?.kind {
            Kind::Pool {
                pool: PoolKind::Max,
                geometry,
                output,
                ..
            } if halves(&geometry) && pool.is_none() => {
                pool = Some((reader, output));
            }
            Kind::PoolBackward {
                pool: PoolKind::Max,
                geometry,
                dinput,
                ..
            } if halves(&geometry) => {
                pool_backward = Some((reader, dinput));
            }
            Kind::ActivationBackward {
                function: Activation::RELU,
                output,
                dinput,
                ..
            } if output == full => {
                relu_backward = Some((reader, dinput));
            }
            _ => return None,
        }
    }
    let (pool, pooled) = pool?;
    let backward = match (pool_backward, relu_backward) {
        (None, None) => None,
        (Some((backward, _)), None) if !relu => Some((backward, None)),
        (Some((backward, unpooled)), Some((relu_backward, _))) if relu => {
            // The relu's step must take what the pool's step made, and nothing else may.
            if readers(program, unpooled) != [relu_backward] {
                return None;
            }
            Some((backward, Some(relu_backward)))
        }
        _ => return None,
    };
    Some(PoolAfter { pool, pooled, backward })
}

/// Whether a pool takes 2x2 windows that do not overlap and lie wholly inside.
fn halves(geometry: &Pooling) -> bool {
    [geometry.grid.vertical, geometry.grid.horizontal]
        .iter()
        .all(|sliding| {
            sliding.size == 2 && sliding.stride == 2 && sliding.pad_before == 0 && sliding.output * 2 <= sliding.input
        })
}

fn merge_pool(program: &mut Program, index: usize, found: &PoolAfter) {
    let mut removed = vec![found.pool];
    let mut codes = None;
    if let Some((pool_backward, relu_backward)) = found.backward {
        let place = program.tensors.get(found.pooled.0).cloned();
        let Some(Kind::PoolBackward { doutput, dinput, .. }) =
            program.operations.get(pool_backward).map(|o| o.kind.clone())
        else {
            return;
        };
        let Some(place) = place else { return };
        program.tensors.push(Tensor {
            name: format!("{}.codes", place.name),
            kind: TensorKind::Codes,
            ..place.clone()
        });
        let codes_id = TensorId(program.tensors.len() - 1);
        codes = Some(codes_id);
        let (pooled_gradient, unpooled) =
            match relu_backward.and_then(|at| program.operations.get(at).map(|o| o.kind.clone())) {
                Some(Kind::ActivationBackward { dinput: rectified, .. }) => {
                    program.tensors.push(Tensor {
                        name: format!("d{}.relu", place.name),
                        ..place
                    });
                    (TensorId(program.tensors.len() - 1), rectified)
                }
                _ => (doutput, dinput),
            };
        if let Some(operation) = relu_backward.and_then(|at| program.operations.get_mut(at)) {
            operation.kind = Kind::ActivationBackward {
                function: Activation::RELU,
                input: None,
                output: found.pooled,
                doutput,
                dinput: pooled_gradient,
            };
        }
        for operation in &mut program.operations {
            if let Kind::ConvolutionDkernel { doutput, .. } | Kind::ConvolutionDinput { doutput, .. } =
                &mut operation.kind
                && doutput.tensor == unpooled
            {
                *doutput = Doutput {
                    tensor: pooled_gradient,
                    codes,
                };
            }
        }
        removed.push(pool_backward);
    }
    if let Some(operation) = program.operations.get_mut(index)
        && let Kind::Convolution {
            pool,
            codes: to,
            output,
            ..
        } = &mut operation.kind
    {
        (*pool, *to, *output) = (true, codes, found.pooled);
    }
    remove(program, &removed);
}

/// A relu's gradient step moves into the product that makes the gradient it takes: one comparison at the store.
fn relu_gradient_into_dinput(program: &mut Program) {
    let mut index = 0;
    while let Some(operation) = program.operations.get(index) {
        let Kind::ActivationBackward {
            function: Activation::RELU,
            output: rectified,
            doutput,
            dinput: after,
            ..
        } = operation.kind
        else {
            index += 1;
            continue;
        };
        let alone = readers(program, doutput) == [index];
        let producer = program
            .operations
            .iter_mut()
            .find(|operation| operation.kind.writes().contains(&doutput));
        match producer.map(|operation| &mut operation.kind) {
            Some(Kind::ConvolutionDinput { mask, dinput, .. } | Kind::DenseDinput { mask, dinput, .. })
                if alone && mask.is_none() =>
            {
                (*mask, *dinput) = (Some(rectified), after);
                remove(program, &[index]);
            }
            _ => index += 1,
        }
    }
}

/// A dense layer without relu, of as many units as one workgroup makes, whose sums only the loss reads takes the loss. A
/// workgroup then has all classes of its samples at hand, and the sums need no tensor.
fn loss_into_dense(program: &mut Program) {
    let mut index = 0;
    while let Some(operation) = program.operations.get(index) {
        let merged = match operation.kind {
            Kind::Dense {
                geometry,
                input,
                kernel,
                bias,
                relu: false,
                output,
            } if geometry.positions == 1 && geometry.units <= 4 * DENSE_GROUPS => {
                only_loss_after(program, output).map(|(loss, from_logits, doutput)| {
                    let head = Kind::Head {
                        geometry,
                        input,
                        kernel,
                        bias,
                        from_logits,
                        doutput,
                    };
                    (loss, output, head)
                })
            }
            _ => None,
        };
        if let (Some((loss, output, head)), Some(operation)) = (merged, program.operations.get_mut(index)) {
            operation.kind = head;
            program.output = program.output.filter(|&whole| whole != output);
            remove(program, &[loss]);
        }
        index += 1;
    }
}

fn only_loss_after(program: &Program, tensor: TensorId) -> Option<(usize, bool, Option<TensorId>)> {
    let [reader] = *readers(program, tensor).as_slice() else {
        return None;
    };
    match program.operations.get(reader)?.kind {
        Kind::Loss {
            from_logits, dinput, ..
        } => Some((reader, from_logits, dinput)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use crate::check::check_file;
    use crate::plan::memory::Sharing;
    use crate::plan::{Kind, Plan, Program};
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
        program
            .operations
            .iter()
            .map(|operation| operation.kind.name())
            .collect()
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
            let Kind::Head {
                doutput,
                from_logits: found,
                ..
            } = plan.training.operations[1].kind
            else {
                panic!("{:?}", plan.training);
            };
            assert_eq!(found, from_logits);
            // What the backward pass takes is what the head made; what it took that from is in no tensor.
            assert!(
                matches!(plan.training.operations[2].kind, Kind::DenseDkernel { doutput: taken, .. } if Some(taken) == doutput)
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
        assert!(matches!(
            plan.evaluation.operations[1].kind,
            Kind::Head { from_logits: true, .. }
        ));
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
