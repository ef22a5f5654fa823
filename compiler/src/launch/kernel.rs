//! Kernels: entry points of WGSL files with their geometry filled in.

use crate::plan::parameter::Range;
use serde::Serialize;
use shaders::{Constant, File, SpecialiseError, textures};

/// The values of a kernel's constants, by their names in the file.
pub type Constants = Vec<(&'static str, Constant)>;

/// An entry point of a WGSL file with its geometry filled in.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Kernel {
    /// The WGSL file of `shaders/` that has the entry point.
    pub file: File,
    /// The function that a launch begins at.
    pub entry: &'static str,
    /// The sizes and options that replace the file's constants.
    pub constants: Constants,
    /// Whether products read their operands from textures in the place of buffers.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub textures: bool,
}

impl Kernel {
    /// Makes a kernel that reads buffers.
    pub const fn new(file: File, entry: &'static str, constants: Constants) -> Self {
        Self {
            file,
            entry,
            constants,
            textures: false,
        }
    }

    /// The complete WGSL text with the constants filled in. Errs when the file lacks a constant, or has it with another type.
    pub fn source(&self) -> Result<String, SpecialiseError> {
        let source = shaders::specialise(self.file.source(), &self.constants)?;
        Ok(if self.textures {
            textures::through_textures(&source)
        } else {
            source
        })
    }
}

/// A whole number as a constant of type `u32`, cut to the largest that it holds.
pub fn unsigned(value: usize) -> Constant {
    Constant::Unsigned(u32::try_from(value).unwrap_or(u32::MAX))
}

/// The number of the vec4 at which a variable begins in the flat buffer; 0 where there is no variable.
pub fn at(range: Option<Range>) -> Constant {
    unsigned(range.map_or(0, |range| range.offset / 4))
}
