//! Draws a kernel that slides over images.

use super::data::{self, SplitName};
use super::kernel::NamedKernel;
use crate::pictures::convolve::{self, Filtered, Matrix};
use crate::pictures::drawing::Drawing;
use crate::pictures::samples::Sample;
use crate::session::error::{Error, Result};
use crate::session::samples::{ImageShape, image_shape, title};
use compiler::check::check_file;
use compiler::plan::memory::Sharing;
use compiler::shape::Shape;
use grammar::source::Source;
use runtime::checkpoint::Tensor;
use runtime::data::{Pixels, Split};
use runtime::executor::Executor;
use runtime::executor::cpu::CpuExecutor;
use runtime::train;
use std::collections::BTreeMap;
use std::sync::Arc;

/// The weights of the luma of ITU-R BT.601, by which colour images are filtered.
const LUMA: [f32; 3] = [0.299, 0.587, 0.114];

/// Draws `count` images of a split from `start` on, the kernel, and what it makes of them.
///
/// # Errors
/// When there is no such data set, split or image, or the images are too large for the kernel.
pub fn convolve(kernel: &NamedKernel, name: &str, wanted: SplitName, start: usize, count: usize) -> Result<Drawing> {
    let dataset = data::load(name)?;
    let (split, _) = data::split(&dataset, wanted)?;
    let shape = image_shape(&split.shape)?;
    let samples = data::take(&dataset, split, start, count)?;
    let filtered = filter(&kernel.matrix, shape, samples)?;
    let [height, width, channels] = shape;
    let luma = if channels == 3 { " (their luma)" } else { "" };
    let line = format!(
        "{} of {}, {height}\u{d7}{width}{luma}: weighted sums, zeros around the image, stride 1",
        if filtered.len() == 1 {
            "an image".to_owned()
        } else {
            format!("{} images", filtered.len())
        },
        title(&dataset.name)
    );
    let heading = format!("{} filter", kernel.name);
    Ok(convolve::convolve(&heading, &line, shape, &kernel.matrix, &filtered))
}

/// The images and their convolutions, by this program's own `Conv2D`: one filter without bias, `padding="same"`.
fn filter(kernel: &Matrix, shape: ImageShape, samples: Vec<Sample>) -> Result<Vec<Filtered>> {
    let [height, width, channels] = shape;
    let network = network(kernel, shape)?;
    let plan = Arc::new(compiler::plan_of(&network, Sharing::Shared));
    let shares: &[f32] = if channels == 3 { &LUMA } else { &[1.0] };
    let values = kernel
        .values
        .iter()
        .flat_map(|value| shares.iter().map(move |share| value * share));
    let weights = BTreeMap::from([(
        "conv2d.kernel".to_owned(),
        Tensor {
            shape: vec![kernel.height, kernel.width, channels, 1],
            values: values.collect(),
        },
    )]);
    let images = Arc::new(Split {
        shape: Shape::map(height, width, channels),
        pixels: Pixels::Floats(
            samples
                .iter()
                .flat_map(|sample| sample.values.iter().copied())
                .collect(),
        ),
        labels: vec![0; samples.len()],
        targets: None,
    });
    let mut executor = CpuExecutor::new(Arc::clone(&plan), 1, 1, None)?;
    executor.set_parameters(&train::parameters_from(&plan, weights, "")?)?;
    let outputs = executor.predict(&images)?;
    let filtered = samples.into_iter().zip(outputs.chunks_exact(height * width));
    Ok(filtered
        .map(|(image, values)| Filtered {
            image,
            values: values.to_vec(),
        })
        .collect())
}

/// The network that has this convolution alone.
fn network(kernel: &Matrix, [height, width, channels]: ImageShape) -> Result<compiler::network::CheckedNetwork> {
    let text = format!(
        "model convolve {{\n    Input(shape=({height}, {width}, {channels}))\n    \
         Conv2D(filters=1, kernel_size=({}, {}), padding=\"same\", use_bias=False)\n}}\n",
        kernel.height, kernel.width
    );
    let refused = || Error::message("the images are too large for this kernel").with_help("a smaller kernel");
    let tree = grammar::parse(&Source::new("convolve", &*text)).map_err(|_| refused())?;
    let (network, _) = check_file(&tree).map_err(|_| refused())?;
    Ok(network)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filtered(kernel: [&[f32]; 2], [height, width, channels]: ImageShape, values: &[f32]) -> Vec<f32> {
        let matrix = Matrix {
            height: 2,
            width: kernel[0].len(),
            values: kernel.concat(),
        };
        let sample = Sample {
            values: values.to_vec(),
            label: String::new(),
        };
        let mut found = filter(&matrix, [height, width, channels], vec![sample]).unwrap();
        found.remove(0).values
    }

    #[test]
    fn a_known_kernel_over_a_known_image_gives_known_pixels() {
        // Not flipped; of the padding that an even size needs, the greater part comes after, as in TensorFlow.
        let found = filtered(
            [&[1.0, 2.0, 0.0], &[0.0, 0.0, -4.0]],
            [2, 3, 1],
            &[1.0, 2.0, 3.0, 4.0, 5.0, 6.0],
        );
        // First pixel: 1*0 + 2*1 + 0*2 + 0*0 + 0*4 - 4*5.
        assert_eq!(found, [-18.0, -19.0, 8.0, 8.0, 14.0, 17.0]);
    }

    #[test]
    fn colour_images_are_filtered_by_their_luma() {
        let found = filtered([&[1.0], &[0.0]], [1, 1, 3], &[1.0, 0.5, 0.25]);
        assert!((found[0] - (0.299 + 0.2935 + 0.0285)).abs() < 1e-6, "{found:?}");
    }
}
