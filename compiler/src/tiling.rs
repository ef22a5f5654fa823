//! Tiles: how much one invocation keeps in registers, and how many invocations share a sum, by class of device. One
//! table; the reasons stand beside the numbers.

use crate::plan::{Convolution, Dense};
use serde::Serialize;

/// What kernels are tiled for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum DeviceClass {
    /// A Vulkan that runs on the CPU (Mesa's lavapipe): measured.
    Software,
    /// A GPU that shares the CPU's memory: argued, not measured.
    Integrated,
    /// A GPU with its own memory: argued, not measured.
    Discrete,
}

/// The numbers of a class.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Tiling {
    /// Invocations of a workgroup.
    pub workgroup: usize,
    /// Sums (vec4s) that an invocation of a convolution aims at.
    pub sums: usize,
    /// The same of an invocation that makes all channels, where their number is small and no multiple of four; 0 for never.
    pub all_channels_sums: usize,
    /// Invocations that a dkernel is split into, at least.
    pub dkernel_invocations: usize,
    /// Pixels of a row that a dinput invocation takes.
    pub dinput_pixels: usize,
    /// Into how many parts a dkernel splits the samples, at most.
    pub split_quads: usize,
    /// Sums (vec4s) that a dinput invocation aims at: pixels times input channels.
    pub dinput_sums: usize,
    /// Columns that an invocation of a dense layer takes: a power of 2.
    pub dense_columns: usize,
    /// Inputs that an invocation of a dense dinput makes, of half as many columns; a multiple of 4.
    pub dense_inputs: usize,
    /// Vec4s of the parameters that an invocation of the optimizer updates.
    pub update_vec4s: usize,
    /// Whether products read textures in the place of buffers; see `shaders/src/textures.rs`.
    pub textures: bool,
}

impl Tiling {
    /// The table.
    ///
    /// - software, measured on Mesa 22.3 with two cores, batch 32, old and new in one process, CPU time of all threads: eight
    ///   lanes run in step, and a load from a buffer costs as much as 80 multiply-adds, from a texture as 20. So products read
    ///   textures (an epoch of the one-layer network takes 3.8 s instead of 5.9, of the pyramid 5.5 instead of 8.2, of LeNet
    ///   6.3 instead of 10.2), and make as many sums as pay for their loads before the unrolled code outgrows the instruction
    ///   cache. The tiles that follow were chosen with buffers, but for those of dinput. Forward: 2x4 pixels of four channels (32 vec4s) take 402 us (12x12x10
    ///   to 8x8x20), 2x4 of eight 595, 2x2 of eight 518; but all of six channels at once, 2x4 pixels (48), take 543 us
    ///   instead of 642 in four and two (32x32x3), all of nine, 2x3 (54), 321 instead of 368 (28x28x1), while all of ten,
    ///   in 2x2 or 2x4, are no faster than in fours. Groups are dealt out to the cores in equal numbers, so they are small.
    ///   Partial gradients cost stores and sums: 128 invocations fill both cores evenly. A row of dinput up to 16 pixels wide
    ///   is one tile, whose borders are then known at compile time, of as many input channels as 28 sums hold: two channels
    ///   take 7% longer than five (12 pixels) and 14% than three (14 pixels), and are compiled in 350 ms instead of 950, and
    ///   450 instead of 630: as much as some three epochs of 60,000 samples lose. Dense: four columns share
    ///   the weights of a forward tile (5,184 inputs to 10: 115 us, two columns 149); a dinput makes 16 inputs of two columns
    ///   (317 us, eight of four 358; 105 and 119 for 400 inputs). An optimizer's look-up is shared by four vec4s: 52,000
    ///   parameters take 136 us instead of 227 in ones.
    /// - integrated, discrete, both argued and unmeasured: a sum is a register of every lane, and 32 vec4s would leave few
    ///   waves; 16 (64 registers) leave half of a 256-register file to operands and still let eight waves share a
    ///   multiprocessor's 64K registers; so do the eight of a dinput, whose operands are as many again. A dkernel sums in few
    ///   invocations by nature, and a GPU of 2,000 to 10,000 lanes hides latency only with more than one invocation a lane:
    ///   gradients are split further, at 16 bytes written and read again a vec4 and split. One dense column and one vec4 of
    ///   the parameters an invocation keep neighbours' reads adjacent.
    pub const fn of(class: DeviceClass) -> Self {
        match class {
            DeviceClass::Software => Self {
                workgroup: 8,
                sums: 32,
                all_channels_sums: 54,
                dkernel_invocations: 128,
                dinput_pixels: 16,
                split_quads: 8,
                dinput_sums: 28,
                dense_columns: 4,
                dense_inputs: 16,
                update_vec4s: 4,
                textures: true,
            },
            DeviceClass::Integrated => Self {
                workgroup: 64,
                sums: 16,
                all_channels_sums: 0,
                dkernel_invocations: 2048,
                dinput_pixels: 2,
                split_quads: 4,
                dinput_sums: 8,
                dense_columns: 1,
                dense_inputs: 8,
                update_vec4s: 1,
                textures: false,
            },
            DeviceClass::Discrete => Self {
                workgroup: 64,
                sums: 16,
                all_channels_sums: 0,
                dkernel_invocations: 8192,
                dinput_pixels: 2,
                split_quads: 8,
                dinput_sums: 8,
                dense_columns: 1,
                dense_inputs: 8,
                update_vec4s: 1,
                textures: false,
            },
        }
    }
}

/// Groups of four units that one tile of a dense layer makes, at most.
pub const DENSE_GROUPS: usize = 3;

/// Tiles of a convolution.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct ConvolutionTiles {
    /// Forward: channels, a multiple of four or all of them.
    pub channels: usize,
    /// Forward: rows of pixels.
    pub height: usize,
    /// Forward: pixels of a row.
    pub width: usize,
    /// dkernel: kernel rows.
    pub k: usize,
    /// dkernel: pixels of a row at a time; even.
    pub strip: usize,
    /// dkernel: parts of the rows.
    pub split_rows: usize,
    /// dkernel: parts of the samples.
    pub split_quads: usize,
    /// dinput: pixels of a row.
    pub x: usize,
    /// dinput: input channels.
    pub i: usize,
    /// dinput: whether the general entry point is needed, or better.
    pub strided: bool,
}

/// Tiles of a dense layer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct DenseTiles {
    /// Forward and dkernel: groups of four units.
    pub c4: usize,
    /// dkernel: inputs.
    pub i: usize,
    /// dinput: groups of four inputs.
    pub x4: usize,
    /// Forward: columns of an invocation.
    pub n: usize,
    /// dinput: columns of an invocation.
    pub dinput_n: usize,
    /// Forward: invocations of a workgroup side by side.
    pub lanes: usize,
    /// Forward: invocations that share a sum.
    pub split_inputs: usize,
    /// dkernel: parts of the columns.
    pub split_columns: usize,
}

/// The most even cut of `count` into tiles of at most `most`.
const fn even(count: usize, most: usize) -> usize {
    let most = if most == 0 { 1 } else { most };
    let tiles = count.div_ceil(most);
    if tiles == 0 { 1 } else { count.div_ceil(tiles) }
}

impl Tiling {
    /// Channels of a forward tile: four, or all where they are few and four would leave lanes of the last idle. `whole` is
    /// for tiles that need two rows of four pixels.
    const fn channels(&self, out_channels: usize, whole: bool) -> usize {
        let least = if whole { 8 } else { 6 };
        if out_channels > 4 && !out_channels.is_multiple_of(4) && self.all_channels_sums >= least * out_channels {
            out_channels
        } else {
            4
        }
    }

    /// The tiles of a convolution, with a fused 2x2 maximum pool or without.
    pub fn convolution(&self, geometry: &Convolution, pool: bool) -> ConvolutionTiles {
        let (vertical, horizontal) = (geometry.grid.vertical, geometry.grid.horizontal);
        // A tile's row of input is kept in an array; a wide kernel leaves room for fewer pixels.
        let reach = (horizontal.size - 1) * horizontal.dilation;
        let wide = reach > 12;
        let channels = self.channels(geometry.out_channels, pool || wide);
        let pixels = if wide {
            2
        } else if channels == 4 {
            self.sums / 4
        } else {
            (self.all_channels_sums / channels).min(self.sums / 4)
        };
        let (height, width) = if pool {
            (2, if pixels >= 8 && horizontal.output >= 4 { 4 } else { 2 })
        } else {
            let height = vertical.output.min(2);
            (height, even(horizontal.output, pixels / height))
        };
        // All of a kernel's rows share what is read of dy; a large kernel is cut, for its sums to stay in registers.
        let k = even(vertical.size, 25 / horizontal.size);
        let units = geometry.out_channels.div_ceil(4) * vertical.size.div_ceil(k) * geometry.in_channels;
        // Rows are read once more at each cut between rows, samples are not.
        let split_quads = self.dkernel_invocations.div_ceil(units).min(self.split_quads);
        let split_rows = self.dkernel_invocations.div_ceil(units * split_quads);
        // Tiles begin at even columns.
        let x = if horizontal.input <= self.dinput_pixels {
            horizontal.input
        } else {
            even(horizontal.input, self.dinput_pixels).next_multiple_of(2)
        };
        ConvolutionTiles {
            channels,
            height,
            width,
            k,
            // Four make as many sums a load cheaper as the code that they unroll to is dearer: equally fast, measured, and
            // three times as long to compile.
            strip: 2,
            split_rows: split_rows.clamp(1, vertical.output),
            split_quads,
            x,
            i: even(geometry.in_channels, self.dinput_sums / x),
            strided: vertical.stride > 1 || horizontal.stride > 1 || wide,
        }
    }

    /// The tiles of a dense layer.
    pub fn dense(&self, geometry: &Dense) -> DenseTiles {
        // What a small product gains by wide tiles it loses many times over while they are compiled.
        let small = geometry.inputs * geometry.units < 32_768;
        let (columns, inputs, i) = if small {
            (1, self.dense_inputs.min(4), 4)
        } else {
            (self.dense_columns, self.dense_inputs, 8)
        };
        let c4 = even(geometry.units.div_ceil(4), DENSE_GROUPS);
        let rows = (geometry.inputs + 1).div_ceil(i) * geometry.units.div_ceil(4).div_ceil(c4);
        // A map taken pixel by pixel has many columns and few rows.
        let split_columns = (self.dkernel_invocations / rows).clamp(1, geometry.positions);
        // A long sum is shared by many invocations, and then few stand side by side. DENSE_GROUPS and these products keep
        // the shared sums within 12 KiB of the 16 that WebGPU grants, and what a head makes of them within 1.5 KiB more.
        let shared = 64 / columns;
        let lanes = if geometry.inputs >= 64 {
            (8 / (columns * columns)).max(1)
        } else {
            8 / columns
        };
        DenseTiles {
            n: columns,
            lanes,
            c4,
            i,
            x4: inputs.min(geometry.inputs).div_ceil(4),
            dinput_n: columns.min(2),
            split_inputs: shared / lanes,
            split_columns,
        }
    }
}
