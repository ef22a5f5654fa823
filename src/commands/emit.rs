//! `cnnc emit`: the results of each stage of the compiler.

use super::{Failure, Outcome, open, report};
use crate::cli;
use crate::cli::emit::{Class, EmitArgs, Stage};
use crate::render::{terminal, wrap};
use cnnc::session::{examine, kernels};
use runtime::files;
use std::fs;
use std::path::Path;

/// A file that is to be written or printed: its name and its text.
type Emitted = (String, String);

/// Prints the results of a stage, or writes them into a folder.
pub fn run(args: &EmitArgs) -> Outcome {
    if args.class.is_some() && args.stage != Stage::Wgsl {
        cli::conflict("--class says how kernels are tiled: it goes with `emit wgsl` alone");
    }
    let files = match args.stage {
        Stage::Ast => {
            let parsed = examine::parse(&args.file);
            report(&parsed);
            let tree = parsed.tree.filter(|_| parsed.diagnostics.is_empty());
            let tree = tree.ok_or(Failure::Reported)?;
            vec![named(args, "ast.yaml", yaml(serde_yaml::to_string(&tree))?)]
        }
        Stage::Ir => {
            let description = open(&args.file)?;
            let text = yaml(compiler::ir::yaml(&description.network))?;
            vec![named(args, "ir.yaml", text)]
        }
        Stage::Plan => {
            let description = open(&args.file)?;
            let plan = description.plan_as_run();
            vec![named(args, "plan.txt", plan.to_string())]
        }
        Stage::Wgsl => {
            let description = open(&args.file)?;
            let plan = description.plan_as_run();
            let batch_size = description.network.network().fit.batch_size;
            kernels::files(&plan, args.class.unwrap_or(Class::Discrete).into(), batch_size)?
        }
    };
    match &args.out {
        Some(folder) => write(folder, &files),
        None if args.stage == Stage::Plan => terminal::print(&narrowed(&files)),
        None => print(&files),
    }
}

fn named(args: &EmitArgs, suffix: &str, text: String) -> Emitted {
    let stem = args.file.file_stem().unwrap_or_default().to_string_lossy();
    (format!("{stem}.{suffix}"), text)
}

fn yaml(text: Result<String, serde_yaml::Error>) -> Result<String, Failure> {
    text.map_err(|error| Failure::message(format!("cannot print the result: {error}")))
}

fn write(folder: &Path, files: &[Emitted]) -> Outcome {
    fs::create_dir_all(folder).map_err(|error| Failure::file("create the folder", folder, &error))?;
    for (name, text) in files {
        let path = folder.join(name);
        files::write_atomically(&path, |out| out.write_all(text.as_bytes()))?;
    }
    let count = match files.len() {
        1 => "1 file".to_owned(),
        count => format!("{count} files"),
    };
    terminal::say(&format!("wrote {count} into {}", folder.display()));
    Ok(())
}

/// The tables of a plan, no wider than the terminal.
fn narrowed(files: &[Emitted]) -> String {
    let columns = terminal::table_columns();
    let lines = files.iter().flat_map(|(_, text)| text.lines());
    lines.map(|line| wrap::table_line(line, columns) + "\n").collect()
}

/// Prints all files; where there are several, each below its name.
fn print(files: &[Emitted]) -> Outcome {
    let mut text = String::new();
    for (name, contents) in files {
        if files.len() > 1 {
            let separator = if text.is_empty() { "" } else { "\n" };
            text.extend([separator, "// ==== ", name, " ====\n"]);
        }
        text.push_str(contents);
    }
    terminal::print(&text)
}
