use super::*;
use crate::{
    error::CertificateError,
    facts::CertificateFacts,
    issue::{Identity, OcspTemplate, Template},
    name::ServerName,
    testing::provider,
    trust::Roots,
    usage::KeyUsage,
    verify::{ChainVerifier, VerifiedPeer},
};
use alloc::{string::ToString, vec};
use cairn_crypto::{HashAlgorithm, KeySpec};
use cairn_wire::AlertDescription;

const FROM: u64 = 1_700_000_000;
const NOW: u64 = 1_750_000_000;
const UNTIL: u64 = 1_800_000_000;

/// A root, an intermediate and a server certificate.
struct Pki {
    root: Identity,
    authority: Identity,
    server: Identity,
}

fn template(server: Template) -> Template {
    server.dns("example.test").valid(FROM, UNTIL)
}

fn pki_with(server: Template, spec: KeySpec) -> Pki {
    let provider = provider();
    let root = Template::authority("Root").valid(FROM, UNTIL).self_signed(&provider, spec).unwrap();
    let authority = Template::authority("Authority").valid(FROM, UNTIL);
    let authority = authority.issue(&provider, spec, &root).unwrap();
    let server = template(server).issue(&provider, spec, &authority).unwrap();
    Pki { root, authority, server }
}

fn pki() -> Pki {
    pki_with(Template::server("server"), KeySpec::EcP256)
}

fn good() -> OcspTemplate {
    OcspTemplate::new(State::Good, NOW - 100, Some(NOW + 100))
}

impl Pki {
    fn sign(&self, template: &OcspTemplate) -> Vec<u8> {
        let certificate = self.server.certificate();
        template.sign(&provider(), certificate, &self.authority, &self.authority).unwrap()
    }

    fn signed_by(&self, responder: &Identity) -> Vec<u8> {
        good().sign(&provider(), self.server.certificate(), &self.authority, responder).unwrap()
    }

    fn responder(&self, template: &Template) -> Identity {
        template.issue(&provider(), KeySpec::EcP256, &self.authority).unwrap()
    }

    fn verifier(&self) -> ChainVerifier {
        let mut roots = Roots::new();
        roots.add_der(self.root.certificate()).unwrap();
        ChainVerifier::new(&provider(), roots)
    }

    fn verify_as(
        &self,
        stapling: Stapling,
        response: Option<&[u8]>,
    ) -> Result<VerifiedPeer, CertificateError> {
        let chain: Vec<&[u8]> = self.server.chain().collect();
        let name = ServerName::parse("example.test").unwrap();
        self.verifier().verify_stapled(&chain, &name, stapling, response, NOW).map_err(|error| error.reason)
    }

    /// The result of verifying a response.
    fn verify(&self, response: &[u8]) -> Result<Statement, CertificateError> {
        let required = self.verify_as(Stapling::Require, Some(response));
        assert_eq!(self.verify_as(Stapling::Check, Some(response)), required);
        assert_eq!(self.verify_as(Stapling::Ignore, Some(response)).unwrap().status, None);
        required.map(|peer| peer.status.unwrap())
    }
}

fn refused(error: OcspError) -> Result<Statement, CertificateError> {
    Err(CertificateError::Ocsp(error))
}

#[test]
fn good_response_is_accepted() {
    for spec in [KeySpec::EcP256, KeySpec::Ed25519, KeySpec::Rsa { bits: 2048 }] {
        let pki = pki_with(Template::server("server"), spec);
        for hash in [HashAlgorithm::Sha1, HashAlgorithm::Sha256, HashAlgorithm::Sha384, HashAlgorithm::Sha512]
        {
            let statement = pki.verify(&pki.sign(&good().hash(hash))).unwrap();
            assert_eq!(statement.state, State::Good);
            assert_eq!((statement.this_update, statement.next_update), (NOW - 100, Some(NOW + 100)));
            let facts = CertificateFacts::from_der(pki.server.certificate()).unwrap();
            assert_eq!(statement.serial, facts.serial);
        }
    }
}

#[test]
fn revoked_and_unknown_are_rejected() {
    let pki = pki();
    let revoked = OcspTemplate::new(State::Revoked { since: NOW - 500 }, NOW - 100, Some(NOW + 100));
    let error = pki.verify(&pki.sign(&revoked)).unwrap_err();
    assert_eq!(error, CertificateError::Revoked { since: NOW - 500 });
    assert_eq!(error.alert(), AlertDescription::CERTIFICATE_REVOKED);
    let unknown = OcspTemplate::new(State::Unknown, NOW - 100, Some(NOW + 100));
    let error = pki.verify(&pki.sign(&unknown)).unwrap_err();
    assert_eq!(error, OcspError::UnknownCertificate.into());
    assert_eq!(error.alert(), AlertDescription::BAD_CERTIFICATE_STATUS_RESPONSE);
}

#[test]
fn response_dates_are_checked_with_tolerance() {
    let pki = pki();
    let at =
        |this: u64, next: Option<u64>| pki.verify(&pki.sign(&OcspTemplate::new(State::Good, this, next)));
    assert!(at(NOW + TOLERANCE, Some(NOW + 10_000)).is_ok());
    let this_update = NOW + TOLERANCE + 1;
    assert_eq!(at(this_update, None), refused(OcspError::NotYetValid { this_update, now: NOW }));
    assert!(at(FROM, Some(NOW - TOLERANCE)).is_ok());
    let until = NOW - TOLERANCE - 1;
    assert_eq!(at(FROM, Some(until)), refused(OcspError::Outdated { until, now: NOW }));
    assert!(at(NOW - MAX_AGE, None).is_ok());
    assert_eq!(at(until - MAX_AGE, None), refused(OcspError::Outdated { until, now: NOW }));
    // Also if the two dates are in reverse order.
    assert_eq!(at(NOW, Some(FROM)), refused(OcspError::Outdated { until: FROM, now: NOW }));
}

#[test]
fn response_must_match_serial_number_and_issuer() {
    let (ours, theirs) = (pki(), pki());
    let sibling = template(Template::server("server")).issue(&provider(), KeySpec::EcP256, &ours.authority);
    let about = |certificate: &[u8], issuer: &Identity| {
        good().sign(&provider(), certificate, issuer, &ours.authority).unwrap()
    };
    let sibling = about(sibling.unwrap().certificate(), &ours.authority);
    assert_eq!(ours.verify(&sibling), refused(OcspError::OtherCertificate));
    // An equal serial number is not sufficient: another issuer may use it too.
    let same_serial = about(ours.server.certificate(), &theirs.authority);
    assert_eq!(ours.verify(&same_serial), refused(OcspError::OtherCertificate));
}

#[test]
fn response_must_be_signed_by_the_issuer() {
    let (ours, theirs) = (pki(), pki());
    // The same names with other keys.
    let response = ours.signed_by(&theirs.authority);
    assert_eq!(ours.verify(&response), refused(OcspError::BadSignature));
    // Neither the root nor the server itself may sign.
    assert_eq!(ours.verify(&ours.signed_by(&ours.root)), refused(OcspError::UnknownResponder));
    assert_eq!(ours.verify(&ours.signed_by(&ours.server)), refused(OcspError::BadResponder));
}

#[test]
fn authorized_responder_may_sign() {
    let pki = pki();
    let responder = Template::ocsp_responder("responder").valid(FROM, UNTIL);
    let response = pki.signed_by(&pki.responder(&responder));
    assert_eq!(pki.verify(&response).unwrap().state, State::Good);

    let expired = pki.responder(&responder.clone().valid(FROM, NOW - 1));
    assert_eq!(pki.verify(&pki.signed_by(&expired)), refused(OcspError::BadResponder));
    let may_not_sign = pki.responder(&responder.clone().key_usage(Some(KeyUsage::NONE)));
    assert_eq!(pki.verify(&pki.signed_by(&may_not_sign)), refused(OcspError::BadResponder));
    let for_anything = pki.responder(&responder.clone().extended_key_usage(None));
    assert_eq!(pki.verify(&pki.signed_by(&for_anything)), refused(OcspError::BadResponder));
    let critical = pki.responder(&responder.clone().permit_dns("example.test"));
    assert_eq!(pki.verify(&pki.signed_by(&critical)), refused(OcspError::BadResponder));

    // Issued by another authority, under our issuer's name and under another name.
    let theirs = self::pki().responder(&responder);
    assert_eq!(pki.verify(&pki.signed_by(&theirs)), refused(OcspError::UnknownResponder));
    let above = responder.issue(&provider(), KeySpec::EcP256, &pki.root).unwrap();
    assert_eq!(pki.verify(&pki.signed_by(&above)), refused(OcspError::UnknownResponder));
}

#[test]
fn missing_response_is_an_error_if_required_or_promised() {
    let pki = pki();
    assert_eq!(pki.verify_as(Stapling::Check, None).unwrap().status, None);
    assert_eq!(pki.verify_as(Stapling::Ignore, None).unwrap().status, None);
    assert_eq!(pki.verify_as(Stapling::Require, None), Err(OcspError::Missing.into()));

    let promised = pki_with(Template::server("server").must_staple(), KeySpec::EcP256);
    assert_eq!(promised.verify_as(Stapling::Check, None), Err(OcspError::MissingButPromised.into()));
    assert!(promised.verify_as(Stapling::Ignore, None).is_ok());
    assert!(promised.verify(&promised.sign(&good())).is_ok());
    let facts = CertificateFacts::from_der(promised.server.certificate()).unwrap();
    assert!(facts.must_staple && facts.to_string().contains("staples:    always"));
}

#[test]
fn issuer_of_an_exactly_trusted_certificate_is_found() {
    let pki = pki();
    let name = ServerName::parse("example.test").unwrap();
    let verify = |trusted: &[&[u8]], chain: &[&[u8]], response: &[u8]| {
        let mut roots = Roots::new();
        for certificate in trusted {
            roots.add_der(certificate).unwrap();
        }
        let verifier = ChainVerifier::new(&provider(), roots);
        verifier.verify_stapled(chain, &name, Stapling::Check, Some(response), NOW).map(|peer| peer.status)
    };
    let (leaf, authority) = (pki.server.certificate(), pki.authority.certificate());
    let response = pki.sign(&good());
    assert!(verify(&[leaf], &[leaf, authority], &response).unwrap().is_some());
    assert!(verify(&[leaf, authority], &[leaf], &response).unwrap().is_some());
    assert_eq!(verify(&[leaf], &[leaf], &response), Err(OcspError::UnknownIssuer.into()));
    // An authority of the same name with another key is not the issuer.
    let other = self::pki();
    assert_eq!(
        verify(&[leaf], &[leaf, other.authority.certificate()], &response),
        Err(OcspError::UnknownIssuer.into())
    );

    let alone = template(Template::server("alone")).self_signed(&provider(), KeySpec::EcP256).unwrap();
    let response = good().sign(&provider(), alone.certificate(), &alone, &alone).unwrap();
    assert!(verify(&[alone.certificate()], &[alone.certificate()], &response).unwrap().is_some());
}

#[test]
fn responses_without_statement_have_distinct_errors() {
    let pki = pki();
    let try_later = [0x30, 3, 0x0a, 1, 3];
    let error = pki.verify(&try_later).unwrap_err();
    assert_eq!(error, OcspError::NotSuccessful { status: 3 }.into());
    assert!(error.to_string().contains("tryLater"), "{error}");
    assert_eq!(pki.verify(&[0x30, 3, 0x0a, 1, 0]), refused(OcspError::BadEncoding));
    assert_eq!(pki.verify(&[]), refused(OcspError::BadEncoding));
    let critical = pki.sign(&good().critical_extension());
    assert_eq!(pki.verify(&critical), refused(OcspError::UnknownCriticalExtension));
    let mut unknown_type = pki.sign(&good());
    let basic = [6, 9, 0x2b, 6, 1, 5, 5, 7, 0x30, 1, 1];
    let at = unknown_type.windows(basic.len()).position(|window| window == basic).unwrap();
    unknown_type[at + 10] = 9;
    assert_eq!(pki.verify(&unknown_type), refused(OcspError::UnknownType));
}

#[test]
fn truncated_or_altered_response_is_rejected() {
    let pki = pki();
    let response = pki.signed_by(&pki.responder(&Template::ocsp_responder("r").valid(FROM, UNTIL)));
    for len in 0..response.len() {
        assert!(pki.verify_as(Stapling::Check, Some(&response[..len])).is_err(), "{len}");
    }
    for place in (0..response.len()).step_by(7) {
        let mut changed = response.clone();
        changed[place] ^= 0x10;
        // The only bytes without a signature are those of the responder's certificate that are not used.
        assert!(pki.verify_as(Stapling::Check, Some(&changed)).is_err(), "{place}");
    }
}

#[test]
fn statement_display_is_one_line() {
    let pki = pki();
    let read = |template: OcspTemplate| statements(&pki.sign(&template)).unwrap();
    assert_eq!(
        read(good()).iter().map(ToString::to_string).collect::<Vec<_>>(),
        vec!["good, as of 2025-06-15T15:05:00Z until 2025-06-15T15:08:20Z"]
    );
    let revoked = OcspTemplate::new(State::Revoked { since: FROM }, NOW, None);
    assert_eq!(
        read(revoked)[0].to_string(),
        "revoked since 2023-11-14T22:13:20Z, as of 2025-06-15T15:06:40Z"
    );
    let unknown = OcspTemplate::new(State::Unknown, NOW, None);
    assert_eq!(read(unknown)[0].to_string(), "unknown to the responder, as of 2025-06-15T15:06:40Z");
    assert_eq!(statements(b"no DER"), Err(OcspError::BadEncoding));
}

proptest::proptest! {
    #[test]
    fn arbitrary_bytes_do_not_panic(
        bytes in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..200)
    ) {
        let _ = statements(&bytes);
    }
}
