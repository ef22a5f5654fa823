//! The three networks, with Keras's optimizers and their constants.

use burn::nn::conv::{Conv2d, Conv2dConfig};
use burn::nn::pool::{MaxPool2d, MaxPool2dConfig};
use burn::nn::{Linear, LinearConfig};
use burn::optim::{AdamConfig, ModuleOptimizer, RmsPropConfig};
use burn::prelude::*;
use burn::tensor::activation::relu;
use clap::ValueEnum;

/// Which network.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Name {
    /// One convolution.
    Onelayer,
    /// Two convolutions with pooling.
    Pyramid,
    /// LeNet for 32 x 32 colour pictures.
    Lenet,
}

/// Convolutions with ReLU, each with its pooling if there is one, then dense layers with ReLU between.
#[derive(Module, Debug)]
pub struct Network {
    convolutions: Vec<Conv2d>,
    pool: Option<MaxPool2d>,
    dense: Vec<Linear>,
}

impl Name {
    /// The network with random parameters.
    pub fn network(self, device: &Device) -> Network {
        let (convolutions, dense): (&[[usize; 2]], &[[usize; 2]]) = match self {
            Self::Onelayer => (&[[1, 9]], &[[9 * 24 * 24, 10]]),
            Self::Pyramid => (&[[1, 10], [10, 20]], &[[20 * 4 * 4, 10]]),
            Self::Lenet => (&[[3, 6], [6, 16]], &[[16 * 5 * 5, 120], [120, 84], [84, 10]]),
        };
        let pool = (self != Self::Onelayer).then(|| MaxPool2dConfig::new([2, 2]).with_strides([2, 2]).init());
        Network {
            convolutions: convolutions
                .iter()
                .map(|&channels| Conv2dConfig::new(channels, [5, 5]).init(device))
                .collect(),
            pool,
            dense: dense
                .iter()
                .map(|&[inputs, outputs]| LinearConfig::new(inputs, outputs).init(device))
                .collect(),
        }
    }

    /// Adam for LeNet, else RMSprop: rate 0.001 (see [`RATE`]), epsilon 1e-7, rho 0.9 and no momentum.
    pub fn optimizer(self) -> ModuleOptimizer {
        match self {
            Self::Lenet => AdamConfig::new().with_epsilon(1e-7).init(),
            Self::Onelayer | Self::Pyramid => RmsPropConfig::new()
                .with_alpha(0.9)
                .with_momentum(0.0)
                .with_epsilon(1e-7)
                .init(),
        }
    }
}

/// The learning rate.
pub const RATE: f64 = 0.001;

impl Network {
    /// Logits (samples, 10) of pictures (samples, channels, height, width).
    pub fn forward(&self, pictures: Tensor<4>) -> Tensor<2> {
        let mut x = pictures;
        for convolution in &self.convolutions {
            x = relu(convolution.forward(x));
            if let Some(pool) = &self.pool {
                x = pool.forward(x);
            }
        }
        let mut x: Tensor<2> = x.flatten(1, 3);
        for (index, dense) in self.dense.iter().enumerate() {
            if index > 0 {
                x = relu(x);
            }
            x = dense.forward(x);
        }
        x
    }
}
