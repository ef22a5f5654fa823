//! How a session reports what happens: the library itself prints nothing.

use std::fmt;

/// Is told what happens while data are read and a device is opened or verified, possibly from several threads at once. `&()` is a listener
/// that ignores everything.
pub trait Listener: Sync {
    /// Something that people should know. Its kind decides whether it is shown where little is to be shown.
    fn notice(&self, _notice: &Notice) {}

    /// One more of the `total` pictures of a folder has been read.
    fn picture_read(&self, _total: usize) {}

    /// All pictures have been read.
    fn pictures_done(&self) {}

    /// One more of the `total` operations has been computed that a device is verified with.
    fn operation_verified(&self, _total: usize) {}

    /// All of them have been computed.
    fn verification_done(&self) {}
}

impl Listener for () {}

/// Something that people should know, in a line without a full stop.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Notice {
    /// Which device is used, and why.
    Device(String),
    /// Which data are used, and how they are divided.
    Data(String),
    /// Something that did not prevent anything, but may surprise: pictures that are left out, a file that cannot be read.
    Warning(String),
}

impl fmt::Display for Notice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Device(line) | Self::Data(line) | Self::Warning(line) => f.write_str(line),
        }
    }
}
