//! Activation functions as expressions in C.

use crate::export::text::c_float as float;
use compiler::activation::ActivationFunction;

/// The function of `a` as an expression in C, and whether it needs `math.h`.
pub(super) fn formula(function: ActivationFunction) -> (String, bool) {
    let plain = |text: &str| (text.to_owned(), false);
    let math = |text: &str| (text.to_owned(), true);
    match function {
        ActivationFunction::Linear | ActivationFunction::Softmax => plain("a"),
        ActivationFunction::Relu {
            negative_slope,
            ceiling,
            threshold,
        } => {
            let below = if negative_slope == 0.0 {
                "0.0f".to_owned()
            } else {
                format!("{} * (a - {})", float(negative_slope), float(threshold))
            };
            let above = match ceiling {
                Some(ceiling) => format!("(a < {0} ? a : {0})", float(ceiling)),
                None => "a".to_owned(),
            };
            (format!("a > {} ? {above} : {below}", float(threshold)), false)
        }
        ActivationFunction::Sigmoid => math("1.0f / (1.0f + expf(-a))"),
        ActivationFunction::Tanh => math("tanhf(a)"),
        ActivationFunction::Elu { alpha } => (format!("a > 0.0f ? a : {} * (expf(a) - 1.0f)", float(alpha)), true),
        ActivationFunction::Selu => math("1.05070098f * (a > 0.0f ? a : 1.67326324f * (expf(a) - 1.0f))"),
        ActivationFunction::Softplus => math("(a > 0.0f ? a : 0.0f) + log1pf(expf(a > 0.0f ? -a : a))"),
        ActivationFunction::Softsign => plain("a / (1.0f + (a < 0.0f ? -a : a))"),
        ActivationFunction::Silu => math("a / (1.0f + expf(-a))"),
        ActivationFunction::Gelu => math("0.5f * a * (1.0f + erff(a * 0.70710678f))"),
        ActivationFunction::HardSigmoid => plain("a <= -3.0f ? 0.0f : a >= 3.0f ? 1.0f : a / 6.0f + 0.5f"),
        ActivationFunction::Exponential => math("expf(a)"),
    }
}
