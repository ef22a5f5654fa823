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
fn pairs_side_by_side_are_the_same_blocks() {
    let (stream, key) = ([0x1319_8a2e, 0x0370_7344], [0xa409_3822, 0x299f_31d0]);
    let (elements, quads) = ([5, 0, u32::MAX, 0x8000_0001, 9], [0, 1, 7, u32::MAX, 0x1234_5678]);
    let words = philox_pairs(elements, quads, stream, key);
    for (at, (element, quad)) in elements.into_iter().zip(quads).enumerate() {
        assert_eq!(
            words.map(|word| word[at]),
            philox([element, quad, stream[0], stream[1]], key),
            "element {element}, quad {quad}"
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
