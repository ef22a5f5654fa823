//! `tf.image.resize(method="bilinear")`, whose default is not to widen the filter where it shrinks (`antialias=False`):
//! `tensorflow/core/kernels/image/resize_bilinear_op.cc` with half-pixel centres, in the same float32 operations.

/// What one output position takes along an axis: two input positions, and how much of the second.
struct Tap {
    low: usize,
    high: usize,
    part: f32,
}

/// The pixels at another size, `(height, width)`; rounded to whole levels, halves up.
pub(super) fn bilinear(pixels: Vec<u8>, from: (u32, u32), to: (u32, u32), channels: usize) -> Vec<u8> {
    if from == to {
        return pixels;
    }
    let (rows, columns) = (taps(from.0, to.0), taps(from.1, to.1));
    let row_bytes = from.1 as usize * channels;
    let row = |at: usize| pixels.get(at * row_bytes..).unwrap_or_default();
    let mut resized = Vec::with_capacity(rows.len() * columns.len() * channels);
    for vertical in &rows {
        let (above, below) = (row(vertical.low), row(vertical.high));
        for horizontal in &columns {
            let at = |row: &[u8], column: usize, channel: usize| {
                f32::from(row.get(column * channels + channel).copied().unwrap_or_default())
            };
            resized.extend((0..channels).map(|channel| {
                let between = |row: &[u8]| {
                    let low = at(row, horizontal.low, channel);
                    low + (at(row, horizontal.high, channel) - low) * horizontal.part
                };
                let (top, bottom) = (between(above), between(below));
                (top + (bottom - top) * vertical.part).round() as u8
            }));
        }
    }
    resized
}

fn taps(from: u32, to: u32) -> Vec<Tap> {
    let scale = from as f32 / to as f32;
    let last = from.saturating_sub(1) as usize;
    let tap = |position: u32| {
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
