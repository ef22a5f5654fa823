//! Plans made by hand, one operation after another: the geometry table needs forms that no description gives, and the
//! executors' tests must not lean on the lowering that they run beside.

use super::reference::padded;
use compiler::activation::Activation;
use compiler::call::initializer::Initializer;
use compiler::plan::{
    Convolution, Dense, Doutput, Kind, Layout, Operation, Parameter, Plan, PoolKind, Pooling, Program, Range, Slot,
    Taken, Tenant, Tensor, TensorId, TensorKind,
};
use compiler::shape::Shape;
use compiler::training::optimizer::Optimizer;
use compiler::window::Window;

/// A network that is being written down.
pub struct Build {
    shape: Shape,
    tensors: Vec<Tensor>,
    forward: Vec<Kind>,
    parameters: Vec<Parameter>,
    floats: usize,
    /// Whether the relu before an operation is differentiated in that operation's `dinput`.
    pub masks: bool,
    /// Whether the gradient of the input is computed too, which no lowering asks for.
    pub input_gradient: bool,
    /// Whether the last dense layer takes the loss, as one operation.
    pub head: bool,
}

impl Build {
    pub fn new(height: usize, width: usize, channels: usize) -> Self {
        let mut build = Self {
            shape: Shape::map(height, width, channels),
            tensors: Vec::new(),
            forward: Vec::new(),
            parameters: Vec::new(),
            floats: 0,
            masks: true,
            input_gradient: true,
            head: false,
        };
        let output = build.tensor("input", channels, height * width, TensorKind::Floats);
        build.forward.push(Kind::Gather { output });
        build
    }

    pub fn input(&self) -> TensorId {
        TensorId(0)
    }

    fn tensor(&mut self, name: &str, channels: usize, positions: usize, kind: TensorKind) -> TensorId {
        let id = TensorId(self.tensors.len());
        self.tensors.push(Tensor {
            name: format!("{name}_{}", id.0),
            channels,
            positions,
            kind,
            slot: id.0,
        });
        id
    }

    fn sizes(&self, id: TensorId) -> (usize, usize) {
        (self.tensors[id.0].channels, self.tensors[id.0].positions)
    }

    fn parameter(&mut self, name: &str, shape: Vec<usize>, layout: Layout) -> Range {
        let width = *shape.last().unwrap();
        let floats = shape.iter().product::<usize>() / width * padded(width);
        let range = Range {
            offset: self.floats,
            floats,
        };
        self.floats += floats;
        let name = format!("{name}_{}", self.parameters.len());
        self.parameters.push(Parameter {
            name,
            shape,
            initializer: Initializer::Zeros,
            range,
            layout,
        });
        range
    }

    /// `pool`: the fused 2x2 maximum.
    #[allow(clippy::too_many_arguments)]
    pub fn convolution(
        &mut self,
        input: TensorId,
        (height, width): (usize, usize),
        filters: usize,
        window: Window,
        bias: bool,
        relu: bool,
        pool: bool,
    ) -> TensorId {
        let (channels, positions) = self.sizes(input);
        assert_eq!(positions, height * width);
        let grid = window.over(height, width).expect("the window fits");
        let shape = vec![window.size.0, window.size.1, channels, filters];
        let kernel = self.parameter("kernel", shape, Layout::Convolution);
        let bias = bias.then(|| self.parameter("bias", vec![filters], Layout::Vector));
        let (mut rows, mut columns) = (grid.vertical.output, grid.horizontal.output);
        if pool {
            (rows, columns) = (rows / 2, columns / 2);
        }
        let output = self.tensor("convolution", filters, rows * columns, TensorKind::Floats);
        let codes = pool.then(|| self.tensor("codes", filters, rows * columns, TensorKind::Codes));
        let geometry = Convolution {
            in_channels: channels,
            out_channels: filters,
            grid,
        };
        self.forward.push(Kind::Convolution {
            geometry,
            input,
            kernel,
            bias,
            relu,
            pool,
            codes,
            output,
        });
        output
    }

    /// Over all elements of the input, or over its channels at each position.
    pub fn dense(&mut self, input: TensorId, units: usize, flat: bool, bias: bool, relu: bool) -> TensorId {
        let (channels, positions) = self.sizes(input);
        let (inputs, positions) = if flat {
            (channels * positions, 1)
        } else {
            (channels, positions)
        };
        let kernel = self.parameter(
            "kernel",
            vec![inputs, units],
            Layout::Dense {
                channels: inputs,
                positions: 1,
            },
        );
        let bias = bias.then(|| self.parameter("bias", vec![units], Layout::Vector));
        let output = self.tensor("dense", units, positions, TensorKind::Floats);
        let geometry = Dense {
            inputs,
            units,
            positions,
        };
        self.forward.push(Kind::Dense {
            geometry,
            input,
            kernel,
            bias,
            relu,
            output,
        });
        output
    }

    pub fn activation(&mut self, input: TensorId, function: Activation) -> TensorId {
        let (channels, positions) = self.sizes(input);
        let output = self.tensor("activation", channels, positions, TensorKind::Floats);
        self.forward.push(Kind::Activation {
            function,
            input,
            output,
        });
        output
    }

    pub fn softmax(&mut self, input: TensorId) -> TensorId {
        let (channels, positions) = self.sizes(input);
        let output = self.tensor("softmax", channels, positions, TensorKind::Floats);
        self.forward.push(Kind::Softmax { input, output });
        output
    }

    pub fn pool(
        &mut self,
        input: TensorId,
        (height, width): (usize, usize),
        pool: PoolKind,
        window: Window,
    ) -> TensorId {
        let channels = self.sizes(input).0;
        let grid = window.over(height, width).expect("the window fits");
        let positions = grid.vertical.output * grid.horizontal.output;
        let output = self.tensor("pool", channels, positions, TensorKind::Floats);
        self.forward.push(Kind::Pool {
            pool,
            geometry: Pooling { channels, grid },
            input,
            output,
        });
        output
    }

    pub fn global_pool(&mut self, input: TensorId, pool: PoolKind) -> TensorId {
        let channels = self.sizes(input).0;
        let output = self.tensor("global_pool", channels, 1, TensorKind::Floats);
        self.forward.push(Kind::GlobalPool { pool, input, output });
        output
    }

    pub fn add(&mut self, left: TensorId, right: TensorId) -> TensorId {
        let (channels, positions) = self.sizes(left);
        let output = self.tensor("add", channels, positions, TensorKind::Floats);
        self.forward.push(Kind::Add { left, right, output });
        output
    }

    pub fn transpose(&mut self, input: TensorId) -> TensorId {
        let (rows, columns) = self.sizes(input);
        let output = self.tensor("transpose", rows * columns, 1, TensorKind::Floats);
        self.forward.push(Kind::Transpose {
            rows,
            columns,
            input,
            output,
        });
        output
    }

    /// Concatenates maps of (channels, height, width) along `axis`: 0 channels, 1 height, 2 width.
    pub fn concatenate(&mut self, inputs: &[(TensorId, [usize; 3])], axis: usize) -> TensorId {
        let mut shape = inputs[0].1;
        shape[axis] = inputs.iter().map(|(_, shape)| shape[axis]).sum();
        let output = self.tensor("concatenate", shape[0], shape[1] * shape[2], TensorKind::Floats);
        let inner = |shape: &[usize; 3]| shape[axis..].iter().product::<usize>();
        let mut output_offset = 0;
        for (input, part) in inputs {
            let block = inner(part);
            self.forward.push(Kind::Copy {
                blocks: shape[..axis].iter().product(),
                block,
                input_stride: block,
                input_offset: 0,
                output_stride: inner(&shape),
                output_offset,
                input: *input,
                output,
            });
            output_offset += block;
        }
        output
    }

    /// Adds the loss on `logits`, the backward pass and the update; every tensor has memory of its own.
    pub fn finish(mut self, output: TensorId, from_logits: bool, optimizer: Option<Optimizer>) -> Plan {
        let forward = std::mem::take(&mut self.forward);
        let prediction = self.program(forward.clone(), output);
        let evaluation = self.program(self.to_loss(&forward, from_logits, output, None), output);

        let mut backward = Backward {
            gradients: vec![None; self.tensors.len()],
            kinds: Vec::new(),
            build: &mut self,
        };
        let dinput = backward.gradient_tensor(output);
        backward.gradients[output.0] = Some(dinput);
        for (index, kind) in forward.iter().enumerate().rev() {
            backward.step(kind, &forward[..index], &forward[index + 1..]);
        }
        let mut backward = backward.kinds;
        let mut kinds = self.to_loss(&forward, from_logits, output, Some(dinput));
        kinds.append(&mut backward);
        if optimizer.is_some() {
            kinds.push(Kind::Update);
        }
        let training = self.program(kinds, output);
        Plan {
            model: "test".to_owned(),
            output_shape: Shape::flat(self.tensors[output.0].elements()),
            input_shape: self.shape,
            parameters: self.parameters,
            parameter_floats: self.floats,
            optimizer,
            training,
            evaluation,
            prediction,
        }
    }

    /// The forward pass with the loss on `output`.
    fn to_loss(&self, forward: &[Kind], from_logits: bool, output: TensorId, gradient: Option<TensorId>) -> Vec<Kind> {
        let mut kinds = forward.to_vec();
        let loss = match forward.last() {
            Some(&Kind::Dense {
                geometry,
                input,
                kernel,
                bias,
                relu: false,
                output: made,
            }) if self.head && made == output => {
                kinds.pop();
                Kind::Head {
                    geometry,
                    input,
                    kernel,
                    bias,
                    from_logits,
                    doutput: gradient,
                }
            }
            _ => Kind::Loss {
                classes: self.sizes(output).0,
                from_logits,
                input: output,
                dinput: gradient,
            },
        };
        kinds.push(loss);
        kinds
    }

    fn program(&self, kinds: Vec<Kind>, output: TensorId) -> Program {
        let last = kinds.len() - 1;
        let slots = self.tensors.iter().enumerate().map(|(index, tensor)| Slot {
            bytes_per_quad: tensor.bytes(1),
            tenants: vec![Tenant {
                tensor: TensorId(index),
                first: 0,
                last,
            }],
        });
        Program {
            tensors: self.tensors.clone(),
            operations: kinds
                .into_iter()
                .map(|kind| Operation {
                    layer: "test".to_owned(),
                    kind,
                })
                .collect(),
            output: Some(output),
            slots: slots.collect(),
        }
    }
}

struct Backward<'a> {
    /// By tensor.
    gradients: Vec<Option<TensorId>>,
    kinds: Vec<Kind>,
    build: &'a mut Build,
}

impl Backward<'_> {
    fn gradient_tensor(&mut self, of: TensorId) -> TensorId {
        let (channels, positions) = self.build.sizes(of);
        self.build.tensor("d", channels, positions, TensorKind::Floats)
    }

    fn doutput(&self, of: TensorId) -> TensorId {
        self.gradients[of.0].expect("every tensor reaches the loss")
    }

    /// Makes a tensor for one share of a gradient, which `kind` writes, and adds it to what is there.
    fn contribute(&mut self, to: TensorId, kind: impl FnOnce(TensorId) -> Kind) {
        if to == self.build.input() && !self.build.input_gradient {
            return;
        }
        let share = self.gradient_tensor(to);
        self.kinds.push(kind(share));
        let total = match self.gradients[to.0] {
            None => share,
            Some(left) => {
                let output = self.gradient_tensor(to);
                self.kinds.push(Kind::Add {
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
    fn mask(&self, of: TensorId, before: &[Kind], after: &[Kind]) -> Option<TensorId> {
        let alone = !before.iter().chain(after).any(|kind| kind.reads().contains(&of));
        (self.build.masks && alone && makes_relu(of, before)).then_some(of)
    }

    /// The gradient of a relu's output with the relu's own step taken, here or by whom made it.
    fn behind_relu(&mut self, output: TensorId, relu: bool, before: &[Kind], after: &[Kind]) -> TensorId {
        let doutput = self.doutput(output);
        let users: Vec<&Kind> = after.iter().filter(|kind| kind.reads().contains(&output)).collect();
        let taken = match users.as_slice() {
            [Kind::Convolution { .. } | Kind::Dense { .. }] => self.build.masks && makes_relu(output, before),
            _ => false,
        };
        if !relu || taken {
            return doutput;
        }
        let dinput = self.gradient_tensor(output);
        let function = Activation::RELU;
        self.kinds.push(Kind::ActivationBackward {
            function,
            input: None,
            output,
            doutput,
            dinput,
        });
        dinput
    }

    fn step(&mut self, kind: &Kind, before: &[Kind], after: &[Kind]) {
        let makers = [before, std::slice::from_ref(kind)].concat();
        match *kind {
            Kind::Convolution {
                geometry,
                input,
                kernel,
                bias,
                relu,
                codes,
                output,
                ..
            } => {
                let tensor = self.behind_relu(output, relu, &makers, after);
                let doutput = Doutput { tensor, codes };
                self.kinds.push(Kind::ConvolutionDkernel {
                    geometry,
                    input,
                    doutput,
                    kernel,
                    bias,
                });
                let mask = self.mask(input, before, after);
                self.contribute(input, |dinput| Kind::ConvolutionDinput {
                    geometry,
                    doutput,
                    kernel,
                    mask,
                    dinput,
                });
            }
            Kind::Dense {
                geometry,
                input,
                kernel,
                bias,
                relu,
                output,
            } => {
                let doutput = self.behind_relu(output, relu, &makers, after);
                self.kinds.push(Kind::DenseDkernel {
                    geometry,
                    input,
                    doutput,
                    kernel,
                    bias,
                });
                let mask = self.mask(input, before, after);
                self.contribute(input, |dinput| Kind::DenseDinput {
                    geometry,
                    doutput,
                    kernel,
                    mask,
                    dinput,
                });
            }
            Kind::Activation {
                function,
                input,
                output,
            } => {
                let doutput = self.doutput(output);
                let taken = function.needs_input().then_some(input);
                self.contribute(input, |dinput| Kind::ActivationBackward {
                    function,
                    input: taken,
                    output,
                    doutput,
                    dinput,
                });
            }
            Kind::Softmax { input, output } => {
                let doutput = self.doutput(output);
                self.contribute(input, |dinput| Kind::SoftmaxBackward {
                    output,
                    doutput,
                    dinput,
                });
            }
            Kind::Pool {
                pool,
                geometry,
                input,
                output,
            } => {
                let doutput = self.doutput(output);
                let taken = (pool == PoolKind::Max).then_some(Taken { input, output });
                self.contribute(input, |dinput| Kind::PoolBackward {
                    pool,
                    geometry,
                    taken,
                    doutput,
                    dinput,
                });
            }
            Kind::GlobalPool { pool, input, output } => {
                let doutput = self.doutput(output);
                let taken = (pool == PoolKind::Max).then_some(Taken { input, output });
                self.contribute(input, |dinput| Kind::GlobalPoolBackward {
                    pool,
                    taken,
                    doutput,
                    dinput,
                });
            }
            Kind::Add { left, right, output } => {
                // The gradient of both is that of the sum; copied, since each may be added to.
                let doutput = self.doutput(output);
                for input in [left, right] {
                    let block = self.build.tensors[input.0].elements();
                    self.contribute(input, |dinput| Kind::Copy {
                        blocks: 1,
                        block,
                        input_stride: block,
                        input_offset: 0,
                        output_stride: block,
                        output_offset: 0,
                        input: doutput,
                        output: dinput,
                    });
                }
            }
            Kind::Copy {
                blocks,
                block,
                input_stride,
                input_offset,
                output_stride,
                output_offset,
                input,
                output,
            } => {
                let doutput = self.doutput(output);
                self.contribute(input, |dinput| Kind::Copy {
                    blocks,
                    block,
                    input_stride: output_stride,
                    input_offset: output_offset,
                    output_stride: input_stride,
                    output_offset: input_offset,
                    input: doutput,
                    output: dinput,
                });
            }
            Kind::Transpose {
                rows,
                columns,
                input,
                output,
            } => {
                let doutput = self.doutput(output);
                self.contribute(input, |dinput| Kind::Transpose {
                    rows: columns,
                    columns: rows,
                    input: doutput,
                    output: dinput,
                });
            }
            Kind::Gather { .. } => {}
            Kind::ConvolutionDkernel { .. }
            | Kind::ConvolutionDinput { .. }
            | Kind::DenseDkernel { .. }
            | Kind::DenseDinput { .. }
            | Kind::ActivationBackward { .. }
            | Kind::SoftmaxBackward { .. }
            | Kind::PoolBackward { .. }
            | Kind::GlobalPoolBackward { .. }
            | Kind::Loss { .. }
            | Kind::Head { .. }
            | Kind::Update => unreachable!("not part of a forward pass"),
        }
    }
}

fn makes_relu(of: TensorId, before: &[Kind]) -> bool {
    before.iter().any(|kind| match kind {
        Kind::Convolution { output, relu, .. } | Kind::Dense { output, relu, .. } => *relu && *output == of,
        _ => false,
    })
}
