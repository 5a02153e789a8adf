//! The extensions, one file each: the offer, the response, and the checks of both roles.

pub(crate) mod alpn;
pub(crate) mod certificate_type;
pub(crate) mod compress_certificate;
pub(crate) mod delegated_credential;
pub(crate) mod early_data;
pub(crate) mod ec_point_formats;
pub(crate) mod encrypt_then_mac;
pub(crate) mod extended_master_secret;
pub(crate) mod fallback_scsv;
pub(crate) mod grease;
mod hello_extensions;
pub(crate) mod key_share;
pub(crate) mod max_fragment_length;
pub(crate) mod order;
pub(crate) mod padding;
pub(crate) mod post_handshake_auth;
pub(crate) mod pre_shared_key;
pub(crate) mod quic_transport_parameters;
pub(crate) mod record_size_limit;
pub(crate) mod renegotiation_info;
pub(crate) mod server_name;
pub(crate) mod session_ticket;
mod set;
pub(crate) mod signature_algorithms;
pub(crate) mod signature_algorithms_cert;
pub(crate) mod signed_certificate_timestamp;
pub(crate) mod status_request;
pub(crate) mod supported_groups;
pub(crate) mod supported_versions;
pub(crate) mod tls_cert_with_extern_psk;

/// The code points of one kind that a client offers. They are stored on the stack unless the list is
/// unusually long.
pub(crate) type Codes<T> = smallvec::SmallVec<[T; 32]>;

pub(crate) use hello_extensions::{ClientExtensions, ServerExtensions};
pub(crate) use set::ExtensionSet;
