//! The check itself: a device, descriptions, and a row for each operation.

use crate::session::device::{self, Runner};
use crate::session::error::Result;
use crate::session::examine::Description;
use crate::session::executor::{self, Purpose};
use compiler::plan::memory::Sharing;
use compiler::training::fit::Fit;
use runtime::executor::Device;
use runtime::verify::{self, BATCH, Check};
use serde::Serialize;
use std::sync::Arc;

/// What was compared on a device.
#[derive(Debug, Clone, Serialize)]
pub struct Verified {
    /// What ran.
    pub device: Device,
    /// The networks whose kernels were checked.
    pub networks: Vec<String>,
    /// A row an operation, in the order in which they were met.
    pub operations: Vec<Row>,
}

/// All that was compared of an operation.
#[derive(Debug, Clone, Serialize)]
pub struct Row {
    /// The operation, or what was asked of a network as a whole.
    pub operation: &'static str,
    /// How many tensors or variables were compared.
    pub compared: usize,
    /// How many of them were off.
    pub off: usize,
    /// The worst: which network's, what, and how far off, relative to the largest value (`null`: no number at all).
    pub network: String,
    /// Its tensor or variable.
    pub what: String,
    /// How far it is off.
    pub error: f64,
    /// The most that single precision explains.
    pub allowed: f64,
}

impl Verified {
    /// How many operations are off.
    pub fn off(&self) -> usize {
        self.operations.iter().filter(|row| row.off > 0).count()
    }

    fn add(&mut self, network: &str, checks: Vec<Check>) {
        for check in checks {
            let off = usize::from(!check.passes());
            let Some(row) = self.operations.iter_mut().find(|row| row.operation == check.operation) else {
                self.operations.push(Row {
                    operation: check.operation,
                    compared: 1,
                    off,
                    network: network.to_owned(),
                    what: check.what,
                    error: check.error,
                    allowed: check.allowed,
                });
                continue;
            };
            row.compared += 1;
            row.off += off;
            // Of those that may be off by different amounts, the one that is nearest to its own.
            let share = |error: f64, allowed: f64| error / allowed.max(f64::MIN_POSITIVE);
            if share(check.error, check.allowed) > share(row.error, row.allowed) {
                network.clone_into(&mut row.network);
                row.what = check.what;
                row.error = check.error;
                row.allowed = check.allowed;
            }
        }
    }
}

/// Checks the kernels of descriptions on a device that was chosen by its name.
pub fn on(first: Runner, device: &str, descriptions: &[&Description]) -> Result<Verified> {
    let mut verified = Verified {
        device: first.device().clone(),
        networks: Vec::new(),
        operations: Vec::new(),
    };
    let mut first = Some(first);
    for description in descriptions {
        let network = description.network.network();
        let plan = Arc::new(compiler::plan_of(&description.network, Sharing::Separate));
        let fit = Fit {
            batch_size: BATCH,
            validation_batch_size: None,
            ..network.fit.clone()
        };
        let runner = match first.take() {
            Some(runner) => runner,
            None => device::choose(device)?.runner,
        };
        let mut executor = executor::open(runner, &plan, &fit, Purpose::Verify)?;
        let checks = verify::verify(&plan, executor.as_mut())?;
        verified.networks.push(network.name.clone());
        verified.add(&network.name, checks);
    }
    Ok(verified)
}
