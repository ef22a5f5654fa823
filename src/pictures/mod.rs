//! Pictures as SVG text and PNG bytes, without a plotting library. Nothing here touches a file, and the same values give the same
//! bytes on every machine: the letters are embedded, and all numbers are printed with one precision.

pub mod activations;
pub mod bitmap;
pub mod colours;
pub mod confusion;
pub mod convolve;
pub mod curves;
pub mod drawing;
pub mod filters;
pub mod mistakes;
pub mod network;
pub mod panel;
pub mod raster;
pub mod rgb;
pub mod samples;
pub mod style;
pub mod text;
mod ticks;
mod viridis;
mod widths;
