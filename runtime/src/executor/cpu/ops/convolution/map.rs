//! Copies with zeros: of a convolution's input, and of the gradient of its map.

use super::super::super::kernels::data;
use super::super::super::kernels::dinput::Dinput;
use super::super::super::kernels::doutput::{self, Strided};
use super::super::super::maker::Maker;
use super::super::super::memory::Codes;
use super::super::super::run::Share;
use super::super::super::task::Work;
use super::places::{extent, padded_size};
use compiler::ops::{ConvolutionGeometry, Doutput, Op};
use compiler::plan::{TensorId, method};
use compiler::window::{Grid, Sliding};
use std::ops::Range;

/// The gradient of a convolution's map, spread out where a pool was fused.
pub struct Map {
    pub at: Range<usize>,
    pub strided: Strided,
}

/// The gradient of a convolution's map as it lies in memory, behind the pool where one was fused.
pub struct Gradient {
    pub at: Range<usize>,
    pub strided: Strided,
    /// Rows and columns of the map itself.
    size: (usize, usize),
    codes: Option<Range<usize>>,
}

impl Gradient {
    /// Whether it lies behind a pool.
    pub fn is_behind_pool(&self) -> bool {
        self.codes.is_some()
    }

    /// The pixels of their windows that the elements belong to, where it lies behind a pool.
    pub fn codes<'a>(&self, share: &Share<'a>) -> Option<&'a [Codes]> {
        self.codes.as_ref().map(|codes| share.codes(codes))
    }

    /// What a task reads.
    pub fn read<'a>(&self, share: &Share<'a>) -> doutput::Doutput<'a> {
        doutput::Doutput {
            rows: share.read(&self.at),
            strided: self.strided,
            size: self.size,
            codes: self.codes(share),
        }
    }
}

struct Padding {
    size: (usize, usize),
    to: (usize, usize),
    plane: usize,
    input: Range<usize>,
    output: Range<usize>,
}

struct Unpooling {
    size: (usize, usize),
    to: (usize, usize),
    plane: usize,
    doutput: Range<usize>,
    codes: Range<usize>,
    output: Range<usize>,
}

/// Where a convolution reads: its input, or a copy with zeros around it, which is made here.
pub fn padded(geometry: &ConvolutionGeometry, input: TensorId, maker: &mut Maker<'_>) -> Range<usize> {
    let at = maker.at(input);
    if reads_inside(&geometry.grid) {
        return at;
    }
    let output = padded_copy(geometry, at, maker);
    maker.padded.insert((input, geometry.grid), output.clone());
    output
}

/// A copy of what a convolution reads with zeros around it, or what it reads itself where it reads no others.
pub fn padded_copy(geometry: &ConvolutionGeometry, input: Range<usize>, maker: &mut Maker<'_>) -> Range<usize> {
    let (vertical, horizontal) = (&geometry.grid.vertical, &geometry.grid.horizontal);
    let (height, width) = padded_size(&geometry.grid);
    if reads_inside(&geometry.grid) {
        return input;
    }
    let planes = maker.planes(geometry.in_channels);
    let output = maker.rows(planes * height * width);
    let work = Padding {
        size: (vertical.input, horizontal.input),
        to: (vertical.pad_before * width + horizontal.pad_before, width),
        plane: height * width,
        input,
        output: output.clone(),
    };
    maker.push(work, planes);
    output
}

/// Whether no window reaches out of the map.
fn reads_inside(grid: &Grid) -> bool {
    let inside = |along: &Sliding| along.pad_before == 0 && extent(along) <= along.input;
    inside(&grid.vertical) && inside(&grid.horizontal)
}

/// The same for a gradient: where the forward pass read, if there was one (a transposed convolution has its way back alone).
pub fn padded_again(geometry: &ConvolutionGeometry, input: TensorId, maker: &mut Maker<'_>) -> Range<usize> {
    let copy = maker.padded.get(&(input, geometry.grid)).cloned();
    copy.unwrap_or_else(|| padded(geometry, input, maker))
}

/// The gradient of a convolution's map: as it is where it is nothing else, spread out where a pool was fused, with zeros
/// between the rows where a dinput takes it.
pub fn map(geometry: &ConvolutionGeometry, doutput: Doutput, maker: &mut Maker<'_>) -> Map {
    let grid = &geometry.grid;
    let size = (grid.vertical.output, grid.horizontal.output);
    let spaced = is_taken_spaced(doutput, maker);
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
            at: maker.at(doutput.tensor),
            strided,
        };
    }
    let output = maker.map.start..maker.map.start + geometry.out_channels * plane;
    if maker.spread != Some((doutput, spaced, maker.layout)) {
        maker.spread = Some((doutput, spaced, maker.layout));
        maker.map.end = maker.map.end.max(output.end);
        let from = maker.at(doutput.tensor);
        #[allow(clippy::single_match_else, reason = "two alike halves")]
        match maker.maybe(doutput.codes) {
            Some(codes) => {
                let work = Unpooling {
                    size,
                    to,
                    plane,
                    doutput: from,
                    codes,
                    output: output.clone(),
                };
                maker.push(work, geometry.out_channels);
            }
            None => {
                let work = Padding {
                    size,
                    to,
                    plane,
                    input: from,
                    output: output.clone(),
                };
                maker.push(work, geometry.out_channels);
            }
        }
    }
    Map { at: output, strided }
}

/// The same channel-blocked, where nothing takes it with zeros between the rows.
pub fn blocked_map(geometry: &ConvolutionGeometry, doutput: Doutput, maker: &mut Maker<'_>) -> Range<usize> {
    let from = maker.at(doutput.tensor);
    let Some(codes) = maker.maybe(doutput.codes) else {
        return from;
    };
    let size = (geometry.grid.vertical.output, geometry.grid.horizontal.output);
    let (plane, planes) = (size.0 * size.1, maker.planes(geometry.out_channels));
    let output = maker.map.start..maker.map.start + planes * plane;
    if maker.spread != Some((doutput, false, maker.layout)) {
        maker.spread = Some((doutput, false, maker.layout));
        maker.map.end = maker.map.end.max(output.end);
        let work = Unpooling {
            size,
            to: (0, size.1),
            plane,
            doutput: from,
            codes,
            output: output.clone(),
        };
        maker.push(work, planes);
    }
    output
}

/// The gradient of a convolution's map for who can take it behind a pool, where the map has at least so many elements. Where
/// another operation takes it with zeros between its rows, it is spread out anyway.
pub fn gradient(geometry: &ConvolutionGeometry, doutput: Doutput, least: usize, maker: &mut Maker<'_>) -> Gradient {
    let size = (geometry.grid.vertical.output, geometry.grid.horizontal.output);
    if geometry.out_channels * size.0 * size.1 >= least
        && !is_taken_spaced(doutput, maker)
        && let Some(codes) = maker.maybe(doutput.codes)
    {
        let (rows, columns) = (size.0 / 2, size.1 / 2);
        return Gradient {
            at: maker.at(doutput.tensor),
            strided: Strided {
                offset: 0,
                row: columns,
                channel: rows * columns,
            },
            size,
            codes: Some(codes),
        };
    }
    let Map { at, strided } = map(geometry, doutput, maker);
    Gradient {
        at,
        strided,
        size,
        codes: None,
    }
}

/// Whether some operation takes a gradient with zeros between its rows.
fn is_taken_spaced(doutput: Doutput, maker: &Maker<'_>) -> bool {
    let mut instructions = maker.program.operations.iter();
    instructions.any(|instruction| takes_spaced(&instruction.op, doutput))
}

/// Whether an operation takes this gradient with zeros between the rows.
fn takes_spaced(op: &Op, doutput: Doutput) -> bool {
    if let Op::ConvolutionDinput(dinput) = op {
        dinput.doutput == doutput && !method::dinput(&dinput.geometry).is_winograd()
    } else if let Op::DenseDinput(dinput) = op {
        dinput.geometry.positions > 1 && dinput.doutput == doutput.tensor
    } else {
        false
    }
}

impl Work for Padding {
    fn run(&self, share: Share<'_>) {
        share.instructions.run(data::Pad {
            size: self.size,
            to: self.to,
            input: share.read(&self.input),
            output: share.own(&self.output),
            plane: self.plane,
            items: share.items,
        });
    }
}

impl Work for Unpooling {
    fn run(&self, share: Share<'_>) {
        share.instructions.run(data::Unpool {
            size: self.size,
            to: self.to,
            doutput: share.read(&self.doutput),
            codes: share.codes(&self.codes),
            output: share.own(&self.output),
            plane: self.plane,
            items: share.items,
        });
    }
}
