//! Operators that make pictures smaller or larger, or flatten them.

use super::layers::{Builder, Tensor, elements, pair, says};
use super::model::Node;
use super::order::Order;
use super::products::padded;
use crate::import::literal::{Argument, Literal};
use crate::session::Result;

pub fn pool(builder: &mut Builder<'_>, node: &Node) -> Result<Tensor> {
    let input = builder.input(node, 0)?;
    let size = node
        .pair("kernel_shape", 1)
        .ok_or_else(|| says("its window does not have two axes"))?;
    let strides = node.pair("strides", 1).ok_or_else(|| says("its strides are not two"))?;
    if node.pair("dilations", 1) != Some((1, 1))
        || node.int("ceil_mode", 0) != 0
        || strides.0 == 0
        || strides.1 == 0
        || size.0 == 0
        || size.1 == 0
    {
        return Err(says("it has dilations, or rounds up"));
    }
    let average = node.operator == "AveragePool";
    let (input, same) = padded(builder, node, input, size, strides, (1, 1), true)?;
    if average && same && node.int("count_include_pad", 0) != 0 {
        return Err(says("the mean includes the padding"));
    }
    let mut arguments = vec![Argument::placed(pair(size))];
    if strides != size {
        arguments.push(Argument::named("strides", pair(strides)));
    }
    if same {
        arguments.push(Argument::named("padding", Literal::Str("same".to_owned())));
    }
    let along = |length: usize, size: usize, stride: usize| {
        if same {
            length.div_ceil(stride)
        } else {
            length.saturating_sub(size) / stride + 1
        }
    };
    let &[rows, columns, channels] = input.shape.as_slice() else {
        return Err(says("its input is not a picture"));
    };
    let shape = vec![
        along(rows, size.0, strides.0),
        along(columns, size.1, strides.1),
        channels,
    ];
    let class = if average { "AveragePooling2D" } else { "MaxPooling2D" };
    Ok(builder.push(class, arguments, &[input.layer], shape, Order::First))
}

pub fn global_pool(builder: &mut Builder<'_>, node: &Node) -> Result<Tensor> {
    let input = builder.input(node, 0)?;
    let &[_, _, channels] = input.shape.as_slice() else {
        return Err(says("its input is not a picture"));
    };
    let reduces = node.operator.starts_with("Reduce");
    let given = node.ints("axes").map(<[i64]>::to_vec);
    let given = given.or_else(|| builder.constant(node.inputs.get(1)?)?.ints().map(<[i64]>::to_vec));
    let axes: Vec<i64> = given
        .unwrap_or_default()
        .iter()
        .map(|&axis| if axis < 0 { axis + 4 } else { axis })
        .collect();
    let wanted: &[i64] = match input.order {
        Order::First => &[2, 3],
        Order::Last => &[1, 2],
    };
    if reduces && axes != wanted {
        return Err(says("it does not run over rows and columns"));
    }
    let keeps = !reduces || node.int("keepdims", 1) != 0;
    let class = if node.operator.contains("Max") {
        "GlobalMaxPooling2D"
    } else {
        "GlobalAveragePooling2D"
    };
    let (arguments, shape) = if keeps {
        (
            vec![Argument::named("keepdims", Literal::Bool(true))],
            vec![1, 1, channels],
        )
    } else {
        (Vec::new(), vec![channels])
    };
    Ok(builder.push(class, arguments, &[input.layer], shape, input.order))
}

pub fn flatten(builder: &mut Builder<'_>, node: &Node) -> Result<Tensor> {
    if node.int("axis", 1) != 1 {
        return Err(says("it does not flatten whole samples"));
    }
    let input = builder.input(node, 0)?;
    Ok(builder.flat(&input))
}

pub fn reshape(builder: &mut Builder<'_>, node: &Node) -> Result<Tensor> {
    let input = builder.input(node, 0)?;
    let all = elements(&input.shape);
    if node.operator == "Squeeze" {
        return match input.shape.as_slice() {
            [1, 1, _] => Ok(builder.flat(&input)),
            _ => Err(says("it leaves out axes that are not of one pixel")),
        };
    }
    let sizes = node
        .inputs
        .get(1)
        .and_then(|name| builder.constant(name))
        .and_then(|array| array.ints().map(<[i64]>::to_vec));
    match sizes.as_deref() {
        Some([_, only]) if *only == -1 || *only == all as i64 => Ok(builder.flat(&input)),
        // Shapes that are worked out from the input's are those of a view behind the batch.
        None => Ok(builder.flat(&input)),
        Some([_, rest @ ..]) if input.order == Order::Last && input.flattened.is_none() => {
            let known = |size: &i64| usize::try_from(*size).ok().filter(|size| *size > 0);
            let fixed = elements(&rest.iter().filter_map(known).collect::<Vec<usize>>());
            let shape: Vec<usize> = rest
                .iter()
                .map(|&size| {
                    if size == -1 {
                        all / fixed.max(1)
                    } else {
                        usize::try_from(size).unwrap_or(0)
                    }
                })
                .collect();
            let literal = Literal::Tuple(shape.iter().map(|&size| Literal::Int(size as i64)).collect());
            Ok(builder.push(
                "Reshape",
                vec![Argument::placed(literal)],
                &[input.layer],
                shape,
                Order::Last,
            ))
        }
        Some(_) => Err(says("it shapes samples with the channels first")),
    }
}

pub fn pad(builder: &mut Builder<'_>, node: &Node) -> Result<Tensor> {
    let input = builder.input(node, 0)?;
    let given = node.ints("pads").map(<[i64]>::to_vec);
    let given = given.or_else(|| builder.constant(node.inputs.get(1)?)?.ints().map(<[i64]>::to_vec));
    let value = node
        .inputs
        .get(2)
        .and_then(|name| builder.constant(name))
        .and_then(|array| array.floats()?.first().copied())
        .unwrap_or(0.0);
    let mode = node.text("mode");
    let sides: Option<Vec<usize>> = given
        .unwrap_or_default()
        .iter()
        .map(|&side| usize::try_from(side).ok())
        .collect();
    let sides = match (input.order, sides.as_deref()) {
        (Order::First, Some(&[0, 0, top, left, 0, 0, bottom, right]))
        | (Order::Last, Some(&[0, top, left, 0, 0, bottom, right, 0])) => [(top, bottom), (left, right)],
        _ => return Err(says("it pads more than rows and columns")),
    };
    if value != 0.0 || !(mode.is_empty() || mode == "constant") {
        return Err(says("it pads with other numbers than 0"));
    }
    Ok(builder.padding(&input, sides))
}

pub fn resize(builder: &mut Builder<'_>, node: &Node) -> Result<Tensor> {
    let input = builder.input(node, 0)?;
    let scales = node.inputs.get(2).and_then(|name| builder.constant(name));
    let scales = scales
        .and_then(|array| array.floats().map(<[f32]>::to_vec))
        .unwrap_or_default();
    let factors = match (input.order, scales.as_slice()) {
        (Order::First, &[1.0, 1.0, rows, columns]) | (Order::Last, &[1.0, rows, columns, 1.0]) => (rows, columns),
        _ => return Err(says("it does not make rows and columns larger by constants")),
    };
    let whole = |factor: f32| (factor.fract() == 0.0 && (1.0..=1024.0).contains(&factor)).then_some(factor as usize);
    let (Some(rows), Some(columns)) = (whole(factors.0), whole(factors.1)) else {
        return Err(says("its factors are not whole numbers"));
    };
    let coordinates = node.text("coordinate_transformation_mode");
    let interpolation = match (node.text("mode"), coordinates, node.text("nearest_mode")) {
        ("" | "nearest", "asymmetric", "floor") => "nearest",
        ("linear", "" | "half_pixel", _) => "bilinear",
        _ => return Err(says("it takes pixels from other places than Keras does")),
    };
    let &[height, width, channels] = input.shape.as_slice() else {
        return Err(says("its input is not a picture"));
    };
    let mut arguments = vec![Argument::placed(pair((rows, columns)))];
    if interpolation != "nearest" {
        arguments.push(Argument::named("interpolation", Literal::Str(interpolation.to_owned())));
    }
    let shape = vec![height.saturating_mul(rows), width.saturating_mul(columns), channels];
    Ok(builder.push("UpSampling2D", arguments, &[input.layer], shape, input.order))
}
