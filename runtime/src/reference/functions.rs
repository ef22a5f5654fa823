//! The functions of a value, and their derivatives.

use compiler::activation::Activation;

pub fn activate(function: Activation, x: f64) -> f64 {
    const SELU: (f64, f64) = (1.050_700_987_355_480_5, 1.673_263_242_354_377_2);
    match function {
        Activation::Linear => x,
        Activation::Relu {
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
        Activation::Sigmoid => 1.0 / (1.0 + (-x).exp()),
        Activation::Tanh => x.tanh(),
        Activation::Softmax => unreachable!("softmax has its own operation"),
        Activation::Elu { alpha } => {
            if x > 0.0 {
                x
            } else {
                f64::from(alpha) * x.exp_m1()
            }
        }
        Activation::Selu => SELU.0 * if x > 0.0 { x } else { SELU.1 * x.exp_m1() },
        Activation::Softplus => x.max(0.0) + (-x.abs()).exp().ln_1p(),
        Activation::Softsign => x / (1.0 + x.abs()),
        Activation::Silu => x / (1.0 + (-x).exp()),
        Activation::Gelu => 0.5 * x * (1.0 + erf(x / 2_f64.sqrt())),
        Activation::HardSigmoid => (x / 6.0 + 0.5).clamp(0.0, 1.0),
        Activation::Exponential => x.exp(),
    }
}

/// The derivative, from the input.
pub fn derivative(function: Activation, x: f64) -> f64 {
    const SELU: (f64, f64) = (1.050_700_987_355_480_5, 1.673_263_242_354_377_2);
    let sigmoid = 1.0 / (1.0 + (-x).exp());
    match function {
        Activation::Linear => 1.0,
        Activation::Relu {
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
        Activation::Sigmoid => sigmoid * (1.0 - sigmoid),
        Activation::Tanh => 1.0 - x.tanh() * x.tanh(),
        Activation::Softmax => unreachable!("softmax has its own operation"),
        Activation::Elu { alpha } => {
            if x > 0.0 {
                1.0
            } else {
                f64::from(alpha) * x.exp()
            }
        }
        Activation::Selu => SELU.0 * if x > 0.0 { 1.0 } else { SELU.1 * x.exp() },
        Activation::Softplus => sigmoid,
        Activation::Softsign => 1.0 / ((1.0 + x.abs()) * (1.0 + x.abs())),
        Activation::Silu => sigmoid * (1.0 + x * (1.0 - sigmoid)),
        Activation::Gelu => {
            let density = (-x * x / 2.0).exp() / (2.0 * std::f64::consts::PI).sqrt();
            0.5 * (1.0 + erf(x / 2_f64.sqrt())) + x * density
        }
        Activation::HardSigmoid => {
            if x > -3.0 && x < 3.0 {
                1.0 / 6.0
            } else {
                0.0
            }
        }
        Activation::Exponential => x.exp(),
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
pub fn derivative_at_output(function: Activation, y: f64) -> f64 {
    const SELU: (f64, f64) = (1.050_700_987_355_480_5, 1.673_263_242_354_377_2);
    match function {
        Activation::Linear => 1.0,
        Activation::Relu {
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
        Activation::Sigmoid => y * (1.0 - y),
        Activation::Tanh => 1.0 - y * y,
        Activation::Elu { alpha } => {
            if y > 0.0 {
                1.0
            } else {
                y + f64::from(alpha)
            }
        }
        Activation::Selu => {
            if y > 0.0 {
                SELU.0
            } else {
                y + SELU.0 * SELU.1
            }
        }
        Activation::Softplus => -(-y).exp_m1(),
        Activation::Softsign => (1.0 - y.abs()) * (1.0 - y.abs()),
        Activation::HardSigmoid => {
            if y > 0.0 && y < 1.0 {
                1.0 / 6.0
            } else {
                0.0
            }
        }
        Activation::Exponential => y,
        Activation::Softmax | Activation::Silu | Activation::Gelu => unreachable!("the derivative needs the input"),
    }
}
