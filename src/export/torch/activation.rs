//! Activation functions as expressions in PyTorch.

use compiler::activation::ActivationFunction;

/// The function of the variable `x` as an expression.
pub fn expression(function: ActivationFunction, x: &str) -> String {
    match function {
        ActivationFunction::Linear | ActivationFunction::Softmax => x.to_owned(),
        ActivationFunction::Relu {
            negative_slope,
            ceiling,
            threshold,
        } => {
            let rectified = match (threshold == 0.0, negative_slope == 0.0) {
                (true, true) => format!("F.relu({x})"),
                (true, false) => format!("F.leaky_relu({x}, {negative_slope:?})"),
                (false, _) => {
                    format!("torch.where({x} >= {threshold:?}, {x}, {negative_slope:?} * ({x} - {threshold:?}))")
                }
            };
            match ceiling {
                Some(ceiling) => format!("{rectified}.clamp(max={ceiling:?})"),
                None => rectified,
            }
        }
        ActivationFunction::Sigmoid => format!("torch.sigmoid({x})"),
        ActivationFunction::Tanh => format!("torch.tanh({x})"),
        ActivationFunction::Elu { alpha } => format!("F.elu({x}, {alpha:?})"),
        ActivationFunction::Selu => format!("F.selu({x})"),
        ActivationFunction::Softplus => format!("F.softplus({x})"),
        ActivationFunction::Softsign => format!("F.softsign({x})"),
        ActivationFunction::Silu => format!("F.silu({x})"),
        ActivationFunction::Gelu => format!("F.gelu({x})"),
        ActivationFunction::HardSigmoid => format!("F.hardsigmoid({x})"),
        ActivationFunction::Exponential => format!("torch.exp({x})"),
    }
}
