//! `cookie` (RFC 9846 section 4.3.2).

use crate::bounds::MAX_16;
use crate::codec::opaque_vector;

opaque_vector! {
    /// Bytes of HelloRetryRequest that the client returns in its second ClientHello: `<1..2^16-1>` bytes
    /// (RFC 9846 section 4.3.2).
    pub struct Cookie, vec16, 1, MAX_16, "Cookie.cookie"
}
