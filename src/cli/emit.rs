//! The arguments and the help of `cnnc emit`.

use clap::{Args, ValueEnum};
use compiler::launch::DeviceClass;
use std::path::PathBuf;

/// Show what the compiler makes of a description, at each of its stages
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  cnnc emit ir digits.cnn               every default filled in
  cnnc emit plan digits.cnn             the operations of a training step and the memory between them
  cnnc emit wgsl digits.cnn --out wgsl  a complete WGSL file for each kernel")]
pub struct EmitArgs {
    /// The stage to show
    #[arg(value_enum, value_name = "STAGE")]
    pub stage: Stage,
    /// The network's description, a .cnn file
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// Write files into this folder instead of printing
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// The class of device that kernels are tiled for; `wgsl` only [default: discrete]
    #[arg(long, value_enum, value_name = "CLASS")]
    pub class: Option<Class>,
}

/// What `cnnc emit` shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Stage {
    /// The syntax tree, as YAML
    Ast,
    /// The checked network with every default filled in, as YAML
    Ir,
    /// Buffers, their lifetimes, and the operations in order
    Plan,
    /// The kernels, as complete WGSL files
    Wgsl,
}

/// Classes of device that kernels are tiled for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Class {
    /// A GPU with its own memory
    Discrete,
    /// A GPU that shares the CPU's memory
    Integrated,
    /// A Vulkan driver that runs on the CPU
    Software,
}

impl From<Class> for DeviceClass {
    fn from(class: Class) -> Self {
        match class {
            Class::Discrete => Self::Discrete,
            Class::Integrated => Self::Integrated,
            Class::Software => Self::Software,
        }
    }
}
