//! `cnnc devices`: what can run a network here.

use super::device::{NO_DRIVER, automatic, kind, reason};
use super::{Failure, Outcome};
use crate::render::table::{Align, table};
use crate::render::terminal;
use runtime::executor::Device;
use runtime::executor::wgpu::adapters;

/// Lists every device, what it is and what `auto` takes.
pub fn run() -> Outcome {
    let adapters = adapters();
    let usable: Vec<&Device> = adapters
        .iter()
        .filter(|adapter| adapter.lacks().is_none())
        .map(|adapter| &adapter.device)
        .collect();
    let auto = automatic(&usable).and_then(|index| usable.get(index).copied());
    let rows: Vec<[String; 5]> = adapters
        .iter()
        .map(|adapter| {
            let device = &adapter.device;
            let takes = auto.is_some_and(|auto| std::ptr::eq(auto, device));
            let note = match adapter.lacks() {
                Some(lack) => format!("cannot be used: {lack}"),
                None if takes => "auto".to_owned(),
                None => String::new(),
            };
            [
                device.name.clone(),
                kind(device.kind).to_owned(),
                device.driver.clone(),
                crate::render::bytes(adapter.largest_buffer()),
                note,
            ]
        })
        .collect();
    if rows.is_empty() {
        return Err(Failure::message("there is no device that could run a network").with_help(NO_DRIVER));
    }
    let heads = [
        ("device", Align::Left),
        ("kind", Align::Left),
        ("driver", Align::Left),
        ("largest buffer", Align::Right),
        ("", Align::Left),
    ];
    let taken = auto.map_or_else(
        || "\nnone of them can be used\n".to_owned(),
        |device| format!("\n--device auto takes {}, {}\n", device.name, reason(device.kind)),
    );
    terminal::print(&(table(heads, &rows) + &taken))
}
