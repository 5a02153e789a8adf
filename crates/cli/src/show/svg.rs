//! Draws ladders as a self-contained picture: no fonts, no scripts, readable on light and dark backgrounds.

use super::{
    count, escape,
    event::Kind,
    ladder::{Ladder, Rung},
};
use core::fmt::{self, Write};

/// The picture's width in its own units.
const WIDTH: u32 = 960;
/// The positions of the client's and the server's lines.
const LEFT: u32 = 110;
const RIGHT: u32 = WIDTH - 110;
/// Height of a rung.
const STEP: u32 = 38;
/// The height by which an arrow ends lower than it starts: time runs downwards.
const SLOPE: u32 = 7;
/// Space above the first rung of a ladder: title, parameters, and the names of both ends.
const HEAD: u32 = 112;
/// Space below the last rung.
const FOOT: u32 = 40;
/// Space for the legend.
const LEGEND: u32 = 44;

const STYLE: &str = "\
text{font-family:ui-sans-serif,system-ui,'Segoe UI',Helvetica,Arial,sans-serif;font-size:13px;fill:#1f2328}\
.paper{fill:#ffffff}\
.title{font-size:19px;font-weight:600}\
.name{font-weight:600}\
.who{font-size:14px;font-weight:600}\
.soft{fill:#59636e;font-size:12px}\
.rail{stroke:#8c959f;stroke-width:2}\
.line{stroke-width:2;fill:none}\
.handshake{stroke:#0969da}.head.handshake{fill:#0969da;stroke:none}\
.change{stroke:#bc4c00}.head.change{fill:#bc4c00;stroke:none}\
.protected{stroke:#1a7f37}.head.protected{fill:#1a7f37;stroke:none}\
.data{stroke:#8250df}.head.data{fill:#8250df;stroke:none}\
.alert{stroke:#59636e}.head.alert{fill:#59636e;stroke:none}\
@media (prefers-color-scheme:dark){\
text{fill:#e6edf3}.paper{fill:#0d1117}.soft{fill:#9198a1}.rail{stroke:#656c76}\
.handshake{stroke:#4493f8}.head.handshake{fill:#4493f8}\
.change{stroke:#f0883e}.head.change{fill:#f0883e}\
.protected{stroke:#3fb950}.head.protected{fill:#3fb950}\
.data{stroke:#ab7df8}.head.data{fill:#ab7df8}\
.alert{stroke:#9198a1}.head.alert{fill:#9198a1}}";

/// Draws ladders, one below the other.
pub(crate) fn draw(ladders: &[Ladder]) -> String {
    let mut svg = String::new();
    // Writing to a string cannot fail.
    let _always = write_all(&mut svg, ladders);
    svg
}

fn height(ladder: &Ladder) -> u32 {
    HEAD + STEP * u32::try_from(ladder.rungs.len()).unwrap_or_default() + FOOT
}

fn write_all(svg: &mut String, ladders: &[Ladder]) -> fmt::Result {
    let height_of_all: u32 = ladders.iter().map(height).sum::<u32>() + LEGEND;
    writeln!(
        svg,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height_of_all}\" width=\"{WIDTH}\" \
         height=\"{height_of_all}\" role=\"img\" aria-label=\"TLS handshakes, message by message\">"
    )?;
    writeln!(svg, "<style>{STYLE}</style>")?;
    writeln!(svg, r#"<rect class="paper" width="{WIDTH}" height="{height_of_all}"/>"#)?;
    let mut top = 0;
    for ladder in ladders {
        one(svg, ladder, top)?;
        top += height(ladder);
    }
    legend(svg, top + LEGEND / 2 - 6)?;
    writeln!(svg, "</svg>")
}

fn one(svg: &mut String, ladder: &Ladder, top: u32) -> fmt::Result {
    let middle = WIDTH / 2;
    let title = escape(&ladder.title);
    writeln!(
        svg,
        r#"<text class="title" x="{middle}" y="{}" text-anchor="middle">{title}</text>"#,
        top + 36
    )?;
    let wanted = ["version", "cipher suite", "group", "server signed"];
    let facts: Vec<&str> = wanted
        .iter()
        .filter_map(|wanted| ladder.rows.iter().find(|(label, _)| label == wanted))
        .map(|(_, value)| value.as_str())
        .collect();
    let trips = count(ladder.round_trips(), "round trip");
    let facts = escape(&format!("{} · data after {trips}", facts.join(" · ")));
    writeln!(svg, r#"<text class="soft" x="{middle}" y="{}" text-anchor="middle">{facts}</text>"#, top + 58)?;
    for (x, who) in [(LEFT, "client"), (RIGHT, "server")] {
        writeln!(svg, r#"<text class="who" x="{x}" y="{}" text-anchor="middle">{who}</text>"#, top + 86)?;
        let end = top + height(ladder) - FOOT + 10;
        writeln!(svg, r#"<line class="rail" x1="{x}" y1="{}" x2="{x}" y2="{end}"/>"#, top + 94)?;
    }
    for (x, anchor) in [(LEFT - 12, "end"), (RIGHT + 12, "start")] {
        writeln!(svg, r#"<text class="soft" x="{x}" y="{}" text-anchor="{anchor}">µs</text>"#, top + 100)?;
    }
    let mut y = top + HEAD + 16;
    for rung in &ladder.rungs {
        arrow(svg, rung, y)?;
        y += STEP;
    }
    Ok(())
}

fn class(rung: &Rung) -> &'static str {
    match rung.event.kind {
        Kind::Handshake if rung.event.protected => "protected",
        Kind::Handshake => "handshake",
        Kind::ChangeCipherSpec => "change",
        Kind::Alert => "alert",
        Kind::ApplicationData => "data",
    }
}

fn arrow(svg: &mut String, rung: &Rung, y: u32) -> fmt::Result {
    let event = &rung.event;
    let class = class(rung);
    // The arrow runs downwards from the sender to the receiver; its tip is two units before the line.
    let low = y + SLOPE;
    let (from, to, back) =
        if event.sent { (LEFT + 1, RIGHT - 2, RIGHT - 13) } else { (RIGHT - 1, LEFT + 2, LEFT + 13) };
    writeln!(svg, r#"<line class="line {class}" x1="{from}" y1="{y}" x2="{back}" y2="{low}"/>"#)?;
    writeln!(svg, r#"<path class="head {class}" d="M{to} {low}L{back} {}L{back} {}z"/>"#, low - 5, low + 5)?;
    // The name and description are at the sender's end, the size at the other.
    let (name_x, name_anchor, size_x, size_anchor) = if event.sent {
        (LEFT + 14, "start", RIGHT - 20, "end")
    } else {
        (RIGHT - 14, "end", LEFT + 20, "start")
    };
    let (name, gist) = (escape(&event.name), escape(&event.gist));
    let gist = if gist.is_empty() { gist } else { format!(r#"<tspan class="soft" dx="8">{gist}</tspan>"#) };
    writeln!(
        svg,
        "<text x=\"{name_x}\" y=\"{}\" text-anchor=\"{name_anchor}\"><tspan class=\"name\">{name}</tspan>\
         {gist}</text>",
        y - 6
    )?;
    let size = count(event.size, "byte");
    writeln!(
        svg,
        r#"<text class="soft" x="{size_x}" y="{}" text-anchor="{size_anchor}">{size}</text>"#,
        y - 4
    )?;
    let (client_y, server_y) = if event.sent { (y + 4, low + 4) } else { (low + 4, y + 4) };
    let (client_at, server_at) = (event.at, rung.server_at.unwrap_or(event.at));
    writeln!(
        svg,
        r#"<text class="soft" x="{}" y="{client_y}" text-anchor="end">{client_at}</text>"#,
        LEFT - 12
    )?;
    writeln!(svg, r#"<text class="soft" x="{}" y="{server_y}">{server_at}</text>"#, RIGHT + 12)
}

fn legend(svg: &mut String, y: u32) -> fmt::Result {
    let entries = [
        ("handshake", "handshake, in the clear"),
        ("change", "ChangeCipherSpec"),
        ("protected", "handshake, encrypted"),
        ("data", "application data, encrypted"),
        ("alert", "alert"),
    ];
    let mut x = 56;
    for (class, text) in entries {
        writeln!(svg, r#"<line class="line {class}" x1="{x}" y1="{y}" x2="{}" y2="{y}"/>"#, x + 24)?;
        writeln!(svg, r#"<text class="soft" x="{}" y="{}">{text}</text>"#, x + 32, y + 4)?;
        x += 64 + 6 * u32::try_from(text.len()).unwrap_or_default();
    }
    Ok(())
}
