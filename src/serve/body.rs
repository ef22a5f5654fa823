//! What a request holds: a picture, an array, an archive of arrays, or numbers as JSON.

use compiler::network::CheckedNetwork;
use runtime::data::{self, Ends, Inputs, Numbers, Reading};
use serde_json::Value;
use std::collections::BTreeMap;

/// The most bytes that an archive may unpack to.
const MOST_UNPACKED: u64 = 64 << 20;
/// What messages call the body.
const BODY: &str = "the body";

/// The samples in a body; the error is what to answer.
pub fn samples(network: &CheckedNetwork, reading: Reading, bytes: &[u8]) -> Result<Inputs, String> {
    let inputs = match bytes {
        [b'P', b'K', ..] => data::archive_inputs(BODY, bytes, &Ends::all_of(network), MOST_UNPACKED),
        [0x93, b'N', b'U', b'M', b'P', b'Y', ..] if network.inputs().len() == 1 => {
            data::array_inputs(BODY, bytes, network.input_shape())
        }
        [b'{' | b' ' | b'\t' | b'\r' | b'\n', ..] => return numbers(network, bytes),
        _ if network.inputs().len() == 1 => data::picture_inputs("the picture", bytes, network.input_shape(), reading),
        _ => {
            let ends = Ends::all_of(network);
            let names = ends.input_names().join(", ");
            return Err(format!(
                "an array is needed for each of {names}: an .npz archive, or JSON such as {{\"{}\": [0.5]}}",
                ends.input_names().first().copied().unwrap_or_default()
            ));
        }
    };
    inputs.map_err(|error| error.to_string())
}

/// `{"left": [[0.5, ...], ...], "right": ...}`
fn numbers(network: &CheckedNetwork, bytes: &[u8]) -> Result<Inputs, String> {
    let parsed: BTreeMap<String, Value> = serde_json::from_slice(bytes)
        .map_err(|cause| format!("this is no JSON with an array for each input: {cause}"))?;
    let mut arrays = BTreeMap::new();
    for (name, value) in parsed {
        let array = array(&value).ok_or_else(|| format!("{name} is no array of numbers with rows of one length"))?;
        arrays.insert(name, array);
    }
    let read = Ends::all_of(network).of_numbers(BODY, arrays);
    let (pixels, count) = read.map_err(|error| error.to_string())?;
    Ok(Inputs { pixels, count })
}

/// The sizes and the values of nested lists of numbers; `None` where they are ragged or hold anything else.
fn array(value: &Value) -> Option<Numbers> {
    let mut sizes = Vec::new();
    let mut inner = value;
    while let Value::Array(items) = inner {
        sizes.push(items.len());
        let Some(first) = items.first() else { break };
        inner = first;
    }
    let mut values = Vec::new();
    flatten(value, &sizes, &mut values)?;
    Some((sizes, values))
}

fn flatten(value: &Value, sizes: &[usize], values: &mut Vec<f32>) -> Option<()> {
    match (value, sizes) {
        (Value::Number(number), []) => values.push(number.as_f64()? as f32),
        (Value::Array(items), [size, sizes @ ..]) if items.len() == *size => {
            for item in items {
                flatten(item, sizes, values)?;
            }
        }
        (_, _) => return None,
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::array;
    use serde_json::json;

    #[test]
    fn lists_are_arrays_where_their_rows_are_alike() {
        assert_eq!(
            array(&json!([[1, 2], [3, 4.5]])),
            Some((vec![2, 2], vec![1.0, 2.0, 3.0, 4.5]))
        );
        assert_eq!(array(&json!(2)), Some((vec![], vec![2.0])));
        assert_eq!(array(&json!([])), Some((vec![0], vec![])));
        for odd in [
            json!([[1], [2, 3]]),
            json!([1, [2]]),
            json!([[1], 2]),
            json!(["a"]),
            json!({"a": 1}),
            json!(null),
        ] {
            assert_eq!(array(&odd), None, "{odd}");
        }
    }
}
