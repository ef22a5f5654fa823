//! Gets the known data sets, from the places that publish them or from files that the user has. Nothing reaches the folder that
//! is read before all of a data set is here and right; what is being downloaded is in a folder beside it, and an interrupted
//! download is resumed. Downloads need the feature `fetch`.

pub(crate) mod attempt;
mod catalogue;
mod disk;
#[cfg(feature = "fetch")]
mod download;
#[cfg(feature = "fetch")]
mod fetching;
mod import;
mod options;
#[cfg(feature = "fetch")]
mod part;
mod present;
#[cfg(feature = "fetch")]
mod request;
mod store;
mod sum;
#[cfg(test)]
mod tests;
mod unpack;
mod watch;
pub mod weights;

pub use attempt::Attempt;
pub use catalogue::{Form, Published, RemoteFile, Sum, published};
#[cfg(feature = "fetch")]
pub use fetching::fetch;
pub use import::{Imported, Judgement, import};
pub use options::{Options, Patience};
pub use watch::{Here, Watch};
