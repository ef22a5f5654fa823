//! Activation functions as PyTorch's expressions.

use compiler::activation::Activation;

/// The function of `x`, a name.
pub fn expression(function: Activation, x: &str) -> String {
    match function {
        Activation::Linear | Activation::Softmax => x.to_owned(),
        Activation::Relu {
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
        Activation::Sigmoid => format!("torch.sigmoid({x})"),
        Activation::Tanh => format!("torch.tanh({x})"),
        Activation::Elu { alpha } => format!("F.elu({x}, {alpha:?})"),
        Activation::Selu => format!("F.selu({x})"),
        Activation::Softplus => format!("F.softplus({x})"),
        Activation::Softsign => format!("F.softsign({x})"),
        Activation::Silu => format!("F.silu({x})"),
        Activation::Gelu => format!("F.gelu({x})"),
        Activation::HardSigmoid => format!("F.hardsigmoid({x})"),
        Activation::Exponential => format!("torch.exp({x})"),
    }
}
