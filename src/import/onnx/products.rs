//! Products with kernels: convolutions and dense layers.

use super::layers::{Builder, Tensor, pair, says};
use super::model::Node;
use super::order::{Flattened, Order};
use crate::import::literal::{Argument, Literal};
use crate::session::Result;

/// Padding as a layer expresses it: "same" where it equals Keras's, else rows and columns of zeros that are added before.
pub fn padded(
    builder: &mut Builder<'_>,
    node: &Node,
    input: Tensor,
    size: (usize, usize),
    strides: (usize, usize),
    dilation: (usize, usize),
    is_pool: bool,
) -> Result<(Tensor, bool)> {
    let [height, width, _] = input.shape.as_slice() else {
        return Err(says("its input is not a picture"));
    };
    let same = |length: usize, size: usize, stride: usize, dilation: usize| {
        let extent = dilation * (size.max(1) - 1) + 1;
        let total = (length.div_ceil(stride.max(1)).max(1) - 1)
            .saturating_mul(stride)
            .saturating_add(extent)
            .saturating_sub(length);
        (total / 2, total - total / 2)
    };
    let rows = same(*height, size.0, strides.0, dilation.0);
    let columns = same(*width, size.1, strides.1, dilation.1);
    match node.text("auto_pad") {
        "SAME_UPPER" => return Ok((input, true)),
        "VALID" => return Ok((input, false)),
        "" | "NOTSET" => {}
        other => return Err(says(format!("it pads as {other}"))),
    }
    let pads: Option<Vec<usize>> = node
        .ints("pads")
        .unwrap_or(&[0, 0, 0, 0])
        .iter()
        .map(|&pad| usize::try_from(pad).ok())
        .collect();
    match pads.as_deref() {
        Some([0, 0, 0, 0]) => Ok((input, false)),
        Some(&[top, left, bottom, right]) if (top, bottom) == rows && (left, right) == columns => Ok((input, true)),
        Some(&[top, left, bottom, right]) if !is_pool => {
            Ok((builder.padding(&input, [(top, bottom), (left, right)]), false))
        }
        // A maximum over added zeros is that over nothing where no number is below 0.
        Some(_) => Err(says("the pool does not pad as Keras's \"same\"")),
        None => Err(says("its padding is negative")),
    }
}

pub fn convolution(builder: &mut Builder<'_>, node: &Node) -> Result<Tensor> {
    let input = builder.input(node, 0)?;
    let kernel = builder.floats(node, 1)?;
    let &[outputs, per_group, height, width] = kernel.shape.as_slice() else {
        return Err(says("its kernel does not have two axes"));
    };
    let (size, values) = ((height, width), kernel.floats().unwrap_or_default().to_vec());
    let bias = builder.optional(node, 2)?;
    let strides = node.pair("strides", 1).ok_or_else(|| says("its strides are not two"))?;
    let dilation = node
        .pair("dilations", 1)
        .ok_or_else(|| says("its dilations are not two"))?;
    let groups = usize::try_from(node.int("group", 1)).unwrap_or(0);
    if groups == 0
        || per_group.checked_mul(groups) != Some(input.channels())
        || outputs % groups != 0
        || strides.0 == 0
        || strides.1 == 0
    {
        return Err(says("its groups are not those of its input"));
    }
    let (input, same) = padded(builder, node, input, size, strides, dilation, false)?;
    let mut arguments = Vec::new();
    let depthwise = groups > 1 && per_group == 1;
    if !depthwise {
        arguments.push(Argument::placed(Literal::Int(outputs as i64)));
    }
    arguments.push(Argument::placed(pair(size)));
    let mut set = |name: &str, wanted: bool, value: Literal| {
        if wanted {
            arguments.push(Argument::named(name, value));
        }
    };
    set("strides", strides != (1, 1), pair(strides));
    set("padding", same, Literal::Str("same".to_owned()));
    set("dilation_rate", dilation != (1, 1), pair(dilation));
    set("groups", groups > 1 && !depthwise, Literal::Int(groups as i64));
    set(
        "depth_multiplier",
        depthwise && outputs / groups > 1,
        Literal::Int((outputs / groups) as i64),
    );
    set("use_bias", bias.is_none(), Literal::Bool(false));
    let along = |length: usize, size: usize, stride: usize, dilation: usize| {
        if same {
            length.div_ceil(stride)
        } else {
            (length.saturating_sub(dilation * (size.max(1) - 1) + 1)) / stride + 1
        }
    };
    let shape = match input.shape.as_slice() {
        &[rows, columns, _] => vec![
            along(rows, size.0, strides.0, dilation.0),
            along(columns, size.1, strides.1, dilation.1),
            outputs,
        ],
        _ => return Err(says("its input is not a picture")),
    };
    let class = if depthwise { "DepthwiseConv2D" } else { "Conv2D" };
    let made = builder.push_weighted(&names(node, 1), (class, arguments), &[input.layer], shape, Order::First);
    // (outputs, inputs, height, width) becomes (height, width, inputs, outputs).
    let (inputs, outer) = if depthwise {
        (groups, outputs / groups)
    } else {
        (per_group, outputs)
    };
    let moved = moved(&values, outputs, per_group, height * width);
    builder.weight(made.layer, "kernel", vec![height, width, inputs, outer], moved);
    builder.bias(made.layer, bias, outputs)?;
    Ok(made)
}

/// What a node calls all that it takes from there on.
fn names(node: &Node, from: usize) -> Vec<&str> {
    node.inputs.iter().skip(from).map(String::as_str).collect()
}

/// `(a, b, place)` as `(place, b, a)`.
fn moved(values: &[f32], a: usize, b: usize, places: usize) -> Vec<f32> {
    (0..values.len())
        .map(|index| {
            let (rest, first) = (index / a.max(1), index % a.max(1));
            let (place, second) = (rest / b.max(1), rest % b.max(1));
            values
                .get((first * b + second) * places + place)
                .copied()
                .unwrap_or(0.0)
        })
        .collect()
}

pub fn transposed_convolution(builder: &mut Builder<'_>, node: &Node) -> Result<Tensor> {
    let input = builder.input(node, 0)?;
    let kernel = builder.floats(node, 1)?;
    let &[inputs, outputs, height, width] = kernel.shape.as_slice() else {
        return Err(says("its kernel does not have two axes"));
    };
    let values = kernel.floats().unwrap_or_default().to_vec();
    let bias = builder.optional(node, 2)?;
    let strides = node.pair("strides", 1).ok_or_else(|| says("its strides are not two"))?;
    let pads = node.ints("pads").unwrap_or(&[0, 0, 0, 0]);
    let added = node
        .pair("output_padding", 0)
        .ok_or_else(|| says("its output's padding is not two"))?;
    let plain =
        node.pair("dilations", 1) == Some((1, 1)) && node.int("group", 1) == 1 && node.text("auto_pad").is_empty();
    let &[rows, columns, channels] = input.shape.as_slice() else {
        return Err(says("its input is not a picture"));
    };
    if !plain || channels != inputs || strides.0 == 0 || strides.1 == 0 {
        return Err(says("it has groups, dilations or padding that no layer has"));
    }
    // Keras's "same": the output is stride times the input, and the smaller half is cut off before.
    let cut = |size: usize, stride: usize| size.checked_sub(stride).map(|total| (total / 2) as i64);
    let whole = |length: usize, size: usize, stride: usize, before: i64, after: i64, added: usize| {
        ((length.max(1) - 1) * stride + size + added) as i64 - before - after
    };
    let out = match pads {
        &[top, left, bottom, right] => (
            whole(rows, height, strides.0, top, bottom, added.0),
            whole(columns, width, strides.1, left, right, added.1),
        ),
        _ => return Err(says("it does not pad four sides")),
    };
    let same = (Some(pads[0]), Some(pads[1])) == (cut(height, strides.0), cut(width, strides.1))
        && out == ((rows * strides.0) as i64, (columns * strides.1) as i64);
    let valid = pads == [0, 0, 0, 0] && added == (0, 0) && height >= strides.0 && width >= strides.1;
    if !same && !valid {
        return Err(says("it does not pad as Keras does"));
    }
    let mut arguments = vec![
        Argument::placed(Literal::Int(outputs as i64)),
        Argument::placed(pair((height, width))),
    ];
    if strides != (1, 1) {
        arguments.push(Argument::named("strides", pair(strides)));
    }
    if !valid {
        arguments.push(Argument::named("padding", Literal::Str("same".to_owned())));
    }
    if bias.is_none() {
        arguments.push(Argument::named("use_bias", Literal::Bool(false)));
    }
    let shape = vec![
        usize::try_from(out.0).unwrap_or(0),
        usize::try_from(out.1).unwrap_or(0),
        outputs,
    ];
    let made = builder.push_weighted(
        &names(node, 1),
        ("Conv2DTranspose", arguments),
        &[input.layer],
        shape,
        Order::First,
    );
    let moved = moved(&values, inputs, outputs, height * width);
    builder.weight(made.layer, "kernel", vec![height, width, outputs, inputs], moved);
    builder.bias(made.layer, bias, outputs)?;
    Ok(made)
}

pub fn dense(builder: &mut Builder<'_>, node: &Node) -> Result<Tensor> {
    let input = builder.input(node, 0)?;
    let kernel = builder.floats(node, 1)?;
    let plain = node.float("alpha", 1.0) == 1.0 && node.float("beta", 1.0) == 1.0 && node.int("transA", 0) == 0;
    let &[first, second] = kernel.shape.as_slice() else {
        return Err(says("its kernel does not have two axes"));
    };
    if !plain || (input.order == Order::First && input.shape.len() > 1) {
        return Err(says("it is no product that a layer computes"));
    }
    let outwards = node.int("transB", 0) != 0;
    let (inputs, outputs) = if outwards { (second, first) } else { (first, second) };
    if input.channels() != inputs {
        return Err(says(format!("it takes {inputs} numbers and gets {}", input.channels())));
    }
    let values = kernel.floats().unwrap_or_default();
    let flattened = input.flattened;
    // Rows in the order of channels first belong to numbers in that of channels last.
    let row = |row: usize| match flattened {
        Some(Flattened { places, channels }) => (row % channels) * places + row / channels,
        None => row,
    };
    let at = |row: usize, column: usize| {
        if outwards {
            column * inputs + row
        } else {
            row * outputs + column
        }
    };
    let moved: Vec<f32> = (0..values.len())
        .map(|index| {
            values
                .get(at(row(index / outputs.max(1)), index % outputs.max(1)))
                .copied()
                .unwrap_or(0.0)
        })
        .collect();
    let bias = if node.operator == "Gemm" {
        builder.optional(node, 2)?
    } else {
        None
    };
    let mut arguments = vec![Argument::placed(Literal::Int(outputs as i64))];
    if bias.is_none() {
        arguments.push(Argument::named("use_bias", Literal::Bool(false)));
    }
    let mut shape = input.shape.clone();
    if let Some(last) = shape.last_mut() {
        *last = outputs;
    }
    let made = builder.push_weighted(
        &names(node, 1),
        ("Dense", arguments),
        &[input.layer],
        shape,
        Order::Last,
    );
    builder.weight(made.layer, "kernel", vec![inputs, outputs], moved);
    builder.bias(made.layer, bias, outputs)?;
    Ok(made)
}
