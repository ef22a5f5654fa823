//! Turns components into pixels: colour differences at half the size are upsampled by libjpeg's "fancy" triangle filter
//! (`jdsample.c`) and converted to red, green and blue (`jdcolor.c`).

use super::accuracy::Accuracy;
use super::frame::{Component, Frame};
use super::transform::Transform;

/// A plane of samples, row by row.
pub(super) struct Plane {
    width: usize,
    height: usize,
    samples: Vec<u8>,
}

/// The samples of each component, as large as the picture.
pub(super) fn all(frame: &Frame, accuracy: Accuracy) -> Option<Vec<Plane>> {
    let components = frame.components.iter().zip(&frame.quantization);
    components
        .map(|(component, quantization)| {
            let transform = Transform::new(accuracy, quantization);
            let plane = plane(frame, component, &transform)?;
            drawn_out(&plane, frame, component)
        })
        .collect()
}

/// The samples of a component, at its own size.
fn plane(frame: &Frame, component: &Component, transform: &Transform) -> Option<Plane> {
    let (h, v) = component.sampling;
    let width = (frame.width * h).div_ceil(frame.most.0);
    let height = (frame.height * v).div_ceil(frame.most.1);
    let mut samples = vec![0; width * height];
    for down in 0..component.blocks.1 {
        for across in 0..component.blocks.0 {
            let at = 64 * (down * component.stride + across);
            let block = component.coefficients.get(at..)?.first_chunk::<64>()?;
            let made = transform.block(block);
            let length = (width - 8 * across).min(8);
            for (row, line) in made.as_chunks::<8>().0.iter().enumerate().take(height - 8 * down) {
                let start = (8 * down + row) * width + 8 * across;
                samples
                    .get_mut(start..start + length)?
                    .copy_from_slice(line.get(..length)?);
            }
        }
    }
    Some(Plane { width, height, samples })
}

/// The plane at the size of the picture.
fn drawn_out(plane: &Plane, frame: &Frame, component: &Component) -> Option<Plane> {
    let (wide, high) = (component.sampling.0 < frame.most.0, component.sampling.1 < frame.most.1);
    // Planes of two columns are repeated, as in libjpeg.
    let smooth = plane.width > 2;
    let row = |at: usize| plane.samples.get(at * plane.width..(at + 1) * plane.width);
    let mut samples = Vec::with_capacity(frame.width * frame.height);
    for y in 0..frame.height {
        let at = if high { y / 2 } else { y };
        let this = row(at)?;
        // The nearer of the rows beside it; beyond the edges the edge itself.
        let beside = if y % 2 == 0 {
            row(at.saturating_sub(1))?
        } else {
            row((at + 1).min(plane.height - 1))?
        };
        let pairs = this.iter().zip(beside);
        match (wide, high) {
            (false, false) => samples.extend_from_slice(this.get(..frame.width)?),
            (false, true) => {
                let bias = if y % 2 == 0 { 1 } else { 2 };
                let mean = |(&one, &other): (&u8, &u8)| ((3 * u32::from(one) + u32::from(other) + bias) >> 2) as u8;
                samples.extend(pairs.map(mean));
            }
            (true, _) if !smooth => {
                samples.extend(this.iter().flat_map(|&sample| [sample; 2]).take(frame.width));
            }
            (true, false) => {
                let sums: Vec<u32> = this.iter().map(|&sample| u32::from(sample)).collect();
                widened(&sums, (2, 1, 2), frame.width, &mut samples);
            }
            (true, true) => {
                let sums: Vec<u32> = pairs
                    .map(|(&one, &other)| 3 * u32::from(one) + u32::from(other))
                    .collect();
                widened(&sums, (4, 8, 7), frame.width, &mut samples);
            }
        }
    }
    Some(Plane {
        width: frame.width,
        height: frame.height,
        samples,
    })
}

/// Twice as many values: each is three parts of the nearer one and one of the farther, divided by 2^`shift`. `left` is added
/// before the division to those on the left, `right` to those on the right.
fn widened(sums: &[u32], (shift, left, right): (u32, u32, u32), width: usize, samples: &mut Vec<u8>) {
    let first = samples.len();
    for (at, &sum) in sums.iter().enumerate() {
        let before = at.checked_sub(1).and_then(|at| sums.get(at)).copied().unwrap_or(sum);
        let after = sums.get(at + 1).copied().unwrap_or(sum);
        samples.push(((3 * sum + before + left) >> shift) as u8);
        samples.push(((3 * sum + after + right) >> shift) as u8);
    }
    samples.truncate(first + width);
}

/// The pixels of the picture: one byte each where it is grey, else red, green and blue.
pub(super) fn pixels(planes: &[Plane], is_rgb: bool, grey: bool) -> Option<Vec<u8>> {
    match planes {
        [only] if grey => Some(only.samples.clone()),
        [only] => Some(only.samples.iter().flat_map(|&sample| [sample; 3]).collect()),
        [luma, ..] if grey && !is_rgb => Some(luma.samples.clone()),
        [one, two, three] => {
            let triples = one.samples.iter().zip(&two.samples).zip(&three.samples);
            let rgb = triples.map(|((&one, &two), &three)| {
                if is_rgb {
                    [one, two, three]
                } else {
                    converted(one, two, three)
                }
            });
            if grey {
                // `rgb_gray_convert`.
                let luma = |[red, green, blue]: [u8; 3]| {
                    ((u32::from(red) * 19595 + u32::from(green) * 38470 + u32::from(blue) * 7471 + 0x8000) >> 16) as u8
                };
                return Some(rgb.map(luma).collect());
            }
            Some(rgb.flatten().collect())
        }
        _ => None,
    }
}

/// Luma and two colour differences as red, green and blue, in fixed-point arithmetic with 16 fractional bits.
fn converted(luma: u8, blue: u8, red: u8) -> [u8; 3] {
    let (luma, blue, red) = (i32::from(luma), i32::from(blue) - 128, i32::from(red) - 128);
    let clamped = |value: i32| value.clamp(0, 255) as u8;
    [
        clamped(luma + ((91881 * red + 0x8000) >> 16)),
        clamped(luma + ((-22554 * blue - 46802 * red + 0x8000) >> 16)),
        clamped(luma + ((116_130 * blue + 0x8000) >> 16)),
    ]
}
