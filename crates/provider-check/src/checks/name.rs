//! The names of the checks in the report.

pub(super) const KNOWN: &str = "known answers";
pub(super) const LENGTHS: &str = "lengths";
pub(super) const TAMPERING: &str = "tampering";
pub(super) const TWO_BUFFERS: &str = "two buffers";
pub(super) const SUFFIX: &str = "suffix";
pub(super) const INVALID: &str = "invalid values";
pub(super) const REPETITION: &str = "repetition";
pub(super) const PARTS: &str = "parts and forks";
pub(super) const COMPRESSION: &str = "compression function";
pub(super) const PRF: &str = "TLS PRF";
pub(super) const OWN_PRF: &str = "TLS PRF of the module";
pub(super) const TWO_SIDES: &str = "two sides";
pub(super) const ASSOCIATED: &str = "associated data";
pub(super) const REJECTION: &str = "implicit rejection";
pub(super) const ENCODINGS: &str = "encodings";
pub(super) const SIGNING: &str = "signing";
pub(super) const GENERATION: &str = "key generation";
pub(super) const TABLE: &str = "unique entries";
pub(super) const THREADS: &str = "threads";
pub(super) const SECOND: &str = "second provider";
pub(super) const COMPOSITION: &str = "composition";
