//! Certificate (RFC 9846 section 4.5.1).

use crate::{
    certificate_chain::CertificateChain,
    certificate_compression::CertificateCompression,
    credential::Credential,
    delegated_credential::DelegatedCredential,
    error::HandshakeErrorKind,
    ext::status_request,
    out::Out,
    raw_message::{self, RawMessage},
    stapled::Stapled,
};
use alloc::{sync::Arc, vec::Vec};
use cairn_schedule::tls13::Transcript;
use cairn_wire::{
    CertificateCompressionAlgorithm, CertificateEntry, CertificateEntryExtension, CertificateType,
    CompressedCertificate, Encode, ExtensionMessage, ExtensionType, Extensions, HandshakeType, List,
    SerializedSct, Tls13Certificate, Writer,
};
use smallvec::SmallVec;

/// The parts that the entry of the end-entity certificate may have: statements about it, and a delegated
/// credential.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Statements {
    /// status_request: an OCSP response.
    pub(crate) status: bool,
    /// signed_certificate_timestamp.
    pub(crate) timestamps: bool,
    /// delegated_credential. A sender ignores it: its credential has been chosen with the peer's list.
    pub(crate) delegated: bool,
}

/// The content of the peer's Certificate.
pub(crate) struct Presented {
    pub(crate) chain: Arc<CertificateChain>,
    pub(crate) stapled: Stapled,
    pub(crate) delegated: Option<Arc<DelegatedCredential>>,
}

/// Sends Certificate; an empty one without a credential. If it can be compressed, sends
/// CompressedCertificate in its place, and returns the algorithm.
pub(crate) fn send(
    transcript: &mut Transcript,
    request_context: &[u8],
    credential: Option<&Credential>,
    requested: Statements,
    compression: Option<&dyn CertificateCompression>,
    out: &mut Out<'_>,
) -> Result<Option<CertificateCompressionAlgorithm>, HandshakeErrorKind> {
    let stapled = credential.map(|credential| &credential.stapled);
    let timestamps: SmallVec<[_; 4]> = stapled
        .filter(|_| requested.timestamps)
        .into_iter()
        .flat_map(|stapled| &stapled.signed_certificate_timestamps)
        .map(|bytes| SerializedSct(bytes))
        .collect();
    let mut first = SmallVec::<[_; 3]>::new();
    if let Some(response) = stapled.filter(|_| requested.status).and_then(Stapled::response) {
        first.push(CertificateEntryExtension::StatusRequest(status_request::message(response)));
    }
    if !timestamps.is_empty() {
        first.push(CertificateEntryExtension::SignedCertificateTimestamp(List::from_items(&timestamps)));
    }
    // RFC 9345 section 4.1.1: "The server MUST send the delegated credential as an extension in the
    // CertificateEntry of its end-entity certificate", and likewise the client (section 4.1.2).
    if let Some(delegated) = credential.and_then(|credential| credential.delegated.as_deref()) {
        first.push(CertificateEntryExtension::DelegatedCredential(delegated.fields()));
    }
    let first = Extensions::from_items(&first);
    let entries: SmallVec<[_; 4]> = credential
        .into_iter()
        .flat_map(|credential| credential.chain.entries())
        .enumerate()
        .map(|(place, cert_data)| CertificateEntry {
            cert_data,
            // RFC 9846 section 4.5.1: "If an extension applies to the entire chain, it SHOULD be included in
            // the first CertificateEntry."
            extensions: if place == 0 { first } else { Extensions::from_items(&[]) },
        })
        .collect();
    let certificate = Tls13Certificate {
        certificate_request_context: request_context,
        certificate_list: List::from_items(&entries),
    };
    let Some(compression) = compression.filter(|_| credential.is_some()) else {
        out.send(transcript, &certificate)?;
        return Ok(None);
    };
    let mut body = Vec::new();
    certificate.encode(&mut Writer::vec(&mut body))?;
    match compress(&body, compression) {
        Some((uncompressed_length, compressed)) => {
            let algorithm = compression.algorithm();
            let compressed_certificate_message = &compressed;
            out.send(
                transcript,
                &CompressedCertificate { algorithm, uncompressed_length, compressed_certificate_message },
            )?;
            Ok(Some(algorithm))
        }
        None => {
            out.send_with(transcript, HandshakeType::CERTIFICATE, |w| w.bytes(&body))?;
            Ok(None)
        }
    }
}

/// Compresses the body of a Certificate message, and returns its length and the result.
fn compress(body: &[u8], compression: &dyn CertificateCompression) -> Option<(u32, Arc<[u8]>)> {
    let compressed = compression.compress(body)?;
    let length = u32::try_from(body.len()).ok()?;
    // RFC 8879 section 4: compressed_certificate_message<1..2^24-1>.
    (!compressed.is_empty()).then_some((length, compressed))
}

/// Reads the peer's Certificate. `None` if it is empty.
pub(crate) fn read(
    message: RawMessage<'_>,
    request_context: &[u8],
    certificate_type: CertificateType,
    requested: Statements,
) -> Result<Option<Presented>, HandshakeErrorKind> {
    let certificate: Tls13Certificate<'_> = raw_message::read(message)?;
    if certificate.certificate_request_context != request_context {
        return Err(HandshakeErrorKind::WrongRequestContext);
    }
    let (mut stapled, mut delegated) = (Stapled::default(), None);
    for (place, entry) in certificate.certificate_list.iter().enumerate() {
        for extension in entry.extensions.iter() {
            let extension_type = extension.extension_type();
            let is_requested = match extension_type {
                ExtensionType::STATUS_REQUEST => requested.status,
                ExtensionType::SIGNED_CERTIFICATE_TIMESTAMP => requested.timestamps,
                ExtensionType::DELEGATED_CREDENTIAL => requested.delegated,
                _ => false,
            };
            ExtensionMessage::Certificate.judge(extension_type, is_requested)?;
            // Statements about other certificates than the end entity's are not used. RFC 9345 section
            // 4.1.1: "the client SHOULD ignore delegated credentials sent as extensions to any other
            // certificate", and likewise the server (section 4.1.2).
            match extension {
                CertificateEntryExtension::StatusRequest(status) if place == 0 => {
                    stapled.ocsp_response = Some(status_request::ocsp_response(&status)?.to_vec());
                }
                CertificateEntryExtension::SignedCertificateTimestamp(timestamps) if place == 0 => {
                    stapled.signed_certificate_timestamps =
                        timestamps.iter().map(|timestamp| timestamp.0.to_vec()).collect::<Vec<_>>();
                }
                CertificateEntryExtension::DelegatedCredential(credential) if place == 0 => {
                    delegated = Some(Arc::new(DelegatedCredential::from(&credential)));
                }
                _ => {}
            }
        }
    }
    let ders = certificate.certificate_list.iter().map(|entry| entry.cert_data);
    let Some(chain) = CertificateChain::from_entries(certificate_type, ders)? else { return Ok(None) };
    if delegated.is_some() && chain.end_entity().is_none() {
        return Err(HandshakeErrorKind::DelegatedByRawPublicKey);
    }
    Ok(Some(Presented { chain: Arc::new(chain), stapled, delegated }))
}
