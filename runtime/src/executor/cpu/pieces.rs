//! Which parameters an update moves, and how their gradients are measured where they are clipped.

use super::simd::LANES;
use compiler::plan::Plan;
use compiler::training::optimizer::Optimizer;
use compiler::training::optimizers::Clipping;
use std::ops::Range;
use std::sync::atomic::{AtomicU64, Ordering};

/// Floats of a chunk whose squares are added up by one worker.
const CHUNK: usize = 4096;

/// A stretch of the flat parameters that trains, of one variable where each is clipped by itself.
pub struct Piece {
    /// Its floats; the ends are multiples of four.
    pub floats: Range<usize>,
    /// Its chunks in [`Pieces::chunks`]; none where nothing is measured.
    chunks: Range<usize>,
}

/// A stretch of a piece, and the sum of the squares of its gradients in the step under way.
pub struct Chunk {
    /// Its floats.
    pub floats: Range<usize>,
    squares: AtomicU64,
}

impl Chunk {
    /// Says what the squares come to; one worker a chunk.
    pub fn set(&self, squares: f64) {
        self.squares.store(squares.to_bits(), Ordering::Relaxed);
    }

    fn squares(&self) -> f64 {
        f64::from_bits(self.squares.load(Ordering::Relaxed))
    }
}

/// All that trains, in order.
pub struct Pieces {
    /// One where everything trains and variables are not clipped by themselves: one sweep.
    pub pieces: Vec<Piece>,
    /// Of all pieces; empty where no norm is asked for.
    pub chunks: Vec<Chunk>,
    limit: Option<(f64, bool)>,
}

impl Pieces {
    /// Those of a plan; nothing where it does not train.
    pub fn of(plan: &Plan) -> Self {
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
            .filter(|parameter| parameter.trainable)
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

    /// What a piece's gradients are multiplied by, once all chunks are measured; 1 where nothing is clipped by its norm.
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
