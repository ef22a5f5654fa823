//! Softmax cross-entropy of a block, its gradient, and how many samples were right.
//!
//! input, dinput: one row of sixteen samples a class; dinput is written `=`, zero for padding samples. One item: it is
//! no work. From probabilities as Keras on TensorFlow computes it: they are clipped to
//! 1e-7..1 - 1e-7, and the logarithms of what is left are logits (keras/src/backend/tensorflow/nn.py).

use super::super::memory::Output;
use super::super::simd::{LANES, Row, Simd, SimdKernel};
use super::math;

/// What one call of the kernel is given.
pub struct Loss<'a> {
    /// Logits or probabilities, one row a class.
    pub input: &'a [Row],
    /// Whether `input` holds logits; else it holds probabilities.
    pub from_logits: bool,
    /// The class of each real sample.
    pub labels: &'a [f32; LANES],
    /// How many of the block's samples are real; the lanes after them count for nothing.
    pub count: usize,
    /// One over the real samples of the whole batch.
    pub scale: f32,
    /// Written when training: the gradient of `input`, one row a class.
    pub dinput: Option<Output<'a, Row>>,
    /// One row: the loss of each sample, where something takes it.
    pub losses: Option<Output<'a, Row>>,
}

impl SimdKernel for Loss<'_> {
    /// The sum of the losses, and how many samples were right.
    type Output = (f64, u32);

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) -> (f64, u32) {
        const CLIP: (f32, f32) = (1e-7, 1.0 - 1e-7);
        let (zero, one) = (simd.zero(), simd.splat(1.0));
        let label = simd.load(&Row(*self.labels));
        let clip = |x: S::V| simd.min(simd.max(x, simd.splat(CLIP.0)), simd.splat(CLIP.1));
        let mut largest = simd.splat(f32::NEG_INFINITY);
        let (mut place, mut right) = (zero, zero);
        for (class, x) in self.input.iter().enumerate() {
            let (x, class) = (simd.load(x), simd.splat(class as f32));
            let greater = simd.greater(x, largest);
            largest = simd.select(greater, x, largest);
            place = simd.select(greater, class, place);
            right = simd.select(simd.equal(label, class), x, right);
        }
        // The powers of the logits, which clipped probabilities are, over their sum.
        let power = |x: S::V| {
            if self.from_logits {
                math::exp(simd, simd.sub(x, largest))
            } else {
                clip(x)
            }
        };
        let mut sum = zero;
        for (class, x) in self.input.iter().enumerate() {
            let power = power(simd.load(x));
            sum = simd.add(sum, power);
            if let Some(dinput) = self.dinput {
                simd.store(dinput.row(class), power);
            }
        }
        let losses = if self.from_logits {
            simd.sub(math::log(simd, sum), simd.sub(right, largest))
        } else {
            simd.sub(math::log(simd, sum), math::log(simd, clip(right)))
        };
        if let Some(dinput) = self.dinput {
            let mut scale = Row([0.0; LANES]);
            scale.0[..self.count].fill(self.scale);
            let scale = simd.load(&scale);
            let inverse = simd.div(one, sum);
            for (class, row) in self.input.iter().enumerate() {
                let x = simd.load(row);
                let hit = simd.equal(label, simd.splat(class as f32));
                let slope = simd.sub(
                    simd.mul(simd.load(dinput.row(class)), inverse),
                    simd.select(hit, one, zero),
                );
                let slope = if self.from_logits {
                    slope
                } else {
                    let slope = simd.div(slope, x);
                    let slope = simd.select(simd.greater(simd.splat(CLIP.0), x), zero, slope);
                    simd.select(simd.greater(x, simd.splat(CLIP.1)), zero, slope)
                };
                simd.store(dinput.row(class), simd.mul(slope, scale));
            }
        }
        if let Some(each) = self.losses {
            simd.store(each.row(0), losses);
        }
        let losses = simd.lanes(losses);
        let right = simd.lanes(simd.select(simd.equal(place, label), one, zero));
        let mut total = 0.0;
        let mut correct = 0;
        for lane in 0..self.count {
            total += f64::from(losses[lane]);
            correct += u32::from(right[lane] > 0.0);
        }
        (total, correct)
    }
}
