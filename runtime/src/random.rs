//! Counter-based random numbers: the value at an index is a pure function of (seed, purpose, epoch, index), so that
//! nothing that is drawn elsewhere, earlier or on another thread changes it.
//!
//! The generator is Philox4x32-10 (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", 2011): the key is the
//! seed, the counter's low half the index of a block of four words, its high half a hash of purpose and epoch.
//! Logarithm and cosine are libm's, not the platform's, so that initial weights are the same bits everywhere.

use compiler::call::initializer::{Distribution, FanMode, Initializer};
use sha2::{Digest, Sha256};

/// An endless sequence of random words that can be read at any index.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stream {
    key: [u32; 2],
    /// The high half of every counter: a hash of purpose and epoch.
    nonce: [u32; 2],
}

impl Stream {
    /// The stream of a seed for a purpose in an epoch. Streams that differ in any of them are independent.
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

    /// The stream that a variable's initial values are drawn from. It depends on the two names, not on the other layers.
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

    /// The first two of the words at `4 * index`, as a key for another generator.
    pub fn pair(&self, index: u64) -> [u32; 2] {
        let [low, high, ..] = self.block(index);
        [low, high]
    }

    /// The words in order, from the first.
    pub fn draws(self) -> Draws {
        Draws {
            stream: self,
            next: 0,
            block: [0; 4],
        }
    }
}

/// Reads a stream word by word.
#[derive(Debug, Clone)]
pub struct Draws {
    stream: Stream,
    next: u64,
    block: [u32; 4],
}

impl Draws {
    /// The next word of the stream, uniform over all 32 bits.
    pub fn word(&mut self) -> u32 {
        let at = (self.next % 4) as usize;
        if at == 0 {
            self.block = self.stream.block(self.next / 4);
        }
        self.next += 1;
        self.block[at]
    }

    /// A whole number from 0 to `bound - 1`, each equally likely; 0 where `bound` is 0. Lemire, "Fast random integer generation
    /// in an interval", 2019: the high word of a product, drawn again in the few cases that would favour some results.
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

    /// A number uniform over 0 <= x < 1, in steps of 2^-32.
    pub fn uniform(&mut self) -> f64 {
        f64::from(self.word()) * (0.5_f64).powi(32)
    }

    /// A normally distributed number with mean 0 and standard deviation 1: the cosine half of Box and Muller's method, so that
    /// two words make one number.
    pub fn normal(&mut self) -> f64 {
        // 1 - u is over 0 < x <= 1, which has a logarithm.
        let radius = (-2.0 * libm::log(1.0 - self.uniform())).sqrt();
        radius * libm::cos(std::f64::consts::TAU * self.uniform())
    }

    /// As `normal`, but drawn again where it is beyond two standard deviations.
    pub fn truncated_normal(&mut self) -> f64 {
        loop {
            let value = self.normal();
            if value.abs() <= 2.0 {
                return value;
            }
        }
    }
}

/// The order of an epoch's samples: 0 to `n - 1`, each order equally likely (Fisher and Yates), from a stream of its own.
pub fn permutation(seed: u64, epoch: u64, n: u32) -> Vec<u32> {
    shuffled(Stream::new(seed, "shuffle", epoch), n)
}

/// The keys that kernels draw with in the steps of an epoch: [`Stream::pair`] at a step's number within the epoch. They depend on
/// seed, epoch and step alone, so that a run draws the same numbers however often it is interrupted.
pub fn step_keys(seed: u64, epoch: u64) -> Stream {
    Stream::new(seed, "steps", epoch)
}

/// The seed of a phase of training, counted from 0; the first phase has the run's own seed.
pub fn of_phase(seed: u64, phase: usize) -> u64 {
    if phase == 0 {
        return seed;
    }
    let [high, low] = Stream::new(seed, "phase", phase as u64).pair(0);
    u64::from(high) << 32 | u64::from(low)
}

/// The order in which the training pictures of a folder become samples: 0 to `n - 1`, each order equally likely.
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

/// The initial values of a variable of this shape, in Keras's row-major order (keras/src/initializers). The numbers are this
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

/// The number of inputs of one output and of outputs of one input, as by `compute_fans` in
/// `keras/src/initializers/random_initializers.py`: the axes before the last two are a receptive field, which counts on both
/// sides.
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

/// The low word and the high word of a number.
fn halves(value: u64) -> [u32; 2] {
    [value as u32, (value >> 32) as u32]
}

/// Ten rounds of Philox4x32, with the constants of the paper.
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

/// The Philox4x32 blocks of `[element, quad, stream]` for several pairs of an element and a quad under one key, word by word:
/// `[word][pair]`. Kernels draw with this; the pairs go through vector registers side by side, sixteen of them at least, since a
/// block's rounds wait for each other.
#[allow(clippy::inline_always, reason = "compiled for the instruction set of its caller")]
#[inline(always)]
pub(crate) fn philox_pairs<const N: usize>(
    elements: [u32; N],
    quads: [u32; N],
    stream: [u32; 2],
    key: [u32; 2],
) -> [[u32; N]; 4] {
    // Words lie in the lower halves of 64 bits, as multiplications of vectors take them; what is above is of no meaning.
    const WORD: u64 = 0xFFFF_FFFF;
    let (mut a, mut b) = ([0; N], [0; N]);
    for at in 0..N {
        (a[at], b[at]) = (u64::from(elements[at]), u64::from(quads[at]));
    }
    let (mut c, mut d) = ([u64::from(stream[0]); N], [u64::from(stream[1]); N]);
    let [mut k, mut l] = key;
    for _ in 0..10 {
        for at in 0..N {
            let x = (a[at] & WORD) * 0xD251_1F53;
            let y = (c[at] & WORD) * 0xCD9E_8D57;
            (a[at], b[at], c[at], d[at]) = (y >> 32 ^ b[at] ^ u64::from(k), y, x >> 32 ^ d[at] ^ u64::from(l), x);
        }
        k = k.wrapping_add(0x9E37_79B9);
        l = l.wrapping_add(0xBB67_AE85);
    }
    // Closures would not be compiled for the instruction set.
    let mut words = [[0; N]; 4];
    for (to, from) in words.iter_mut().zip([a, b, c, d]) {
        for at in 0..N {
            to[at] = from[at] as u32;
        }
    }
    words
}

#[cfg(test)]
mod tests;
