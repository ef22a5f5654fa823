//! Quantization after training: products, pools and what lies between them in 8-bit integers, the rest in float32.
//!
//! A tensor's number is `(q - zero) scale` with `q` from -128 to 127; the scale follows from the smallest and the largest number
//! that the tensor holds for samples of the training split. A kernel has a scale for each output and no zero point; its bias has
//! 32 bits, at the scale of the products that it is added to. This is TFLite's scheme, and what ONNX's QDQ form can express.

mod calibration;
mod measure;
mod network;
mod params;
mod rules;
mod run;

pub use calibration::calibration;
pub use measure::{Measured, measure};
pub use network::Quantized;
pub use params::{Kernel, Params};
