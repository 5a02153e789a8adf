//! The servers: their configurations, and the expected reports.

mod cairn;
mod gnutls;
mod java_and_go;
mod nginx;
mod openssl;
pub(super) mod server;

use server::Server;

/// All servers, in the order of the table.
pub(super) fn all() -> Vec<Server> {
    let mut all = openssl::all();
    all.extend(gnutls::all());
    all.extend(nginx::all());
    all.extend(java_and_go::all());
    all.extend(cairn::all());
    all
}
