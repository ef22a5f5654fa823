//! The functions of a value, and their derivatives.

use compiler::activation::ActivationFunction;

pub fn activate(function: ActivationFunction, x: f64) -> f64 {
    const SELU: (f64, f64) = (1.050_700_987_355_480_5, 1.673_263_242_354_377_2);
    match function {
        ActivationFunction::Linear => x,
        ActivationFunction::Relu {
            negative_slope,
            ceiling,
            threshold,
        } => {
            let (slope, threshold) = (f64::from(negative_slope), f64::from(threshold));
            let ceiling = ceiling.map_or(f64::INFINITY, f64::from);
            if x > threshold {
                x.min(ceiling)
            } else {
                slope * (x - threshold)
            }
        }
        ActivationFunction::Sigmoid => 1.0 / (1.0 + (-x).exp()),
        ActivationFunction::Tanh => x.tanh(),
        ActivationFunction::Softmax => unreachable!("softmax has its own operation"),
        ActivationFunction::Elu { alpha } => {
            if x > 0.0 {
                x
            } else {
                f64::from(alpha) * x.exp_m1()
            }
        }
        ActivationFunction::Selu => SELU.0 * if x > 0.0 { x } else { SELU.1 * x.exp_m1() },
        ActivationFunction::Softplus => x.max(0.0) + (-x.abs()).exp().ln_1p(),
        ActivationFunction::Softsign => x / (1.0 + x.abs()),
        ActivationFunction::Silu => x / (1.0 + (-x).exp()),
        ActivationFunction::Gelu => 0.5 * x * (1.0 + erf(x / 2_f64.sqrt())),
        ActivationFunction::HardSigmoid => (x / 6.0 + 0.5).clamp(0.0, 1.0),
        ActivationFunction::Exponential => x.exp(),
    }
}

/// The derivative, from the input.
pub fn derivative(function: ActivationFunction, x: f64) -> f64 {
    const SELU: (f64, f64) = (1.050_700_987_355_480_5, 1.673_263_242_354_377_2);
    let sigmoid = 1.0 / (1.0 + (-x).exp());
    match function {
        ActivationFunction::Linear => 1.0,
        ActivationFunction::Relu {
            negative_slope,
            ceiling,
            threshold,
        } => {
            let (slope, threshold) = (f64::from(negative_slope), f64::from(threshold));
            let plain = threshold == 0.0 && ceiling.is_none();
            let ceiling = ceiling.map_or(f64::INFINITY, f64::from);
            if x > threshold {
                f64::from(u8::from(x < ceiling))
            } else if x == threshold && !plain {
                0.0
            } else {
                slope
            }
        }
        ActivationFunction::Sigmoid => sigmoid * (1.0 - sigmoid),
        ActivationFunction::Tanh => 1.0 - x.tanh() * x.tanh(),
        ActivationFunction::Softmax => unreachable!("softmax has its own operation"),
        ActivationFunction::Elu { alpha } => {
            if x > 0.0 {
                1.0
            } else {
                f64::from(alpha) * x.exp()
            }
        }
        ActivationFunction::Selu => SELU.0 * if x >= 0.0 { 1.0 } else { SELU.1 * x.exp() },
        ActivationFunction::Softplus => sigmoid,
        ActivationFunction::Softsign => 1.0 / ((1.0 + x.abs()) * (1.0 + x.abs())),
        ActivationFunction::Silu => sigmoid * (1.0 + x * (1.0 - sigmoid)),
        ActivationFunction::Gelu => {
            let density = (-x * x / 2.0).exp() / (2.0 * std::f64::consts::PI).sqrt();
            0.5 * (1.0 + erf(x / 2_f64.sqrt())) + x * density
        }
        ActivationFunction::HardSigmoid => {
            if x > -3.0 && x < 3.0 {
                1.0 / 6.0
            } else {
                0.0
            }
        }
        ActivationFunction::Exponential => x.exp(),
    }
}

/// The error function by its Maclaurin series, to `f64` precision where |x| < 6; beyond that it is ±1.
fn erf(x: f64) -> f64 {
    if x.abs() > 6.0 {
        return x.signum();
    }
    // erf(x) = 2/sqrt(pi) exp(-x^2) sum of 2^n x^(2n+1) / (1 3 5 ... (2n+1)): all terms of one sign, no cancellation.
    let (mut term, mut sum, mut n) = (x, x, 1.0);
    while term.abs() > sum.abs() * 1e-17 {
        term *= 2.0 * x * x / (2.0 * n + 1.0);
        sum += term;
        n += 1.0;
    }
    2.0 / std::f64::consts::PI.sqrt() * (-x * x).exp() * sum
}

/// The derivative from the output, for the functions that allow it (`Activation::needs_input` is false).
pub fn derivative_at_output(function: ActivationFunction, y: f64) -> f64 {
    const SELU: (f64, f64) = (1.050_700_987_355_480_5, 1.673_263_242_354_377_2);
    match function {
        ActivationFunction::Linear => 1.0,
        ActivationFunction::Relu {
            negative_slope,
            ceiling,
            ..
        } => {
            if ceiling.is_some_and(|ceiling| y >= f64::from(ceiling)) {
                0.0
            } else if y > 0.0 {
                1.0
            } else {
                f64::from(negative_slope)
            }
        }
        ActivationFunction::Sigmoid => y * (1.0 - y),
        ActivationFunction::Tanh => 1.0 - y * y,
        ActivationFunction::Elu { alpha } => {
            if y > 0.0 {
                1.0
            } else {
                y + f64::from(alpha)
            }
        }
        ActivationFunction::Selu => {
            if y >= 0.0 {
                SELU.0
            } else {
                y + SELU.0 * SELU.1
            }
        }
        ActivationFunction::Softplus => -(-y).exp_m1(),
        ActivationFunction::Softsign => (1.0 - y.abs()) * (1.0 - y.abs()),
        ActivationFunction::HardSigmoid => {
            if y > 0.0 && y < 1.0 {
                1.0 / 6.0
            } else {
                0.0
            }
        }
        ActivationFunction::Exponential => y,
        ActivationFunction::Softmax | ActivationFunction::Silu | ActivationFunction::Gelu => {
            unreachable!("the derivative needs the input")
        }
    }
}
