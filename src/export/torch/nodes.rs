//! Portable operations as lines of `forward`, and the layers that they call.

use super::{Order, Writer, activation};
use compiler::ops::{Interpolation, PoolKind};
use compiler::portable::{Graph, Merge, Node, Op, Sets, WeightId};

impl Writer<'_> {
    /// Writes an operation as the lines of PyTorch that compute it.
    pub(super) fn node(&mut self, node: &Node) {
        let graph = self.graph;
        let input = graph.first(node);
        let (from, to) = (graph.shape(input).clone(), graph.shape(node.output).clone());
        let of = graph.name_of(node.output).to_owned();
        let any = self.order_of(&node.inputs);
        let (order, expression) = match &node.op {
            Op::Convolution(op) => {
                let x = self.tensor(input, Order::First);
                let [kh, kw] = window(graph, op.kernel);
                let call = format!(
                    "Conv2d({}, {}, ({kh}, {kw}), stride={:?}, dilation={:?}, groups={}, bias={})",
                    from.channels(),
                    to.channels(),
                    op.strides,
                    op.dilation,
                    op.groups,
                    truth(op.bias.is_some())
                );
                let name = self.product(&of, &call, op.kernel, &[3, 2, 0, 1], op.bias);
                (Order::First, format!("self.{name}({})", padded(&x, op.pads, "")))
            }
            Op::ConvolutionTranspose(op) => {
                let x = self.tensor(input, Order::First);
                let [kh, kw] = window(graph, op.kernel);
                let call = format!(
                    "ConvTranspose2d({}, {}, ({kh}, {kw}), stride={:?}, dilation={:?}, bias={})",
                    from.channels(),
                    to.channels(),
                    op.strides,
                    op.dilation,
                    truth(op.bias.is_some())
                );
                let name = self.product(&of, &call, op.kernel, &[3, 2, 0, 1], op.bias);
                let ((oh, ow, _), (h, w, _)) = (to.as_map().unwrap_or((1, 1, 1)), from.as_map().unwrap_or((1, 1, 1)));
                let (top, left) = op.before;
                // Rows and columns that no window reaches have the bias alone.
                let full = |cells: usize, stride: usize, dilation: usize, size: usize| {
                    (cells.saturating_sub(1)) * stride + dilation * size.saturating_sub(1) + 1
                };
                let rows = (top + oh).saturating_sub(full(h, op.strides.0, op.dilation.0, kh));
                let columns = (left + ow).saturating_sub(full(w, op.strides.1, op.dilation.1, kw));
                let whole = if rows + columns == 0 {
                    format!("self.{name}({x})")
                } else {
                    format!("self.{name}({x}, output_size=({}, {}))", top + oh, left + ow)
                };
                (
                    Order::First,
                    format!("{whole}[:, :, {top}:{}, {left}:{}]", top + oh, left + ow),
                )
            }
            Op::Dense(op) => {
                let x = self.tensor(input, Order::Last);
                let bias = truth(op.bias.is_some());
                let call = format!("Linear({}, {}, bias={bias})", from.channels(), to.channels());
                let name = self.product(&of, &call, op.kernel, &[1, 0], op.bias);
                (Order::Last, format!("self.{name}({x})"))
            }
            Op::Pool(op) => {
                let x = self.tensor(input, Order::First);
                let (size, strides) = (op.size, op.strides);
                let expression = match op.kind {
                    PoolKind::Max => {
                        let x = padded(&x, op.pads, ", value=float(\"-inf\")");
                        format!("F.max_pool2d({x}, {size:?}, {strides:?})")
                    }
                    PoolKind::Average if op.pads == [(0, 0), (0, 0)] => {
                        format!("F.avg_pool2d({x}, {size:?}, {strides:?})")
                    }
                    // Cells outside of the image do not count.
                    PoolKind::Average => {
                        let ones = padded(&format!("torch.ones_like({x}[:1, :1])"), op.pads, "");
                        let x = padded(&x, op.pads, "");
                        format!(
                            "F.avg_pool2d({x}, {size:?}, {strides:?}) / F.avg_pool2d({ones}, {size:?}, {strides:?})"
                        )
                    }
                };
                (Order::First, expression)
            }
            Op::GlobalPool(kind) => {
                let x = self.tensor(input, Order::Last);
                let axes: Vec<String> = (1..from.rank()).map(|axis| format!("{axis},")).collect();
                let function = match kind {
                    PoolKind::Max => "amax",
                    PoolKind::Average => "mean",
                };
                let keeps = truth(to.rank() > 1);
                (
                    Order::Last,
                    format!("{x}.{function}(dim=({}), keepdim={keeps})", axes.join(" ")),
                )
            }
            Op::Affine { scale, shift } => {
                let x = self.tensor(input, any);
                let (scale, shift) = (self.buffer(*scale), self.buffer(*shift));
                let view = match any {
                    Order::Last => String::new(),
                    Order::First => format!(".view(-1{})", ", 1".repeat(to.rank() - 1)),
                };
                (any, format!("{x} * {scale}{view} + {shift}{view}"))
            }
            Op::Normalize {
                sets,
                epsilon,
                gamma,
                beta,
            } => {
                let (order, call) = match sets {
                    Sets::Positions => (Order::Last, format!("LayerNorm({}, eps={epsilon:?})", to.channels())),
                    Sets::Groups(groups) => (
                        Order::First,
                        format!("GroupNorm({groups}, {}, eps={epsilon:?})", to.channels()),
                    ),
                };
                let x = self.tensor(input, order);
                let name = self.layer(&of, &call);
                self.one(format!("{name}.weight"), *gamma);
                self.one(format!("{name}.bias"), *beta);
                (order, format!("self.{name}({x})"))
            }
            Op::Activation(function) => {
                let x = self.tensor(input, any);
                (any, activation::expression(*function, &x))
            }
            Op::Prelu { alpha } => {
                let x = self.tensor(input, Order::Last);
                let alpha = self.buffer(*alpha);
                (Order::Last, format!("torch.where({x} > 0, {x}, {x} * {alpha})"))
            }
            Op::Softmax => {
                let x = self.tensor(input, Order::Last);
                (Order::Last, format!("torch.softmax({x}, -1)"))
            }
            Op::Pad(sides) => {
                let x = self.tensor(input, Order::First);
                (Order::First, padded(&x, *sides, ""))
            }
            Op::Crop([(top, _), (left, _)]) => {
                let x = self.tensor(input, Order::First);
                let (height, width, _) = to.as_map().unwrap_or((1, 1, 1));
                let (bottom, right) = (top + height, left + width);
                (Order::First, format!("{x}[:, :, {top}:{bottom}, {left}:{right}]"))
            }
            Op::Reshape => {
                let x = self.tensor(input, Order::Last);
                let sizes: Vec<String> = to.sizes().iter().map(ToString::to_string).collect();
                (Order::Last, format!("{x}.reshape(-1, {})", sizes.join(", ")))
            }
            Op::Permute(order) => {
                let x = self.tensor(input, Order::Last);
                let axes: Vec<String> = order.iter().map(|axis| (axis + 1).to_string()).collect();
                (Order::Last, format!("{x}.permute(0, {})", axes.join(", ")))
            }
            Op::Concatenate(axis) => {
                let parts: Vec<String> = node.inputs.iter().map(|&part| self.tensor(part, any)).collect();
                let axis = match any {
                    Order::Last => axis + 1,
                    Order::First if axis + 1 == to.rank() => 1,
                    Order::First => axis + 2,
                };
                (any, format!("torch.cat(({}), {axis})", parts.join(", ")))
            }
            Op::Merge(merge) => {
                let parts: Vec<String> = node.inputs.iter().map(|&part| self.tensor(part, any)).collect();
                let expression = match merge {
                    Merge::Add => parts.join(" + "),
                    Merge::Multiply => parts.join(" * "),
                    Merge::Subtract => parts.join(" - "),
                    Merge::Maximum => format!("torch.maximum({})", parts.join(", ")),
                    Merge::Minimum => format!("torch.minimum({})", parts.join(", ")),
                };
                (any, expression)
            }
            Op::Resize(op) => {
                let x = self.tensor(input, Order::First);
                let mode = match op.interpolation {
                    Interpolation::Nearest => "mode=\"nearest\"",
                    Interpolation::Bilinear => "mode=\"bilinear\", align_corners=False",
                };
                let (height, width, _) = to.as_map().unwrap_or((1, 1, 1));
                (Order::First, format!("F.interpolate({x}, ({height}, {width}), {mode})"))
            }
        };
        let name = self.names.variable(&of);
        self.line(&name, &expression);
        self.tensors.insert((node.output, order), name);
    }
}

/// `x` with zeros, or what `value` says, around it.
fn padded(x: &str, [(top, bottom), (left, right)]: [(usize, usize); 2], value: &str) -> String {
    if top + bottom + left + right == 0 {
        return x.to_owned();
    }
    format!("F.pad({x}, ({left}, {right}, {top}, {bottom}){value})")
}

fn window(graph: &Graph, kernel: WeightId) -> [usize; 2] {
    match *graph.weight(kernel).shape {
        [height, width, ..] => [height, width],
        _ => [1, 1],
    }
}

const fn truth(value: bool) -> &'static str {
    if value { "True" } else { "False" }
}
