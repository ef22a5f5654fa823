//! The tasks of a convolution, of which a dense layer is one too.

use super::super::kernels::Tiles;
use super::super::kernels::convolution::Forward;
use super::super::kernels::dinput::Dinput;
use super::super::kernels::dkernel::{Dkernel, Strided};
use super::{MAP, Maker, Weights, Work, floats};
use compiler::plan::{self, Doutput, Kind, TensorId};
use compiler::window::{Grid, Sliding};
use std::ops::Range;

/// Rows of doutput that a band may hold: 256 KiB, a part of a second-level cache. Measured on Zen 4 (us a step, first
/// convolutions of LeNet and the pyramid): 16 KiB, which the first-level cache holds, 287 and 110; 64 KiB 231 and 106;
/// 256 KiB 220 and 103. Reading ahead from the second level costs less than setting sums aside.
const BAND_ROWS: usize = 4096;

/// The gradient of a convolution's map.
struct Map {
    at: Range<usize>,
    strided: Strided,
}

impl Maker<'_> {
    #[allow(clippy::too_many_arguments)]
    pub fn convolution(
        &mut self,
        geometry: &plan::Convolution,
        input: TensorId,
        kernel: plan::Range,
        bias: Option<plan::Range>,
        (relu, pool): (bool, bool),
        codes: Option<TensorId>,
        output: Range<usize>,
    ) {
        let grid = &geometry.grid;
        let input = self.padded(geometry, input);
        let taps = taps(geometry);
        let (bases, pixels) = bases(grid, pool);
        let tiles = Tiles::of(geometry.out_channels, Forward::limit(self.instructions.wide(), pixels));
        let stride = geometry.out_channels.next_multiple_of(4);
        self.made.work += taps.len() * geometry.out_channels * grid.vertical.output * grid.horizontal.output;
        self.made.products += 1;
        // Packed tiles keep out of the first-level cache what a tile does not use; with one tile, or little use of it,
        // nothing is won.
        let packed = tiles.count() > 1 && pixels > 8;
        let weights = if packed {
            let packed = self.pack(taps.len() * geometry.out_channels);
            let work = Work::PackForward {
                tiles,
                taps: taps.len(),
                stride,
                weights: floats(kernel),
                packed: packed.clone(),
            };
            self.push_once(work, tiles.count());
            Weights::Packed(packed)
        } else {
            Weights::Parameters(floats(kernel))
        };
        let (units, unit) = Forward::units(self.instructions.wide(), &taps);
        let plan = Forward {
            units,
            unit,
            groups: (bases.len() / 4).div_ceil(8).max(1),
            bases,
            pixels,
            tiles,
            stride: (!packed).then_some(stride),
            relu,
            pool,
        };
        let items = plan.items();
        let codes = codes.map(|codes| self.at(codes));
        self.push(
            Work::Forward {
                plan,
                input,
                weights,
                bias: bias.map(floats),
                output,
                codes,
            },
            items,
        );
    }

    pub fn dkernel(
        &mut self,
        geometry: &plan::Convolution,
        input: TensorId,
        doutput: Doutput,
        kernel: plan::Range,
        bias: Option<plan::Range>,
    ) {
        let grid = &geometry.grid;
        let map = self.map(geometry, doutput);
        let input = self.padded_copy(grid, input);
        let taps = taps(geometry);
        let (filters, taps_at_once) = Dkernel::tile(self.instructions.registers(), geometry.out_channels, taps.len());
        let (rows, columns) = (grid.vertical.output, grid.horizontal.output);
        let band = (BAND_ROWS / (filters * columns)).clamp(1, rows);
        // Bands of equal height, and none where one more row would do.
        let band = rows.div_ceil(rows.div_ceil(band));
        let tap_tiles = taps.len().div_ceil(taps_at_once);
        let plan = Dkernel {
            rows,
            columns,
            input_steps: (grid.vertical.stride * padded_size(grid).1, grid.horizontal.stride),
            doutput: map.strided,
            tiles: Tiles::of(geometry.out_channels, filters),
            taps_at_once,
            run: if band < rows {
                tap_tiles.min(16)
            } else {
                tap_tiles.div_ceil(4)
            },
            band,
            stride: geometry.out_channels.next_multiple_of(4),
            kernel: kernel.offset,
            bias: bias.map(|bias| bias.offset),
            taps,
        };
        self.made.scratch = self.made.scratch.max(plan.scratch());
        let items = plan.items();
        self.push(
            Work::Dkernel {
                plan,
                input,
                doutput: map.at,
            },
            items,
        );
    }

    pub fn dinput(
        &mut self,
        geometry: &plan::Convolution,
        doutput: Doutput,
        kernel: plan::Range,
        mask: Option<TensorId>,
        dinput: TensorId,
    ) {
        let map = self.map(geometry, doutput);
        let plan = Dinput::new(
            geometry.in_channels,
            geometry.out_channels,
            &geometry.grid,
            self.instructions.wide(),
        );
        let packed = self.pack(geometry.in_channels * plan.taps * plan.filters);
        let work = Work::PackDinput {
            tiles: plan.tiles,
            taps: plan.taps,
            filters: plan.filters,
            weights: floats(kernel),
            packed: packed.clone(),
        };
        self.push_once(work, plan.tiles.count());
        let items = plan.items();
        let (mask, dinput) = (mask.map(|mask| self.at(mask)), self.at(dinput));
        self.push(
            Work::Dinput {
                plan,
                doutput: map.at,
                packed,
                mask,
                dinput,
            },
            items,
        );
    }

    /// Where a convolution reads: its input, or a copy with zeros around it, which is made here.
    fn padded(&mut self, geometry: &plan::Convolution, input: TensorId) -> Range<usize> {
        let grid = &geometry.grid;
        let (vertical, horizontal) = (&grid.vertical, &grid.horizontal);
        let (height, width) = (extent(vertical), extent(horizontal));
        let inside = vertical.pad_before == 0
            && horizontal.pad_before == 0
            && height <= vertical.input
            && width <= horizontal.input;
        if inside {
            return self.at(input);
        }
        let output = self.rows(geometry.in_channels * height * width);
        let work = Work::Pad {
            size: (vertical.input, horizontal.input),
            to: (vertical.pad_before * width + horizontal.pad_before, width),
            plane: height * width,
            input: self.at(input),
            output: output.clone(),
        };
        self.push(work, geometry.in_channels);
        self.padded.insert((input, *grid), output.clone());
        output
    }

    /// Where the forward pass read.
    fn padded_copy(&self, grid: &Grid, input: TensorId) -> Range<usize> {
        self.padded
            .get(&(input, *grid))
            .cloned()
            .unwrap_or_else(|| self.at(input))
    }

    /// The gradient of a convolution's map: as it is where it is nothing else, spread out where a pool was fused, with
    /// zeros between the rows where a dinput takes it.
    fn map(&mut self, geometry: &plan::Convolution, doutput: Doutput) -> Map {
        let grid = &geometry.grid;
        let size = (grid.vertical.output, grid.horizontal.output);
        let spaced = self.program.operations.iter().any(|operation| match operation.kind {
            Kind::ConvolutionDinput { doutput: taken, .. } => taken == doutput,
            Kind::DenseDinput {
                doutput: taken,
                geometry,
                ..
            } => geometry.positions > 1 && taken == doutput.tensor,
            _ => false,
        });
        let (to, plane) = if spaced {
            ((1, size.1 + 1), Dinput::plane(grid))
        } else {
            ((0, size.1), size.0 * size.1)
        };
        let strided = Strided {
            offset: to.0,
            row: to.1,
            channel: plane,
        };
        if !spaced && doutput.codes.is_none() {
            return Map {
                at: self.at(doutput.tensor),
                strided,
            };
        }
        let output = MAP..MAP + geometry.out_channels * plane;
        if self.spread != Some((doutput, spaced)) {
            self.spread = Some((doutput, spaced));
            self.map.end = self.map.end.max(output.len());
            let from = self.at(doutput.tensor);
            let work = match doutput.codes {
                Some(codes) => {
                    let codes = self.at(codes);
                    Work::Unpool {
                        size,
                        to,
                        plane,
                        doutput: from,
                        codes,
                        output: output.clone(),
                    }
                }
                None => Work::Pad {
                    size,
                    to,
                    plane,
                    input: from,
                    output: output.clone(),
                },
            };
            self.push(work, geometry.out_channels);
        }
        Map { at: output, strided }
    }
}

/// A dense layer as a convolution of one row with a kernel of one pixel.
pub fn as_convolution(geometry: plan::Dense) -> plan::Convolution {
    let along = |cells| Sliding {
        input: cells,
        output: cells,
        size: 1,
        stride: 1,
        dilation: 1,
        pad_before: 0,
    };
    plan::Convolution {
        in_channels: geometry.inputs,
        out_channels: geometry.units,
        grid: Grid {
            vertical: along(1),
            horizontal: along(geometry.positions),
        },
    }
}

/// Cells from the first that a window covers to the last.
fn extent(along: &Sliding) -> usize {
    (along.output - 1) * along.stride + (along.size - 1) * along.dilation + 1
}

/// Rows and columns of the map that a convolution reads: its input, or what is padded.
fn padded_size(grid: &Grid) -> (usize, usize) {
    let (vertical, horizontal) = (&grid.vertical, &grid.horizontal);
    let (height, width) = (extent(vertical), extent(horizontal));
    let padded =
        vertical.pad_before > 0 || horizontal.pad_before > 0 || height > vertical.input || width > horizontal.input;
    if padded {
        (height, width)
    } else {
        (vertical.input, horizontal.input)
    }
}

/// Where each tap reads, from a pixel's base on, in the order of the parameters.
fn taps(geometry: &plan::Convolution) -> Vec<u32> {
    let grid = &geometry.grid;
    let (height, width) = padded_size(grid);
    let mut taps = Vec::new();
    for channel in 0..geometry.in_channels {
        for ky in 0..grid.vertical.size {
            for kx in 0..grid.horizontal.size {
                let row = channel * height + ky * grid.vertical.dilation;
                taps.push((row * width + kx * grid.horizontal.dilation) as u32);
            }
        }
    }
    taps
}

/// The bases of the pixels in groups of four, windows of a pool or one after another, and how many pixels there are.
fn bases(grid: &Grid, pool: bool) -> (Vec<u32>, usize) {
    let (vertical, horizontal) = (&grid.vertical, &grid.horizontal);
    let (_, width) = padded_size(grid);
    let base = |y: usize, x: usize| (y * vertical.stride * width + x * horizontal.stride) as u32;
    let mut bases = Vec::new();
    if pool {
        for y in (0..vertical.output - vertical.output % 2).step_by(2) {
            for x in (0..horizontal.output - horizontal.output % 2).step_by(2) {
                bases.extend([base(y, x), base(y, x + 1), base(y + 1, x), base(y + 1, x + 1)]);
            }
        }
        return (bases, vertical.output * horizontal.output);
    }
    for y in 0..vertical.output {
        for x in 0..horizontal.output {
            bases.push(base(y, x));
        }
    }
    let pixels = bases.len();
    // An incomplete group repeats its last pixel, and keeps it to itself.
    while bases.len() % 4 != 0 {
        bases.push(bases[pixels - 1]);
    }
    (bases, pixels)
}
