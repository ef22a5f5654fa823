//! One comparison with the reference, and how large its error may be.

/// The largest error of one operation, relative to the largest value of what it computes.
pub(super) const OF_AN_OPERATION: f64 = 5e-5;

/// The largest error of a whole network, in which the errors of its operations add up.
pub(super) const OF_A_NETWORK: f64 = 2e-3;

/// The largest error of a slope, relative to what the elements of the gradient contribute to it.
pub(super) const OF_A_SLOPE: f64 = 5e-3;

/// One comparison with the reference.
#[derive(Debug, Clone, PartialEq)]
pub struct Check {
    /// The operation, as the plan names it, or what is compared of the network as a whole.
    pub operation: &'static str,
    /// The name of the tensor or the variable.
    pub what: String,
    /// The largest difference, relative to the largest value; infinite where a value is NaN or infinite.
    pub error: f64,
    /// The largest error that single precision explains.
    pub allowed: f64,
}

impl Check {
    /// Whether the error is small enough; a NaN is not.
    pub fn passes(&self) -> bool {
        self.error <= self.allowed
    }
}

/// The largest magnitude of the values; zero without any.
pub(super) fn largest(values: &[f64]) -> f64 {
    values.iter().fold(0.0, |largest, value| largest.max(value.abs()))
}

/// The largest difference, relative to the largest expected value.
pub(super) fn error(found: &[f64], expected: &[f64]) -> f64 {
    error_of(found, expected, largest(expected))
}

/// The largest difference, relative to `scale`; infinite where a value is NaN or infinite, or the lengths differ.
pub(super) fn error_of(found: &[f64], expected: &[f64], scale: f64) -> f64 {
    if found.len() != expected.len() {
        return f64::INFINITY;
    }
    let scale = scale.max(1e-6);
    let differences = found
        .iter()
        .zip(expected)
        .map(|(found, expected)| (found - expected).abs() / scale);
    differences.fold(0.0, |worst: f64, error| {
        if error.is_nan() {
            f64::INFINITY
        } else {
            worst.max(error)
        }
    })
}

pub(super) fn widen(values: &[f32]) -> Vec<f64> {
    values.iter().map(|&value| f64::from(value)).collect()
}
