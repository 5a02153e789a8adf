//! Checks of private keys: loading, signing, and generating.

use super::name;
use crate::cases::Cases;
use crate::fixtures::{KEYS, Key, MESSAGE, changed, prefix};
use crate::generators::Broken;
use crate::names::{KEY_SPECS, VERIFIERS};
use crate::runner::{Outcomes, Runner};
use cairn_crypto::{CryptoError, KeyKind, KeySpec, KeyStore, PrivateKeyDer, Provider, SigningKey};
use cairn_wire::SignatureScheme;

pub(super) fn run(runner: &mut Runner<'_>, other: Option<&Provider>) {
    let provider = runner.provider;
    let by = provider.keys.implementation();
    let mut any = false;
    for fixture in &KEYS {
        let offered = fixture.encodings.iter().any(|der| provider.keys.load(*der).is_ok());
        if !offered {
            runner.not_offered(fixture.name);
            continue;
        }
        any = true;
        runner.row(fixture.name, by, name::ENCODINGS, |cases| encodings(cases, &*provider.keys, fixture));
        runner.row(fixture.name, by, name::SIGNING, |cases| {
            let key = fixture.encodings.iter().find_map(|der| provider.keys.load(*der).ok());
            signing(cases, provider, other, &*key.ok_or("the key no longer loads")?, Some(fixture))
        });
    }
    for (spec, label) in KEY_SPECS {
        let made = provider.keys.generate(spec, &mut provider.rng());
        if made == Err(CryptoError::Unsupported) {
            runner.not_offered(&format!("generation of {label}"));
            continue;
        }
        any = true;
        runner.row(label, by, name::GENERATION, |cases| {
            let made = made.map_err(|error| format!("key generation failed: {error}"))?;
            let key = provider.keys.load(PrivateKeyDer::Pkcs8(made.expose()));
            let key = key.map_err(|error| format!("the generated key does not load: {error}"))?;
            cases.equal(&Some(key.public_key().kind), &kind_of(spec), "the kind of the generated key");
            signing(cases, provider, other, &*key, None)?;
            // Generating a second RSA key would take too long and show little.
            if !matches!(spec, KeySpec::Rsa { .. }) {
                let again = provider.keys.generate(spec, &mut provider.rng());
                let again = again.map_err(|error| format!("the second key generation failed: {error}"))?;
                cases.expect(again != made, "the same key was generated twice");
            }
            Ok(())
        });
    }
    if !any {
        return;
    }
    runner.row("keys", by, name::INVALID, |cases| {
        invalid(cases, &*provider.keys);
        Ok(())
    });
    runner.row("keys", by, name::LENGTHS, |cases| {
        for bits in [0, 1, 512, 1024, 2047, 2049, u16::MAX] {
            let made = provider.keys.generate(KeySpec::Rsa { bits }, &mut provider.rng());
            cases.refused(made, CryptoError::Unsupported, || format!("generating an RSA key of {bits} bits"));
        }
        Ok(())
    });
}

fn kind_of(spec: KeySpec) -> Option<KeyKind> {
    Some(match spec {
        KeySpec::Rsa { .. } => KeyKind::Rsa,
        KeySpec::EcP256 => KeyKind::EcP256,
        KeySpec::EcP384 => KeyKind::EcP384,
        KeySpec::EcP521 => KeyKind::EcP521,
        KeySpec::Ed25519 => KeyKind::Ed25519,
        KeySpec::MlDsa44 => KeyKind::MlDsa44,
        KeySpec::MlDsa65 => KeyKind::MlDsa65,
        KeySpec::MlDsa87 => KeyKind::MlDsa87,
        _ => return None,
    })
}

fn encodings(cases: &mut Cases, keys: &dyn KeyStore, fixture: &Key) -> Outcomes {
    for der in fixture.encodings {
        let what = || format!("{der:?}");
        let Some(key) = cases.succeeds(keys.load(*der), what) else { continue };
        cases.equal(key.public_key(), &fixture.public_key(), || format!("{der:?}: public half"));
        let whole = der.der();
        let again = |bytes: &[u8]| match der {
            PrivateKeyDer::Pkcs1(_) => keys.load(PrivateKeyDer::Pkcs1(bytes)).map(|_| ()),
            PrivateKeyDer::Sec1(_) => keys.load(PrivateKeyDer::Sec1(bytes)).map(|_| ()),
            _ => keys.load(PrivateKeyDer::Pkcs8(bytes)).map(|_| ()),
        };
        for len in (0..whole.len()).step_by(whole.len() / 40 + 1).chain([whole.len() - 1]) {
            let got = again(prefix(whole, len));
            cases.refused(got, CryptoError::BadPrivateKey, || format!("{der:?}, {len} bytes of it"));
        }
        let longer = [whole, &[0]].concat();
        cases.refused(again(&longer), CryptoError::BadPrivateKey, || format!("{der:?} and a byte more"));
        // A modified byte leads to an error or a key, but never to a panic.
        for at in (0..whole.len()).step_by(whole.len() / 24 + 1) {
            let got = again(&changed(whole, at, 0x10));
            let sound = matches!(got, Ok(()) | Err(CryptoError::BadPrivateKey | CryptoError::Unsupported));
            cases.expect(sound, || format!("{der:?} with byte {at} changed: {got:?}"));
        }
        // The public key is at the end of an EC private key (RFC 5915 section 3).
        if fixture.kind.is_ecdsa() {
            let got = again(&changed(whole, whole.len() - 1, 1));
            cases.refused(got, CryptoError::BadPrivateKey, || {
                format!("{der:?} with the public key of another")
            });
        }
        for wrong in [PrivateKeyDer::Pkcs8(whole), PrivateKeyDer::Pkcs1(whole), PrivateKeyDer::Sec1(whole)] {
            if wrong != *der {
                let got = keys.load(wrong).map(|_| ());
                cases.refused(got, CryptoError::BadPrivateKey, || format!("{der:?} given as {wrong:?}"));
            }
        }
    }
    Ok(())
}

fn invalid(cases: &mut Cases, keys: &dyn KeyStore) {
    for bytes in [&[][..], &[0], &[0x30, 0], &[0x30, 0x80], &[0xff; 64], b"-----BEGIN PRIVATE KEY-----"] {
        for der in [PrivateKeyDer::Pkcs8(bytes), PrivateKeyDer::Pkcs1(bytes), PrivateKeyDer::Sec1(bytes)] {
            let got = keys.load(der).map(|_| ());
            cases.refused(got, CryptoError::BadPrivateKey, || format!("{der:?} that is not a key"));
        }
    }
}

fn signing(
    cases: &mut Cases,
    provider: &Provider,
    other: Option<&Provider>,
    key: &dyn SigningKey,
    fixture: Option<&Key>,
) -> Outcomes {
    let public = key.public_key();
    cases.expect(!key.schemes().is_empty(), "the key supports no scheme");
    for scheme in key.schemes().iter().copied() {
        let fits = VERIFIERS.contains(&(public.kind, scheme));
        cases.expect(fits, || format!("{scheme} does not belong to a key of {}", public.kind));
        for message in [MESSAGE, b"", &[0x5a; 20_000]] {
            let what = || format!("{scheme} over {} bytes", message.len());
            let made = key.sign(scheme, message, &mut provider.rng());
            let Some(signature) = cases.succeeds(made, what) else { continue };
            let verifiers = [Some(provider), other].into_iter().flatten();
            let verifiers: Vec<_> = verifiers.filter_map(|p| p.verifier(public.kind, scheme)).collect();
            if verifiers.is_empty() {
                cases.skip();
            }
            for verifier in verifiers {
                let verified = verifier.verify(&public.bits, message, &signature);
                cases.equal(&verified, &Ok(()), || format!("{} by {verifier:?}", what()));
            }
        }
        let sign = || key.sign(scheme, MESSAGE, &mut provider.rng());
        if scheme == SignatureScheme::ED25519 || is_pkcs1(scheme) {
            let wanted =
                fixture.and_then(|fixture| fixture.signature(scheme)).map_or_else(sign, |s| Ok(s.to_vec()));
            cases
                .expect(sign() == wanted, || format!("{scheme} is deterministic, but the signature differs"));
        } else if scheme_is_pss(scheme) {
            cases.expect(sign() != sign(), || {
                format!("{scheme} gave the same signature twice: its salt is constant")
            });
        }
        // A scheme that needs randomness must fail without it.
        if let Err(error) = key.sign(scheme, MESSAGE, &mut Broken) {
            cases.equal(&error, &CryptoError::RandomFailed, || {
                format!("{scheme} with a generator that fails")
            });
        }
    }
    let foreign =
        VERIFIERS.iter().map(|(_, scheme)| *scheme).chain([SignatureScheme(0), SignatureScheme(0xffff)]);
    for scheme in foreign.filter(|scheme| !key.schemes().contains(scheme)) {
        let made = key.sign(scheme, MESSAGE, &mut provider.rng());
        cases.refused(made, CryptoError::Unsupported, || format!("{scheme}, which the key does not list"));
    }
    Ok(())
}

fn is_pkcs1(scheme: SignatureScheme) -> bool {
    use SignatureScheme as S;
    matches!(
        scheme,
        S::RSA_PKCS1_SHA256
            | S::RSA_PKCS1_SHA384
            | S::RSA_PKCS1_SHA512
            | S::RSA_PKCS1_SHA224
            | S::RSA_PKCS1_SHA1
    )
}

fn scheme_is_pss(scheme: SignatureScheme) -> bool {
    use SignatureScheme as S;
    matches!(
        scheme,
        S::RSA_PSS_RSAE_SHA256
            | S::RSA_PSS_RSAE_SHA384
            | S::RSA_PSS_RSAE_SHA512
            | S::RSA_PSS_PSS_SHA256
            | S::RSA_PSS_PSS_SHA384
            | S::RSA_PSS_PSS_SHA512
    )
}
