//! Activation functions as TFLite's operators.

use super::Writer;
use super::operators::{Operator, leaky_relu};
use compiler::activation::ActivationFunction;

/// The constants `scale` and `alpha` of Keras's `selu`.
const SELU: (f32, f32) = (1.050_701, 1.673_263_2);

impl Writer<'_> {
    /// Adds the function of tensor `x`, which has this shape, and returns the index of its output.
    pub(super) fn activation(&mut self, function: ActivationFunction, x: i32, shape: &[usize]) -> i32 {
        match function {
            ActivationFunction::Linear | ActivationFunction::Softmax => x,
            ActivationFunction::Relu {
                negative_slope,
                ceiling,
                threshold,
            } => self.rectified(negative_slope, ceiling, threshold, x, shape),
            ActivationFunction::Sigmoid => self.unary(Operator::Logistic, x, shape),
            ActivationFunction::Tanh => self.unary(Operator::Tanh, x, shape),
            ActivationFunction::Elu { alpha: 1.0 } => self.unary(Operator::Elu, x, shape),
            ActivationFunction::Elu { alpha } => self.bent(1.0, alpha, x, shape),
            ActivationFunction::Selu => self.bent(SELU.0, SELU.1, x, shape),
            // max(x, 0) + ln(1 + e^-|x|)
            ActivationFunction::Softplus => {
                let size = self.unary(Operator::Abs, x, shape);
                let below = self.by(Operator::Mul, size, -1.0, shape);
                let power = self.unary(Operator::Exp, below, shape);
                let sum = self.by(Operator::Add, power, 1.0, shape);
                let log = self.unary(Operator::Log, sum, shape);
                let above = self.unary(Operator::Relu, x, shape);
                self.push(Operator::Add, &[above, log], shape, None)
            }
            ActivationFunction::Softsign => {
                let size = self.unary(Operator::Abs, x, shape);
                let sum = self.by(Operator::Add, size, 1.0, shape);
                self.push(Operator::Div, &[x, sum], shape, None)
            }
            ActivationFunction::Silu => {
                let gate = self.unary(Operator::Logistic, x, shape);
                self.push(Operator::Mul, &[x, gate], shape, None)
            }
            ActivationFunction::Gelu => self.unary(Operator::Gelu, x, shape),
            ActivationFunction::HardSigmoid => {
                let line = self.by(Operator::Mul, x, 1.0 / 6.0, shape);
                let line = self.by(Operator::Add, line, 0.5, shape);
                let line = self.by(Operator::Minimum, line, 1.0, shape);
                self.unary(Operator::Relu, line, shape)
            }
            ActivationFunction::Exponential => self.unary(Operator::Exp, x, shape),
        }
    }

    fn unary(&mut self, operator: Operator, x: i32, shape: &[usize]) -> i32 {
        self.push(operator, &[x], shape, None)
    }

    /// Adds an operator on `x` and one number.
    pub(super) fn by(&mut self, operator: Operator, x: i32, number: f32, shape: &[usize]) -> i32 {
        let number = self.floats("", &[1], &[number]);
        self.push(operator, &[x, number], shape, None)
    }

    /// Adds `scale x` for positive values, `scale alpha (e^x - 1)` for the others.
    fn bent(&mut self, scale: f32, alpha: f32, x: i32, shape: &[usize]) -> i32 {
        let below = self.by(Operator::Minimum, x, 0.0, shape);
        let power = self.unary(Operator::Elu, below, shape);
        let power = self.by(Operator::Mul, power, alpha, shape);
        let above = self.unary(Operator::Relu, x, shape);
        let sum = self.push(Operator::Add, &[above, power], shape, None);
        if (scale - 1.0).abs() < f32::EPSILON {
            sum
        } else {
            self.by(Operator::Mul, sum, scale, shape)
        }
    }

    fn rectified(&mut self, slope: f32, ceiling: Option<f32>, threshold: f32, x: i32, shape: &[usize]) -> i32 {
        if (slope, threshold, ceiling) == (0.0, 0.0, Some(6.0)) {
            return self.unary(Operator::Relu6, x, shape);
        }
        let made = match (threshold == 0.0, slope == 0.0) {
            (true, true) => self.unary(Operator::Relu, x, shape),
            (true, false) => self.push(Operator::LeakyRelu, &[x], shape, leaky_relu(slope)),
            (false, _) => {
                let limit = self.floats("", &[1], &[threshold]);
                let passes = self.truths(Operator::Greater, &[x, limit], shape);
                let below = self.by(Operator::Sub, x, threshold, shape);
                let below = self.by(Operator::Mul, below, slope, shape);
                self.push(Operator::SelectV2, &[passes, x, below], shape, None)
            }
        };
        match ceiling {
            Some(ceiling) => self.by(Operator::Minimum, made, ceiling, shape),
            None => made,
        }
    }
}
