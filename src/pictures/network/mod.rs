//! Draws a network's architecture as papers draw LeNet: feature maps as stacks of sheets, vectors as bars, the windows that slide
//! over maps, and what each layer costs.

mod glyph;
mod placing;

use super::drawing::{Drawing, Font, Paint, Stroke};
use super::panel::{self, HEADING, MARGIN};
use super::text::{Weight, width};
use compiler::layers::Layer;
use compiler::network::{CheckedNetwork, Node, NodeId};
use compiler::numbers::thousands;
use compiler::shape::Shape;
use compiler::variable::Variable;
use glyph::{Glyph, GlyphKind, Scales};
use placing::{Placing, place};

/// The size of the letters of layers' labels, in px.
const LABEL: f64 = 11.0;

/// The height of a line of labels, in px.
const LINE: f64 = 14.5;

/// The distance in px between neighbours with their labels.
const GAP: f64 = 22.0;

/// The least distance in px between two columns, for what is drawn between their glyphs.
const BETWEEN: f64 = 46.0;

/// The height in px of a lane that only a line passes through.
const EMPTY_LANE: f64 = 34.0;

/// A layer with its glyph and its labels.
struct Station<'a> {
    node: &'a Node,
    glyph: Glyph,
    /// The labels: its name, the shape of its output, what it does, its parameters.
    lines: Vec<String>,
}

impl Station<'_> {
    fn label_width(&self) -> f64 {
        let widths = self.lines.iter().enumerate().map(|(index, line)| {
            let weight = if index == 0 { Weight::Bold } else { Weight::Regular };
            width(line, LABEL, weight)
        });
        widths.fold(0.0, f64::max)
    }

    fn labels_height(&self) -> f64 {
        self.lines.len() as f64 * LINE + 6.0
    }
}

/// The drawing of a network's layers with their shapes, and of the connections between them.
pub fn network(title: Option<&str>, line: &str, network: &CheckedNetwork) -> Drawing {
    let scales = Scales::of(network);
    let boxes: Vec<Station<'_>> = network
        .nodes()
        .map(|(_, node, shape, variables)| Station {
            node,
            glyph: Glyph::of(&node.layer, shape, &scales),
            lines: lines(&node.name, &node.layer, shape, variables),
        })
        .collect();
    let inputs: Vec<Vec<usize>> = boxes
        .iter()
        .map(|one| one.node.inputs.iter().map(|NodeId(id)| *id).collect())
        .collect();
    let placing = place(&inputs, network.network().output.0);
    let heading = if title.is_some() { HEADING } else { 0.0 };
    let layout = Layout::of(&boxes, &placing, MARGIN + heading);
    let wide = title.map_or(layout.width, |title| {
        layout.width.max(panel::heading_width(title, line, 900.0))
    });
    let named = title.unwrap_or(&network.network().name);
    let mut drawing = Drawing::new(wide, layout.height, named, line);
    if let Some(title) = title {
        panel::heading(&mut drawing, title, line);
    }
    for edge in &placing.edges {
        if let (Some(from), Some(to)) = (boxes.get(edge.from), boxes.get(edge.to)) {
            if let Some(&through) = edge.lane.and_then(|lane| layout.lanes.get(lane)) {
                pass(&mut drawing, [from, to], through, &layout, &placing, *edge);
            } else {
                let ends = [layout.centre(&placing, edge.from), layout.centre(&placing, edge.to)];
                join(&mut drawing, from, to, ends);
            }
        }
    }
    for (index, one) in boxes.iter().enumerate() {
        let (x, y) = layout.centre(&placing, index);
        one.glyph.draw(&mut drawing, x, y);
        let top = y + layout.reach(&placing, index) + 16.0;
        for (number, line) in one.lines.iter().enumerate() {
            let font = Font::new(LABEL).middle();
            let font = if number == 0 { font.bold() } else { font };
            let font = if number > 1 { font.soft() } else { font };
            drawing.text(x, top + number as f64 * LINE, line, font);
        }
    }
    // The windows last: they lie upon the sheets.
    for (index, one) in boxes.iter().enumerate() {
        if let [input] = *inputs[index].as_slice()
            && let (Some(window), Some(from)) = (one.node.layer.window(), boxes.get(input))
            && placing.adjacent(input, index)
        {
            let ends = [layout.centre(&placing, input), layout.centre(&placing, index)];
            glyph::window(&mut drawing, &from.glyph, &one.glyph, ends, window.size);
        }
    }
    drawing
}

/// The lines of text below a layer.
fn lines(name: &str, layer: &Layer, shape: &Shape, variables: &[Variable]) -> Vec<String> {
    let sizes: Vec<String> = shape.sizes().iter().map(|size| thousands(*size)).collect();
    let mut lines = vec![name.to_owned(), sizes.join("\u{d7}")];
    let does = layer.does();
    if !does.is_empty() {
        lines.push(does.join(", "));
    }
    let parameters: usize = variables.iter().map(Variable::count).sum();
    if parameters > 0 {
        lines.push(format!("{} parameters", thousands(parameters)));
    }
    lines
}

/// The positions of columns and lanes, in px.
struct Layout {
    /// The x of the middle of each column, and half its width with labels.
    columns: Vec<(f64, f64)>,
    /// The y of the middle of the glyphs in each lane.
    lanes: Vec<f64>,
    /// Half the height of the highest glyph in each lane.
    reaches: Vec<f64>,
    width: f64,
    height: f64,
}

impl Layout {
    fn of(boxes: &[Station<'_>], placing: &Placing, top: f64) -> Self {
        let in_column = |column: usize| {
            let both = boxes.iter().zip(&placing.places);
            both.filter(move |(_, place)| place.column == column)
                .map(|(one, _)| one)
        };
        let most = |values: &mut dyn Iterator<Item = f64>| values.fold(0.0, f64::max);
        let (mut columns, mut x, mut before) = (Vec::new(), MARGIN, None::<(f64, f64)>);
        for column in 0..placing.columns() {
            let glyph = most(&mut in_column(column).map(|one| one.glyph.width()));
            let label = most(&mut in_column(column).map(Station::label_width));
            let half = glyph.max(label) / 2.0;
            x = match before {
                None => x + half,
                Some((glyph_before, half_before)) => {
                    let glyphs = f64::midpoint(glyph_before, glyph) + BETWEEN;
                    x + glyphs.max(half_before + half + GAP)
                }
            };
            columns.push((x, half));
            before = Some((glyph, half));
        }
        let last = before.map_or(0.0, |(_, half)| half);
        let (mut lanes, mut reaches, mut y) = (Vec::new(), Vec::new(), top);
        for lane in 0..placing.lanes {
            let both = || {
                let both = boxes.iter().zip(&placing.places);
                both.filter(move |(_, place)| place.lane == lane).map(|(one, _)| one)
            };
            let reach = most(&mut both().map(|one| one.glyph.height() / 2.0));
            let labels = most(&mut both().map(Station::labels_height));
            if both().next().is_none() {
                lanes.push(y + EMPTY_LANE / 2.0);
                y += EMPTY_LANE;
            } else {
                lanes.push(y + reach + 6.0);
                y += 2.0 * reach + 6.0 + labels + 18.0;
            }
            reaches.push(reach);
        }
        Self {
            columns,
            lanes,
            reaches,
            width: x + last + MARGIN,
            height: y + MARGIN / 2.0,
        }
    }

    /// The x in the middle between a column and the next, free of glyphs and labels.
    fn between(&self, left: usize) -> f64 {
        match (self.columns.get(left), self.columns.get(left + 1)) {
            (Some((a, half_a)), Some((b, half_b))) => f64::midpoint(a + half_a, b - half_b),
            _ => 0.0,
        }
    }

    fn centre(&self, placing: &Placing, index: usize) -> (f64, f64) {
        let place = placing.places.get(index).copied().unwrap_or_default();
        let x = self.columns.get(place.column).map_or(0.0, |(x, _)| *x);
        (x, self.lanes.get(place.lane).copied().unwrap_or(0.0))
    }

    /// The distance from the centre of a node to its labels, which is the same all along a lane.
    fn reach(&self, placing: &Placing, index: usize) -> f64 {
        let lane = placing.places.get(index).map_or(0, |place| place.lane);
        self.reaches.get(lane).copied().unwrap_or(0.0)
    }
}

/// The stroke of an arrow.
const WAY: Stroke = Stroke::new(Paint::Ink(0.55), 1.3);

/// The x at which connections leave a glyph whose middle is at `x`.
fn leave(x: f64, glyph: &Glyph) -> f64 {
    x + glyph.width() / 2.0 + 3.0
}

fn reach(x: f64, glyph: &Glyph) -> f64 {
    x - glyph.width() / 2.0 - 3.0
}

/// Draws the connection from one column to the next: a cone between whole glyphs where everything is connected with everything,
/// nothing where the lines of a window lead there, else an arrow.
fn join(drawing: &mut Drawing, from: &Station<'_>, to: &Station<'_>, [(x1, y1), (x2, y2)]: [(f64, f64); 2]) {
    let (start, end) = (leave(x1, &from.glyph), reach(x2, &to.glyph));
    let level = (y1 - y2).abs() < 1.0;
    let whole = matches!(to.glyph.kind, GlyphKind::Bar { .. }) && !matches!(from.glyph.kind, GlyphKind::Chip { .. });
    if level && whole {
        let (left, right) = (from.glyph.height() / 2.0, to.glyph.height() / 2.0);
        let corners = [
            (start, y1 - left),
            (end, y2 - right),
            (end, y2 + right),
            (start, y1 + left),
        ];
        drawing.polygon(&corners, Paint::Ink(0.07), Stroke::NONE);
        return;
    }
    if level && from.glyph.is_map() && to.node.layer.window().is_some() {
        return;
    }
    let middle = f64::midpoint(start, end);
    if level {
        drawing.line((start, y1), (end, y2), WAY);
    } else {
        drawing.polyline(&[(start, y1), (middle, y1), (middle, y2), (end, y2)], WAY);
    }
    arrow(drawing, (end, y2));
}

/// Draws a connection that passes other layers: it leaves beside the first glyph, runs along the free lane `through`, and arrives
/// beside the last one.
fn pass(
    drawing: &mut Drawing,
    [from, to]: [&Station<'_>; 2],
    through: f64,
    layout: &Layout,
    placing: &Placing,
    edge: placing::Edge,
) {
    let ((x1, y1), (x2, y2)) = (layout.centre(placing, edge.from), layout.centre(placing, edge.to));
    let (start, end) = (leave(x1, &from.glyph), reach(x2, &to.glyph));
    let column = |index: usize| placing.places.get(index).map_or(0, |place| place.column);
    let (out, back) = (
        layout.between(column(edge.from)),
        layout.between(column(edge.to).saturating_sub(1)),
    );
    let way = [
        (start, y1),
        (out, y1),
        (out, through),
        (back, through),
        (back, y2),
        (end, y2),
    ];
    drawing.polyline(&way, WAY);
    arrow(drawing, (end, y2));
}

fn arrow(drawing: &mut Drawing, (x, y): (f64, f64)) {
    drawing.polygon(
        &[(x + 2.0, y), (x - 6.0, y - 3.6), (x - 6.0, y + 3.6)],
        Paint::Ink(0.7),
        Stroke::NONE,
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(text: &str) -> String {
        let source = grammar::decode("test.cnn", text.as_bytes()).unwrap();
        let tree = grammar::parse(&source).unwrap();
        let (checked, _) = compiler::check::check_file(&tree).unwrap();
        network(Some(&checked.network().name), "a test", &checked).svg()
    }

    #[test]
    fn a_chain() {
        insta::assert_snapshot!(drawn(
            "model tiny {\n    Input(shape=(12, 12, 1))\n    Conv2D(3, 5, activation=\"relu\")\n    MaxPooling2D()\n    \
             Flatten()\n    Dense(4)\n}\n"
        ));
    }

    #[test]
    fn branches() {
        insta::assert_snapshot!(drawn(
            "model forked {\n    Input(shape=(8, 8, 3))\n    entry = Conv2D(8, 3, padding=\"same\", activation=\"relu\")\n    \
             left = Conv2D(8, 3, padding=\"same\")(entry)\n    right = Conv2D(8, 1)(entry)\n    Add()([left, right, entry])\n    \
             ReLU()\n    GlobalAveragePooling2D()\n    Dense(4)\n}\n"
        ));
    }
}
