//! `cnnc` as a library: from a description of a convolutional network to one that is trained, as any front end needs it.
//! The program `cnnc` is one of them: it only reads its arguments and prints.
//!
//! A description is examined; what is wrong with it comes as values:
//!
//! ```
//! use cnnc::session::{Error, examine_text};
//! use std::path::Path;
//!
//! let text = "model tiny {\n    Input(shape=(4,))\n    Dense(3)\n}\n";
//! let examined = examine_text(Path::new("tiny.cnn"), text);
//! let summary = examined.summary().expect("the text describes a network");
//! assert_eq!(summary.total_params, 4 * 3 + 3);
//!
//! let examined = examine_text(Path::new("tiny.cnn"), &text.replace("Dense", "Dnse"));
//! let error = examined.into_description().expect_err("there is no such layer");
//! assert!(error.to_string().starts_with("tiny.cnn:3:5: error[E0101]: "));
//! let Error::Description(rejection) = error else { unreachable!() };
//! assert_eq!(rejection.diagnostics.len(), 1);
//! ```
//!
//! It is trained, here on samples in memory and without a run directory:
//!
//! ```
//! use cnnc::compiler::shape::Shape;
//! use cnnc::runtime::data::{Pixels, Split};
//! use cnnc::session::samples::in_memory;
//! use cnnc::session::{Data, Interrupt, Observer, Options, examine_text, prepare};
//! use std::path::Path;
//!
//! /// Prints each epoch; `()` is an observer that hears nothing.
//! struct Epochs;
//!
//! impl Observer for Epochs {
//!     fn end_epoch(&mut self, metrics: &[(String, f64)]) {
//!         println!("{metrics:?}");
//!     }
//! }
//!
//! # fn main() -> cnnc::session::Result<()> {
//! let text = "model sign {
//!     Input(shape=(2, 2, 1))
//!     Flatten()
//!     Dense(2)
//! }
//! compile(optimizer=SGD(0.5), loss=SparseCategoricalCrossentropy(from_logits=True), metrics=['accuracy'])
//! fit(batch_size=4, epochs=5)
//! ";
//! let description = examine_text(Path::new("sign.cnn"), text).into_description()?;
//! // Images of one value, which is negative in class 0 and positive in class 1.
//! let value = |sample: u32| if sample % 2 == 0 { -1.0 } else { 1.0 };
//! let train = Split {
//!     shape: Shape::map(2, 2, 1),
//!     pixels: Pixels::Floats((0..32).flat_map(|sample| [value(sample); 4]).collect()),
//!     labels: (0..32).map(|sample| sample % 2).collect(),
//!     targets: None,
//! };
//! let options = Options {
//!     data: Data::Loaded(Box::new(in_memory("signs", train, None)?)),
//!     device: "cpu".to_owned(),
//!     ..Options::default()
//! };
//! // Another thread may raise it; the run then ends after its present step.
//! let interrupt = Interrupt::new();
//! let mut trained = prepare(&description, options, &())?.train(&mut Epochs, &interrupt)?;
//! assert_eq!(trained.judge()?.wrong(), 0);
//! # Ok(())
//! # }
//! ```

#![cfg_attr(not(test), deny(clippy::wildcard_enum_match_arm))]

pub mod export;
pub mod import;
pub mod serve;
pub mod session;

#[cfg(feature = "pictures")]
pub mod pictures;
#[cfg(feature = "pictures")]
pub mod report;
#[cfg(feature = "pictures")]
pub mod show;

pub use compiler;
pub use grammar;
pub use runtime;
