//! The filters of `tf.image.resize` with its default `antialias=False`, with fractions: no filter is widened where a picture
//! shrinks. Sources in TensorFlow: `core/kernels/image/resize_area_op.cc`, `resize_bicubic_op.cc`, `resize_nearest_neighbor_op.cc`,
//! `scale_and_translate_op.cc` and `sampling_kernels.h`; positions are computed in the same float32 operations.

use super::resize;
use compiler::training::loading::{Aspect, Interpolation};
use std::f32::consts::PI;

/// A decoded picture to be resized.
#[derive(Clone, Copy)]
pub(super) struct Bytes<'a> {
    /// All values of the pixels, `[row][column][channel]`.
    pub(super) pixels: &'a [u8],
    /// The number of rows and of columns.
    pub(super) size: (usize, usize),
    /// The number of values of a pixel.
    pub(super) channels: usize,
}

/// The input positions that one output position is made of along an axis: a run of them from the first, each with its weight.
struct Taps {
    first: usize,
    weights: Vec<f32>,
}

/// The picture resized to `to` (rows, columns); `aspect` says what happens where it has other proportions.
pub(super) fn framed(picture: Bytes<'_>, to: (usize, usize), interpolation: Interpolation, aspect: Aspect) -> Vec<f32> {
    match aspect {
        Aspect::Stretched => resized(picture, to, interpolation),
        Aspect::Cropped => {
            let (top, left, size) = window(picture.size, to);
            let mut pixels = Vec::with_capacity(size.0 * size.1 * picture.channels);
            for row in 0..size.0 {
                let start = ((top + row) * picture.size.1 + left) * picture.channels;
                let row = picture.pixels.get(start..start + size.1 * picture.channels);
                pixels.extend_from_slice(row.unwrap_or_default());
            }
            let cropped = Bytes {
                pixels: &pixels,
                size,
                channels: picture.channels,
            };
            resized(cropped, to, interpolation)
        }
        Aspect::Padded => {
            let (top, left, size) = inset(picture.size, to);
            let inner = resized(picture, size, interpolation);
            let mut padded = vec![0.0; to.0 * to.1 * picture.channels];
            let width = size.1 * picture.channels;
            for (row, values) in inner.chunks(width.max(1)).enumerate() {
                let start = ((top + row) * to.1 + left) * picture.channels;
                if let Some(place) = padded.get_mut(start..start + width) {
                    place.copy_from_slice(values);
                }
            }
            padded
        }
    }
}

/// The largest window with the wanted proportions in the middle of a picture: its first row and column, and its size
/// (`keras/src/utils/image_utils.py`, `smart_resize`).
fn window(from: (usize, usize), to: (usize, usize)) -> (usize, usize, (usize, usize)) {
    let along = |this: usize, other: usize, to_this: usize, to_other: usize| {
        let wanted = ((other * to_this) as f32 / to_other as f32) as usize;
        wanted.min(this).max(1)
    };
    let (height, width) = (along(from.0, from.1, to.0, to.1), along(from.1, from.0, to.1, to.0));
    ((from.0 - height) / 2, (from.1 - width) / 2, (height, width))
}

/// Where a picture that is padded to the wanted size goes: its first row and column, and its size
/// (`tensorflow/python/ops/image_ops_impl.py`, `_resize_image_with_pad_common`).
fn inset(from: (usize, usize), to: (usize, usize)) -> (usize, usize, (usize, usize)) {
    let ratio = (from.1 as f32 / to.1 as f32).max(from.0 as f32 / to.0 as f32);
    let along = |from: usize, to: usize| {
        let size = from as f32 / ratio;
        let before = ((to as f32 - size) / 2.0).floor().max(0.0) as usize;
        // Rounding might leave nothing, or more than there is room for.
        (before, (size.floor() as usize).clamp(1, to - before.min(to - 1)))
    };
    let ((top, height), (left, width)) = (along(from.0, to.0), along(from.1, to.1));
    (top, left, (height, width))
}

/// The picture resized to `to` (rows, columns), whatever its proportions.
pub(super) fn resized(picture: Bytes<'_>, to: (usize, usize), interpolation: Interpolation) -> Vec<f32> {
    let axis: fn(usize, usize) -> Vec<Taps> = match interpolation {
        Interpolation::Bilinear => return resize::bilinear_floats(picture.pixels, picture.size, to, picture.channels),
        Interpolation::Nearest => nearest,
        Interpolation::Area => area,
        Interpolation::Bicubic => bicubic,
        Interpolation::Lanczos3 => |from, to| spanned(from, to, 3.0, |x| lanczos(3.0, x)),
        Interpolation::Lanczos5 => |from, to| spanned(from, to, 5.0, |x| lanczos(5.0, x)),
        Interpolation::Gaussian => |from, to| spanned(from, to, 1.5, gaussian),
        Interpolation::MitchellCubic => |from, to| spanned(from, to, 2.0, mitchell),
    };
    filtered(picture, &axis(picture.size.0, to.0), &axis(picture.size.1, to.1))
}

/// Filters along the rows first, then along the columns, so that each row is filtered once.
fn filtered(picture: Bytes<'_>, rows: &[Taps], columns: &[Taps]) -> Vec<f32> {
    let (channels, width) = (picture.channels, picture.size.1 * picture.channels);
    let mut result = Vec::with_capacity(rows.len() * columns.len() * channels);
    let mut sums = vec![0.0_f32; width];
    for row in rows {
        sums.fill(0.0);
        for (at, &weight) in row.weights.iter().enumerate() {
            let start = (row.first + at) * width;
            let values = picture.pixels.get(start..start + width).unwrap_or_default();
            for (sum, &value) in sums.iter_mut().zip(values) {
                *sum += weight * f32::from(value);
            }
        }
        for column in columns {
            for channel in 0..channels {
                let values = sums.iter().skip(column.first * channels + channel).step_by(channels);
                let products = values.zip(&column.weights).map(|(value, weight)| value * weight);
                result.push(products.sum());
            }
        }
    }
    result
}

/// The step between input positions: TensorFlow's `CalculateResizeScale` without aligned corners.
fn scale(from: usize, to: usize) -> f32 {
    from as f32 / to as f32
}

fn nearest(from: usize, to: usize) -> Vec<Taps> {
    let scale = scale(from, to);
    let tap = |at: usize| {
        let place = ((at as f32 + 0.5) * scale).floor() as usize;
        Taps {
            first: place.min(from.saturating_sub(1)),
            weights: vec![1.0],
        }
    };
    (0..to).map(tap).collect()
}

/// Each output position is the mean of the input that it covers.
fn area(from: usize, to: usize) -> Vec<Taps> {
    let scale = scale(from, to);
    let tap = |at: usize| {
        let (start, end) = (at as f32 * scale, (at + 1) as f32 * scale);
        let (first, last) = (start.floor() as usize, (end.ceil() as usize).min(from));
        let weight = |cell: usize| {
            let (low, high) = (cell as f32, (cell + 1) as f32);
            let covered = match (low < start, high > end) {
                (true, true) => scale,
                (true, false) => high - start,
                (false, true) => end - low,
                (false, false) => 1.0,
            };
            covered / scale
        };
        Taps {
            first,
            weights: (first..last).map(weight).collect(),
        }
    };
    (0..to).map(tap).collect()
}

/// Keys's cubic filter by a table of 1,024 places; positions outside of the picture are left out.
fn bicubic(from: usize, to: usize) -> Vec<Taps> {
    const TABLE: f32 = 1024.0;
    const A: f64 = -0.5;
    let near = |x: f64| ((A + 2.0) * x - (A + 3.0)) * x * x + 1.0;
    let far = |x: f64| ((A * x - 5.0 * A) * x + 8.0 * A) * x - 4.0 * A;
    let scale = scale(from, to);
    let tap = |at: usize| {
        let place = (at as f32 + 0.5) * scale - 0.5;
        let offset = f64::from(((place - place.floor()) * TABLE).round_ties_even() / TABLE);
        let weights = [far(offset + 1.0), near(offset), near(1.0 - offset), far(2.0 - offset)];
        let from_first = place.floor() as i64 - 1;
        within(from, from_first, weights.map(|weight| weight as f32).as_slice())
    };
    (0..to).map(tap).collect()
}

/// The weights of positions within the picture, scaled so that they add up to 1.
fn within(size: usize, from_first: i64, weights: &[f32]) -> Taps {
    let inside = |at: usize| usize::try_from(from_first + at as i64).is_ok_and(|place| place < size);
    let kept: Vec<f32> = (weights.iter().enumerate())
        .filter(|(at, _)| inside(*at))
        .map(|(_, &weight)| weight)
        .collect();
    Taps {
        first: usize::try_from(from_first.max(0)).unwrap_or_default(),
        weights: normal(kept),
    }
}

fn normal(mut weights: Vec<f32>) -> Vec<f32> {
    let sum: f32 = weights.iter().sum();
    if sum.abs() >= 1000.0 * f32::MIN_POSITIVE {
        let factor = 1.0 / sum;
        for weight in &mut weights {
            *weight *= factor;
        }
    }
    weights
}

/// The weights of the kernel around each output position: TensorFlow's `ComputeSpansCore` without widening.
fn spanned(from: usize, to: usize, radius: f32, kernel: impl Fn(f32) -> f32) -> Vec<Taps> {
    let inverse = 1.0 / (to as f32 / from as f32);
    let last = from.saturating_sub(1) as f32;
    let tap = |at: usize| {
        let place = (at as f32 + 0.5) * inverse;
        let first = (place - radius - 0.5).ceil().clamp(0.0, last) as usize;
        let end = (place + radius - 0.5).floor().clamp(0.0, last) as usize + 1;
        let weights = (first..end).map(|source| kernel((source as f32 + 0.5 - place).abs()));
        Taps {
            first,
            weights: normal(weights.collect()),
        }
    };
    (0..to).map(tap).collect()
}

fn lanczos(radius: f32, x: f32) -> f32 {
    if x > radius {
        return 0.0;
    }
    if x <= 1e-3 {
        return 1.0;
    }
    radius * (PI * x).sin() * (PI * x / radius).sin() / (PI * PI * x * x)
}

/// A Gaussian whose standard deviation is a third of the kernel's radius.
fn gaussian(x: f32) -> f32 {
    const SIGMA: f32 = 0.5;
    if x >= 3.0 * SIGMA {
        return 0.0;
    }
    (-x * x / (2.0 * SIGMA * SIGMA)).exp()
}

fn mitchell(x: f32) -> f32 {
    if x >= 2.0 {
        0.0
    } else if x >= 1.0 {
        (((-7.0 / 18.0) * x + 2.0) * x - 10.0 / 3.0) * x + 16.0 / 9.0
    } else {
        ((7.0 / 6.0) * x - 2.0) * x * x + 8.0 / 9.0
    }
}

/// Pillow's `Image.resize(resample=NEAREST)` (src/libImaging/Geometry.c, `ImagingScaleAffine`): positions are summed up in
/// float64.
pub(super) fn pillow_nearest(picture: Bytes<'_>, to: (usize, usize)) -> Vec<u8> {
    let along = |from: usize, to: usize| -> Vec<usize> {
        let step = from as f64 / to as f64;
        let mut place = step * 0.5;
        (0..to)
            .map(|_| {
                let at = place as usize;
                place += step;
                at.min(from.saturating_sub(1))
            })
            .collect()
    };
    let (rows, columns) = (along(picture.size.0, to.0), along(picture.size.1, to.1));
    let mut result = Vec::with_capacity(to.0 * to.1 * picture.channels);
    for row in rows {
        for column in &columns {
            let start = (row * picture.size.1 + column) * picture.channels;
            result.extend_from_slice(picture.pixels.get(start..start + picture.channels).unwrap_or_default());
        }
    }
    result
}
