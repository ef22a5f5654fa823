//! 3x3 and 5x5 convolutions with fewer multiplications: Winograd's minimal filterings F(4x4, 3x3) and F(4x4, 5x5). A tile of 6x6
//! inputs of a 3x3 kernel is taken to 36 points, where a convolution is one multiplication a pair of channels, and the points to a
//! tile of 4x4 outputs: 36 multiplications instead of 144. For a 5x5 kernel it is 8x8 inputs and 64 multiplications instead of 400.
//!
//! The points are 0, +-3/4, +-3/2 and infinity, and for 5x5 kernels 0, +-1/2, +-1, +-7/4 and infinity: the constants of the inputs'
//! and the outputs' transforms are exact in binary, and errors stay below 1e-5 of the largest output, for 3x3 kernels a fifth of
//! what 0, +-1, +-2 and infinity would cost.
//! Source: Lavin and Gray, "Fast Algorithms for Convolutional Neural Networks", 2015.

pub mod behind;
pub mod dkernel;
pub mod few;
pub mod finish;
pub mod gradient;
mod lines;
pub mod pack;
pub mod product;
pub mod tiles;
pub mod transforms;
