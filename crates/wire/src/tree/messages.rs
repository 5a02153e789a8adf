//! The trees of the other handshake messages.

use core::fmt;

use super::printer::{Code, Describe, Printer, Text, display};
use crate::handshake::{
    Certificate, CertificateRequest, CertificateStatus, CertificateVerify, ClientKeyExchange,
    DigitallySigned, ExchangeKeys, Finished, HandshakeMessage, NewSessionTicket, ServerDhParams,
    ServerEcdhParams, ServerKeyExchange, ServerParams,
};
use crate::hex::Hex;

impl Describe for HandshakeMessage<'_> {
    /// Prints the body without the message type.
    fn describe(&self, p: &mut Printer<'_>) -> fmt::Result {
        match self {
            Self::HelloRequest(_) | Self::ServerHelloDone(_) => Ok(()),
            Self::ClientHello(message) => message.describe(p),
            Self::ServerHello(message) => message.describe(p),
            Self::NewSessionTicket(message) => message.describe(p),
            Self::Certificate(message) => message.describe(p),
            Self::CertificateRequest(message) => message.describe(p),
            Self::CertificateVerify(message) => message.describe(p),
            Self::Finished(message) => message.describe(p),
            Self::CertificateStatus(message) => message.describe(p),
            Self::ServerKeyExchange(body) | Self::ClientKeyExchange(body) | Self::Unknown { body, .. } => {
                p.bytes("body", body)
            }
        }
    }
}

/// Prints the message type and below it the tree of the body, without a trailing newline.
impl fmt::Display for HandshakeMessage<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut p = Printer::new(f);
        p.line(format_args!("{}", Code(self.msg_type())))?;
        p.nest(|p| self.describe(p))
    }
}

impl Describe for NewSessionTicket<'_> {
    fn describe(&self, p: &mut Printer<'_>) -> fmt::Result {
        p.line(format_args!("ticket_lifetime_hint: {} s", self.ticket_lifetime_hint))?;
        p.bytes("ticket", self.ticket)
    }
}

impl Describe for Certificate<'_> {
    fn describe(&self, p: &mut Printer<'_>) -> fmt::Result {
        p.list("certificate_list", &self.certificate_list, |p, certificate| {
            p.line(format_args!("{}", Hex(certificate.0)))?;
            p.certificate(certificate.0)
        })
    }
}

impl Describe for CertificateRequest<'_> {
    fn describe(&self, p: &mut Printer<'_>) -> fmt::Result {
        p.codes("certificate_types", &self.certificate_types)?;
        p.codes("supported_signature_algorithms", &self.supported_signature_algorithms)?;
        p.list("certificate_authorities", &self.certificate_authorities, |p, name| {
            p.line(format_args!("{}", Hex(name.0)))
        })
    }
}

impl Describe for DigitallySigned<'_> {
    fn describe(&self, p: &mut Printer<'_>) -> fmt::Result {
        p.code("algorithm", self.algorithm)?;
        p.bytes("signature", self.signature)
    }
}

impl Describe for CertificateVerify<'_> {
    fn describe(&self, p: &mut Printer<'_>) -> fmt::Result {
        self.signed.describe(p)
    }
}

impl Describe for Finished<'_> {
    fn describe(&self, p: &mut Printer<'_>) -> fmt::Result {
        p.bytes("verify_data", self.verify_data)
    }
}

impl Describe for CertificateStatus<'_> {
    fn describe(&self, p: &mut Printer<'_>) -> fmt::Result {
        p.code("status_type", self.status_type)?;
        p.bytes("response", self.response)
    }
}

impl Describe for ServerEcdhParams<'_> {
    fn describe(&self, p: &mut Printer<'_>) -> fmt::Result {
        p.code("namedcurve", self.curve)?;
        p.bytes("public", self.public)
    }
}

impl Describe for ServerDhParams<'_> {
    fn describe(&self, p: &mut Printer<'_>) -> fmt::Result {
        p.bytes("dh_p", self.dh_p)?;
        p.bytes("dh_g", self.dh_g)?;
        p.bytes("dh_Ys", self.dh_ys)
    }
}

impl Describe for ServerParams<'_> {
    fn describe(&self, p: &mut Printer<'_>) -> fmt::Result {
        match self {
            Self::Dh(params) => params.describe(p),
            Self::Ecdh(params) => params.describe(p),
        }
    }
}

impl Describe for ServerKeyExchange<'_> {
    fn describe(&self, p: &mut Printer<'_>) -> fmt::Result {
        if let Some(hint) = self.psk_identity_hint() {
            p.line(format_args!("psk_identity_hint: {}", Text(hint)))?;
        }
        if let Some(params) = self.params() {
            params.describe(p)?;
        }
        match self.signature() {
            Some(signature) => {
                p.line(format_args!("signed_params:"))?;
                p.nest(|p| signature.describe(p))
            }
            None => Ok(()),
        }
    }
}

impl Describe for ClientKeyExchange<'_> {
    fn describe(&self, p: &mut Printer<'_>) -> fmt::Result {
        if let Some(identity) = self.psk_identity {
            p.line(format_args!("psk_identity: {}", Text(identity)))?;
        }
        match self.exchange_keys {
            Some(ExchangeKeys::Dh(public)) => p.bytes("dh_Yc", public),
            Some(ExchangeKeys::Ecdh(public)) => p.bytes("ecdh_Yc", public),
            Some(ExchangeKeys::Rsa(encrypted)) => p.bytes("EncryptedPreMasterSecret", encrypted),
            None => Ok(()),
        }
    }
}

display!(
    NewSessionTicket<'_>,
    Certificate<'_>,
    CertificateRequest<'_>,
    DigitallySigned<'_>,
    CertificateVerify<'_>,
    Finished<'_>,
    CertificateStatus<'_>,
    ServerEcdhParams<'_>,
    ServerDhParams<'_>,
    ServerParams<'_>,
    ServerKeyExchange<'_>,
    ClientKeyExchange<'_>,
);
