//! Who is told how training goes.

/// Who is told how training goes, from the thread that trains. `()` is one that hears nothing. Metrics have Keras's names,
/// in Keras's order: sorted, those of validation (`val_...`) after the others.
pub trait Observer {
    /// An epoch begins; counted from 0, of so many.
    fn begin_epoch(&mut self, _epoch: usize, _n_epochs: usize, _n_steps: usize) {}

    /// So many steps of the epoch are done; the metrics are means over its samples so far.
    fn progress(&mut self, _steps: usize, _metrics: &[(String, f64)]) {}

    /// The epoch is over, with these metrics. What it leaves is written after this.
    fn end_epoch(&mut self, _metrics: &[(String, f64)]) {}
}

impl Observer for () {}
