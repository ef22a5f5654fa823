//! A session: everything that a front end needs of `cnnc`, and nothing that prints, ends the process or asks the terminal.
//!
//! A description is [examined](examine), its [samples] are read, a [device] is chosen, the network is [trained](train) and
//! [evaluated](judge), asked about [new samples](predict) or [measured](bench). Errors are [values](error::Error); what people
//! should know on the way is reported to a [`Listener`] and an [`Observer`]; an [`Interrupt`] ends a run early.

mod adapt;
pub mod answer;
pub mod bench;
pub mod confusion;
pub mod costs;
pub mod device;
pub mod error;
pub mod evaluate;
pub mod examine;
pub mod executor;
mod features;
pub mod interrupt;
pub mod judge;
mod keeper;
pub mod kernels;
pub mod listener;
mod loading;
pub mod observer;
mod overrides;
pub mod past;
mod phases;
pub mod predict;
mod pretrained;
mod record;
mod resume;
pub mod samples;
pub mod specs;
pub mod train;
pub mod verify;

pub use error::{Error, Result};
pub use evaluate::{Evaluation, evaluate};
pub use examine::{Description, Examined, examine, examine_text, open};
pub use interrupt::Interrupt;
pub use listener::{Listener, Notice};
pub use observer::Observer;
pub use overrides::Overrides;
pub use samples::Data;
pub use train::{Options, Prepared, Trained, prepare};
