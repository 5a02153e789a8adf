//! Parser for the output of callgrind: instructions per function.

use alloc::collections::BTreeMap;

/// The cost of one line of a function, without the functions that it calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Cost<'t> {
    /// The object file of the program or library.
    pub(crate) object: &'t str,
    pub(crate) function: &'t str,
    pub(crate) instructions: u64,
}

impl Cost<'_> {
    /// Returns `true` for the C library.
    pub(crate) fn is_of_libc(&self) -> bool {
        self.object.contains("/libc.so") || self.object.contains("/libc-")
    }
}

/// Reads a callgrind file that counts only instructions: each line has a position and a count.
///
/// # Errors
///
/// If the file is malformed.
pub(crate) fn each_cost<'t>(text: &'t str, mut each: impl FnMut(Cost<'t>)) -> Result<(), String> {
    let (mut objects, mut functions) = (BTreeMap::new(), BTreeMap::new());
    let (mut object, mut function) = ("", "");
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        // A called function and its object may be named here for the first time.
        if let Some(named) = line.strip_prefix("ob=") {
            object = name(&mut objects, named)?;
        } else if let Some(named) = line.strip_prefix("cob=") {
            name(&mut objects, named)?;
        } else if let Some(named) = line.strip_prefix("fn=") {
            function = name(&mut functions, named)?;
        } else if let Some(named) = line.strip_prefix("cfn=") {
            name(&mut functions, named)?;
        } else if line.starts_with("calls=") {
            // The next line is the cost of the called function, which is counted where that function is
            // listed.
            lines.next();
        } else if line.starts_with(|first: char| first.is_ascii_digit() || "+-*".contains(first)) {
            let count = line.split_once(' ').ok_or("a line of the counts file has no count")?.1;
            let instructions = count.trim().parse().map_err(|e| format!("a count is not a number: {e}"))?;
            each(Cost { object, function, instructions });
        }
    }
    Ok(())
}

/// `(number) name` on the first occurrence of a name, and `(number)` afterwards.
fn name<'t>(names: &mut BTreeMap<&'t str, &'t str>, named: &'t str) -> Result<&'t str, String> {
    if let Some((number, name)) = named.split_once(' ') {
        names.insert(number, name);
        return Ok(name);
    }
    names.get(named).copied().ok_or_else(|| format!("{named} has no name in the counts file"))
}

#[cfg(test)]
mod tests {
    use super::{Cost, each_cost};

    #[test]
    fn cost_of_a_called_function_is_its_own() {
        let file = "\
events: Ir
ob=(1) /house/x
fl=(1) /house/x.rs
fn=(1) ours::open
17 100
cob=(2) /usr/lib/libc.so.6
cfn=(2) malloc
calls=1 8
+1 4000
+2 11
ob=(2)
fn=(2)
3 4000
";
        let mut costs = Vec::new();
        assert_eq!(each_cost(file, |cost| costs.push(cost)), Ok(()));
        let cost = |object, function, instructions| Cost { object, function, instructions };
        assert_eq!(
            costs,
            [
                cost("/house/x", "ours::open", 100),
                cost("/house/x", "ours::open", 11),
                cost("/usr/lib/libc.so.6", "malloc", 4000)
            ]
        );
        assert_eq!(costs.iter().map(Cost::is_of_libc).collect::<Vec<_>>(), [false, false, true]);
        assert!(each_cost("fn=(7)\n3 1\n", |_| ()).is_err());
        assert!(each_cost("fn=(7) a\n3\n", |_| ()).is_err());
    }
}
