//! Values of arguments that several commands take, and what is a right one.

use clap::ValueEnum;
use compiler::training::settings::{MOST_EPOCHS, MOST_SAMPLES_A_STEP};
#[cfg(feature = "pictures")]
use std::path::PathBuf;

/// How a result is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// Text for people
    Text,
    /// JSON for programs
    Json,
    /// YAML, for both
    Yaml,
}

/// A whole number from 1 to the most that a description may say.
pub fn count(text: &str, most: usize) -> Result<usize, String> {
    match text.parse() {
        Ok(number) if (1..=most).contains(&number) => Ok(number),
        _ => Err(format!("a whole number from 1 to {most} is needed")),
    }
}

pub fn epochs(text: &str) -> Result<usize, String> {
    count(text, MOST_EPOCHS)
}

pub fn batch_size(text: &str) -> Result<usize, String> {
    count(text, MOST_SAMPLES_A_STEP)
}

/// The most samples that indices of 32 bits reach, with room for padding.
pub fn samples(text: &str) -> Result<usize, String> {
    count(text, 1 << 31)
}

pub fn seconds(text: &str) -> Result<f64, String> {
    match text.parse() {
        Ok(seconds) if (0.01..=86_400.0).contains(&seconds) => Ok(seconds),
        _ => Err("a number of seconds from 0.01 to 86400 is needed".to_owned()),
    }
}

/// More would be too small to see, and too large to open.
#[cfg(feature = "pictures")]
pub fn images(text: &str) -> Result<usize, String> {
    count(text, 1000)
}

/// They stand in one row.
#[cfg(feature = "pictures")]
pub fn few_images(text: &str) -> Result<usize, String> {
    count(text, 20)
}

#[cfg(feature = "pictures")]
pub fn scale(text: &str) -> Result<f64, String> {
    match text.parse() {
        Ok(scale) if (0.1..=20.0).contains(&scale) => Ok(scale),
        _ => Err("a number from 0.1 to 20 is needed".to_owned()),
    }
}

/// A path whose end says what is written.
#[cfg(feature = "pictures")]
pub fn picture(text: &str) -> Result<PathBuf, String> {
    let path = PathBuf::from(text);
    let extension = path
        .extension()
        .map(|extension| extension.to_string_lossy().to_lowercase());
    match extension.as_deref() {
        Some("png" | "svg") => Ok(path),
        Some(_) | None => Err("a name that ends in .png or .svg is needed".to_owned()),
    }
}

/// An address that can be asked for files.
#[cfg(feature = "fetch")]
pub fn mirror(text: &str) -> Result<String, String> {
    let rest = ["http://", "https://"]
        .iter()
        .find_map(|scheme| text.strip_prefix(scheme));
    match rest {
        Some(rest) if !rest.is_empty() && !rest.starts_with('/') => Ok(text.to_owned()),
        _ => Err("an address that begins with http:// or https:// is needed".to_owned()),
    }
}
