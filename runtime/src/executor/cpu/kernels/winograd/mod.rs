//! 3x3 convolutions with fewer multiplications: Winograd's minimal filtering F(4x4, 3x3). A tile of 6x6 inputs is taken to
//! 36 points, where a convolution is one multiplication a pair of channels, and the points to a tile of 4x4 outputs: 36
//! multiplications instead of 144.
//!
//! The points are 0, +-3/4, +-3/2 and infinity: the constants of the inputs' and the outputs' transforms are exact in
//! binary, and errors stay below 1e-5 of the largest output, a fifth of what 0, +-1, +-2 and infinity would cost.
//! Source: Lavin and Gray, "Fast Algorithms for Convolutional Neural Networks", 2015.

pub mod dkernel;
pub mod gradient;
pub mod product;
pub mod tiles;
pub mod transforms;
