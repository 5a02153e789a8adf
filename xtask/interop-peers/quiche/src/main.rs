//! A peer of the suite http3: quiche with BoringSSL. See `../README.md` for the arguments.

#[path = "../../peer.rs"]
#[expect(dead_code, reason = "this peer has no requests and reports of HTTP/1.0")]
mod peer;

mod client;
mod link;
mod server;

use std::error::Error;

use link::Absent;

fn main() {
    let failure = |error: &(dyn Error + 'static)| if error.is::<Absent>() { "absent" } else { "failed" };
    peer::run([""; 0], server::listen, client::connect, failure);
}
