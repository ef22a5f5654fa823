//! Checks the kernels of a device with descriptions; the result has a row for each operation.

use crate::session::device::{self, Runner};
use crate::session::error::Result;
use crate::session::examine::Description;
use crate::session::executor::{self, Purpose};
use crate::session::listener::Listener;
use compiler::plan::memory::Sharing;
use compiler::training::fit::Fit;
use runtime::executor::Device;
use runtime::verify::{self, BATCH, Check};
use serde::Serialize;
use std::sync::Arc;

/// The results of checking a device.
#[derive(Debug, Clone, Serialize)]
pub struct Verified {
    /// The device that was checked.
    pub device: Device,
    /// The networks whose kernels were checked.
    pub networks: Vec<String>,
    /// A row for each operation, in the order in which they were met.
    pub operations: Vec<Row>,
}

/// The results for one operation.
#[derive(Debug, Clone, Serialize)]
pub struct Row {
    /// The name of the operation, or what was compared of a network as a whole.
    pub operation: &'static str,
    /// How many tensors or variables were compared.
    pub compared: usize,
    /// How many of them had too large an error.
    pub off: usize,
    /// The network in which the error was largest compared with what is allowed.
    pub network: String,
    /// The tensor or variable of that error.
    pub what: String,
    /// That error, relative to the largest value (`null` in JSON where a value was NaN or infinite).
    pub error: f64,
    /// The largest error that single precision explains.
    pub allowed: f64,
}

impl Verified {
    /// How many operations have too large an error.
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
pub fn on(first: Runner, device: &str, descriptions: &[&Description], listener: &dyn Listener) -> Result<Verified> {
    let mut verified = Verified {
        device: first.device().clone(),
        networks: Vec::new(),
        operations: Vec::new(),
    };
    let mut first = Some(first);
    let plan = |description: &&Description| Arc::new(compiler::plan_of(&description.network, Sharing::Separate));
    let plans: Vec<_> = descriptions.iter().map(plan).collect();
    let total = plans.iter().map(|plan| verify::reference_operations(plan)).sum();
    for (description, plan) in descriptions.iter().zip(plans) {
        let network = description.network.network();
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
        let checks = verify::verify(&plan, executor.as_mut(), &mut || listener.operation_verified(total))?;
        verified.networks.push(network.name.clone());
        verified.add(&network.name, checks);
    }
    listener.verification_done();
    Ok(verified)
}
