//! Checks the inputs and outputs of a network that is to be exported.

use crate::session::{Description, Error, Result};
use compiler::network::Port;

/// An error unless a network has one input and one output, which is all that exports can express.
///
/// # Errors
/// When there are several inputs or outputs.
pub fn one_of_each(description: &Description) -> Result<()> {
    let network = &description.network;
    let names = |ports: &[Port]| {
        let names: Vec<&str> = ports.iter().map(|port| port.name.as_str()).collect();
        names.join(", ")
    };
    let (what, names) = match (network.inputs(), network.outputs()) {
        (inputs @ [_, _, ..], _) => ("inputs", names(inputs)),
        (_, outputs @ [_, _, ..]) => ("outputs", names(outputs)),
        (_, _) => return Ok(()),
    };
    let message = format!("a network with several {what} cannot be exported or served: {names}");
    Err(Error::message(message).with_help("`cnnc predict` runs it; weights.safetensors holds its weights by name"))
}
