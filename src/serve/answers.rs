//! What the network says of samples, as JSON.

use crate::session::answer::best;
use crate::session::predict::Predictor;
use compiler::network::Port;
use serde_json::{Map, Value, json};

/// What it says of one sample: of a single output what that says, of several each by its name.
pub fn sample(predictor: &Predictor<'_>, row: &[f32]) -> Value {
    match predictor.network().outputs() {
        [only] => output(predictor, 0, only, row),
        several => {
            let named = several.iter().enumerate().map(|(place, port)| {
                let own = row
                    .get(port.offset..port.offset + port.shape.elements())
                    .unwrap_or_default();
                (port.name.clone(), output(predictor, place, port, own))
            });
            json!({"outputs": named.collect::<Map<String, Value>>()})
        }
    }
}

fn output(predictor: &Predictor<'_>, place: usize, port: &Port, row: &[f32]) -> Value {
    if predictor.classes_of(place).is_none() {
        return json!({"shape": port.shape.sizes(), "output": row});
    }
    let probabilities = predictor.probabilities_of(place, row);
    let found = best(&probabilities);
    let class = found.map(|(class, _)| class);
    // Of several outputs nobody knows which of them the names are for.
    let names = match predictor.network().outputs() {
        [_] => predictor.names(),
        _ => &[],
    };
    json!({
        "class": class,
        "name": class.and_then(|class| names.get(class)),
        "probability": found.map(|(_, probability)| probability),
        "probabilities": probabilities,
    })
}
