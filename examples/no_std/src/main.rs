//! Runs the handshake on a host and prints its memory use in bytes.

extern crate alloc;

use alloc::sync::Arc;
use cairn_crypto::Shared;
use cairn_no_std_example::{Configs, INPUT, Pair};
use getrandom::SysRng;
use peak_alloc::PeakAlloc;

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

/// 2024-01-01.
const NOW: u64 = 1_704_067_200;

fn main() -> Result<(), String> {
    let before = MEMORY.current_usage();
    let configs = Configs::new(Arc::new(Shared(SysRng)), NOW)?;
    let configured = MEMORY.current_usage();
    println!("both configurations, with certificate, key and trust anchor: {} bytes", configured - before);

    MEMORY.reset_peak_usage();
    let mut pair = Pair::shake_hands(&configs)?;
    let buffers = 4 * INPUT;
    println!("handshake: {}", pair.suite()?);
    println!("both ends, peak during the handshake: {} bytes", MEMORY.peak_usage() - configured);
    println!("both ends, after the handshake: {} bytes", MEMORY.current_usage() - configured);
    println!("of which the four buffers of {INPUT} bytes are: {buffers} bytes");

    pair.client.write(b"hello")?;
    pair.server.write(b"and welcome")?;
    pair.run()?;
    assert_eq!((&pair.server.data[..], &pair.client.data[..]), (&b"hello"[..], &b"and welcome"[..]));
    println!("exchanged a message in each direction");
    Ok(())
}
