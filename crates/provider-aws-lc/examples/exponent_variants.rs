//! Agrees in ffdhe2048 with a named private exponent, for a tool that counts instructions:
//!
//! ```text
//! cargo build --release -p cairn-provider-aws-lc --example exponent_variants
//! valgrind --tool=callgrind exponent_variants VARIANT
//! ```
//!
//! Every variant must take the same number of instructions, up to the few that its own name takes to be found.

use cairn_crypto::rand_core::{TryCryptoRng, TryRng};
use cairn_crypto::{CryptoError, FiniteFieldGroup};
use core::error::Error;

/// See `tests/groups/README.md`.
const GROUPS: &str = include_str!("../tests/groups/groups.txt");

/// What all bytes of the exponent are.
const VARIANTS: [(&str, u8); 5] =
    [("zeros", 0), ("ones", 0xff), ("evens", 0x55), ("nibbles", 0xf0), ("one-bit", 1)];

/// Gives one byte for ever.
struct Constant(u8);

impl TryRng for Constant {
    type Error = CryptoError;

    fn try_next_u32(&mut self) -> Result<u32, CryptoError> {
        Ok(u32::from_ne_bytes([self.0; 4]))
    }

    fn try_next_u64(&mut self) -> Result<u64, CryptoError> {
        Ok(u64::from_ne_bytes([self.0; 8]))
    }

    fn try_fill_bytes(&mut self, out: &mut [u8]) -> Result<(), CryptoError> {
        out.fill(self.0);
        Ok(())
    }
}

impl TryCryptoRng for Constant {}

fn main() -> Result<(), Box<dyn Error>> {
    let wanted = std::env::args().nth(1).ok_or("which variant?")?;
    let (_, byte) = VARIANTS.iter().find(|(name, _)| *name == wanted).ok_or("no such variant")?;
    let p = GROUPS.lines().next().and_then(|line| line.split(' ').nth(3)).ok_or("no group")?;
    let p = p.as_bytes().chunks(2).map(|pair| Ok(u8::from_str_radix(core::str::from_utf8(pair)?, 16)?));
    let p = p.collect::<Result<Vec<u8>, Box<dyn Error>>>()?;
    let provider = cairn_provider_aws_lc::provider();
    let field = provider.finite_field.ok_or("no finite fields")?;
    let group = FiniteFieldGroup { p: &p, g: &[2] };
    let answer = field.encapsulate(group, &[0xab; 250], &mut Constant(*byte))?;
    println!("{wanted}: {} bytes", answer.secret.len());
    Ok(())
}
