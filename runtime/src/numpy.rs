//! The order that NumPy's `RandomState(seed).shuffle` gives a list: Keras divides files by it. The generator is MT19937
//! (Matsumoto and Nishimura, 1998), seeded as `init_genrand` does; numpy/random/src/legacy and mtrand.pyx, `shuffle`.

/// The number of words of the generator's state.
const WORDS: usize = 624;

struct Twister {
    state: [u32; WORDS],
    next: usize,
}

impl Twister {
    fn new(seed: u32) -> Self {
        let mut state = [0; WORDS];
        let mut word = seed;
        for (index, place) in (0_u32..).zip(&mut state) {
            if index > 0 {
                word = (word ^ (word >> 30)).wrapping_mul(1_812_433_253).wrapping_add(index);
            }
            *place = word;
        }
        Self { state, next: WORDS }
    }

    fn refill(&mut self) {
        for index in 0..WORDS {
            let [this, following, far] = [index, (index + 1) % WORDS, (index + 397) % WORDS]
                .map(|at| self.state.get(at).copied().unwrap_or_default());
            let mixed = (this & 0x8000_0000) | (following & 0x7fff_ffff);
            let odd = if mixed & 1 == 1 { 0x9908_b0df } else { 0 };
            if let Some(place) = self.state.get_mut(index) {
                *place = far ^ (mixed >> 1) ^ odd;
            }
        }
        self.next = 0;
    }

    fn word(&mut self) -> u32 {
        if self.next >= WORDS {
            self.refill();
        }
        let mut word = self.state.get(self.next).copied().unwrap_or_default();
        self.next += 1;
        word ^= word >> 11;
        word ^= (word << 7) & 0x9d2c_5680;
        word ^= (word << 15) & 0xefc6_0000;
        word ^ (word >> 18)
    }

    /// A number from 0 to `most`: as many bits as `most` has are drawn until they are not too large.
    fn interval(&mut self, most: u32) -> u32 {
        let mask = u32::MAX.checked_shr(most.leading_zeros()).unwrap_or_default();
        loop {
            let word = self.word() & mask;
            if word <= most {
                return word;
            }
        }
    }
}

/// For each position the index that it gets when `0..n` is shuffled with this seed.
pub fn shuffled(seed: u32, n: u32) -> Vec<u32> {
    let mut twister = Twister::new(seed);
    let mut order: Vec<u32> = (0..n).collect();
    for last in (1..n).rev() {
        order.swap(last as usize, twister.interval(last) as usize);
    }
    order
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `rng = numpy.random.RandomState(seed); a = list(range(n)); rng.shuffle(a)`.
    #[test]
    fn orders_are_those_of_numpy() {
        assert_eq!(shuffled(0, 10), [2, 8, 4, 9, 1, 6, 7, 3, 0, 5]);
        assert_eq!(shuffled(123, 10), [4, 0, 7, 5, 8, 3, 1, 6, 9, 2]);
        let long = shuffled(4_294_967_295, 2000);
        assert_eq!(long[..5], [815, 455, 879, 1580, 189]);
        assert_eq!(long[1995..], [1972, 1095, 1036, 290, 419]);
        assert_eq!(shuffled(7, 0), [] as [u32; 0]);
        assert_eq!(shuffled(7, 1), [0]);
    }
}
