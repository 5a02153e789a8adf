//! Checks of HMAC, and of the PRF of TLS 1.2 (RFC 5246 section 5), whether built on HMAC or provided by the
//! module.

use super::name;
use crate::cases::Cases;
use crate::fixtures::{changed, prefix};
use crate::generators::Seeded;
use crate::runner::{Outcomes, Runner};
use alloc::sync::Arc;
use cairn_crypto::{CryptoError, HashAlgorithm, Hmac, Tls12Prf};
use cairn_schedule::Prf;
use hex_literal::hex;

pub(super) fn run(runner: &mut Runner<'_>) {
    for hmac in &runner.provider.hmacs {
        let (label, by) = (format!("HMAC-{}", hmac.hash_algorithm()), hmac.implementation());
        runner.row(&label, by, name::LENGTHS, |cases| lengths(cases, &**hmac));
        runner.row(&label, by, name::TAMPERING, |cases| tampering(cases, &**hmac));
        // The PRF of TLS 1.2 uses no hash that is shorter than SHA-256.
        if hmac.hash_algorithm() != HashAlgorithm::Sha1 {
            runner.row(&label, by, name::PRF, |cases| prf(cases, hmac));
        }
        if let Some(own) = hmac.tls12_prf() {
            runner.row(&label, by, name::OWN_PRF, |cases| own_prf(cases, &**hmac, own));
        }
    }
}

fn lengths(cases: &mut Cases, hmac: &dyn Hmac) -> Outcomes {
    let (block, output) = (hmac.hash_algorithm().block_len(), hmac.hash_algorithm().output_len());
    // Keys of any length. A key longer than a block is replaced by its hash (RFC 2104 section 2).
    let material = Seeded::new(3).bytes(1 << 20);
    for len in [0, 1, output, block - 1, block, block + 1, 2 * block, 4096, 1 << 20] {
        let key =
            hmac.key(prefix(&material, len)).map_err(|error| format!("a key of {len} bytes: {error}"))?;
        let mut tag = vec![0; output];
        key.sign(&[b"message"], &mut tag).map_err(|error| error.to_string())?;
        cases.equal(&key.verify(&[b"mess", b"", b"age"], &tag), &Ok(()), || format!("a key of {len} bytes"));
    }
    let key = hmac.key(b"key").map_err(|error| error.to_string())?;
    // Messages of every length around a block, in one part, in two and in many, must give the same tag.
    let message = prefix(&material, 700);
    for len in (0..2 * block + 2).chain([255, 256, 257, 511, 512, 513, 600, 700]) {
        let message = prefix(message, len);
        let (mut whole, mut in_parts, mut bytes) = (vec![0; output], vec![0; output], vec![0; output]);
        let (left, right) = message.split_at(len / 3);
        let singles: Vec<&[u8]> = message.chunks(1).collect();
        key.sign(&[message], &mut whole)
            .and_then(|()| key.sign(&[left, right], &mut in_parts))
            .and_then(|()| key.sign(&singles, &mut bytes))
            .map_err(|error| format!("{len} bytes: {error}"))?;
        cases.expect(whole == in_parts && whole == bytes, || format!("{len} bytes: parts give another tag"));
    }
    for got in [0, 1, output - 1, output + 1, 65] {
        let error = CryptoError::WrongLength { expected: output, got };
        let mut tag = vec![0; got];
        // The longest hash has 64 bytes. Signing must reject every length except the right one.
        cases.refused(key.sign(&[b"message"], &mut tag), error, || format!("a tag of {got} bytes"));
        cases.expect(key.verify(&[b"message"], &tag).is_err(), || format!("verified a tag of {got} bytes"));
    }
    Ok(())
}

fn tampering(cases: &mut Cases, hmac: &dyn Hmac) -> Outcomes {
    let output = hmac.hash_algorithm().output_len();
    let key = hmac.key(b"the key").map_err(|error| error.to_string())?;
    let message = Seeded::new(4).bytes(100);
    let mut tag = vec![0; output];
    key.sign(&[&message], &mut tag).map_err(|error| error.to_string())?;
    cases.equal(&key.verify(&[&message], &tag), &Ok(()), "the computed tag");
    for bit in 0..output * 8 {
        let bad = changed(&tag, bit / 8, 1 << (bit % 8));
        cases.refused(key.verify(&[&message], &bad), CryptoError::BadTag, || format!("bit {bit} of the tag"));
    }
    for at in 0..message.len() {
        let other = changed(&message, at, 1);
        cases.refused(key.verify(&[&other], &tag), CryptoError::BadTag, || {
            format!("byte {at} of the message")
        });
    }
    let others: [&[u8]; 3] = [&[], prefix(&message, 99), &[&message[..], &[0]].concat()];
    for other in others {
        cases.refused(key.verify(&[other], &tag), CryptoError::BadTag, || format!("{} bytes", other.len()));
    }
    for len in 0..output {
        cases.expect(key.verify(&[&message], prefix(&tag, len)).is_err(), || {
            format!("only {len} bytes of the tag")
        });
    }
    for other in [&b""[..], b"the kez", b"the key1"] {
        let key = hmac.key(other).map_err(|error| error.to_string())?;
        cases.refused(key.verify(&[&message], &tag), CryptoError::BadTag, "under another key");
    }
    Ok(())
}

/// Published on the mailing list of the IETF TLS working group: secret, seed and output, with the label "test
/// label".
fn published(hash: HashAlgorithm) -> Option<(&'static [u8], &'static [u8], &'static [u8])> {
    Some(match hash {
        HashAlgorithm::Sha256 => (
            &hex!("9bbe436ba940f017b17652849a71db35"),
            &hex!("a0ba9f936cda311827a6f796ffd5198c"),
            &hex!(
                "e3f229ba727be17b8d122620557cd453c2aab21d07c3d495329b52d4e61edb5a"
                "6b301791e90d35c9c9a46b4e14baf9af0fa022f7077def17abfd3797c0564bab"
                "4fbc91666e9def9b97fce34f796789baa48082d122ee42c5a72e5a5110fff701"
                "87347b66"
            ),
        ),
        HashAlgorithm::Sha384 => (
            &hex!("b80b733d6ceefcdc71566ea48e5567df"),
            &hex!("cd665cf6a8447dd6ff8b27555edb7465"),
            &hex!(
                "7b0c18e9ced410ed1804f2cfa34a336a1c14dffb4900bb5fd7942107e81c83cd"
                "e9ca0faa60be9fe34f82b1233c9146a0e534cb400fed2700884f9dc236f80edd"
                "8bfa961144c9e8d792eca722a7b32fc3d416d473ebc2c5fd4abfdad05d918425"
                "9b5bf8cd4d90fa0d31e2dec479e4f1a26066f2eea9a69236a3e52655c9e9aee6"
                "91c8f3a26854308d5eaa3be85e0990703d73e56f"
            ),
        ),
        HashAlgorithm::Sha512 => (
            &hex!("b0323523c1853599584d88568bbb05eb"),
            &hex!("d4640e12e4bcdbfb437f03e6ae418ee5"),
            &hex!(
                "1261f588c798c5c201ff036e7a9cb5edcd7fe3f94c669a122a4638d7d508b283"
                "042df6789875c7147e906d868bc75c45e20eb40c1cf4a1713b27371f68432592"
                "f7dc8ea8ef223e12ea8507841311bf68653d0cfc4056d811f025c45ddfa6e6fe"
                "c702f054b409d6f28dd0a3233e498da41a3e75c5630eedbe22fe254e33a1b0e9"
                "f6b9826675bec7d01a845658dc9c397545401d40b9f46c7a400ee1b8f81ca0a6"
                "0d1a397a1028bff5d2ef5066126842fb8da4197632bdb54ff6633f86bbc836e6"
                "40d4d898"
            ),
        ),
        _ => return None,
    })
}

/// Used as in the key schedule: the module's own PRF if it has one, else the PRF on top of its HMAC.
fn prf(cases: &mut Cases, hmac: &Arc<dyn Hmac>) -> Outcomes {
    let hash = hmac.hash_algorithm();
    let (secret, seed, wanted) = published(hash).ok_or_else(|| format!("no known answer for {hash}"))?;
    let prf = Prf::new(hmac, secret).map_err(|error| error.to_string())?;
    for len in [wanted.len(), 0, 1, hash.output_len(), 48] {
        let mut out = vec![0; len];
        prf.expand(b"test label", [seed, b""], &mut out).map_err(|error| error.to_string())?;
        cases.expect(out == prefix(wanted, len), || format!("the published vector, {len} bytes of it"));
        let (left, right) = seed.split_at(seed.len() / 2);
        prf.expand(b"test label", [left, right], &mut out).map_err(|error| error.to_string())?;
        cases.expect(out == prefix(wanted, len), || {
            format!("the same with the seed in two parts, {len} bytes")
        });
    }
    Ok(())
}

/// Compares the module's own PRF with the one of RFC 5246 section 5 on top of the module's HMAC.
fn own_prf(cases: &mut Cases, hmac: &dyn Hmac, own: &dyn Tls12Prf) -> Outcomes {
    let mut draw = Seeded::new(5);
    for round in 0..64 {
        let secret_len = draw.below(200);
        let (secret, label) = (draw.bytes(secret_len), draw.bytes(round % 40));
        let (seed, more) = (draw.bytes(round), draw.bytes(2 * round));
        let mut out = vec![0; 5 * round];
        own.expand(&secret, &label, &[&seed, &more], &mut out).map_err(|error| error.to_string())?;
        let joined = [label, seed, more].concat();
        let wanted = plain_prf(hmac, &secret, &joined, out.len()).map_err(|error| error.to_string())?;
        cases.expect(out == wanted, || {
            format!("{} bytes of output differ from RFC 5246 section 5", out.len())
        });
    }
    Ok(())
}

fn plain_prf(hmac: &dyn Hmac, secret: &[u8], seed: &[u8], len: usize) -> Result<Vec<u8>, CryptoError> {
    let key = hmac.key(secret)?;
    let sign = |data: &[&[u8]]| {
        let mut tag = vec![0; hmac.hash_algorithm().output_len()];
        key.sign(data, &mut tag).map(|()| tag)
    };
    let (mut a, mut out) = (seed.to_vec(), Vec::new());
    while out.len() < len {
        a = sign(&[&a])?;
        out.extend(sign(&[&a, seed])?);
    }
    out.truncate(len);
    Ok(out)
}
