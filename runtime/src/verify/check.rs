//! One comparison, and how far it may be off.

/// Of one operation, relative to the largest value of what it makes.
pub(super) const OF_AN_OPERATION: f64 = 5e-5;

/// Of a whole network, where the errors of its operations come together.
pub(super) const OF_A_NETWORK: f64 = 2e-3;

/// Of a slope, relative to what the gradient's elements contribute to it.
pub(super) const OF_A_SLOPE: f64 = 5e-3;

/// One thing that was compared.
#[derive(Debug, Clone, PartialEq)]
pub struct Check {
    /// The operation, as the plan names it, or what is asked of the network as a whole.
    pub operation: &'static str,
    /// The tensor or the variable.
    pub what: String,
    /// How far it is off, relative to the largest value; infinite where it is no number.
    pub error: f64,
    /// The most that single precision explains.
    pub allowed: f64,
}

impl Check {
    /// Whether it is right. What is no number is not.
    pub fn passes(&self) -> bool {
        self.error <= self.allowed
    }
}

/// The largest magnitude.
pub(super) fn largest(values: &[f64]) -> f64 {
    values.iter().fold(0.0, |largest, value| largest.max(value.abs()))
}

/// The largest difference, relative to the largest expected value.
pub(super) fn error(found: &[f64], expected: &[f64]) -> f64 {
    error_of(found, expected, largest(expected))
}

/// The largest difference, relative to a scale; infinite where something is no number.
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
