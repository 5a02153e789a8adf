//! Common parts of the tests.

mod alerts;
mod cairn;
mod folder;
pub(crate) mod odd;
mod pki;
mod process;
#[cfg(all(unix, feature = "proxy"))]
mod proxy;
mod script;
mod suites;

pub(crate) use alerts::{RawServer, alert_in, read_all, speak};
pub(crate) use cairn::{Serve, cairn, free_port};
pub(crate) use folder::Folder;
pub(crate) use pki::{Files, KINDS, Kind, Pki};
pub(crate) use process::{Finished, Peer, installed, installed_with, retry, run, run_with_input};
#[cfg(all(unix, feature = "proxy"))]
pub(crate) use proxy::{Echo, Proxy};
pub(crate) use script::Script;
pub(crate) use suites::{GROUPS, SUITES, for_every_combination};

/// The time limit of every wait, far longer than needed even on a busy machine.
pub(crate) const PATIENCE: core::time::Duration = core::time::Duration::from_secs(60);
