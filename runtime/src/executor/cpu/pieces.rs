//! Which parameters an update changes, and how their gradients are measured where they are clipped.

use super::simd::LANES;
use compiler::plan::Plan;
use compiler::plan::streaming::Streaming;
use compiler::training::optimizer::Optimizer;
use compiler::training::optimizers::Clipping;
use std::ops::Range;
use std::sync::atomic::{AtomicU64, Ordering};

/// The number of floats of a chunk, whose squares are summed by one worker.
const CHUNK: usize = 4096;

/// A stretch of the flat parameters that is trained; it is of one variable where variables are clipped one by one.
pub struct Piece {
    /// Its range in the flat parameters; both ends are multiples of four.
    pub floats: Range<usize>,
    /// Its chunks in [`Pieces::chunks`]; empty where no norm is needed.
    chunks: Range<usize>,
}

/// A stretch of a piece, with the sum of the squares of its gradients in the current step.
pub struct Chunk {
    /// Its range in the flat parameters, at most `CHUNK` long.
    pub floats: Range<usize>,
    squares: AtomicU64,
}

impl Chunk {
    /// Stores the sum of the squares; one worker does so for each chunk.
    pub fn set(&self, squares: f64) {
        self.squares.store(squares.to_bits(), Ordering::Relaxed);
    }

    fn squares(&self) -> f64 {
        f64::from_bits(self.squares.load(Ordering::Relaxed))
    }
}

/// All parameters that are trained, in order.
pub struct Pieces {
    /// A single piece where everything is trained and variables are not clipped one by one.
    pub pieces: Vec<Piece>,
    /// The chunks of all pieces; empty where no norm is needed.
    pub chunks: Vec<Chunk>,
    limit: Option<(f64, bool)>,
}

impl Pieces {
    /// The pieces of a plan, without what moves as soon as its gradient is known; none where it does not train.
    pub fn of(plan: &Plan, streaming: &Streaming) -> Self {
        let clipping = plan
            .optimizer
            .as_ref()
            .and_then(|optimizer: &Optimizer| optimizer.options.clipping);
        let limit = match clipping {
            Some(Clipping::Norm(limit)) => Some((limit, true)),
            Some(Clipping::GlobalNorm(limit)) => Some((limit, false)),
            Some(Clipping::Value(_)) | None => None,
        };
        let alone = matches!(limit, Some((_, true)));
        let mut pieces: Vec<Piece> = Vec::new();
        let mut ranges: Vec<Range<usize>> = (plan.parameters.iter())
            .filter(|parameter| parameter.trainable && !streaming.has(parameter.range.offset))
            .map(|parameter| parameter.range.offset..parameter.range.offset + parameter.range.floats)
            .collect();
        ranges.sort_by_key(|range| range.start);
        for floats in ranges {
            match pieces.last_mut() {
                Some(last) if last.floats.end == floats.start && !alone => last.floats.end = floats.end,
                _ => pieces.push(Piece { floats, chunks: 0..0 }),
            }
        }
        // The last row is padded with what belongs to nobody.
        if let Some(last) = pieces.last_mut()
            && last.floats.end == plan.parameter_floats
        {
            last.floats.end = last.floats.end.next_multiple_of(LANES);
        }
        let mut chunks = Vec::new();
        if limit.is_some() {
            for piece in &mut pieces {
                let first = chunks.len();
                let starts = piece.floats.clone().step_by(CHUNK);
                chunks.extend(starts.map(|start| Chunk {
                    floats: start..(start + CHUNK).min(piece.floats.end),
                    squares: AtomicU64::new(0),
                }));
                piece.chunks = first..chunks.len();
            }
        }
        Self { pieces, chunks, limit }
    }

    /// The factor for a piece's gradients, once all chunks are measured; 1 where they are not clipped by their norm.
    pub fn scale(&self, piece: &Piece) -> f32 {
        let Some((limit, alone)) = self.limit else { return 1.0 };
        let chunks = if alone {
            &self.chunks[piece.chunks.clone()]
        } else {
            &self.chunks[..]
        };
        let norm = chunks.iter().map(Chunk::squares).sum::<f64>().sqrt();
        (limit / norm.max(limit)) as f32
    }
}
