//! What is served at `/` for a network that has no page to draw on.

use compiler::network::CheckedNetwork;

/// A page that says what `/predict` takes.
pub fn of_inputs(network: &CheckedNetwork) -> Vec<u8> {
    // Names of networks and layers are made of letters, digits, `_`, `-` and `/`.
    let name = &network.network().name;
    let inputs: String = network
        .inputs()
        .iter()
        .map(|port| {
            let sizes: Vec<String> = port.shape.sizes().iter().map(usize::to_string).collect();
            format!("<li><code>{}</code>: {}</li>\n", port.name, sizes.join(" × "))
        })
        .collect();
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n<title>{name}</title>\n<h1>{name}</h1>\n\
         <p>This network has several inputs, so there is no page to draw on. POST <code>/predict</code> takes an array for each \
         of them, in an <code>.npz</code> archive or as JSON:</p>\n<ul>\n{inputs}</ul>\n</html>\n"
    )
    .into_bytes()
}
