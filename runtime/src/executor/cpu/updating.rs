//! A worker's share of an update: which rows, of which parameters, and how large their gradients are where they are clipped.

use super::executor::PARTS;
use super::kernels::update::Update;
use super::simd::{LANES, Row, Simd};
use super::team::share;
use super::workers::{Training, blocks_of};
use compiler::host::step::StepRecord;
use std::ops::Range;

impl Training<'_> {
    /// The gradients of a batch's parts, rows of the parameters' layout; what is not filled is empty.
    ///
    /// # Safety
    /// Nobody writes gradients while the slices live.
    #[allow(unsafe_code)]
    unsafe fn parts(&self, blocks: usize, rows: &Range<usize>) -> ([&[Row]; PARTS], usize) {
        let executor = self.executor;
        let all = executor.parts.len();
        let mut parts: [&[Row]; PARTS] = [&[]; PARTS];
        let mut count = 0;
        for (part, gradients) in executor.parts.iter().enumerate() {
            if blocks_of(part, all, executor.block_sums.len()).start < blocks {
                // SAFETY: as the caller promises.
                parts[count] = unsafe { gradients.rows(rows.clone()) };
                count += 1;
            }
        }
        (parts, count)
    }

    /// A worker's share of the chunks whose squares are added up before gradients are clipped. Each chunk has one order of
    /// its own, whoever adds it up.
    #[allow(unsafe_code)]
    pub fn measure(&self, blocks: usize, worker: usize) {
        let chunks = &self.executor.pieces.chunks;
        for chunk in &chunks[share(chunks.len(), worker, self.workers)] {
            let rows = chunk.floats.start / LANES..chunk.floats.end.div_ceil(LANES);
            // SAFETY: everyone has passed the barrier after the gradients, and writes them again after the next.
            let (parts, count) = unsafe { self.parts(blocks, &rows) };
            let mut sums = [0.0_f64; LANES];
            for (at, row) in rows.enumerate() {
                for (lane, sum) in sums.iter_mut().enumerate() {
                    if chunk.floats.contains(&(row * LANES + lane)) {
                        let gradient = parts[..count].iter().fold(0.0_f32, |sum, part| sum + part[at].0[lane]);
                        *sum += f64::from(gradient) * f64::from(gradient);
                    }
                }
            }
            chunk.set(sums.iter().sum());
        }
    }

    /// A worker's share of the parameters, as far as they train.
    pub fn update<S: Simd>(&self, simd: S, blocks: usize, step: &StepRecord, worker: usize) {
        let executor = self.executor;
        let share = share(executor.plan.parameter_floats.div_ceil(LANES), worker, self.workers);
        for piece in &executor.pieces.pieces {
            let start = piece.floats.start.max(share.start * LANES);
            let end = piece.floats.end.min(share.end * LANES);
            if start >= end {
                continue;
            }
            let scale = executor.pieces.scale(piece);
            let (first, last) = (start / LANES, end / LANES);
            if first == last {
                self.update_lanes(simd, blocks, step, scale, first, start % LANES..end % LANES);
                continue;
            }
            if start % LANES != 0 {
                self.update_lanes(simd, blocks, step, scale, first, start % LANES..LANES);
            }
            self.update_rows(simd, blocks, step, scale, start.div_ceil(LANES)..last);
            if end % LANES != 0 {
                self.update_lanes(simd, blocks, step, scale, last, 0..end % LANES);
            }
        }
    }

    /// Some lanes of a row; the others, which are another piece's or do not train, are put back as they were.
    #[allow(unsafe_code)]
    fn update_lanes<S: Simd>(
        &self,
        simd: S,
        blocks: usize,
        step: &StepRecord,
        scale: f32,
        row: usize,
        lanes: Range<usize>,
    ) {
        let executor = self.executor;
        let inspected = executor.inspect.then_some(&executor.gradients);
        let buffers = || {
            std::iter::once(&executor.parameters)
                .chain(&executor.slots)
                .chain(inspected)
        };
        let mut before = [Row([0.0; LANES]); 6];
        for (before, buffer) in before.iter_mut().zip(buffers()) {
            // SAFETY: the row is this worker's own, see `update_rows`.
            *before = unsafe { buffer.rows(row..row + 1) }[0];
        }
        self.update_rows(simd, blocks, step, scale, row..row + 1);
        for (before, buffer) in before.iter().zip(buffers()) {
            // SAFETY: the row is this worker's own.
            let after = &mut unsafe { buffer.rows_mut(row..row + 1) }[0];
            for lane in (0..LANES).filter(|lane| !lanes.contains(lane)) {
                after.0[lane] = before.0[lane];
            }
        }
    }

    /// Rows of this worker's share.
    #[allow(unsafe_code)]
    fn update_rows<S: Simd>(&self, simd: S, blocks: usize, step: &StepRecord, scale: f32, rows: Range<usize>) {
        let executor = self.executor;
        // SAFETY: everyone has passed the barrier after the gradients, and writes them again after the next.
        let (parts, count) = unsafe { self.parts(blocks, &rows) };
        let mut slots = [None, None, None, None];
        for (slot, shared) in slots.iter_mut().zip(&executor.slots) {
            // SAFETY: between the two barriers each worker has its own range of parameters and slots, and nobody reads.
            *slot = Some(bytemuck::cast_slice_mut(unsafe { shared.rows_mut(rows.clone()) }));
        }
        // SAFETY: as for the slots.
        let parameters = bytemuck::cast_slice_mut(unsafe { executor.parameters.rows_mut(rows.clone()) });
        // SAFETY: as for the slots.
        let gradients = executor
            .inspect
            .then(|| bytemuck::cast_slice_mut(unsafe { executor.gradients.rows_mut(rows.clone()) }));
        simd.call(Update {
            optimizer: self.optimizer,
            step,
            parameters,
            slots: &mut slots,
            parts: &parts.map(bytemuck::cast_slice::<Row, f32>)[..count],
            scale,
            gradients,
        });
    }
}
