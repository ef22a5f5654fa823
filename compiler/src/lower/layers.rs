//! The rules of all layers.

use crate::activation::Activation as Function;
use crate::layers::{Concatenate, Conv2D, Layer};
use crate::ops::{
    Activation, ActivationBackward, Convolution, ConvolutionDinput, ConvolutionDkernel, ConvolutionGeometry, Copy,
    Dense, DenseDinput, DenseDkernel, DenseGeometry, Doutput, Gather, GlobalPool, GlobalPoolBackward, Pool,
    PoolBackward, PoolKind, PoolingGeometry, Softmax, SoftmaxBackward, Taken, Transpose,
};
use crate::plan::builder::{Backward, Forward};
use crate::plan::parameter::ParameterLayout;
use crate::plan::tensor::TensorId;
use crate::shape::Shape;
use crate::variable::Variable;
use crate::window::{Grid, Window};

/// Whether a layer takes a flattened map in any order, since the order of its own variables can follow.
pub(super) fn takes_any_order(layer: &Layer) -> bool {
    match layer {
        Layer::Dense(_) => true,
        Layer::Input(_)
        | Layer::Conv2D(_)
        | Layer::MaxPooling2D(_)
        | Layer::AveragePooling2D(_)
        | Layer::GlobalAveragePooling2D(_)
        | Layer::GlobalMaxPooling2D(_)
        | Layer::Flatten(_)
        | Layer::Activation(_)
        | Layer::ReLU(_)
        | Layer::Softmax(_)
        | Layer::Add(_)
        | Layer::Concatenate(_) => false,
    }
}

/// Whether a layer's output is its input's tensor, of this shape, under another shape. `any_order`: whether all of its
/// users take a flattened map in any order.
///
/// A flattened map needs no copy where Keras's order is the map's own (one channel or one position), or where only dense
/// layers take it, whose kernels' rows are then kept in the map's order.
pub(super) fn is_view(layer: &Layer, input: &Shape, any_order: bool) -> bool {
    match layer {
        Layer::Flatten(_) => input.channels() == 1 || input.positions() == 1 || any_order,
        Layer::Input(_)
        | Layer::Conv2D(_)
        | Layer::MaxPooling2D(_)
        | Layer::AveragePooling2D(_)
        | Layer::GlobalAveragePooling2D(_)
        | Layer::GlobalMaxPooling2D(_)
        | Layer::Dense(_)
        | Layer::Activation(_)
        | Layer::ReLU(_)
        | Layer::Softmax(_)
        | Layer::Add(_)
        | Layer::Concatenate(_) => false,
    }
}

/// The order of a variable's numbers. `flattened`: the shape of the map that the layer's input is a view of.
pub(super) fn layout(layer: &Layer, variable: &Variable, flattened: Option<&Shape>) -> ParameterLayout {
    match (layer, variable.name) {
        (Layer::Conv2D(_), "kernel") => ParameterLayout::Convolution,
        (Layer::Dense(_), "kernel") => match flattened {
            Some(map) => ParameterLayout::Dense {
                channels: map.channels(),
                positions: map.positions(),
            },
            None => ParameterLayout::Dense {
                channels: variable.shape.first().copied().unwrap_or(1),
                positions: 1,
            },
        },
        (
            Layer::Input(_)
            | Layer::Conv2D(_)
            | Layer::Dense(_)
            | Layer::MaxPooling2D(_)
            | Layer::AveragePooling2D(_)
            | Layer::GlobalAveragePooling2D(_)
            | Layer::GlobalMaxPooling2D(_)
            | Layer::Flatten(_)
            | Layer::Activation(_)
            | Layer::ReLU(_)
            | Layer::Softmax(_)
            | Layer::Add(_)
            | Layer::Concatenate(_),
            _,
        ) => ParameterLayout::Vector,
    }
}

/// Adds the operations of a layer; gives the tensor of its output.
pub(super) fn forward(layer: &Layer, at: &mut Forward<'_>) -> TensorId {
    match layer {
        Layer::Input(_) => {
            let output = at.output();
            at.push(Gather { output });
            output
        }
        Layer::Conv2D(layer) => match convolution(layer, at.input_shape()) {
            Some(product) => product_forward(product, layer.activation, at),
            None => at.input(),
        },
        Layer::Dense(layer) => product_forward(dense(layer.units, at.input_shape()), layer.activation, at),
        Layer::Activation(layer) | Layer::ReLU(layer) | Layer::Softmax(layer) => {
            if skips(layer.function, at.feeds_loss()) {
                return at.input();
            }
            activate(layer.function, at.input(), at)
        }
        Layer::MaxPooling2D(layer) => pool(PoolKind::Max, &layer.window, at),
        Layer::AveragePooling2D(layer) => pool(PoolKind::Average, &layer.window, at),
        Layer::GlobalMaxPooling2D(_) => global_pool(PoolKind::Max, at),
        Layer::GlobalAveragePooling2D(_) => global_pool(PoolKind::Average, at),
        Layer::Flatten(_) => {
            if at.is_view() {
                return at.input();
            }
            let (input, output) = (at.input(), at.output());
            at.push(Transpose {
                rows: at.input_shape().channels(),
                columns: at.input_shape().positions(),
                input,
                output,
            });
            output
        }
        Layer::Add(_) => {
            let inputs = at.inputs();
            at.sum(&inputs)
        }
        Layer::Concatenate(layer) => {
            let output = at.output();
            let inputs = at.inputs();
            for (part, input) in parts(layer, at.shape(), at.input_shapes()).into_iter().zip(inputs) {
                at.push(Copy {
                    blocks: part.blocks,
                    block: part.block,
                    input_stride: part.block,
                    input_offset: 0,
                    output_stride: part.stride,
                    output_offset: part.offset,
                    input,
                    output,
                });
            }
            output
        }
    }
}

/// Adds the operations that make the gradients of a layer's variables and inputs.
pub(super) fn backward(layer: &Layer, at: &mut Backward<'_>) {
    match layer {
        Layer::Input(_) => {}
        Layer::Conv2D(layer) => {
            if let Some(product) = convolution(layer, at.input_shape()) {
                product_backward(product, layer.activation, at);
            }
        }
        Layer::Dense(layer) => product_backward(dense(layer.units, at.input_shape()), layer.activation, at),
        Layer::Activation(layer) | Layer::ReLU(layer) | Layer::Softmax(layer) => {
            if skips(layer.function, at.feeds_loss()) {
                at.give(0, at.doutput());
            } else if let Some(dinput) = at.dinput(0) {
                activate_backward(layer.function, at.input(), at.doutput(), dinput, at);
            }
        }
        Layer::MaxPooling2D(layer) => pool_backward(PoolKind::Max, &layer.window, at),
        Layer::AveragePooling2D(layer) => pool_backward(PoolKind::Average, &layer.window, at),
        Layer::GlobalMaxPooling2D(_) => global_pool_backward(PoolKind::Max, at),
        Layer::GlobalAveragePooling2D(_) => global_pool_backward(PoolKind::Average, at),
        Layer::Flatten(_) => {
            if at.is_view() {
                at.give(0, at.doutput());
            } else if let Some(output) = at.dinput(0) {
                at.push(Transpose {
                    rows: at.input_shape().positions(),
                    columns: at.input_shape().channels(),
                    input: at.doutput(),
                    output,
                });
            }
        }
        Layer::Add(_) => {
            for input in 0..at.input_shapes().count() {
                at.give(input, at.doutput());
            }
        }
        Layer::Concatenate(layer) => {
            for (input, part) in parts(layer, at.shape(), at.input_shapes()).into_iter().enumerate() {
                let Some(output) = at.dinput(input) else { continue };
                at.push(Copy {
                    blocks: part.blocks,
                    block: part.block,
                    input_stride: part.stride,
                    input_offset: part.offset,
                    output_stride: part.block,
                    output_offset: 0,
                    input: at.doutput(),
                    output,
                });
            }
        }
    }
}

/// The product that a layer with a kernel is.
#[derive(Clone, Copy)]
enum Product {
    Convolution(ConvolutionGeometry),
    Dense(DenseGeometry),
}

fn dense(units: usize, input: &Shape) -> Product {
    Product::Dense(DenseGeometry {
        inputs: input.channels(),
        units,
        positions: input.positions(),
    })
}

/// A 1x1 convolution of stride 1 is a dense layer at every pixel.
fn convolution(layer: &Conv2D, input: &Shape) -> Option<Product> {
    if layer.window.size == (1, 1) && layer.window.strides == (1, 1) {
        return Some(dense(layer.filters, input));
    }
    Some(Product::Convolution(ConvolutionGeometry {
        in_channels: input.channels(),
        out_channels: layer.filters,
        grid: grid(&layer.window, input)?,
    }))
}

/// The name under which what a layer's own activation took is remembered.
const LINEAR: &str = "linear";

fn product_forward(product: Product, function: Function, at: &mut Forward<'_>) -> TensorId {
    let plain = skips(function, at.feeds_loss());
    let output = if plain {
        at.output()
    } else {
        at.tensor(LINEAR, at.shape())
    };
    let (input, bias) = (at.input(), at.variable("bias"));
    if let Some(kernel) = at.variable("kernel") {
        match product {
            Product::Convolution(geometry) => at.push(Convolution {
                geometry,
                input,
                kernel,
                bias,
                relu: false,
                pool: false,
                codes: None,
                output,
            }),
            Product::Dense(geometry) => at.push(Dense {
                geometry,
                input,
                kernel,
                bias,
                relu: false,
                output,
            }),
        }
    }
    if plain {
        return output;
    }
    at.remember(LINEAR, output);
    activate(function, output, at)
}

fn product_backward(product: Product, function: Function, at: &mut Backward<'_>) {
    let mut doutput = at.doutput();
    if let Some(linear) = at.recall(LINEAR) {
        let dlinear = at.tensor(LINEAR, at.shape());
        activate_backward(function, linear, doutput, dlinear, at);
        doutput = dlinear;
    }
    let (input, bias) = (at.input(), at.variable("bias"));
    let Some(kernel) = at.variable("kernel") else {
        return;
    };
    let mask = None;
    match product {
        Product::Convolution(geometry) => {
            let doutput = Doutput {
                tensor: doutput,
                codes: None,
            };
            at.push(ConvolutionDkernel {
                geometry,
                input,
                doutput,
                kernel,
                bias,
            });
            if let Some(dinput) = at.dinput(0) {
                at.push(ConvolutionDinput {
                    geometry,
                    doutput,
                    kernel,
                    mask,
                    dinput,
                });
            }
        }
        Product::Dense(geometry) => {
            at.push(DenseDkernel {
                geometry,
                input,
                doutput,
                kernel,
                bias,
            });
            if let Some(dinput) = at.dinput(0) {
                at.push(DenseDinput {
                    geometry,
                    doutput,
                    kernel,
                    mask,
                    dinput,
                });
            }
        }
    }
}

/// Whether an activation is no operation: linear does nothing, and the loss takes the logits before a softmax.
fn skips(function: Function, feeds_loss: bool) -> bool {
    function == Function::Linear || (feeds_loss && function == Function::Softmax)
}

fn activate(function: Function, input: TensorId, at: &mut Forward<'_>) -> TensorId {
    let output = at.output();
    if function == Function::Softmax {
        at.push(Softmax { input, output });
    } else {
        at.push(Activation {
            function,
            input,
            output,
        });
    }
    output
}

/// The gradient step of the activation that took `input` and made the layer's output.
fn activate_backward(function: Function, input: TensorId, doutput: TensorId, dinput: TensorId, at: &mut Backward<'_>) {
    let output = at.output();
    if function == Function::Softmax {
        at.push(SoftmaxBackward {
            output,
            doutput,
            dinput,
        });
    } else {
        at.push(ActivationBackward {
            function,
            input: function.needs_input().then_some(input),
            output,
            doutput,
            dinput,
        });
    }
}

fn grid(window: &Window, input: &Shape) -> Option<Grid> {
    let (height, width, _) = input.as_map()?;
    window.over(height, width)
}

fn pooling(window: &Window, input: &Shape) -> Option<PoolingGeometry> {
    Some(PoolingGeometry {
        channels: input.channels(),
        grid: grid(window, input)?,
    })
}

fn pool(pool: PoolKind, window: &Window, at: &mut Forward<'_>) -> TensorId {
    let (input, output) = (at.input(), at.output());
    if let Some(geometry) = pooling(window, at.input_shape()) {
        at.push(Pool {
            pool,
            geometry,
            input,
            output,
        });
    }
    output
}

fn pool_backward(pool: PoolKind, window: &Window, at: &mut Backward<'_>) {
    let Some(geometry) = pooling(window, at.input_shape()) else {
        return;
    };
    if let Some(dinput) = at.dinput(0) {
        at.push(PoolBackward {
            pool,
            geometry,
            taken: taken(pool, at),
            doutput: at.doutput(),
            dinput,
        });
    }
}

fn global_pool(pool: PoolKind, at: &mut Forward<'_>) -> TensorId {
    let (input, output) = (at.input(), at.output());
    at.push(GlobalPool { pool, input, output });
    output
}

fn global_pool_backward(pool: PoolKind, at: &mut Backward<'_>) {
    if let Some(dinput) = at.dinput(0) {
        at.push(GlobalPoolBackward {
            pool,
            taken: taken(pool, at),
            doutput: at.doutput(),
            dinput,
        });
    }
}

/// What the backward operation of a pool needs of the forward one.
fn taken(pool: PoolKind, at: &Backward<'_>) -> Option<Taken> {
    match pool {
        PoolKind::Max => Some(Taken {
            input: at.input(),
            output: at.output(),
        }),
        PoolKind::Average => None,
    }
}

/// One input's place in a concatenation, in elements of a sample.
struct Part {
    blocks: usize,
    block: usize,
    stride: usize,
    offset: usize,
}

/// The inputs' places along the axis (of Keras's order). In memory the channels come first, then the other axes in order.
fn parts<'a>(layer: &Concatenate, shape: &Shape, inputs: impl Iterator<Item = &'a Shape>) -> Vec<Part> {
    let axis = layer.axis;
    let rank = shape.rank();
    let is_channels = axis + 1 == rank;
    let sizes = shape.sizes();
    let before = if is_channels {
        1
    } else {
        shape.channels() * sizes.iter().take(axis).product::<usize>()
    };
    let after = if is_channels {
        shape.positions()
    } else {
        sizes
            .iter()
            .take(rank.saturating_sub(1))
            .skip(axis + 1)
            .product::<usize>()
    };
    let stride = sizes.get(axis).copied().unwrap_or(1) * after;
    let mut offset = 0;
    let mut parts = Vec::new();
    for input in inputs {
        let size = input.sizes().get(axis).copied().unwrap_or(0);
        parts.push(Part {
            blocks: before,
            block: size * after,
            stride,
            offset,
        });
        offset += size * after;
    }
    parts
}
