//! Agrees in ffdhe2048 with a named private exponent, for a tool that counts instructions:
//!
//! ```text
//! cargo build --release -p cairn-provider-parts --features testing --example exponent_variants
//! valgrind --tool=callgrind exponent_variants VARIANT
//! ```
//!
//! Every variant must take the same number of instructions, up to the few that its own name takes to be found.

use cairn_crypto::{FiniteField, FiniteFieldGroup};
use cairn_provider_parts::finite_field::Dh;
use cairn_provider_parts::testing::Constant;
use core::error::Error;

/// See `tests/groups/README.md`.
const GROUPS: &str = include_str!("../tests/groups/groups.txt");

/// What all bytes of the exponent are.
const VARIANTS: [(&str, u8); 5] =
    [("zeros", 0), ("ones", 0xff), ("evens", 0x55), ("nibbles", 0xf0), ("one-bit", 1)];

fn main() -> Result<(), Box<dyn Error>> {
    let wanted = std::env::args().nth(1).ok_or("which variant?")?;
    let (_, byte) = VARIANTS.iter().find(|(name, _)| *name == wanted).ok_or("no such variant")?;
    let p = GROUPS.lines().next().and_then(|line| line.split(' ').nth(3)).ok_or("no group")?;
    let p = p.as_bytes().chunks(2).map(|pair| Ok(u8::from_str_radix(core::str::from_utf8(pair)?, 16)?));
    let p = p.collect::<Result<Vec<u8>, Box<dyn Error>>>()?;
    let group = FiniteFieldGroup { p: &p, g: &[2] };
    let answer = Dh.encapsulate(group, &[0xab; 250], &mut Constant(*byte))?;
    println!("{wanted}: {} bytes", answer.secret.len());
    Ok(())
}
