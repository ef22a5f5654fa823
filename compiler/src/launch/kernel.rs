//! A kernel: an entry point of a WGSL file with its geometry filled in.

use crate::plan::parameter::Range;
use serde::Serialize;
use shaders::{Constant, File, SpecialiseError, textures};

/// A kernel's constants, by their names in the file.
pub type Constants = Vec<(&'static str, Constant)>;

/// A kernel: an entry point of a file with its geometry filled in.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Kernel {
    /// The file.
    pub file: File,
    /// The entry point.
    pub entry: &'static str,
    /// Its geometry.
    pub constants: Constants,
    /// Whether it reads textures in the place of buffers.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub textures: bool,
}

impl Kernel {
    /// A kernel that reads buffers.
    pub const fn new(file: File, entry: &'static str, constants: Constants) -> Self {
        Self {
            file,
            entry,
            constants,
            textures: false,
        }
    }

    /// The complete WGSL text.
    pub fn source(&self) -> Result<String, SpecialiseError> {
        let source = shaders::specialise(self.file.source(), &self.constants)?;
        Ok(if self.textures {
            textures::through_textures(&source)
        } else {
            source
        })
    }
}

/// A whole number as a constant.
pub fn unsigned(value: usize) -> Constant {
    Constant::Unsigned(u32::try_from(value).unwrap_or(u32::MAX))
}

/// The first vec4 of a range; 0 where there is none.
pub fn at(range: Option<Range>) -> Constant {
    unsigned(range.map_or(0, |range| range.offset / 4))
}
