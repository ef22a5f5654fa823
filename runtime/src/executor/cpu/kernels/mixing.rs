//! How samples of a batch are mixed: whose partners they are, and how much they keep of themselves; see
//! `compiler/src/ops/mixing.rs`.

use super::super::simd::LANES;
use super::draws::{Draws, TO_ONE, between};
use compiler::ops::{MIXTURE, Mixture, Mixtures};

/// Partner, share and rectangle of each sample of a block. `samples`: the real ones of the whole batch.
pub fn mixtures(draws: &Draws, mixture: Mixture, size: (usize, usize), samples: usize) -> [[f32; LANES]; MIXTURE] {
    let alpha = between(mixture.parameters(), draws.of_batch(0));
    let (partners, shares) = (partners(draws, samples), beta(draws, alpha));
    let (across, down) = (draws.uniforms(1), draws.uniforms(2));
    let (height, width) = (size.0 as f32, size.1 as f32);
    let mut made = [[0.0; LANES]; MIXTURE];
    for lane in 0..LANES {
        let share = shares[lane];
        let of_lane = if mixture.cuts() {
            let side = (1.0 - share).sqrt();
            let left = across[lane] * (width - side * width);
            let top = down[lane] * (height - side * height);
            let (right, bottom) = (left + side * width, top + side * height);
            let kept = 1.0 - (right - left) * (bottom - top) / (width * height);
            [partners[lane], kept, left, right, top, bottom]
        } else {
            [partners[lane], share, 0.0, 0.0, 0.0, 0.0]
        };
        for (row, value) in made.iter_mut().zip(of_lane) {
            row[lane] = value;
        }
    }
    made
}

/// How many samples of the batch have a smaller number 3; of what fills the last block, itself.
fn partners(draws: &Draws, samples: usize) -> [f32; LANES] {
    let own = draws.words(3);
    let first = draws.quad as usize * 4;
    let mut smaller = [0_u32; LANES];
    for block in 0..samples.div_ceil(LANES) {
        let place = block * LANES;
        let others = draws.of_quad((place / 4) as u32).words(3);
        for (other, word) in others.into_iter().enumerate().take(samples - place) {
            for (lane, count) in smaller.iter_mut().enumerate() {
                let before = word < own[lane] || (word == own[lane] && place + other < first + lane);
                *count += u32::from(before);
            }
        }
    }
    std::array::from_fn(|lane| {
        if first + lane < samples {
            smaller[lane] as f32
        } else {
            (first + lane) as f32
        }
    })
}

/// Numbers of the beta distribution whose parameters are both `alpha`, up to 1: Jöhnk's way, by logarithms, since powers of
/// small parameters would be 0.
fn beta(draws: &Draws, alpha: f32) -> [f32; LANES] {
    let mut made = [None; LANES];
    for attempt in 0..Mixtures::ATTEMPTS as u32 {
        if made.iter().all(Option::is_some) {
            break;
        }
        let (first, second) = (draws.uniforms(4 + 2 * attempt), draws.uniforms(5 + 2 * attempt));
        for (lane, made) in made.iter_mut().enumerate().filter(|(_, made)| made.is_none()) {
            let [own, other] = [first, second].map(|numbers| libm::logf(numbers[lane] + 0.5 * TO_ONE) / alpha);
            if libm::expf(own) + libm::expf(other) <= 1.0 {
                *made = Some(1.0 / (1.0 + libm::expf((other - own).clamp(-80.0, 80.0))));
            }
        }
    }
    made.map(|made| made.unwrap_or(0.5))
}
