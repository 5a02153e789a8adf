//! Draws a diagram after its layout.

use core::fmt::Write as _;

use super::layout::{INPUT_HEIGHT, Layout, NAME_HEIGHT, Shape, Way};
use super::mermaid::Diagram;
use crate::conformance::pictures::{escape, length};

const STYLE: &str = "\
svg.states { background: #fff; color-scheme: light dark; }
svg.states text { font: 11px ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, monospace; fill: #1c2330; }
svg.states .name { font-size: 13px; font-weight: 600; }
svg.states .box { stroke-width: 1.5; fill: #f2f4f8; stroke: #8390a5; }
svg.states .peer .box { fill: #e6effd; stroke: #4a78c8; }
svg.states .question .box { fill: #fff1d6; stroke: #bd8526; }
svg.states .rest .box { fill: #e2f4e7; stroke: #3d8b57; }
svg.states .elsewhere .box { stroke-dasharray: 5 4; }
svg.states .input { fill: #fff; stroke: #9aa4b5; }
svg.states .arrow { fill: none; stroke: #8390a5; stroke-width: 1.4; }
svg.states .wide { fill: none; stroke: transparent; stroke-width: 11; }
svg.states .head, svg.states .start { fill: #66738a; }
svg.states .way:hover .arrow, svg.states .state:hover > .way .arrow { stroke: #d1236b; stroke-width: 2.6; }
svg.states .way:hover .head, svg.states .state:hover > .way .head { fill: #d1236b; }
@media (prefers-color-scheme: dark) {
svg.states { background: #12161d; }
svg.states .box { fill: #232a35; stroke: #77849a; }
svg.states text { fill: #e4e8ef; }
svg.states .peer .box { fill: #1b2a45; stroke: #6f9ae6; }
svg.states .question .box { fill: #3a2d14; stroke: #d9a94e; }
svg.states .rest .box { fill: #163020; stroke: #63b37d; }
svg.states .input { fill: #12161d; stroke: #5b6678; }
svg.states .arrow { stroke: #77849a; }
svg.states .head, svg.states .start { fill: #9aa7bc; }
svg.states .way:hover .arrow, svg.states .state:hover > .way .arrow { stroke: #ff6ea8; }
svg.states .way:hover .head, svg.states .state:hover > .way .head { fill: #ff6ea8; }
}
";

const LEGEND: [(&str, &str); 4] = [
    ("peer", "waits for the peer"),
    ("question", "asks, and waits for the answer"),
    ("rest", "no handshake is under way"),
    ("elsewhere", "goes on in another diagram"),
];
const LEGEND_LINE: f64 = 24.0;

/// The diagram as an SVG file.
pub(super) fn svg(diagram: &Diagram) -> String {
    let layout = Layout::of(diagram);
    let title = escape(&diagram.title);
    let width = layout.width.max(420.0);
    let height = layout.height + length(LEGEND.len() + 1) * LEGEND_LINE + 12.0;
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"states\" role=\"img\" width=\"{width:.0}\" \
         height=\"{height:.0}\" viewBox=\"0 0 {width:.0} {height:.0}\">\n<title>{title}</title>\n<style>\n\
         {STYLE}</style>\n"
    );
    if let Some(start) = layout.shapes.first() {
        let (x, y) = (start.left + start.width / 2.0, start.top);
        // Writing to a String cannot fail, here and below.
        let _ = writeln!(
            out,
            "<circle class=\"start\" cx=\"{x:.1}\" cy=\"{:.1}\" r=\"6\"/>\
             <path class=\"arrow\" d=\"M{x:.1},{:.1}V{y:.1}\"/>{}",
            y - 36.0,
            y - 30.0,
            head((x, y), false)
        );
    }
    for (state, shape) in layout.shapes.iter().enumerate() {
        let from_here = layout.ways.iter().filter(|way| way.from == state);
        let leaves = from_here.clone().count() > 0;
        let class = kind(&shape.name);
        let _ = writeln!(out, "<g class=\"state {class}{}\">", if leaves { "" } else { " elsewhere" });
        for way in from_here {
            draw_way(&mut out, way, &layout.shapes);
        }
        draw_shape(&mut out, shape);
        out += "</g>\n";
    }
    draw_legend(&mut out, layout.height);
    out += "</svg>\n";
    out
}

fn draw_way(out: &mut String, way: &Way, shapes: &[Shape]) {
    let name = |state: usize| shapes.get(state).map_or_else(String::new, |shape| escape(&shape.name));
    let path = &way.path;
    let _ = writeln!(
        out,
        "<g class=\"way\"><title>{} → {}: {}</title><path class=\"wide\" d=\"{path}\"/>\
         <path class=\"arrow\" d=\"{path}\"/>{}</g>",
        name(way.from),
        name(way.to),
        escape(&way.input),
        head(way.end, way.up)
    );
}

/// The head of an arrow, which always points straight down or up.
fn head((x, y): (f64, f64), up: bool) -> String {
    let back = if up { 8.0 } else { -8.0 };
    format!("<path class=\"head\" d=\"M{x:.1},{y:.1}l-4.2,{back}h8.4z\"/>")
}

fn draw_shape(out: &mut String, shape: &Shape) {
    let Shape { name, left, top, width, height, inputs } = shape;
    let _ = writeln!(
        out,
        "<rect class=\"box\" x=\"{left:.1}\" y=\"{top:.1}\" width=\"{width:.1}\" height=\"{height:.1}\" \
         rx=\"7\"/><text class=\"name\" x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{}</text>",
        left + width / 2.0,
        top + NAME_HEIGHT / 2.0 + 6.0,
        escape(name)
    );
    for input in inputs {
        let y = top + height - INPUT_HEIGHT - 5.0;
        let _ = writeln!(
            out,
            "<rect class=\"input\" x=\"{:.1}\" y=\"{y:.1}\" width=\"{:.1}\" height=\"{INPUT_HEIGHT}\" \
             rx=\"10\"/><text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{}</text>",
            input.left,
            input.width,
            input.left + input.width / 2.0,
            y + INPUT_HEIGHT / 2.0 + 4.0,
            escape(&input.name)
        );
    }
}

fn draw_legend(out: &mut String, top: f64) {
    for (number, (class, text)) in LEGEND.into_iter().enumerate() {
        let y = top + length(number) * LEGEND_LINE;
        let _ = writeln!(
            out,
            "<g class=\"{class}\"><rect class=\"box\" x=\"24\" y=\"{y:.1}\" width=\"34\" height=\"16\" \
             rx=\"5\"/></g><text x=\"68\" y=\"{:.1}\">{text}</text>",
            y + 12.0
        );
    }
    let y = top + length(LEGEND.len()) * LEGEND_LINE;
    let _ = writeln!(
        out,
        "<rect class=\"input\" x=\"24\" y=\"{y:.1}\" width=\"34\" height=\"16\" rx=\"8\"/>\
         <text x=\"68\" y=\"{:.1}\">an input; its arrows lead to the next states</text>",
        y + 12.0
    );
}

/// The class of a state, derived from its name.
fn kind(name: &str) -> &'static str {
    let second = name.char_indices().skip(1).find(|(_, letter)| letter.is_uppercase());
    let first = second.and_then(|(place, _)| name.get(..place)).unwrap_or(name);
    match first {
        "Await" => "peer",
        _ if first.ends_with("ing") => "question",
        _ => "rest",
    }
}

#[cfg(test)]
mod tests {
    use super::super::mermaid;
    use super::*;

    #[test]
    fn picture_has_every_arrow_and_escaped_names() {
        let page =
            "## a & b\n```mermaid\n[*] --> A<\n    A< --> B: x\n    A< --> B: y\n    B --> A<: z\n```\n";
        let svg = svg(&mermaid::read(page).unwrap()[0]);
        assert!(svg.contains("<title>a &amp; b</title>"));
        for arrow in ["A&lt; → B: x", "A&lt; → B: y", "B → A&lt;: z"] {
            assert_eq!(
                svg.matches(&format!("<g class=\"way\"><title>{arrow}</title>")).count(),
                1,
                "{arrow}"
            );
        }
        assert_eq!(svg.matches("class=\"way\"").count(), 3);
        assert!(!svg.contains("A<"));
        assert!(!svg.contains(" elsewhere\">\n"), "both lead on in this one");
    }

    #[test]
    fn state_without_arrows_continues_in_another_diagram() {
        let svg = svg(&mermaid::read("```mermaid\n[*] --> A\nA --> B: x\n```\n").unwrap()[0]);
        assert_eq!(svg.matches("<g class=\"state rest elsewhere\">").count(), 1);
    }

    #[test]
    fn class_of_a_state_follows_from_its_name() {
        assert_eq!(kind("AwaitFinished"), "peer");
        assert_eq!((kind("Signing"), kind("FindingPsk")), ("question", "question"));
        assert_eq!((kind("Established"), kind("")), ("rest", "rest"));
    }

    #[test]
    fn picture_is_self_contained_and_styles_only_itself() {
        let svg = svg(&mermaid::read("```mermaid\n[*] --> A\nA --> A: x\n```\n").unwrap()[0]);
        assert!(!svg.contains("href") && !svg.contains("url(") && !svg.contains(" id="));
        for rule in STYLE.lines().filter(|line| line.ends_with("; }")) {
            assert!(rule.starts_with("svg.states"), "{rule}");
        }
    }
}
