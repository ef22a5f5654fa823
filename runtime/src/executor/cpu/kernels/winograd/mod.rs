//! 3x3 and 5x5 convolutions with fewer multiplications: Winograd's minimal filterings F(4x4, 3x3) and F(2x2, 5x5). A tile of 6x6
//! inputs is taken to 36 points, where a convolution is one multiplication a pair of channels, and the points to a tile of 4x4
//! outputs of a 3x3 kernel, 36 multiplications instead of 144, or of 2x2 outputs of a 5x5 kernel, instead of 100.
//!
//! The points are 0, +-3/4, +-3/2 and infinity: the constants of the inputs' and the outputs' transforms are exact in
//! binary, and errors stay below 1e-5 of the largest output, a fifth of what 0, +-1, +-2 and infinity would cost.
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
