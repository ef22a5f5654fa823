//! A convolution and its two gradients.

pub mod blocked;
pub mod dinput;
pub mod dkernel;
pub mod forward;
mod map;
mod places;
mod winograd;

use super::super::maker::Maker;
use super::tasked::Tasked;
use compiler::ops::{Convolution, ConvolutionDinput, ConvolutionDkernel};
use compiler::plan::method;

impl Tasked for Convolution {
    fn tasks(&self, maker: &mut Maker<'_>) {
        let product = forward::Product {
            geometry: &self.geometry,
            input: self.input,
            kernel: self.kernel,
            bias: self.bias,
            relu: self.relu,
            pool: self.pool,
            codes: self.codes,
            output: maker.at(self.output),
        };
        if maker.is_blocked() {
            blocked::forward(&product, maker);
        } else if method::forward(&self.geometry).is_winograd() {
            winograd::forward(&product, maker);
        } else {
            forward::push(&product, maker);
        }
    }
}

impl Tasked for ConvolutionDkernel {
    fn tasks(&self, maker: &mut Maker<'_>) {
        let product = dkernel::Product {
            geometry: &self.geometry,
            input: self.input,
            doutput: self.doutput,
            kernel: self.kernel,
            bias: self.bias,
        };
        if maker.is_blocked() {
            blocked::dkernel(&product, maker);
        } else if method::dkernel(&self.geometry).is_winograd() {
            winograd::dkernel(&product, maker);
        } else {
            dkernel::push(&product, maker);
        }
    }
}

impl Tasked for ConvolutionDinput {
    fn tasks(&self, maker: &mut Maker<'_>) {
        let product = dinput::Product {
            geometry: &self.geometry,
            doutput: self.doutput,
            kernel: self.kernel,
            mask: self.mask,
            dinput: self.dinput,
        };
        if maker.is_blocked() {
            blocked::dinput(&product, maker);
        } else if method::dinput(&self.geometry).is_winograd() {
            winograd::dinput(&product, maker);
        } else {
            dinput::push(&product, maker);
        }
    }
}
