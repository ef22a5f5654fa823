//! `cnnc verify`: checks that a device computes correctly.

use super::console::Console;
use super::{Failure, Outcome, open};
use crate::cli::values::Format;
use crate::cli::verify::VerifyArgs;
use crate::render::table::{Align, table};
use crate::render::terminal;
use cnnc::session::verify::{Row, Verified, verify};
use grammar::render::wrap::hang_by;

/// Checks the device and prints a table.
pub fn run(args: &VerifyArgs) -> Outcome {
    let description = args.file.as_deref().map(open).transpose()?;
    let verified = verify(description.as_ref(), &args.device, &Console::new(false))?;
    let text = match args.format {
        Format::Text => text(&verified, terminal::table_columns()),
        Format::Json | Format::Yaml => terminal::serialized(&verified, args.format)?,
    };
    terminal::print(&text)?;
    if verified.off() == 0 {
        return Ok(());
    }
    let off = verified.operations.iter().filter(|row| row.off > 0);
    let off: Vec<&str> = off.map(|row| row.operation).collect();
    let failure = Failure::message(format!("{} computes wrong: {}", verified.device.name, off.join(", ")));
    Err(failure.with_help("another driver or another version of it; --device cpu trains on the CPU"))
}

fn text(verified: &Verified, columns: usize) -> String {
    let row = |row: &Row| {
        let verdict = if row.off == 0 {
            "right".to_owned()
        } else {
            format!("{} off", row.off)
        };
        [
            row.operation.to_owned(),
            row.compared.to_string(),
            number(row.error),
            number(row.allowed),
            verdict,
            format!("{}: {}", row.network, row.what),
        ]
    };
    let rows: Vec<[String; 6]> = verified.operations.iter().map(row).collect();
    let heads = [
        ("operation", Align::Left),
        ("compared", Align::Right),
        ("worst", Align::Right),
        ("allowed", Align::Right),
        ("", Align::Left),
        ("where", Align::Left),
    ];
    let compared: usize = verified.operations.iter().map(|row| row.compared).sum();
    let end = match verified.off() {
        0 => format!(
            "all {compared} values and variables of {} are right",
            networks(verified)
        ),
        off => format!("{off} of {} operations are wrong", verified.operations.len()),
    };
    format!("{}\n{}", table(heads, &rows, columns), hang_by(&end, 2, columns))
}

fn networks(verified: &Verified) -> String {
    match verified.networks.as_slice() {
        [one] => one.clone(),
        several => format!("{} networks", several.len()),
    }
}

/// `3.1e-7`; codes that differ are counted.
fn number(value: f64) -> String {
    if value == 0.0 {
        "0".to_owned()
    } else if value.is_finite() {
        format!("{value:.1e}")
    } else {
        "no number".to_owned()
    }
}
