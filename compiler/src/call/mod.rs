//! What all calls of a description share: how a layer, an optimizer or a setting declares its arguments, how values
//! are read into the compiler's types, and how messages suggest what was meant.

pub mod arguments;
pub mod arithmetic;
pub(crate) mod constants;
pub mod initializer;
pub mod initializers;
pub mod limits;
pub mod names;
pub mod signature;
pub mod sizes;
pub mod suggest;
pub mod values;
