//! How the progress of training is reported.

/// Is told how training goes, from the thread that trains. `()` is an observer that ignores everything. Metrics have Keras's
/// names, in Keras's order: sorted, with those of validation (`val_...`) after the others.
pub trait Observer {
    /// A phase begins or goes on, in a run with several: its index, counted from 0, the number of phases, and how many of the
    /// network's parameters it trains.
    fn begin_phase(&mut self, _phase: usize, _n_phases: usize, _trained: usize, _parameters: usize) {}

    /// The output of a frozen part has been computed for all epochs of the phase; the line says so.
    fn features(&mut self, _line: &str) {}

    /// An epoch begins: its index, counted from 0, the number of epochs, and the number of its steps.
    fn begin_epoch(&mut self, _epoch: usize, _n_epochs: usize, _n_steps: usize) {}

    /// This many steps of the epoch are done; the metrics are means over its samples so far.
    fn progress(&mut self, _steps: usize, _metrics: &[(String, f64)]) {}

    /// The epoch is over, with these metrics. Files are written after this.
    fn end_epoch(&mut self, _metrics: &[(String, f64)]) {}
}

impl Observer for () {}
