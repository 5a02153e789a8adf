//! Heaps, counted from outside by valgrind's dhat, which sees each call of `malloc` and its like: of Rust and of C.

use serde_json::Value;
use std::{
    env, fs,
    ops::Add,
    path::PathBuf,
    process::{self, Command, Stdio},
};

/// Blocks of the heap, and the bytes in them.
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

/// What the program allocated from one place in the code.
pub(crate) struct Place {
    /// Functions, innermost first.
    pub(crate) stack: Vec<String>,
    /// From beginning to end.
    pub(crate) allocated: Blocks,
    /// Not given back at the end.
    pub(crate) left: Blocks,
}

/// Runs this program again, with these arguments, under dhat.
pub(crate) fn run(arguments: &[&str]) -> Result<Vec<Place>, String> {
    let program = env::current_exe().map_err(|e| format!("this program's name: {e}"))?;
    let name = format!("cairn-side-by-side.{}.{}.dhat", process::id(), arguments.join("."));
    let file: PathBuf = env::temp_dir().join(name);
    let output = Command::new("valgrind")
        // As deep as any call here: the outermost function says whose it was.
        .args(["--tool=dhat", "--quiet", "--num-callers=200"])
        .arg(format!("--dhat-out-file={}", file.display()))
        .arg(program)
        .args(arguments)
        .stdin(Stdio::null())
        .output()
        .map_err(|e| format!("valgrind could not be started: {e}"))?;
    let text = fs::read(&file);
    // What cannot be removed lies in a folder for such things.
    let _left_there = fs::remove_file(&file);
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        return Err(format!("{arguments:?} ended with {} under valgrind: {}", output.status, said.trim()));
    }
    let text = text.map_err(|e| format!("{}: {e}", file.display()))?;
    let value: Value =
        serde_json::from_slice(&text).map_err(|e| format!("what dhat wrote is no JSON: {e}"))?;
    places(&value).ok_or_else(|| "what dhat wrote has another form than that of version 2".to_owned())
}

/// Reads a file of dhat's: `ftbl` has the frames, `pps` the places, each with its frames (`fs`) as numbers, with what
/// was allocated in all (`tb`, `tbk`) and what was there at the end (`eb`, `ebk`).
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
