//! The transport parameters of this side, and the settings on which early data depends.

use crate::version::Version;
use alloc::vec::Vec;
use cairn_crypto::{CryptoError, HashAlgorithm, Provider};
use cairn_handshake::QuicParameters;
use cairn_wire::Reader;
use core::num::NonZeroU32;

/// The parameters of this side of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Parameters<'a> {
    pub(super) version: Version,
    transport_parameters: &'a [u8],
    application_settings: &'a [u8],
}

/// The limits that a server must not reduce while early data depends on them (RFC 9000 section 7.4.1, RFC
/// 9221 section 3): the identifiers of initial_max_data, initial_max_stream_data_bidi_local,
/// initial_max_stream_data_bidi_remote, initial_max_stream_data_uni, initial_max_streams_bidi,
/// initial_max_streams_uni, active_connection_id_limit and max_datagram_frame_size.
const LIMITS: [u64; 8] = [0x04, 0x05, 0x06, 0x07, 0x08, 0x09, 0x0e, 0x20];

/// The key of the digest, which is public.
const LABEL: &[u8] = b"cairn early data context";

/// Length of the digest: that of HMAC with SHA-256, which QUIC needs in any case.
const CONTEXT_LEN: usize = 32;

impl<'a> Parameters<'a> {
    /// The version of the connection, and the transport parameters of this side in their encoding (RFC 9000
    /// section 18).
    #[must_use]
    pub const fn new(version: Version, transport_parameters: &'a [u8]) -> Self {
        Self { version, transport_parameters, application_settings: &[] }
    }

    /// The settings of a server's application on which early data depends, such as the SETTINGS of HTTP/3
    /// (RFC 9114 section 7.2.4.2), in any encoding. Early data is accepted only if they are those of the
    /// connection that issued the ticket, like the limits in the transport parameters.
    #[must_use]
    pub const fn application_settings(self, application_settings: &'a [u8]) -> Self {
        Self { application_settings, ..self }
    }

    /// The parameters of a client.
    pub(super) fn of_client(&self) -> QuicParameters {
        self.with_context(&[])
    }

    /// The parameters of a server. A session has only a digest of the settings.
    pub(super) fn of_server(&self, provider: &Provider) -> Result<QuicParameters, CryptoError> {
        let hmac = provider.hmac(HashAlgorithm::Sha256).ok_or(CryptoError::Failed)?;
        let mut context = [0; CONTEXT_LEN];
        let limits = limits(self.transport_parameters);
        hmac.sign_once(LABEL, &[&limits, self.application_settings], &mut context)?;
        Ok(self.with_context(&context))
    }

    fn with_context(&self, context: &[u8]) -> QuicParameters {
        QuicParameters {
            version: NonZeroU32::new(self.version.code()).unwrap_or(NonZeroU32::MIN),
            transport_parameters: self.transport_parameters.into(),
            early_data_context: context.into(),
        }
    }
}

/// The limits in transport parameters, in the order of [`LIMITS`]. An absent one is 0, as in RFC 9000 section
/// 18.2, except active_connection_id_limit, which then differs from every stated value.
fn limits(transport_parameters: &[u8]) -> Vec<u8> {
    let find = |limit: u64| {
        let mut reader = Reader::new(transport_parameters);
        while let Some((id, value)) = parameter(&mut reader) {
            if id == limit {
                return varint(&mut Reader::new(value)).unwrap_or(0);
            }
        }
        0
    };
    LIMITS.into_iter().flat_map(|limit| find(limit).to_be_bytes()).collect()
}

/// The identifier and the value of the next transport parameter.
fn parameter<'a>(reader: &mut Reader<'a>) -> Option<(u64, &'a [u8])> {
    let (id, length) = (varint(reader)?, varint(reader)?);
    Some((id, reader.bytes(usize::try_from(length).ok()?, "transport parameter").ok()?))
}

/// A variable-length integer (RFC 9000 section 16).
fn varint(reader: &mut Reader<'_>) -> Option<u64> {
    let first = reader.u8("variable-length integer").ok()?;
    let more = (1_usize << (first >> 6)) - 1;
    let rest = reader.bytes(more, "variable-length integer").ok()?;
    Some(rest.iter().fold(u64::from(first & 0x3f), |value, byte| value << 8 | u64::from(*byte)))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 9000 appendix A.1.
    #[test]
    fn variable_length_integers_are_decoded() {
        let examples: [(&[u8], u64); 5] = [
            (&[0xc2, 0x19, 0x7c, 0x5e, 0xff, 0x14, 0xe8, 0x8c], 151_288_809_941_952_652),
            (&[0x9d, 0x7f, 0x3e, 0x7d], 494_878_333),
            (&[0x7b, 0xbd], 15_293),
            (&[0x25], 37),
            (&[0x40, 0x25], 37),
        ];
        for (bytes, value) in examples {
            assert_eq!(varint(&mut Reader::new(bytes)), Some(value));
            assert_eq!(varint(&mut Reader::new(&bytes[..bytes.len() - 1])), None);
        }
    }

    #[test]
    fn early_data_depends_on_limits_and_not_on_the_rest() {
        let provider = cairn_provider_aws_lc::provider();
        let context = |parameters: &[u8], settings: &[u8]| {
            let parameters = Parameters::new(Version::V1, parameters).application_settings(settings);
            parameters.of_server(&provider).unwrap().early_data_context
        };
        // initial_max_data, and original_destination_connection_id.
        let one = context(&[4, 1, 9, 0, 2, 1, 2], b"");
        assert_eq!(one, context(&[0, 1, 7, 4, 2, 0x40, 9], b""), "another connection ID, order and length");
        assert_ne!(one, context(&[4, 1, 8, 0, 2, 1, 2], b""), "a lower limit");
        assert_ne!(one, context(&[4, 1, 9, 0, 2, 1, 2], b"settings"));
        // The same bytes, as the limit of a stream.
        assert_ne!(one, context(&[5, 1, 9, 0, 2, 1, 2], b""));
        for malformed in [&[4][..], &[4, 9, 1], &[0xff], &[4, 0], &[4, 1, 0xff]] {
            assert_eq!(context(malformed, b"").len(), 32);
        }
    }
}
