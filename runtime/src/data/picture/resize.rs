//! `tf.image.resize(method="bilinear")`, which by default does not widen the filter where it shrinks (`antialias=False`):
//! `tensorflow/core/kernels/image/resize_bilinear_op.cc` with half-pixel centres, in the same float32 operations.

/// The input that one output position is made of along an axis: two positions, and the weight of the second.
struct Tap {
    low: usize,
    high: usize,
    part: f32,
}

/// A row of the picture, resized to its new width.
#[derive(Default)]
struct Row {
    /// The index of the row in the original picture; `None` for none yet.
    at: Option<usize>,
    values: Vec<f32>,
}

/// The pixels resized to `to` (height, width), rounded to whole levels, halves up.
pub(super) fn bilinear(pixels: Vec<u8>, from: (u32, u32), to: (u32, u32), channels: usize) -> Vec<u8> {
    if from == to {
        return pixels;
    }
    let (from, to) = ((from.0 as usize, from.1 as usize), (to.0 as usize, to.1 as usize));
    let mut resized = Vec::with_capacity(to.0 * to.1 * channels);
    interpolate(&pixels, from, to, channels, |value| resized.push((value + 0.5) as u8));
    resized
}

/// As `bilinear`, without rounding.
pub(super) fn bilinear_floats(pixels: &[u8], from: (usize, usize), to: (usize, usize), channels: usize) -> Vec<f32> {
    let mut resized = Vec::with_capacity(to.0 * to.1 * channels);
    interpolate(pixels, from, to, channels, |value| resized.push(value));
    resized
}

fn interpolate(pixels: &[u8], from: (usize, usize), to: (usize, usize), channels: usize, mut take: impl FnMut(f32)) {
    let (rows, columns) = (taps(from.0, to.0), taps(from.1, to.1));
    let row_bytes = from.1 * channels;
    let fill = |row: &mut Row, at: usize| {
        let start = at * row_bytes;
        let old = pixels.get(start..start + row_bytes).unwrap_or_default();
        row.at = Some(at);
        widen(&mut row.values, old, &columns, channels);
    };
    let (mut above, mut below) = (Row::default(), Row::default());
    for tap in &rows {
        // Where the picture grows, the next rows are often those of before.
        if below.at == Some(tap.low) {
            std::mem::swap(&mut above, &mut below);
        }
        if above.at != Some(tap.low) {
            fill(&mut above, tap.low);
        }
        if below.at != Some(tap.high) {
            fill(&mut below, tap.high);
        }
        let pairs = above.values.iter().zip(&below.values);
        for (top, bottom) in pairs {
            take(top + (bottom - top) * tap.part);
        }
    }
}

/// Resizes a row to its new width, replacing what `values` held.
fn widen(values: &mut Vec<f32>, row: &[u8], columns: &[Tap], channels: usize) {
    values.clear();
    for tap in columns {
        let pixel = |at: usize| row.get(at * channels..(at + 1) * channels).unwrap_or_default();
        let pairs = pixel(tap.low).iter().zip(pixel(tap.high));
        values.extend(pairs.map(|(&low, &high)| f32::from(low) + (f32::from(high) - f32::from(low)) * tap.part));
    }
}

fn taps(from: usize, to: usize) -> Vec<Tap> {
    let scale = from as f32 / to as f32;
    let last = from.saturating_sub(1);
    let tap = |position: usize| {
        let place = (position as f32 + 0.5) * scale - 0.5;
        let floor = place.floor();
        Tap {
            low: floor.max(0.0) as usize,
            high: (place.ceil().max(0.0) as usize).min(last),
            part: place - floor,
        }
    };
    (0..to).map(tap).collect()
}
