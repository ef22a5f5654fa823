//! What operations share that draw random numbers: which numbers belong to whom, and the constants of `augmentation.wgsl`.
//!
//! Number `i` of the samples `4 q` to `4 q + 3` of a batch are the four words of the Philox4x32-10 block whose counter is
//! `[i, q, stream]` and whose key is the step's: a function of seed, epoch, step, layer and place in the batch alone. A word is
//! a number from 0 to 1 by its upper 24 bits, which `f32` holds.

use crate::launch::kernel::{Constants, unsigned};
use shaders::Constant;

/// Two words that tell a layer's random numbers from other layers': FNV-1a over the bytes of its name, the low word first.
pub(crate) fn stream(layer: &str) -> [u32; 2] {
    let hash = layer.bytes().fold(0xCBF2_9CE4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01B3)
    });
    [hash as u32, (hash >> 32) as u32]
}

/// The constants of `augmentation.wgsl` for a layer's draws; those that are not among `own` do nothing.
pub(super) fn constants(stream: [u32; 2], own: Constants) -> Constants {
    let [low, high] = stream;
    let mut constants = vec![
        ("ELEMENTS", unsigned(1)),
        ("POSITIONS", unsigned(1)),
        ("HEIGHT", unsigned(1)),
        ("WIDTH", unsigned(1)),
        ("OUT_HEIGHT", unsigned(1)),
        ("OUT_WIDTH", unsigned(1)),
        ("STREAM_LOW", Constant::Unsigned(low)),
        ("STREAM_HIGH", Constant::Unsigned(high)),
        ("MOTION", unsigned(0)),
        ("FIRST", Constant::Bool(false)),
        ("SECOND", Constant::Bool(false)),
        ("LOW_0", Constant::Float(0.0)),
        ("HIGH_0", Constant::Float(0.0)),
        ("LOW_1", Constant::Float(0.0)),
        ("HIGH_1", Constant::Float(0.0)),
        ("LEAST", Constant::Float(0.0)),
        ("MOST", Constant::Float(0.0)),
        ("FILL_0", Constant::Float(0.0)),
        ("FILL_1", Constant::Float(0.0)),
        ("FILL_2", Constant::Float(0.0)),
    ];
    for (name, value) in own {
        if let Some((_, constant)) = constants.iter_mut().find(|(known, _)| *known == name) {
            *constant = value;
        }
    }
    constants
}

#[cfg(test)]
mod tests {
    use super::stream;

    #[test]
    fn streams_differ_by_name() {
        // The published hash of "a".
        assert_eq!(stream("a"), [0x8601_EC8C, 0xAF63_DC4C]);
        assert_ne!(stream("dropout"), stream("dropout_1"));
    }
}
