//! Checks the inputs and outputs of a network that is to be exported.

use super::format::Format;
use crate::session::{Description, Error, Result};
use compiler::network::Port;

/// Refuses a network with several inputs for an HTML page.
///
/// # Errors
/// When there are several.
pub fn one_input(description: &Description) -> Result<()> {
    let inputs = description.network.inputs();
    let [_, _, ..] = inputs else { return Ok(()) };
    let names: Vec<&str> = inputs.iter().map(|port| port.name.as_str()).collect();
    let message = format!(
        "an HTML page has one canvas to draw on, and this network has several inputs: {}",
        names.join(", ")
    );
    Err(Error::message(message)
        .with_help("`cnnc serve` takes an array for each of them; --to onnx, keras, torch, tflite, c and npz write it"))
}

/// Refuses a network with several inputs or outputs in integers for a format other than ONNX.
///
/// # Errors
/// When there are several of one of them.
pub fn integers_of(description: &Description, format: Format) -> Result<()> {
    match format {
        Format::Onnx => Ok(()),
        Format::Keras
        | Format::KerasWeights
        | Format::Torch
        | Format::Tflite
        | Format::C
        | Format::Npz
        | Format::Html => one_of_each(description, &format!("--to {} --int8", format.name())),
    }
}

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
        .with_help("--to onnx --int8 writes it; in floats --to keras, torch, tflite, c and npz do as well"))
}
