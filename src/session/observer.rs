//! Who is told how training goes.

/// Who is told how training goes, from the thread that trains. `()` is one that hears nothing. Metrics have Keras's names,
/// in Keras's order: sorted, those of validation (`val_...`) after the others.
pub trait Observer {
    /// A phase of a run that has several begins or goes on; counted from 0, of so many, with how many parameters train in it
    /// and how many there are.
    fn begin_phase(&mut self, _phase: usize, _n_phases: usize, _trained: usize, _parameters: usize) {}

    /// What a frozen part makes of the samples was computed for all epochs of the phase; this line says so.
    fn features(&mut self, _line: &str) {}

    /// An epoch begins; counted from 0, of so many.
    fn begin_epoch(&mut self, _epoch: usize, _n_epochs: usize, _n_steps: usize) {}

    /// So many steps of the epoch are done; the metrics are means over its samples so far.
    fn progress(&mut self, _steps: usize, _metrics: &[(String, f64)]) {}

    /// The epoch is over, with these metrics. What it leaves is written after this.
    fn end_epoch(&mut self, _metrics: &[(String, f64)]) {}
}

impl Observer for () {}
