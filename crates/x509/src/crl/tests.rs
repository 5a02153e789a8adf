use super::*;
use crate::{
    issue::{Identity, Template},
    name::ServerName,
    oid,
    testing::{bit_string, element, provider, sequence},
    tlv::explicit,
    trust::Roots,
    usage::KeyUsage,
    verify::ChainVerifier,
};
use alloc::vec;
use cairn_crypto::KeySpec;
use der::asn1::ObjectIdentifier;

const NOW: u64 = 1_750_000_000; // 2025-06-15T15:06:40Z
const EARLIER: &[u8] = b"250601000000Z";
const PAST: &[u8] = b"250610000000Z";
const LATER: &[u8] = b"250701000000Z";

/// A CRL assembled by hand.
struct List<'a> {
    revoked: &'a [Vec<u8>],
    this_update: &'a [u8],
    next_update: Option<&'a [u8]>,
    extensions: Vec<Vec<u8>>,
}

impl List<'_> {
    fn signed(&self, issuer: &Identity) -> Vec<u8> {
        let name = crate::read::RawCertificate::parse(issuer.certificate()).unwrap().subject;
        let algorithm = sequence(&[&crate::testing::oid(&oid::ECDSA_WITH_SHA256)]);
        let utc = |time: &[u8]| element(0x17, &[time]);
        let entries: Vec<Vec<u8>> =
            self.revoked.iter().map(|serial| sequence(&[&element(2, &[serial]), &utc(EARLIER)])).collect();
        let entries = if entries.is_empty() { vec![] } else { sequence(&[&entries.concat()]) };
        let extensions = if self.extensions.is_empty() {
            vec![]
        } else {
            element(explicit(0), &[&sequence(&[&self.extensions.concat()])])
        };
        let next = self.next_update.map(utc).unwrap_or_default();
        let tbs = sequence(&[
            &element(2, &[&[1]]),
            &algorithm,
            name,
            &utc(self.this_update),
            &next,
            &entries,
            &extensions,
        ]);
        let scheme = cairn_wire::SignatureScheme::ECDSA_SECP256R1_SHA256;
        let provider = provider();
        let signature = issuer.signing_key().sign(scheme, &tbs, &mut provider.rng()).unwrap();
        sequence(&[&tbs, &algorithm, &bit_string(&signature)])
    }
}

fn list(revoked: &[Vec<u8>]) -> List<'_> {
    List { revoked, this_update: EARLIER, next_update: Some(LATER), extensions: vec![] }
}

fn extension(id: &ObjectIdentifier, value: &[u8]) -> Vec<u8> {
    sequence(&[&crate::testing::oid(id), &element(1, &[&[0xff]]), &element(4, &[value])])
}

struct Pki {
    root: Identity,
    middle: Identity,
    client: Identity,
}

fn pki() -> Pki {
    let (provider, key) = (provider(), KeySpec::EcP256);
    let valid = |template: Template| template.valid(NOW - 1_000_000, NOW + 10_000_000);
    let root = valid(Template::authority("Root")).self_signed(&provider, key).unwrap();
    let middle = valid(Template::authority("Middle")).issue(&provider, key, &root).unwrap();
    let client = valid(Template::client("client")).issue(&provider, key, &middle).unwrap();
    Pki { root, middle, client }
}

fn serial(identity: &Identity) -> Vec<u8> {
    crate::read::RawCertificate::parse(identity.certificate()).unwrap().serial.to_vec()
}

impl Pki {
    fn check(&self, lists: &[Vec<u8>], policy: CrlPolicy) -> Result<u64, CertificateError> {
        let mut crls = Crls::new();
        for list in lists {
            crls.add_der(list).unwrap();
        }
        let mut roots = Roots::new();
        roots.add_der(self.root.certificate()).unwrap();
        let verifier = ChainVerifier::new(&provider(), roots).with_crls(crls, policy);
        let chain: Vec<&[u8]> = self.client.chain().collect();
        // The kept result of a first check does not affect the second.
        let first = verifier.verify_client(&chain, NOW).map(|peer| peer.not_after);
        assert_eq!(verifier.verify_client(&chain, NOW).map(|peer| peer.not_after), first);
        first.map_err(|error| error.reason)
    }
}

#[test]
fn the_earliest_next_update_counts() {
    let ca = Template::authority("CA").valid(0, 4_000_000_000);
    let ca = ca.self_signed(&provider(), KeySpec::EcP256).unwrap();
    let mut crls = Crls::new();
    assert_eq!(crls.next_update(), None);
    for (next_update, expected) in [
        (None, None),
        // 2025-07-01 and 2025-06-10.
        (Some(LATER), Some(1_751_328_000)),
        (Some(PAST), Some(1_749_513_600)),
        (Some(LATER), Some(1_749_513_600)),
    ] {
        let list = List { revoked: &[], this_update: EARLIER, next_update, extensions: vec![] };
        crls.add_der(&list.signed(&ca)).unwrap();
        assert_eq!(crls.next_update(), expected);
    }
}

#[test]
fn revoked_certificate_is_rejected_at_any_position() {
    let pki = pki();
    let default = CrlPolicy::default();
    let since = 1_748_736_000;
    let good = list(&[]).signed(&pki.middle);
    assert!(pki.check(core::slice::from_ref(&good), default).is_ok());
    let (client, middle) = ([serial(&pki.client)], [serial(&pki.middle)]);
    let revoked = Err(CertificateError::Revoked { since });
    assert_eq!(pki.check(&[list(&client).signed(&pki.middle)], default), revoked);
    assert_eq!(pki.check(&[good.clone(), list(&middle).signed(&pki.root)], default), revoked);
    // A CRL of another issuer does not matter, whatever the serial number.
    assert!(pki.check(&[good, list(&client).signed(&pki.root)], default).is_ok());
}

#[test]
fn result_holds_until_next_update() {
    let pki = pki();
    let good = list(&[]).signed(&pki.middle);
    assert_eq!(pki.check(core::slice::from_ref(&good), CrlPolicy::default()), Ok(1_751_328_000));
    let lax = CrlPolicy::default().stale(StaleCrl::Accept);
    assert_eq!(pki.check(&[good], lax), Ok(NOW + 10_000_000));
}

#[test]
fn stale_crl_is_accepted_if_the_policy_permits() {
    let pki = pki();
    let stale = List { next_update: Some(PAST), ..list(&[]) }.signed(&pki.middle);
    let outdated = Err(CertificateError::Crl(CrlError::Outdated { next_update: 1_749_513_600, now: NOW }));
    assert_eq!(pki.check(core::slice::from_ref(&stale), CrlPolicy::default()), outdated);
    // Also if no CRL is required: this one covers the certificate.
    assert_eq!(
        pki.check(core::slice::from_ref(&stale), CrlPolicy::default().unknown(UnknownStatus::Accept)),
        outdated
    );
    assert!(pki.check(core::slice::from_ref(&stale), CrlPolicy::default().stale(StaleCrl::Accept)).is_ok());
    // A newer one replaces it.
    assert!(pki.check(&[stale, list(&[]).signed(&pki.middle)], CrlPolicy::default()).is_ok());
    // Certificates that an old CRL revokes stay revoked.
    let revoked = [serial(&pki.client)];
    let old = List { next_update: Some(PAST), ..list(&revoked) }.signed(&pki.middle);
    assert!(matches!(pki.check(&[old], CrlPolicy::default()), Err(CertificateError::Revoked { .. })));
    let future = List { this_update: LATER, next_update: None, ..list(&[]) }.signed(&pki.middle);
    assert!(matches!(
        pki.check(&[future], CrlPolicy::default()),
        Err(CertificateError::Crl(CrlError::NotYetValid { .. }))
    ));
}

#[test]
fn certificate_without_crl_is_rejected_unless_the_policy_permits() {
    let pki = pki();
    let missing = Err(CertificateError::Crl(CrlError::Missing));
    let with = |unknown| CrlPolicy::default().unknown(unknown);
    assert_eq!(pki.check(&[], CrlPolicy::default()), missing);
    assert!(pki.check(&[], with(UnknownStatus::Accept)).is_ok());
    let of_client = list(&[]).signed(&pki.middle);
    assert!(pki.check(core::slice::from_ref(&of_client), with(UnknownStatus::RefuseEndEntity)).is_ok());
    assert_eq!(pki.check(core::slice::from_ref(&of_client), with(UnknownStatus::RefuseAny)), missing);
    let of_middle = list(&[]).signed(&pki.root);
    assert!(pki.check(&[of_client, of_middle], with(UnknownStatus::RefuseAny)).is_ok());
}

#[test]
fn crl_must_be_signed_by_the_issuer_of_the_certificate() {
    let pki = pki();
    let other = self::pki();
    let bad = Err(CertificateError::Crl(CrlError::BadSignature));
    let revoked = [serial(&pki.client)];
    // A CRL under the same name and another key neither confirms nor revokes.
    let forged = list(&revoked).signed(&other.middle);
    assert_eq!(pki.check(core::slice::from_ref(&forged), CrlPolicy::default()), bad);
    assert!(pki.check(&[forged, list(&[]).signed(&pki.middle)], CrlPolicy::default()).is_ok());
    let mut changed = list(&[]).signed(&pki.middle);
    let last = changed.last_mut().unwrap();
    *last ^= 1;
    assert_eq!(pki.check(&[changed], CrlPolicy::default()), bad);

    // The issuer's key usage does not permit signing CRLs (RFC 5280 section 6.3.3 (f)).
    let (provider, key) = (provider(), KeySpec::EcP256);
    let usage = KeyUsage { key_cert_sign: true, ..KeyUsage::NONE };
    let middle = Template::authority("Middle").key_usage(Some(usage)).valid(0, NOW + 9);
    let middle = middle.issue(&provider, key, &pki.root).unwrap();
    let client = Template::client("client").valid(0, NOW + 9).issue(&provider, key, &middle).unwrap();
    let pki = Pki { root: pki.root, middle, client };
    assert_eq!(pki.check(&[list(&[]).signed(&pki.middle)], CrlPolicy::default()), bad);
}

#[test]
fn crls_of_unsupported_scope_are_rejected_when_added() {
    let pki = pki();
    let add = |id: &ObjectIdentifier, value: &[u8]| {
        let list = List { extensions: vec![extension(id, value)], ..list(&[]) };
        Crls::new().add_der(&list.signed(&pki.middle))
    };
    let delta = ObjectIdentifier::new_unwrap("2.5.29.27");
    assert_eq!(add(&delta, &[2, 1, 1]), Err(CrlError::UnknownCriticalExtension));
    let number = ObjectIdentifier::new_unwrap("2.5.29.20");
    assert_eq!(add(&number, &[2, 1, 1]), Err(CrlError::UnknownCriticalExtension));
    let point = oid::ISSUING_DISTRIBUTION_POINT;
    for unsupported in [[0x83, 2, 1, 0x80].as_slice(), &[0x84, 1, 0xff], &[0x85, 1, 0xff]] {
        assert_eq!(add(&point, &sequence(&[unsupported])), Err(CrlError::UnsupportedScope));
    }
    assert_eq!(add(&point, &sequence(&[&[0x81, 1, 1]])), Err(CrlError::BadEncoding));
    assert_eq!(add(&point, &sequence(&[&[0x81, 1, 0xff]])), Ok(()));
    let cut = list(&[]).signed(&pki.middle);
    for end in 0..cut.len() {
        assert!(Crls::new().add_der(&cut[..end]).is_err(), "{end}");
    }
    assert_eq!(Crls::new().add_pem(b"nothing"), Err(CrlError::Pem(pem::PemError::NoCrl)));
}

#[test]
fn partitioned_crl_covers_only_its_distribution_point() {
    let pki = pki();
    let revoked = [serial(&pki.client)];
    let scoped = |value: &[u8]| {
        let value = sequence(&[value]);
        let extensions = vec![extension(&oid::ISSUING_DISTRIBUTION_POINT, &value)];
        pki.check(&[List { extensions, ..list(&revoked) }.signed(&pki.middle)], CrlPolicy::default())
    };
    assert!(matches!(scoped(&[0x81, 1, 0xff]), Err(CertificateError::Revoked { .. })), "end entities");
    assert_eq!(scoped(&[0x82, 1, 0xff]), Err(CertificateError::Crl(CrlError::Missing)), "authorities");
    // A distribution point that the certificate does not have.
    let name = element(explicit(0), &[&element(explicit(0), &[&element(0x86, &[b"http://a.test/1"])])]);
    assert_eq!(scoped(&name), Err(CertificateError::Crl(CrlError::Missing)));
}

#[test]
fn exactly_trusted_certificates_are_not_checked_against_crls() {
    let pki = pki();
    let mut roots = Roots::new();
    roots.add_exactly_der(pki.client.certificate()).unwrap();
    let verifier = ChainVerifier::new(&provider(), roots).with_crls(Crls::new(), CrlPolicy::default());
    assert!(verifier.verify_client(&[pki.client.certificate()], NOW).is_ok());
    let name = ServerName::parse("a.test").unwrap();
    assert!(verifier.verify_server(&[pki.client.certificate()], &name, NOW).is_err());
}
