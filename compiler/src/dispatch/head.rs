//! The launch of a head: a dense layer with the loss.

use super::{Kernel, Launch, Resource, Work, at, unsigned};
use crate::plan::Kind;
use crate::tiling::Tiling;
use shaders::{Constant, File};

/// The launch of a head; nothing for others.
pub(super) fn launch(kind: &Kind, tiling: &Tiling) -> Option<Launch> {
    use Resource::{Labels, Order, Parameters, State, Steps, Tensor, Totals};
    let Kind::Head {
        geometry,
        input,
        kernel: weights,
        bias,
        from_logits,
        doutput,
    } = kind
    else {
        return None;
    };
    // Those of the dense layer alone, so that its sums are added in the same order.
    let tiles = tiling.dense(geometry);
    let constants = vec![
        ("INPUTS", unsigned(geometry.inputs)),
        ("UNITS", unsigned(geometry.units)),
        ("HAS_BIAS", Constant::Bool(bias.is_some())),
        ("FROM_LOGITS", Constant::Bool(*from_logits)),
        ("KERNEL_AT", at(Some(*weights))),
        ("BIAS_AT", at(*bias)),
        ("TILE_N", unsigned(tiles.n)),
        ("SPLIT_INPUTS", unsigned(tiles.split_inputs)),
        ("LANES", unsigned(tiles.lanes)),
    ];
    let mut bindings = vec![
        (0, Tensor(*input)),
        (1, Parameters),
        (2, Order),
        (3, Labels),
        (5, State),
        (6, Totals),
    ];
    let entry = match doutput {
        Some(doutput) => {
            bindings.extend([(4, Steps), (7, Tensor(*doutput))]);
            "train"
        }
        None => "evaluate",
    };
    let kernel = Kernel {
        file: File::Head,
        entry,
        constants,
        textures: false,
    };
    let work = Work::Strips {
        positions: 1,
        lanes: tiles.lanes * tiles.n,
        tiles: 1,
    };
    Some((kernel, bindings, work))
}
