//! Launches of a dense layer.

use super::{Constants, Launch, Resource, Schedule, Work, at, fixed, kernel, unsigned};
use crate::plan::{Dense, Kind};
use crate::tiling::{DenseTiles, Tiling};
use shaders::{Constant, File};

/// The launch of an operation of this family; nothing for others.
pub(super) fn launch(kind: &Kind, tiling: &Tiling, schedule: &mut Schedule) -> Option<Launch> {
    use Resource::{Nothing, Parameters, Tensor};
    let launch = match kind {
        Kind::Dense {
            geometry,
            input,
            kernel: weights,
            bias,
            relu,
            output,
        } => {
            let tiles = tiling.dense(geometry);
            let mut constants = constants_of(geometry, &tiles);
            constants.extend([
                ("HAS_BIAS", Constant::Bool(bias.is_some())),
                ("RELU", Constant::Bool(*relu)),
                ("MASKED", Constant::Bool(false)),
                ("KERNEL_AT", at(Some(*weights))),
                ("BIAS_AT", at(*bias)),
                ("DKERNEL_AT", unsigned(0)),
                ("DBIAS_AT", unsigned(0)),
            ]);
            let bindings = vec![(0, Tensor(*input)), (1, Parameters), (2, Tensor(*output))];
            let tiles_c = geometry.units.div_ceil(4).div_ceil(tiles.c4);
            let work = Work::Strips {
                positions: geometry.positions,
                lanes: tiles.lanes * tiles.n,
                tiles: tiles_c,
            };
            (kernel(File::Dense, tiling, "forward", constants), bindings, work)
        }
        Kind::DenseDkernel {
            geometry,
            input,
            doutput,
            kernel: weights,
            bias,
        } => {
            let tiles = tiling.dense(geometry);
            let partial = schedule.partials(*weights, *bias, tiles.split_columns);
            let mut constants = constants_of(geometry, &tiles);
            constants.extend([
                ("HAS_BIAS", Constant::Bool(bias.is_some())),
                ("RELU", Constant::Bool(false)),
                ("MASKED", Constant::Bool(false)),
                ("KERNEL_AT", unsigned(0)),
                ("BIAS_AT", unsigned(0)),
                ("DKERNEL_AT", unsigned(partial.kernel_at)),
                ("DBIAS_AT", unsigned(partial.bias_at)),
            ]);
            let bindings = vec![(0, Tensor(*input)), (3, Tensor(*doutput)), (6, Resource::Gradients)];
            // One input more: the bias.
            let rows = (geometry.inputs + 1).div_ceil(tiles.i);
            let invocations = rows * geometry.units.div_ceil(4).div_ceil(tiles.c4) * tiles.split_columns;
            (
                kernel(File::Dense, tiling, "dkernel", constants),
                bindings,
                fixed(tiling, invocations),
            )
        }
        Kind::DenseDinput {
            geometry,
            doutput,
            kernel: weights,
            mask,
            dinput,
        } => {
            let tiles = tiling.dense(geometry);
            let tiles = DenseTiles {
                n: tiles.dinput_n,
                ..tiles
            };
            let mut constants = constants_of(geometry, &tiles);
            constants.extend([
                ("HAS_BIAS", Constant::Bool(false)),
                ("RELU", Constant::Bool(false)),
                ("MASKED", Constant::Bool(mask.is_some())),
                ("KERNEL_AT", at(Some(*weights))),
                ("BIAS_AT", unsigned(0)),
                ("DKERNEL_AT", unsigned(0)),
                ("DBIAS_AT", unsigned(0)),
            ]);
            let mask = mask.map_or(Nothing, Tensor);
            let bindings = vec![(1, Parameters), (3, Tensor(*doutput)), (4, mask), (5, Tensor(*dinput))];
            let work = Work::Columns {
                positions: geometry.positions,
                tile: tiles.n,
                rows: geometry.inputs.div_ceil(4 * tiles.x4),
                workgroup: tiling.workgroup,
            };
            (kernel(File::Dense, tiling, "dinput", constants), bindings, work)
        }
        _ => return None,
    };
    Some(launch)
}

fn constants_of(geometry: &Dense, tiles: &DenseTiles) -> Constants {
    vec![
        ("INPUTS", unsigned(geometry.inputs)),
        ("UNITS", unsigned(geometry.units)),
        ("TILE_C4", unsigned(tiles.c4)),
        ("TILE_I", unsigned(tiles.i)),
        ("TILE_X4", unsigned(tiles.x4)),
        ("SPLIT_INPUTS", unsigned(tiles.split_inputs)),
        ("LANES", unsigned(tiles.lanes)),
        ("TILE_N", unsigned(tiles.n)),
        ("SPLIT_COLUMNS", unsigned(tiles.split_columns)),
    ]
}
