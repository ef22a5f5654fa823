//! `cnnc explain`: an explanation as text or as Markdown.

use super::table::{Align, table};
use super::wrap::{hang, wrap};
use compiler::explanation::{Equation, Explanation, Fact, LayerExplanation, Section};
use compiler::numbers::thousands;
use std::fmt::Write;

/// The most columns of a line: longer ones are hard to read, however wide the terminal is.
const WIDEST: usize = 96;
/// The column at which the arithmetic begins, after the name of what is counted.
const INDENT: usize = 18;
/// The width in columns from which a terminal has room for the shares of the multiply-adds.
const ROOM_FOR_SHARES: usize = 68;
/// The heads of the main table: shapes, parameters and multiply-adds of the layers.
const HEADS: [(&str, Align); 5] = [
    ("layer", Align::Left),
    ("output", Align::Left),
    ("parameters", Align::Right),
    ("multiply-adds", Align::Right),
    ("share", Align::Right),
];

/// An explanation as text for a terminal of `columns` columns.
pub fn text(explanation: &Explanation, columns: usize) -> String {
    let columns = columns.min(WIDEST);
    let mut text = format!("{}\n", explanation.model);
    paragraphs(&mut text, &explanation.about, columns);
    text.push('\n');
    text.push_str(&glance(explanation, columns));
    for (index, layer) in explanation.layers.iter().enumerate() {
        heading(&mut text, &title(index, layer), columns);
        paragraphs(&mut text, &layer.about, columns);
        text.push('\n');
        for fact in &layer.facts {
            text.push_str(&lines(fact, columns));
        }
    }
    for section in sections(explanation) {
        heading(&mut text, section.title, columns);
        paragraphs(&mut text, &section.about, columns);
        text.push('\n');
        for fact in &section.facts {
            text.push_str(&lines(fact, columns));
        }
    }
    heading(&mut text, "Words", columns);
    for (word, meaning) in &explanation.glossary {
        text.push_str(&hang(
            &format!("  {word:<width$}", width = INDENT - 2),
            meaning,
            columns,
        ));
    }
    text
}

/// An explanation as Markdown.
pub fn markdown(explanation: &Explanation) -> String {
    let mut text = format!(
        "# {}\n\n{}\n\n",
        escaped(&explanation.model),
        escaped(&explanation.about.join(" "))
    );
    grid(&mut text, &HEADS, &cells(&rows(explanation)));
    text.push_str("\n## Layer by layer\n");
    for (index, layer) in explanation.layers.iter().enumerate() {
        let _ = write!(
            text,
            "\n### {}\n\n{}\n",
            escaped(&title(index, layer)),
            escaped(&layer.about.join(" "))
        );
        facts(&mut text, &layer.facts);
    }
    for section in sections(explanation) {
        let _ = write!(text, "\n## {}\n", section.title);
        if !section.about.is_empty() {
            let _ = write!(text, "\n{}\n", escaped(&section.about.join(" ")));
        }
        facts(&mut text, &section.facts);
    }
    text.push_str("\n## Words\n\n");
    let glossary = explanation.glossary.iter();
    let words: Vec<Vec<String>> = glossary
        .map(|&(word, meaning)| vec![format!("`{word}`"), escaped(meaning)])
        .collect();
    grid(&mut text, &[("word", Align::Left), ("meaning", Align::Left)], &words);
    text
}

/// The main table, without the shares where there is little room.
fn glance(explanation: &Explanation, columns: usize) -> String {
    let rows = rows(explanation);
    if columns >= ROOM_FOR_SHARES {
        return table(HEADS, &rows, columns);
    }
    let [layer, output, parameters, macs, _] = HEADS;
    let rows: Vec<[String; 4]> = rows.into_iter().map(|[a, b, c, d, _]| [a, b, c, d]).collect();
    table([layer, output, parameters, macs], &rows, columns)
}

fn sections(explanation: &Explanation) -> impl Iterator<Item = &Section> {
    std::iter::once(&explanation.totals).chain(&explanation.training)
}

/// A row for each layer, and one for the sum.
fn rows(explanation: &Explanation) -> Vec<[String; 5]> {
    let layers = &explanation.layers;
    let all = layers.iter().fold(0, |sum: u64, layer| sum.saturating_add(layer.macs));
    let share = |macs: u64| {
        if all == 0 {
            String::new()
        } else {
            format!("{:.1} %", 100.0 * macs as f64 / all as f64)
        }
    };
    let row = |layer: &LayerExplanation| {
        [
            format!("{} ({})", layer.name, layer.class),
            layer.output.to_string(),
            thousands(layer.parameters),
            thousands(layer.macs as usize),
            share(layer.macs),
        ]
    };
    let parameters = layers.iter().map(|layer| layer.parameters).sum();
    let total = [
        "total".to_owned(),
        String::new(),
        thousands(parameters),
        thousands(all as usize),
        share(all),
    ];
    layers.iter().map(row).chain([total]).collect()
}

/// The title of a layer: `2. conv2d (Conv2D): 28x28x1 -> 24x24x9`.
fn title(index: usize, layer: &LayerExplanation) -> String {
    let output = layer.output.to_string();
    let way = layer
        .input
        .as_ref()
        .map_or(output.clone(), |input| format!("{input} -> {output}"));
    format!("{}. {} ({}): {way}", index + 1, layer.name, layer.class)
}

/// A heading, underlined, with a blank line before it.
fn heading(text: &mut String, title: &str, columns: usize) {
    text.push('\n');
    for line in wrap(title, columns) {
        let _ = writeln!(text, "{line}");
    }
    let width = title.chars().count().min(columns);
    let _ = writeln!(text, "{}", "-".repeat(width));
}

fn paragraphs(text: &mut String, sentences: &[String], columns: usize) {
    for line in wrap(&sentences.join(" "), columns) {
        let _ = writeln!(text, "{line}");
    }
}

/// The lines of a fact: its name, the equations below each other, and then the reason.
fn lines(fact: &Fact, columns: usize) -> String {
    let mut text = String::new();
    for (index, equation) in fact.equations.iter().enumerate() {
        let name = if index == 0 { fact.name() } else { String::new() };
        let first = format!("  {name:<width$}", width = INDENT - 2);
        // An operator begins a line, a result is never torn from its sign.
        let mut kept = equation.to_string();
        for sign in ["+", "-", "*", "/", "=", "≈"] {
            kept = kept.replace(&format!(" {sign} "), &format!(" {sign}\u{a0}"));
        }
        text.push_str(&hang(&first, &kept, columns));
    }
    text.push_str(&hang(&" ".repeat(INDENT + 2), &fact.because, columns));
    text
}

/// A table of what is counted, how, and why.
fn facts(text: &mut String, facts: &[Fact]) {
    let arithmetic = |equation: &Equation| format!("`{equation}`");
    let row = |fact: &Fact| {
        let equations: Vec<String> = fact.equations.iter().map(arithmetic).collect();
        vec![fact.name(), equations.join("<br>"), escaped(&fact.because)]
    };
    let rows: Vec<Vec<String>> = facts.iter().map(row).collect();
    text.push('\n');
    grid(
        text,
        &[("", Align::Left), ("arithmetic", Align::Left), ("why", Align::Left)],
        &rows,
    );
}

/// A table in GitHub's Markdown.
fn grid(text: &mut String, heads: &[(&str, Align)], rows: &[Vec<String>]) {
    let names: Vec<&str> = heads.iter().map(|(head, _)| *head).collect();
    let rules: Vec<&str> = heads
        .iter()
        .map(|(_, align)| if *align == Align::Left { "---" } else { "---:" })
        .collect();
    let _ = writeln!(text, "| {} |\n| {} |", names.join(" | "), rules.join(" | "));
    for row in rows {
        let _ = writeln!(text, "| {} |", row.join(" | "));
    }
}

/// The cells of a table as Markdown.
fn cells<const N: usize>(rows: &[[String; N]]) -> Vec<Vec<String>> {
    rows.iter()
        .map(|row| row.iter().map(|cell| escaped(cell)).collect())
        .collect()
}

/// A text in which nothing is taken for markup.
fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for letter in text.chars() {
        if matches!(
            letter,
            '\\' | '`' | '*' | '_' | '{' | '}' | '[' | ']' | '<' | '>' | '#' | '|' | '~' | '$'
        ) {
            safe.push('\\');
        }
        safe.push(letter);
    }
    safe
}
