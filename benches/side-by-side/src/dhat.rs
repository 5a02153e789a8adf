//! Heap use, counted from outside by valgrind's dhat, which sees each call of `malloc` and similar functions,
//! from Rust and from C.

use serde_json::Value;
use std::{
    env, fs,
    ops::Add,
    path::PathBuf,
    process::{self, Command, Stdio},
};

/// A number of heap blocks, and the bytes in them.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Blocks {
    pub(crate) blocks: u64,
    pub(crate) bytes: u64,
}

impl Add for Blocks {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self { blocks: self.blocks + other.blocks, bytes: self.bytes + other.bytes }
    }
}

/// The allocations from one place in the code.
pub(crate) struct Place {
    /// The call stack, innermost function first.
    pub(crate) stack: Vec<String>,
    /// Total over the run.
    pub(crate) allocated: Blocks,
    /// Not freed at the end.
    pub(crate) left: Blocks,
}

/// Runs this program again, with these arguments, under dhat.
pub(crate) fn run(arguments: &[&str]) -> Result<Vec<Place>, String> {
    let program = env::current_exe().map_err(|e| format!("this program's name: {e}"))?;
    let name = format!("cairn-side-by-side.{}.{}.dhat", process::id(), arguments.join("."));
    let file: PathBuf = env::temp_dir().join(name);
    let output = Command::new("valgrind")
        // Deeper than any call stack here: the outermost function identifies the caller.
        .args(["--tool=dhat", "--quiet", "--num-callers=200"])
        .arg(format!("--dhat-out-file={}", file.display()))
        .arg(program)
        .args(arguments)
        .stdin(Stdio::null())
        .output()
        .map_err(|e| format!("valgrind could not be started: {e}"))?;
    let text = fs::read(&file);
    // If it cannot be removed, it stays in a temporary folder.
    let _left_there = fs::remove_file(&file);
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        return Err(format!("{arguments:?} ended with {} under valgrind: {}", output.status, said.trim()));
    }
    let text = text.map_err(|e| format!("{}: {e}", file.display()))?;
    let value: Value =
        serde_json::from_slice(&text).map_err(|e| format!("the output of dhat is not JSON: {e}"))?;
    places(&value).ok_or_else(|| "the output of dhat does not have format version 2".to_owned())
}

/// Reads the output of dhat: `ftbl` has the frames; `pps` has the places, each with the numbers of its frames
/// (`fs`), its total allocations (`tb`, `tbk`) and those that remain at the end (`eb`, `ebk`).
fn places(value: &Value) -> Option<Vec<Place>> {
    let frames = value.get("ftbl")?.as_array()?;
    let place = |place: &Value| {
        let number = |field: &str| place.get(field)?.as_u64();
        let mut stack = Vec::new();
        for frame in place.get("fs")?.as_array()? {
            stack.push(frames.get(usize::try_from(frame.as_u64()?).ok()?)?.as_str()?.to_owned());
        }
        Some(Place {
            stack,
            allocated: Blocks { blocks: number("tbk")?, bytes: number("tb")? },
            left: Blocks { blocks: number("ebk")?, bytes: number("eb")? },
        })
    };
    value.get("pps")?.as_array()?.iter().map(place).collect()
}
