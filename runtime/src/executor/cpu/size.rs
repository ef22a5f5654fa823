//! How much memory a network takes on the CPU, and whether it is available: asked before any is allocated.

use super::memory::Shared;
use super::run::Arena;
use super::simd::{LANES, Row};
use super::task::Tasks;
use crate::error::{Result, RuntimeError};
use crate::memory::readable;

/// What decides how much an executor allocates.
pub struct Needs<'a> {
    /// The number of parameters, each a float.
    pub parameters: usize,
    /// How many buffers the optimizer keeps, each as large as the parameters.
    pub slots: usize,
    /// Into how many parts a batch is divided, each with gradients of its own.
    pub parts: usize,
    /// How many floats of gradients are kept for inspection.
    pub gradients: usize,
    /// How many blocks of a batch are in memory at once.
    pub arenas: usize,
    /// How many teams train; each has packed weights of its own where there are few.
    pub teams: usize,
    /// The tasks of training, which say what a block and the packed weights take.
    pub training: &'a Tasks,
    /// The tasks of the two programs without training, which as many teams may run as there are threads.
    pub forward: [&'a Tasks; 2],
    /// The number of threads.
    pub threads: usize,
}

impl Needs<'_> {
    /// An error where more is needed than is available; nothing is compared where the latter is unknown.
    pub fn check(&self, available: Option<u64>) -> Result<()> {
        let buffer = floats(self.parameters);
        let slots = buffer.saturating_mul(self.slots as u64);
        let gradients = buffer
            .saturating_mul(self.parts as u64)
            .saturating_add(floats(self.gradients));
        let times = |bytes: u64, count: usize| bytes.saturating_mul(count as u64);
        let training = times(block(self.training), self.arenas);
        let packs = if self.training.packs_together() { 1 } else { self.teams };
        let packs = times(floats(self.training.packed), packs);
        let team = |tasks: &Tasks| block(tasks).saturating_add(floats(tasks.packed));
        let forward = self.forward.into_iter().map(team).max().unwrap_or(0);
        let activations = training
            .saturating_add(packs)
            .saturating_add(times(forward, self.threads));
        // A run that is resumed has the parameters and slots once more while they are set.
        let copies = buffer.saturating_add(slots);
        let bytes = [buffer, slots, gradients, activations, copies]
            .into_iter()
            .fold(0_u64, u64::saturating_add);
        let available = available.unwrap_or(MOST).min(MOST);
        if bytes <= available {
            return Ok(());
        }
        let parts = [
            ("parameters", buffer),
            ("the optimizer's state", slots),
            ("gradients", gradients),
            ("activations", activations),
            ("copies to set them", copies),
        ];
        let parts = parts.into_iter().filter(|(_, bytes)| *bytes > 0);
        let parts: Vec<String> = parts
            .map(|(what, bytes)| format!("{what} {}", readable(bytes)))
            .collect();
        Err(RuntimeError::Memory {
            what: format!("the network ({})", parts.join(", ")),
            bytes,
            available,
        })
    }
}

/// More bytes than any address space holds; it bounds what is asked for where the system does not say how much is available.
const MOST: u64 = 1 << 46;

fn floats(count: usize) -> u64 {
    (count.div_ceil(LANES) as u64).saturating_mul(size_of::<Row>() as u64)
}

/// The bytes of memory that one block takes.
fn block(tasks: &Tasks) -> u64 {
    Arena::bytes(tasks.rows, tasks.codes)
}

/// A buffer of `count` zeros, which an error message calls `what`.
pub fn zeros(what: &str, count: usize) -> Result<Shared<Row>> {
    Shared::for_floats(count).ok_or_else(|| refused(what, floats(count)))
}

/// The memory of `count` blocks of a program.
pub fn arenas(count: usize, tasks: &Tasks) -> Result<Vec<Arena>> {
    let arena = || Arena::new(tasks.rows, tasks.codes).ok_or_else(|| refused("a block of samples", block(tasks)));
    (0..count).map(|_| arena()).collect()
}

/// The memory of `count` copies of the packed weights.
pub fn packs(count: usize, tasks: &Tasks) -> Result<Vec<Shared<Row>>> {
    (0..count).map(|_| zeros("the packed weights", tasks.packed)).collect()
}

/// The error for an allocation that failed although enough memory seemed to be available.
fn refused(what: &str, bytes: u64) -> RuntimeError {
    RuntimeError::Memory {
        what: what.to_owned(),
        bytes,
        available: crate::memory::available().unwrap_or(0).min(bytes.saturating_sub(1)),
    }
}
