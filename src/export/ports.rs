//! Checks the inputs and outputs of a network that is to be exported.

use crate::session::{Description, Error, Result};
use compiler::network::Port;

/// Refuses a network with several inputs or outputs for a form that has one of each: `what`.
///
/// # Errors
/// When there are several of one of them.
pub fn one_of_each(description: &Description, what: &str) -> Result<()> {
    let network = &description.network;
    let names = |ports: &[Port]| {
        let names: Vec<&str> = ports.iter().map(|port| port.name.as_str()).collect();
        names.join(", ")
    };
    let (ends, names) = match (network.inputs(), network.outputs()) {
        (inputs @ [_, _, ..], _) => ("inputs", names(inputs)),
        (_, outputs @ [_, _, ..]) => ("outputs", names(outputs)),
        (_, _) => return Ok(()),
    };
    let message = format!("{what} takes a network with one input and one output; this one has several {ends}: {names}");
    Err(Error::message(message)
        .with_help("--int8 goes with --to onnx, tflite and c; in floats --to keras, torch and npz write it as well"))
}
