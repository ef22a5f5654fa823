//! The numbers at an axis.

/// About `wanted` round numbers that cover `low` to `high`, at least `least` apart.
pub(super) fn ticks(low: f64, high: f64, wanted: usize, least: f64) -> Vec<f64> {
    let range = if high > low {
        high - low
    } else {
        (low.abs() * 0.1).max(1e-6)
    };
    let rough = range / wanted.max(1) as f64;
    let power = 10_f64.powf(rough.log10().floor());
    let step = [1.0, 2.0, 5.0, 10.0].into_iter().map(|factor| factor * power);
    let step = step
        .clone()
        .find(|&step| step >= rough)
        .unwrap_or(10.0 * power)
        .max(least);
    let first = (low / step).floor() as i64;
    let last = (high / step).ceil() as i64;
    let last = last.max(first + 1);
    (first..=last).map(|index| index as f64 * step).collect()
}

/// Whole epochs from the first to the last.
pub(super) fn epoch_ticks(first: f64, last: f64) -> Vec<f64> {
    let all = ticks(first, last, 8, 1.0);
    let mut inside: Vec<f64> = all.into_iter().filter(|tick| (first..=last).contains(tick)).collect();
    if inside.is_empty() {
        inside.push(first);
    }
    inside
}

/// How many decimals tell neighbouring ticks apart.
pub(super) fn decimals(ticks: &[f64]) -> usize {
    let step = ticks
        .windows(2)
        .map(|pair| pair[1] - pair[0])
        .fold(f64::INFINITY, f64::min);
    (-(step + step * 1e-6).log10().floor()).clamp(0.0, 9.0) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_round_and_cover_the_values() {
        let tenths: Vec<f64> = ticks(0.13, 0.92, 5, 0.0)
            .iter()
            .map(|tick| (tick * 10.0).round())
            .collect();
        assert_eq!(tenths, [0.0, 2.0, 4.0, 6.0, 8.0, 10.0]);
        assert_eq!(ticks(97.2, 97.2, 5, 0.0).len(), 2);
        assert_eq!(epoch_ticks(1.0, 3.0), [1.0, 2.0, 3.0]);
        assert_eq!(epoch_ticks(1.0, 1.0), [1.0]);
        assert_eq!(epoch_ticks(1.0, 40.0), [5.0, 10.0, 15.0, 20.0, 25.0, 30.0, 35.0, 40.0]);
        assert_eq!(decimals(&[0.0, 0.2, 0.4]), 1);
        assert_eq!(decimals(&[0.0, 5.0]), 0);
        assert_eq!(decimals(&[0.25, 0.3]), 2);
    }
}
