//! How much an invocation keeps in registers, and how many invocations share a sum, by class of device: one table,
//! with the reasons beside the numbers. The tiles that an operation derives from them are in its own file.

use serde::Serialize;
use std::str::FromStr;

/// The classes of devices that kernels are tiled for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum DeviceClass {
    /// A Vulkan that runs on the CPU (Mesa's lavapipe), whose numbers were measured.
    Software,
    /// A GPU that shares the CPU's memory, whose numbers were argued, not measured.
    Integrated,
    /// A GPU with its own memory, whose numbers were argued, not measured.
    Discrete,
}

impl FromStr for DeviceClass {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "software" => Ok(Self::Software),
            "integrated" => Ok(Self::Integrated),
            "discrete" => Ok(Self::Discrete),
            _ => Err(format!("no class of devices is called `{text}`")),
        }
    }
}

/// The numbers of a class of devices.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Tiling {
    /// The number of invocations in a workgroup.
    pub workgroup: usize,
    /// The number of sums (vec4s) that an invocation of a convolution aims at.
    pub sums: usize,
    /// The same number for an invocation that makes all channels, where they are few and no multiple of four; 0 for never.
    pub all_channels_sums: usize,
    /// The least number of invocations that a dkernel is divided into.
    pub dkernel_invocations: usize,
    /// The pixels of a row that an invocation of a dinput makes.
    pub dinput_pixels: usize,
    /// The largest number of parts that a dkernel divides the samples into.
    pub split_quads: usize,
    /// The number of sums (vec4s) that an invocation of a dinput aims at: pixels times input channels.
    pub dinput_sums: usize,
    /// The columns that an invocation of a dense layer makes: a power of 2.
    pub dense_columns: usize,
    /// The inputs that an invocation of a dense dinput makes, for half as many columns; a multiple of 4.
    pub dense_inputs: usize,
    /// The vec4s of the parameters that an invocation of the optimizer updates.
    pub update_vec4s: usize,
    /// Whether products read textures in the place of buffers; see `shaders/src/textures.rs`.
    pub textures: bool,
    /// With how many channels at least, in and out, a convolution for which the plan chooses Winograd's filtering is filtered so,
    /// forward; its gradients, whose direct kernels are slower, with half as many. 0 for never.
    pub winograd: usize,
    /// The largest number of turns that all loops of an invocation may take together, unrolled ones left out. Mesa's
    /// software driver silently ends an invocation's loops after 65,535 (`LP_MAX_TGSI_LOOP_ITERATIONS`).
    pub most_turns: usize,
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
    ///   parameters take 136 us instead of 227 in ones. Winograd's filtering is off, as it pays
    ///   for some networks alone: 256 samples of vgg32 train in 1.26 s with `winograd` 64 and in 1.31 with 16, instead of 1.62
    ///   directly, those of pets64 in 0.82 and 0.96 instead of 0.90, but those of cifar32, whose maps of 13x13 and 4x4 tiles cover
    ///   badly, in 0.24 and 0.29 instead of 0.16 (means of two, nothing beside them); and points take memory, 340 MB instead of 202
    ///   for vgg32.
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
                winograd: 0,
                most_turns: 60_000,
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
                winograd: 0,
                most_turns: usize::MAX,
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
                winograd: 0,
                most_turns: usize::MAX,
            },
        }
    }

    /// Replaces some of the numbers, for measuring: `class=discrete,workgroup=128,sums=8`. `class` replaces all
    /// numbers by those of that class, except for what a driver can do.
    ///
    /// # Errors
    /// Says in words what is wrong with the text, or with a number in it.
    pub fn with(mut self, changes: &str) -> Result<Self, String> {
        for change in changes.split(',') {
            let (name, text) = change
                .split_once('=')
                .ok_or_else(|| format!("`{change}` is not NAME=NUMBER"))?;
            if name == "class" {
                let Self { most_turns, .. } = self;
                let class = Self::of(text.parse()?);
                self = Self { most_turns, ..class };
                continue;
            }
            let (field, fits): (&mut usize, fn(usize) -> bool) = match name {
                "workgroup" => (&mut self.workgroup, |number| number.is_power_of_two() && number <= 256),
                "sums" => (&mut self.sums, |number| (4..=256).contains(&number)),
                "all_channels_sums" => (&mut self.all_channels_sums, |number| number <= 256),
                "dkernel_invocations" => (&mut self.dkernel_invocations, |number| (1..=1 << 20).contains(&number)),
                "dinput_pixels" => (&mut self.dinput_pixels, |number| (1..=64).contains(&number)),
                "split_quads" => (&mut self.split_quads, |number| (1..=256).contains(&number)),
                "dinput_sums" => (&mut self.dinput_sums, |number| (1..=256).contains(&number)),
                "dense_columns" => (&mut self.dense_columns, |number| {
                    number.is_power_of_two() && number <= 16
                }),
                "dense_inputs" => (&mut self.dense_inputs, |number| {
                    number.is_multiple_of(4) && (4..=64).contains(&number)
                }),
                "update_vec4s" => (&mut self.update_vec4s, |number| (1..=64).contains(&number)),
                "winograd" => (&mut self.winograd, |number| number <= 1 << 16),
                _ => return Err(format!("no number of the tiles is called `{name}`")),
            };
            match text.parse() {
                Ok(number) if fits(number) => *field = number,
                _ => return Err(format!("`{name}` cannot be `{text}`")),
            }
        }
        Ok(self)
    }
}

/// The tile size, at most `most`, that divides `count` most evenly.
pub const fn even(count: usize, most: usize) -> usize {
    let most = if most == 0 { 1 } else { most };
    let tiles = count.div_ceil(most);
    if tiles == 0 { 1 } else { count.div_ceil(tiles) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tiles_are_changed_by_name() {
        let software = Tiling::of(DeviceClass::Software);
        let changed = software.with("sums=8,workgroup=128").unwrap();
        assert_eq!(
            changed,
            Tiling {
                sums: 8,
                workgroup: 128,
                ..software
            }
        );
        assert_eq!(software.with("winograd=16,sums=8").unwrap().winograd, 16);
        assert_eq!(software.with("winograd=0").unwrap().winograd, 0);
        // The driver's limit is no matter of tiles.
        let discrete = Tiling::of(DeviceClass::Discrete);
        let expected = Tiling {
            most_turns: software.most_turns,
            dense_columns: 2,
            ..discrete
        };
        assert_eq!(software.with("class=discrete,dense_columns=2").unwrap(), expected);
    }

    #[test]
    fn what_cannot_be_a_tile_is_an_error() {
        for (text, error) in [
            ("sums", "`sums` is not NAME=NUMBER"),
            ("sums=", "`sums` cannot be ``"),
            ("workgroup=96", "`workgroup` cannot be `96`"),
            ("dense_inputs=6", "`dense_inputs` cannot be `6`"),
            ("split_quads=0", "`split_quads` cannot be `0`"),
            ("turns=4", "no number of the tiles is called `turns`"),
            ("winograd=on", "`winograd` cannot be `on`"),
            ("class=tiny", "no class of devices is called `tiny`"),
        ] {
            assert_eq!(Tiling::of(DeviceClass::Discrete).with(text).unwrap_err(), error);
        }
    }
}
