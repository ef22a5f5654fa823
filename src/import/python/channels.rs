//! Networks whose channels come first, as Theano has them: a description has them last.

use crate::import::draft::{Draft, Layer, LeftOut};
use crate::import::literal::Literal;

/// The most channels that a picture has.
const MOST_CHANNELS: i64 = 4;

/// Turns a network with its channels first into the same one with its channels last, and says so in the draft. `declared` says that
/// the script sets that order for all layers. A shape such as (3, 64, 64) of what goes into a layer of maps is of that order too, for
/// a picture of 3 rows and 64 channels there is none.
pub fn turn(draft: &mut Draft, declared: bool) {
    let says = |layer: &Layer| {
        layer
            .arguments
            .iter()
            .any(|argument| is_order(argument.name.as_deref(), &argument.value))
    };
    let nested = || draft.models.iter().flat_map(|model| &model.layers);
    let declared = declared || draft.layers.iter().chain(nested()).any(says);
    let maps = draft
        .layers
        .iter()
        .chain(nested())
        .any(|layer| layer.class.contains("2D"));
    let pictures = draft
        .layers
        .iter()
        .chain(nested())
        .filter(|layer| layer.class == "Input");
    let turned = maps && pictures.filter_map(sizes).any(|sizes| is_first(sizes, declared));
    let place = draft
        .layers
        .first()
        .map(|layer| layer.place.clone())
        .unwrap_or_default();
    let mut models: Vec<&mut Vec<Layer>> = draft.models.iter_mut().map(|model| &mut model.layers).collect();
    models.push(&mut draft.layers);
    for layer in models.into_iter().flatten() {
        layer
            .arguments
            .retain(|argument| !is_order(argument.name.as_deref(), &argument.value));
        if turned {
            turn_layer(layer, declared);
        }
    }
    if turned {
        draft.left_out.push(LeftOut {
            lines: (usize::MAX, usize::MAX),
            place,
            what: "channels first (here they are last, and samples have to be, too)".to_owned(),
        });
    }
}

fn turn_layer(layer: &mut Layer, declared: bool) {
    let is_input = layer.class == "Input";
    let merges = matches!(layer.class.as_str(), "BatchNormalization" | "Concatenate");
    for argument in &mut layer.arguments {
        let is_axis = merges && argument.name.as_deref().is_none_or(|name| name == "axis");
        match &mut argument.value {
            value @ Literal::Int(1) if is_axis => *value = Literal::Int(-1),
            Literal::Tuple(sizes) | Literal::List(sizes)
                if (is_input && is_first(sizes, declared)) || (layer.class == "Reshape" && sizes.len() == 3) =>
            {
                sizes.rotate_left(1);
            }
            _ => {}
        }
    }
}

/// Whether an argument says that the channels come first.
fn is_order(name: Option<&str>, value: &Literal) -> bool {
    matches!(name, Some("data_format" | "dim_ordering"))
        && matches!(value, Literal::Str(order) if order == "channels_first" || order == "th")
}

fn sizes(input: &Layer) -> Option<&[Literal]> {
    input.arguments.first()?.value.items()
}

/// Whether a shape has its channels first. Where that is declared, a square map may have any number of them.
fn is_first(sizes: &[Literal], declared: bool) -> bool {
    let &[Literal::Int(first), Literal::Int(middle), Literal::Int(last)] = sizes else {
        return false;
    };
    let few = (1..=MOST_CHANNELS).contains(&first) && middle > MOST_CHANNELS && last > MOST_CHANNELS;
    few || (declared && middle == last && first != middle && last > MOST_CHANNELS)
}
