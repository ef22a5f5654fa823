//! Activation functions as ONNX's operators.

use super::Writer;
use super::wire::Attribute;
use compiler::activation::ActivationFunction;

impl Writer<'_> {
    /// Adds the function of `x` and returns the name of its output.
    pub(super) fn activation(&mut self, function: ActivationFunction, x: String, of: &str) -> String {
        match function {
            ActivationFunction::Linear | ActivationFunction::Softmax => x,
            ActivationFunction::Relu {
                negative_slope,
                ceiling,
                threshold,
            } => {
                let rectified = self.rectified(negative_slope, threshold, x, of);
                match ceiling {
                    Some(ceiling) => {
                        let ceiling = self.number(of, ceiling);
                        self.push(of, "Min", &[rectified, ceiling], &[])
                    }
                    None => rectified,
                }
            }
            ActivationFunction::Sigmoid => self.push(of, "Sigmoid", &[x], &[]),
            ActivationFunction::Tanh => self.push(of, "Tanh", &[x], &[]),
            ActivationFunction::Elu { alpha } => self.push(of, "Elu", &[x], &[("alpha", Attribute::Float(alpha))]),
            ActivationFunction::Selu => self.push(of, "Selu", &[x], &[]),
            ActivationFunction::Softplus => self.push(of, "Softplus", &[x], &[]),
            ActivationFunction::Softsign => self.push(of, "Softsign", &[x], &[]),
            ActivationFunction::Silu => {
                let gate = self.push(of, "Sigmoid", std::slice::from_ref(&x), &[]);
                self.push(of, "Mul", &[x, gate], &[])
            }
            // x (1 + erf(x / sqrt 2)) / 2; the operator Gelu came with opset 20.
            ActivationFunction::Gelu => {
                let (root, one, half) = (
                    self.number(of, std::f32::consts::FRAC_1_SQRT_2),
                    self.number(of, 1.0),
                    self.number(of, 0.5),
                );
                let scaled = self.push(of, "Mul", &[x.clone(), root], &[]);
                let erf = self.push(of, "Erf", &[scaled], &[]);
                let sum = self.push(of, "Add", &[erf, one], &[]);
                let product = self.push(of, "Mul", &[x, sum], &[]);
                self.push(of, "Mul", &[product, half], &[])
            }
            ActivationFunction::HardSigmoid => {
                let line = [("alpha", Attribute::Float(1.0 / 6.0)), ("beta", Attribute::Float(0.5))];
                self.push(of, "HardSigmoid", &[x], &line)
            }
            ActivationFunction::Exponential => self.push(of, "Exp", &[x], &[]),
        }
    }

    /// Adds `x` above the threshold, `slope (x - threshold)` below it.
    fn rectified(&mut self, slope: f32, threshold: f32, x: String, of: &str) -> String {
        if threshold == 0.0 {
            return if slope == 0.0 {
                self.push(of, "Relu", &[x], &[])
            } else {
                self.push(of, "LeakyRelu", &[x], &[("alpha", Attribute::Float(slope))])
            };
        }
        let (threshold, slope) = (self.number(of, threshold), self.number(of, slope));
        let passes = self.push(of, "Greater", &[x.clone(), threshold.clone()], &[]);
        let below = self.push(of, "Sub", &[x.clone(), threshold], &[]);
        let below = self.push(of, "Mul", &[below, slope], &[]);
        self.push(of, "Where", &[passes, x, below], &[])
    }
}
