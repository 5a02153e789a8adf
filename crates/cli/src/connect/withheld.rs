//! Explains why a requested client certificate was not sent.

use crate::{
    names::list,
    show::{wanted::Wanted, watch::Seen},
};
use cairn_tls::{
    crypto::KeyKind,
    wire::ClientCertificateType,
    x509::{CertificateFacts, issuer_name, pem},
};
use std::{fs, path::Path};

/// A sentence about a certificate that the server asked for and that was not sent; `None` if it was not asked
/// for or was sent.
pub(super) fn why(cert: Option<&Path>, seen: &Seen) -> Option<String> {
    let request = seen.certificate_request.as_ref()?;
    let sent = seen.certificates_sent.unwrap_or_default();
    let Some(path) = cert else {
        return (sent == 0).then(|| {
            "The server asked for a certificate, and none was sent: --cert FILE and --key FILE name one."
                .into()
        });
    };
    if sent > 0 {
        return None;
    }
    let reason = fs::read(path).ok().and_then(|file| reason(&file, request));
    let reason = reason.unwrap_or_else(|| "it does not fit what the server asked for".into());
    Some(format!(
        "The server asked for a certificate, and that of {} was not sent: {reason}.",
        crate::files::shown(path)
    ))
}

/// The reason, as far as the certificate and the request show it.
fn reason(file: &[u8], request: &Wanted) -> Option<String> {
    let chain = pem::certificates(file).ok()?;
    let facts = CertificateFacts::from_der(chain.first()?).ok()?;
    if !facts.key_usage.digital_signature {
        return Some(
            "its key usage does not allow digitalSignature, and a client authenticates by a signature".into(),
        );
    }
    let kind = facts.public_key.as_ref()?.kind;
    let wanted = match kind {
        KeyKind::Rsa | KeyKind::RsaPss => ClientCertificateType::RSA_SIGN,
        _ => ClientCertificateType::ECDSA_SIGN,
    };
    if let Some(types) = request.types.as_ref().filter(|types| !types.contains(&wanted)) {
        return Some(format!(
            "its key is of {kind}, and the server accepts {}",
            list(types, ToString::to_string)
        ));
    }
    let named = |name: &[u8]| request.authorities.iter().any(|authority| authority == name);
    let issued = chain.iter().filter_map(|certificate| issuer_name(certificate).ok()).any(named);
    if !request.authorities.is_empty() && !issued {
        return Some(format!(
            "its issuer, \"{}\", is none of the {} that the server lists; --any-authority sends it \
            anyway",
            facts.issuer,
            crate::show::count(request.authorities.len(), "issuer")
        ));
    }
    Some(format!(
        "none of the signature schemes that the server accepts fits its key of {kind}: {}",
        list(&request.schemes, ToString::to_string)
    ))
}
