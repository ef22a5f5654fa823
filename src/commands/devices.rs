//! `cnnc devices`: what can run a network on this machine.

use super::Outcome;
use crate::render::table::{Align, table};
use crate::render::terminal;
use cnnc::session::device::{automatic, kind, reason};
use grammar::render::wrap::hang_by;
use runtime::executor::wgpu::adapters;
use runtime::executor::{Device, cpu};

/// Lists every device, what it is, and which one `auto` means.
pub fn run() -> Outcome {
    let adapters = adapters();
    let cpu = cpu::device()?;
    let usable: Vec<&Device> = adapters
        .iter()
        .filter(|adapter| adapter.lacks().is_none())
        .map(|adapter| &adapter.device)
        .chain([&cpu])
        .collect();
    let auto = automatic(&usable).and_then(|index| usable.get(index).copied());
    let row = |device: &Device, largest: String, lack: Option<String>| {
        let takes = auto.is_some_and(|auto| std::ptr::eq(auto, device));
        let note = match lack {
            Some(lack) => format!("cannot be used: {lack}"),
            None if takes => "auto".to_owned(),
            None => String::new(),
        };
        let kind = kind(device.kind).to_owned();
        [device.name.clone(), kind, device.driver.clone(), largest, note]
    };
    let mut rows: Vec<[String; 5]> = Vec::new();
    for adapter in &adapters {
        let largest = crate::render::bytes(adapter.largest_buffer());
        rows.push(row(&adapter.device, largest, adapter.lacks()));
    }
    rows.push(row(&cpu, "memory".to_owned(), None));
    let heads = [
        ("device", Align::Left),
        ("kind", Align::Left),
        ("driver", Align::Left),
        ("largest buffer", Align::Right),
        ("", Align::Left),
    ];
    let taken = auto.map_or_else(
        || "none of them can be used".to_owned(),
        |device| format!("--device auto takes {}, {}", device.name, reason(device.kind)),
    );
    let columns = terminal::table_columns();
    let table = table(heads, &rows, columns);
    terminal::print(&format!("{table}\n{}", hang_by(&taken, 2, columns)))
}
