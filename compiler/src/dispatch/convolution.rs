//! Launches of a convolution.

use super::{Constants, Launch, Resource, Schedule, at, each, fixed, kernel, unsigned};
use crate::plan::{Convolution, Kind};
use crate::tiling::{ConvolutionTiles, Tiling};
use crate::window::Sliding;
use shaders::{Constant, File};

/// The launch of an operation of this family; nothing for others.
pub(super) fn launch(kind: &Kind, tiling: &Tiling, schedule: &mut Schedule) -> Option<Launch> {
    use Resource::{Nothing, Parameters, Tensor};
    let launch = match kind {
        Kind::Convolution {
            geometry,
            input,
            kernel: weights,
            bias,
            relu,
            pool,
            codes,
            output,
        } => {
            let tiles = tiling.convolution(geometry, *pool);
            let mut constants = constants_of(geometry, &tiles);
            constants.extend([
                ("HAS_BIAS", Constant::Bool(bias.is_some())),
                ("RELU", Constant::Bool(*relu)),
            ]);
            constants.extend([("KERNEL_AT", at(Some(*weights))), ("BIAS_AT", at(*bias))]);
            constants.extend(unused(&["UNPOOL", "MASKED", "DKERNEL_AT", "DBIAS_AT"]));
            let mut bindings = vec![(0, Tensor(*input)), (1, Parameters), (2, Tensor(*output))];
            bindings.extend(codes.map(|codes| (3, Tensor(codes))));
            let entry = match (*pool, codes.is_some()) {
                (false, _) => "forward",
                (true, false) => "forward_pool",
                (true, true) => "forward_pool_codes",
            };
            let (height, width) = (geometry.grid.vertical.output, geometry.grid.horizontal.output);
            let (height, width) = if *pool {
                (height / 2 * 2, width / 2 * 2)
            } else {
                (height, width)
            };
            let tiles_c = geometry.out_channels.div_ceil(tiles.channels);
            let per_quad = height.div_ceil(tiles.height) * width.div_ceil(tiles.width) * tiles_c;
            (
                kernel(File::Conv2d, tiling, entry, constants),
                bindings,
                each(tiling, per_quad),
            )
        }
        Kind::ConvolutionDkernel {
            geometry,
            input,
            doutput,
            kernel: weights,
            bias,
        } => {
            let tiles = tiling.convolution(geometry, false);
            let splits = tiles.split_rows * tiles.split_quads;
            let partial = schedule.partials(*weights, *bias, splits);
            let mut constants = constants_of(geometry, &tiles);
            constants.extend([
                ("HAS_BIAS", Constant::Bool(bias.is_some())),
                ("UNPOOL", Constant::Bool(doutput.codes.is_some())),
                ("DKERNEL_AT", unsigned(partial.kernel_at)),
                ("DBIAS_AT", unsigned(partial.bias_at)),
            ]);
            constants.extend(unused(&["RELU", "MASKED", "KERNEL_AT", "BIAS_AT"]));
            let codes = doutput.codes.map_or(Nothing, Tensor);
            let bindings = vec![
                (0, Tensor(*input)),
                (4, Tensor(doutput.tensor)),
                (5, codes),
                (8, Resource::Gradients),
            ];
            let out_c4 = geometry.out_channels.div_ceil(4);
            let tiles_k = geometry.grid.vertical.size.div_ceil(tiles.k);
            let invocations = out_c4 * splits * tiles_k * geometry.in_channels;
            (
                kernel(File::Conv2d, tiling, "dkernel", constants),
                bindings,
                fixed(tiling, invocations),
            )
        }
        Kind::ConvolutionDinput {
            geometry,
            doutput,
            kernel: weights,
            mask,
            dinput,
        } => {
            let tiles = tiling.convolution(geometry, false);
            let mut constants = constants_of(geometry, &tiles);
            constants.extend([
                ("UNPOOL", Constant::Bool(doutput.codes.is_some())),
                ("MASKED", Constant::Bool(mask.is_some())),
                ("KERNEL_AT", at(Some(*weights))),
            ]);
            constants.extend(unused(&["HAS_BIAS", "RELU", "BIAS_AT", "DKERNEL_AT", "DBIAS_AT"]));
            let codes = doutput.codes.map_or(Nothing, Tensor);
            let mask = mask.map_or(Nothing, Tensor);
            let bindings = vec![
                (1, Parameters),
                (4, Tensor(doutput.tensor)),
                (5, codes),
                (6, mask),
                (7, Tensor(*dinput)),
            ];
            let (vertical, horizontal) = (geometry.grid.vertical, geometry.grid.horizontal);
            let (entry, columns, channels) = if tiles.strided {
                ("dinput_strided", horizontal.input, 4)
            } else {
                ("dinput", horizontal.input.div_ceil(tiles.x), tiles.i)
            };
            (
                kernel(File::Conv2d, tiling, entry, constants),
                bindings,
                each(
                    tiling,
                    vertical.input * columns * geometry.in_channels.div_ceil(channels),
                ),
            )
        }
        _ => return None,
    };
    Some(launch)
}

fn constants_of(geometry: &Convolution, tiles: &ConvolutionTiles) -> Constants {
    let (vertical, horizontal) = (geometry.grid.vertical, geometry.grid.horizontal);
    let reaches_out = |s: Sliding| s.pad_before > 0 || (s.output - 1) * s.stride + (s.size - 1) * s.dilation >= s.input;
    vec![
        ("IN_C", unsigned(geometry.in_channels)),
        ("IN_H", unsigned(vertical.input)),
        ("IN_W", unsigned(horizontal.input)),
        ("OUT_C", unsigned(geometry.out_channels)),
        ("OUT_H", unsigned(vertical.output)),
        ("OUT_W", unsigned(horizontal.output)),
        ("KERNEL_H", unsigned(vertical.size)),
        ("KERNEL_W", unsigned(horizontal.size)),
        ("STRIDE_H", unsigned(vertical.stride)),
        ("STRIDE_W", unsigned(horizontal.stride)),
        ("DILATION_H", unsigned(vertical.dilation)),
        ("DILATION_W", unsigned(horizontal.dilation)),
        ("PAD_TOP", unsigned(vertical.pad_before)),
        ("PAD_LEFT", unsigned(horizontal.pad_before)),
        (
            "PADDED",
            Constant::Bool(reaches_out(vertical) || reaches_out(horizontal)),
        ),
        ("TILE_C", unsigned(tiles.channels)),
        ("TILE_H", unsigned(tiles.height)),
        ("TILE_W", unsigned(tiles.width)),
        ("TILE_K", unsigned(tiles.k)),
        ("TILE_X", unsigned(tiles.x)),
        ("TILE_I", unsigned(tiles.i)),
        ("STRIP", unsigned(tiles.strip)),
        ("SPLIT_ROWS", unsigned(tiles.split_rows)),
        ("SPLIT_QUADS", unsigned(tiles.split_quads)),
    ]
}

/// Values for the constants of `conv2d.wgsl` that an entry point does not use; alike, so that texts are alike.
fn unused(names: &[&'static str]) -> Constants {
    names
        .iter()
        .map(|&name| {
            (
                name,
                if name.ends_with("_AT") {
                    unsigned(0)
                } else {
                    Constant::Bool(false)
                },
            )
        })
        .collect()
}
