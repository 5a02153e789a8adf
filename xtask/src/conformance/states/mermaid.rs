//! Parses the diagrams of `docs/states.md`.

/// One diagram: a graph of states.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Diagram {
    /// Its heading.
    pub(super) title: String,
    /// The states in the order of their appearance, the start state first.
    pub(super) states: Vec<String>,
    pub(super) arrows: Vec<Arrow>,
}

/// Inputs and the states to which they lead.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Arrow {
    /// The index of the state.
    pub(super) from: usize,
    pub(super) input: String,
    /// The index of the state.
    pub(super) to: usize,
}

impl Diagram {
    fn state(&mut self, name: &str) -> usize {
        if let Some(place) = self.states.iter().position(|state| state == name) {
            return place;
        }
        self.states.push(name.to_owned());
        self.states.len() - 1
    }

    /// Parses a line of the form `from --> to: input`, or `[*] --> start` as the first one.
    fn line(&mut self, line: &str) -> Option<()> {
        let (from, rest) = line.split_once(" --> ")?;
        match (from, rest.split_once(": ")) {
            ("[*]", None) if self.states.is_empty() => {
                self.state(rest);
            }
            ("[*]", _) => return None,
            (from, Some((to, input))) if !self.states.is_empty() => {
                let (from, to) = (self.state(from), self.state(to));
                self.arrows.push(Arrow { from, input: input.to_owned(), to });
            }
            _ => return None,
        }
        Some(())
    }
}

/// All diagrams of a page.
///
/// # Errors
///
/// If a line does not belong to a diagram, or there is no diagram.
pub(super) fn read(page: &str) -> Result<Vec<Diagram>, String> {
    let (mut diagrams, mut title) = (Vec::new(), "");
    let mut lines = page.lines();
    while let Some(line) = lines.next() {
        if let Some(heading) = line.strip_prefix("## ") {
            title = heading;
        }
        if line != "```mermaid" {
            continue;
        }
        let mut diagram = Diagram { title: title.to_owned(), states: Vec::new(), arrows: Vec::new() };
        for line in lines.by_ref().map(str::trim).take_while(|line| *line != "```") {
            if line != "stateDiagram-v2" {
                diagram.line(line).ok_or_else(|| format!("{title}: not an arrow: {line}"))?;
            }
        }
        diagrams.push(diagram);
    }
    if diagrams.iter().any(|diagram| !diagram.arrows.is_empty()) {
        Ok(diagrams)
    } else {
        Err("there is no diagram".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn diagrams_of_a_page_are_parsed() {
        let page =
            "# x\n## a\ntext --> text\n```mermaid\nstateDiagram-v2\n    [*] --> S\n    T --> S: I\n```\n";
        let arrow = Arrow { from: 1, input: "I".to_owned(), to: 0 };
        let diagram = Diagram {
            title: "a".to_owned(),
            states: ["S", "T"].map(str::to_owned).into(),
            arrows: vec![arrow],
        };
        assert_eq!(read(page).unwrap(), [diagram]);
    }

    #[test]
    fn malformed_lines_are_errors() {
        for line in ["S --> T", "note right of S", "[*] --> S: I", "[*] --> T"] {
            let page = format!("## a\n```mermaid\n[*] --> S\n{line}\n```\n");
            assert_eq!(read(&page).unwrap_err(), format!("a: not an arrow: {line}"));
        }
        assert!(read("## a\n").is_err());
        assert!(read("```mermaid\nS --> T: I\n```\n").is_err(), "the start state is missing");
    }
}
