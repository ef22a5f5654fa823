//! Counter-based random numbers: the value at an index is a pure function of (seed, purpose, epoch, index), so that
//! nothing that is drawn elsewhere, earlier or on another thread changes it.
//!
//! The generator is Philox4x32-10 (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", 2011): the key is the
//! seed, the counter's low half the index of a block of four words, its high half a hash of purpose and epoch.
//! Logarithm and cosine are libm's, not the platform's, so that initial weights are the same bits everywhere.

use compiler::call::initializer::{Distribution, FanMode, Initializer};
use sha2::{Digest, Sha256};

/// An endless row of random words that can be read anywhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stream {
    key: [u32; 2],
    /// The high half of every counter.
    nonce: [u32; 2],
}

impl Stream {
    /// The stream of a seed, for a purpose, in an epoch. Streams that differ in any of them are independent.
    pub fn new(seed: u64, purpose: &str, epoch: u64) -> Self {
        let mut hash = Sha256::new();
        hash.update(epoch.to_le_bytes());
        hash.update(purpose.as_bytes());
        let digest = hash.finalize();
        let word = |at: usize| {
            digest
                .iter()
                .skip(at)
                .take(4)
                .rev()
                .fold(0, |word, &byte| word << 8 | u32::from(byte))
        };
        Self {
            key: halves(seed),
            nonce: [word(0), word(4)],
        }
    }

    /// The stream that a variable starts from. It depends on the two names, not on the other layers.
    pub fn of_variable(seed: u64, layer: &str, variable: &str) -> Self {
        Self::new(seed, &format!("initial {layer}.{variable}"), 0)
    }

    /// The word at an index.
    pub fn word(&self, index: u64) -> u32 {
        let [a, b, c, d] = self.block(index / 4);
        match index % 4 {
            0 => a,
            1 => b,
            2 => c,
            _ => d,
        }
    }

    /// The words at `4 * index` to `4 * index + 3`.
    fn block(&self, index: u64) -> [u32; 4] {
        let [low, high] = halves(index);
        philox([low, high, self.nonce[0], self.nonce[1]], self.key)
    }

    /// The first two of the words at `4 * index`: a key for another generator.
    pub fn pair(&self, index: u64) -> [u32; 2] {
        let [low, high, ..] = self.block(index);
        [low, high]
    }

    /// The words from the first on.
    pub fn draws(self) -> Draws {
        Draws {
            stream: self,
            next: 0,
            block: [0; 4],
        }
    }
}

/// A walk along a stream.
#[derive(Debug, Clone)]
pub struct Draws {
    stream: Stream,
    next: u64,
    block: [u32; 4],
}

impl Draws {
    /// The next word.
    pub fn word(&mut self) -> u32 {
        let at = (self.next % 4) as usize;
        if at == 0 {
            self.block = self.stream.block(self.next / 4);
        }
        self.next += 1;
        self.block[at]
    }

    /// A number of 0 to `bound - 1`, each as likely; 0 where `bound` is 0. Lemire, "Fast random integer generation in
    /// an interval", 2019: the high word of a product, drawn again in the few cases that would favour some results.
    pub fn below(&mut self, bound: u32) -> u32 {
        if bound == 0 {
            return 0;
        }
        let surplus = bound.wrapping_neg() % bound;
        loop {
            let product = u64::from(self.word()) * u64::from(bound);
            if product as u32 >= surplus {
                return (product >> 32) as u32;
            }
        }
    }

    /// Uniform over 0 <= x < 1, in steps of 2^-32.
    pub fn uniform(&mut self) -> f64 {
        f64::from(self.word()) * (0.5_f64).powi(32)
    }

    /// Normal with mean 0 and standard deviation 1: Box and Muller's cosine half, so that two words make a value.
    pub fn normal(&mut self) -> f64 {
        // 1 - u is over 0 < x <= 1, which has a logarithm.
        let radius = (-2.0 * libm::log(1.0 - self.uniform())).sqrt();
        radius * libm::cos(std::f64::consts::TAU * self.uniform())
    }

    /// As `normal`, drawn again beyond two standard deviations.
    pub fn truncated_normal(&mut self) -> f64 {
        loop {
            let value = self.normal();
            if value.abs() <= 2.0 {
                return value;
            }
        }
    }
}

/// The order of an epoch: 0 to `n - 1`, each order as likely (Fisher and Yates). One stream for each epoch.
pub fn permutation(seed: u64, epoch: u64, n: u32) -> Vec<u32> {
    shuffled(Stream::new(seed, "shuffle", epoch), n)
}

/// The keys of an epoch's steps, [`Stream::pair`] of a step's number within the epoch: what kernels draw with. They are a
/// function of seed, epoch and step alone, so that a run draws the same numbers however often it was interrupted.
pub fn step_keys(seed: u64, epoch: u64) -> Stream {
    Stream::new(seed, "steps", epoch)
}

/// The seed of a phase of training, counted from 0: of the first one the run's own.
pub fn of_phase(seed: u64, phase: usize) -> u64 {
    if phase == 0 {
        return seed;
    }
    let [high, low] = Stream::new(seed, "phase", phase as u64).pair(0);
    u64::from(high) << 32 | u64::from(low)
}

/// The order in which the training pictures of a folder become samples: 0 to `n - 1`, each order as likely.
pub fn folder_order(seed: u64, n: u32) -> Vec<u32> {
    shuffled(Stream::new(seed, "pictures of a folder", 0), n)
}

fn shuffled(stream: Stream, n: u32) -> Vec<u32> {
    let mut draws = stream.draws();
    let mut order: Vec<u32> = (0..n).collect();
    for last in (1..n).rev() {
        order.swap(last as usize, draws.below(last + 1) as usize);
    }
    order
}

/// How a variable of this shape starts, in Keras's row-major order (keras/src/initializers). The numbers are this
/// program's own; the distributions are Keras's.
pub fn initial_values(initializer: &Initializer, shape: &[usize], stream: Stream) -> Vec<f32> {
    let count = shape.iter().product();
    let mut draws = stream.draws();
    match *initializer {
        Initializer::Zeros => vec![0.0; count],
        Initializer::Ones => vec![1.0; count],
        Initializer::Constant { value } => vec![value; count],
        Initializer::RandomUniform { minval, maxval } => {
            uniform(&mut draws, f64::from(minval), f64::from(maxval), count)
        }
        Initializer::RandomNormal { mean, stddev } => (0..count)
            .map(|_| (f64::from(mean) + f64::from(stddev) * draws.normal()) as f32)
            .collect(),
        Initializer::TruncatedNormal { mean, stddev } => (0..count)
            .map(|_| (f64::from(mean) + f64::from(stddev) * draws.truncated_normal()) as f32)
            .collect(),
        Initializer::VarianceScaling {
            scale,
            mode,
            distribution,
        } => {
            let (fan_in, fan_out) = fans(shape);
            let fan = match mode {
                FanMode::FanIn => fan_in,
                FanMode::FanOut => fan_out,
                FanMode::FanAvg => f64::midpoint(fan_in, fan_out),
            };
            let variance = f64::from(scale) / fan.max(1.0);
            match distribution {
                Distribution::Uniform => {
                    let limit = (3.0 * variance).sqrt();
                    uniform(&mut draws, -limit, limit, count)
                }
                Distribution::TruncatedNormal => {
                    // The standard deviation of a standard normal cut at two of them.
                    let stddev = variance.sqrt() / 0.879_625_661_034_239_8;
                    (0..count).map(|_| (stddev * draws.truncated_normal()) as f32).collect()
                }
                Distribution::UntruncatedNormal => {
                    (0..count).map(|_| (variance.sqrt() * draws.normal()) as f32).collect()
                }
            }
        }
    }
}

fn uniform(draws: &mut Draws, low: f64, high: f64, count: usize) -> Vec<f32> {
    (0..count)
        .map(|_| (low + (high - low) * draws.uniform()) as f32)
        .collect()
}

/// Inputs of one output and outputs of one input, as `compute_fans` of
/// `keras/src/initializers/random_initializers.py` has them: the axes before the last two are a receptive field, which counts on both sides.
fn fans(shape: &[usize]) -> (f64, f64) {
    match *shape {
        [] => (1.0, 1.0),
        [size] => (size as f64, size as f64),
        [ref field @ .., inputs, outputs] => {
            let field = field.iter().product::<usize>() as f64;
            (field * inputs as f64, field * outputs as f64)
        }
    }
}

/// Low word, high word.
fn halves(value: u64) -> [u32; 2] {
    [value as u32, (value >> 32) as u32]
}

/// Ten rounds of Philox4x32; the constants are the paper's.
fn philox(counter: [u32; 4], key: [u32; 2]) -> [u32; 4] {
    let [mut a, mut b, mut c, mut d] = counter;
    let [mut k, mut l] = key;
    for _ in 0..10 {
        let [a_low, a_high] = halves(u64::from(a) * 0xD251_1F53);
        let [c_low, c_high] = halves(u64::from(c) * 0xCD9E_8D57);
        [a, b, c, d] = [c_high ^ b ^ k, c_low, a_high ^ d ^ l, a_low];
        k = k.wrapping_add(0x9E37_79B9);
        l = l.wrapping_add(0xBB67_AE85);
    }
    [a, b, c, d]
}

/// The Philox4x32 blocks of `[element, quad, stream]` for several quads under one key, word by word: `[word][quad]`. A kernel
/// draws with this; the quads go side by side through vector registers.
#[allow(clippy::inline_always, reason = "compiled for the instruction set of its caller")]
#[inline(always)]
pub(crate) fn philox_quads<const N: usize>(
    element: u32,
    quads: [u32; N],
    stream: [u32; 2],
    key: [u32; 2],
) -> [[u32; N]; 4] {
    let (mut a, mut b, mut c, mut d) = ([element; N], quads, [stream[0]; N], [stream[1]; N]);
    let [mut k, mut l] = key;
    for _ in 0..10 {
        for at in 0..N {
            let [a_low, a_high] = halves(u64::from(a[at]) * 0xD251_1F53);
            let [c_low, c_high] = halves(u64::from(c[at]) * 0xCD9E_8D57);
            (a[at], b[at], c[at], d[at]) = (c_high ^ b[at] ^ k, c_low, a_high ^ d[at] ^ l, a_low);
        }
        k = k.wrapping_add(0x9E37_79B9);
        l = l.wrapping_add(0xBB67_AE85);
    }
    [a, b, c, d]
}

#[cfg(test)]
mod tests {
    use super::*;

    /// From the authors' Random123, `tests/kat_vectors`.
    #[test]
    fn philox_gives_the_published_answers() {
        assert_eq!(
            philox([0; 4], [0; 2]),
            [0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8]
        );
        assert_eq!(
            philox([u32::MAX; 4], [u32::MAX; 2]),
            [0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd]
        );
        assert_eq!(
            philox(
                [0x243f_6a88, 0x85a3_08d3, 0x1319_8a2e, 0x0370_7344],
                [0xa409_3822, 0x299f_31d0]
            ),
            [0xd16c_fe09, 0x94fd_cceb, 0x5001_e420, 0x2412_6ea1]
        );
    }

    #[test]
    fn quads_side_by_side_are_the_same_blocks() {
        let (stream, key) = ([0x1319_8a2e, 0x0370_7344], [0xa409_3822, 0x299f_31d0]);
        let words = philox_quads(5, [0, 1, 7, u32::MAX], stream, key);
        for (at, quad) in [0, 1, 7, u32::MAX].into_iter().enumerate() {
            assert_eq!(
                words.map(|word| word[at]),
                philox([5, quad, stream[0], stream[1]], key),
                "quad {quad}"
            );
        }
    }

    #[test]
    fn a_value_depends_on_seed_purpose_epoch_and_index() {
        let stream = Stream::new(7, "test", 3);
        let words: Vec<u32> = (0..64).map(|index| stream.word(index)).collect();
        let mut draws = stream.draws();
        assert_eq!(words, (0..64).map(|_| draws.word()).collect::<Vec<_>>());
        for other in [
            Stream::new(8, "test", 3),
            Stream::new(7, "tess", 3),
            Stream::new(7, "test", 4),
        ] {
            assert!((0..64).all(|index| other.word(index) != words[index as usize]));
        }
        assert_ne!(stream.word(0), stream.word(1 << 40));
        // Seeds of more than 32 bits count whole.
        assert_ne!(Stream::new(7 | 1 << 40, "test", 3).word(0), words[0]);
    }

    #[test]
    fn words_are_uniform() {
        let mut draws = Stream::new(1, "test", 0).draws();
        let mut bins = [0_u32; 256];
        let count = 1 << 18;
        for _ in 0..count {
            bins[(draws.word() >> 24) as usize] += 1;
        }
        let expected = f64::from(count) / 256.0;
        let chi_squared: f64 = bins
            .iter()
            .map(|&found| (f64::from(found) - expected).powi(2) / expected)
            .sum();
        // 255 degrees of freedom: mean 255, standard deviation 22.6.
        assert!((150.0..360.0).contains(&chi_squared), "{chi_squared}");
    }

    #[test]
    fn bounded_numbers_are_even() {
        let mut draws = Stream::new(2, "test", 0).draws();
        let mut bins = [0_u32; 7];
        for _ in 0..70_000 {
            bins[draws.below(7) as usize] += 1;
        }
        // Each is binomial: mean 10,000, standard deviation 93.
        assert!(bins.iter().all(|found| found.abs_diff(10_000) < 400), "{bins:?}");
        // A bound that rejects nearly half of all words: without rejection the low third would be twice as likely.
        let low = (0..30_000).filter(|_| draws.below(3 << 30) < 1 << 30).count();
        assert!(low.abs_diff(10_000) < 400, "{low}");
        assert_eq!((draws.below(0), draws.below(1)), (0, 0));
    }

    #[test]
    fn a_permutation_holds_every_number_once() {
        for n in [0, 1, 2, 3, 1000] {
            let mut order = permutation(5, 1, n);
            order.sort_unstable();
            assert_eq!(order, (0..n).collect::<Vec<_>>());
        }
        assert_ne!(permutation(5, 1, 1000), permutation(5, 2, 1000));
        assert_ne!(permutation(5, 1, 1000), permutation(6, 1, 1000));
        assert_eq!(permutation(5, 1, 1000), permutation(5, 1, 1000));
    }

    #[test]
    fn every_order_is_as_likely() {
        let mut found = std::collections::BTreeMap::new();
        for epoch in 0..12_000 {
            *found.entry(permutation(9, epoch, 4)).or_insert(0_u32) += 1;
        }
        assert_eq!(found.len(), 24);
        // Mean 500, standard deviation 21.9.
        assert!(found.values().all(|count| count.abs_diff(500) < 110), "{found:?}");
    }

    /// Mean, standard deviation and the largest magnitude.
    fn statistics(values: &[f32]) -> (f64, f64, f64) {
        let n = values.len() as f64;
        let mean = values.iter().copied().map(f64::from).sum::<f64>() / n;
        let variance = values
            .iter()
            .map(|&value| (f64::from(value) - mean).powi(2))
            .sum::<f64>()
            / n;
        (
            mean,
            variance.sqrt(),
            values.iter().fold(0.0, |most, &value| most.max(f64::from(value).abs())),
        )
    }

    fn near(found: f64, expected: f64, tolerance: f64) {
        assert!(
            (found - expected).abs() < tolerance,
            "{found} is not {expected} +- {tolerance}"
        );
    }

    #[test]
    fn every_named_initializer_has_keras_statistics() {
        // Inputs 5*5*40 = 1000, outputs 5*5*60 = 1500; 60,000 values.
        let shape = [5, 5, 40, 60];
        let (glorot, he, lecun) = (1.0 / 1250.0, 2.0 / 1000.0, 1.0 / 1000.0);
        for (name, initializer) in Initializer::NAMES {
            let values = initial_values(&initializer, &shape, Stream::of_variable(1, "conv2d", "kernel"));
            assert_eq!(values.len(), 60_000);
            let (mean, stddev, largest) = statistics(&values);
            let uniform = |variance: f64| (0.0, variance.sqrt(), (3.0 * variance).sqrt());
            let truncated = |variance: f64| (0.0, variance.sqrt(), 2.0 * variance.sqrt() / 0.879_625_661);
            let (expected_mean, expected_stddev, bound): (f64, f64, f64) = match name {
                "glorot_uniform" => uniform(glorot),
                "glorot_normal" => truncated(glorot),
                "he_uniform" => uniform(he),
                "he_normal" => truncated(he),
                "lecun_uniform" => uniform(lecun),
                "lecun_normal" => truncated(lecun),
                "zeros" => (0.0, 0.0, 0.0),
                "ones" => (1.0, 0.0, 1.0),
                "random_uniform" => (0.0, 0.05 / 3_f64.sqrt(), 0.05),
                "random_normal" => (0.0, 0.05, 0.05 * 6.0),
                "truncated_normal" => (0.0, 0.05 * 0.879_625_661, 0.1),
                _ => panic!("{name} has no expectation here"),
            };
            // Five standard errors of the mean; the spread's own error is smaller still.
            near(mean, expected_mean, 1e-9 + 5.0 * expected_stddev / 60_000_f64.sqrt());
            near(
                stddev,
                expected_stddev,
                1e-9 + 5.0 * expected_stddev / 60_000_f64.sqrt(),
            );
            assert!(largest <= bound * (1.0 + 1e-6), "{name}: {largest} > {bound}");
            // And the bound is nearly reached where it is one.
            if name != "random_normal" {
                assert!(largest >= bound * 0.99, "{name}: {largest} << {bound}");
            }
        }
    }

    #[test]
    fn the_other_distributions_have_their_moments() {
        let stream = Stream::of_variable(1, "dense", "kernel");
        let fan_out = Initializer::VarianceScaling {
            scale: 3.0,
            mode: FanMode::FanOut,
            distribution: Distribution::UntruncatedNormal,
        };
        let (mean, stddev, largest) = statistics(&initial_values(&fan_out, &[400, 100], stream));
        near(mean, 0.0, 0.005);
        near(stddev, 0.03_f64.sqrt(), 0.003);
        assert!(largest > 3.0 * 0.03_f64.sqrt(), "not cut: {largest}");
        let shifted = Initializer::TruncatedNormal { mean: 2.0, stddev: 0.5 };
        let values = initial_values(&shifted, &[40_000], stream);
        near(statistics(&values).0, 2.0, 0.02);
        assert!(values.iter().all(|value| (1.0..=3.0).contains(value)));
        let between = initial_values(
            &Initializer::RandomUniform {
                minval: 1.0,
                maxval: 3.0,
            },
            &[40_000],
            stream,
        );
        near(statistics(&between).0, 2.0, 0.02);
        assert!(between.iter().all(|value| (1.0..=3.0).contains(value)));
        assert_eq!(
            initial_values(&Initializer::Constant { value: 0.25 }, &[2, 2], stream),
            [0.25; 4]
        );
    }

    #[test]
    fn fans_are_keras_own() {
        let cases: [(&[usize], (f64, f64)); 5] = [
            (&[], (1.0, 1.0)),
            (&[7], (7.0, 7.0)),
            (&[784, 10], (784.0, 10.0)),
            (&[5, 5, 6, 16], (150.0, 400.0)),
            (&[3, 2, 4], (6.0, 12.0)),
        ];
        for (shape, expected) in cases {
            assert_eq!(fans(shape), expected);
        }
    }

    /// As a transcription of this file's text into Python gave them. They change when the generator, the purposes or the arithmetic do, and then every seed's results do.
    #[test]
    fn known_values() {
        let order = permutation(0, 0, 8);
        let kernel = initial_values(
            &Initializer::GLOROT_UNIFORM,
            &[2, 2],
            Stream::of_variable(0, "dense", "kernel"),
        );
        let normal = initial_values(
            &Initializer::TruncatedNormal { mean: 0.0, stddev: 1.0 },
            &[3],
            Stream::of_variable(0, "dense", "kernel"),
        );
        let bits = |values: &[f32]| values.iter().map(|value| value.to_bits()).collect::<Vec<_>>();
        assert_eq!(order, [3, 2, 6, 1, 4, 7, 0, 5]);
        assert_eq!(
            bits(&kernel),
            [3_205_539_273, 1_041_328_609, 1_059_908_089, 1_065_842_785]
        );
        assert_eq!(bits(&normal), [3_208_478_512, 1_070_168_689, 1_062_810_202]);
    }
}
