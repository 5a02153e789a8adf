//! Shares of key agreement: their lengths, and checks that invalid ones are refused.

use crate::cases::Cases;
use crate::runner::Outcomes;
use cairn_crypto::{CryptoError, KeyAgreement, ProviderRng};
use cairn_wire::NamedGroup;
use hex_literal::hex;

/// The lengths of the generated share, of the answer, and of the secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Widths {
    pub(super) share: usize,
    pub(super) answer: usize,
    pub(super) secret: usize,
}

/// RFC 8422 sections 5.4.1 and 5.10, FIPS 203 table 3, RFC 9846 sections 4.3.8.1 and 7.4.1,
/// draft-ietf-tls-ecdhe-mlkem.
pub(super) fn widths(group: NamedGroup) -> Option<Widths> {
    let (share, answer, secret) = match group {
        NamedGroup::X25519 => (32, 32, 32),
        NamedGroup::SECP256R1 => (65, 65, 32),
        NamedGroup::SECP384R1 => (97, 97, 48),
        NamedGroup::SECP521R1 => (133, 133, 66),
        NamedGroup::MLKEM512 => (800, 768, 32),
        NamedGroup::MLKEM768 => (1184, 1088, 32),
        NamedGroup::MLKEM1024 => (1568, 1568, 32),
        NamedGroup::X25519MLKEM768 => (1216, 1120, 64),
        NamedGroup::SECP256R1MLKEM768 => (1249, 1153, 64),
        NamedGroup::SECP384R1MLKEM1024 => (1665, 1665, 80),
        NamedGroup::FFDHE2048 => (256, 256, 256),
        NamedGroup::FFDHE3072 => (384, 384, 384),
        NamedGroup::FFDHE4096 => (512, 512, 512),
        NamedGroup::FFDHE6144 => (768, 768, 768),
        NamedGroup::FFDHE8192 => (1024, 1024, 1024),
        _ => return None,
    };
    Some(Widths { share, answer, secret })
}

/// The u-coordinates of order 1, 2, 4 and 8 on the curve and its twist, and the numbers congruent to them
/// modulo 2^255 - 19.
pub(super) const LOW_ORDER: [[u8; 32]; 7] = [
    hex!("0000000000000000000000000000000000000000000000000000000000000000"),
    hex!("0100000000000000000000000000000000000000000000000000000000000000"),
    hex!("e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800"),
    hex!("5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157"),
    hex!("ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"),
    hex!("edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"),
    hex!("eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"),
];

/// Checks that neither side accepts the share.
pub(super) fn refused(
    cases: &mut Cases,
    agreement: &dyn KeyAgreement,
    rng: ProviderRng<'_>,
    share: &[u8],
    what: &str,
) -> Outcomes {
    refused_answer(cases, agreement, rng, share, what)?;
    refused_share(cases, agreement, rng, share, &format!("{what}, in an answer"));
    Ok(())
}

/// Checks that a generated key refuses the peer's answer.
pub(super) fn refused_answer(
    cases: &mut Cases,
    agreement: &dyn KeyAgreement,
    rng: ProviderRng<'_>,
    answer: &[u8],
    what: &str,
) -> Outcomes {
    cases.given(&[("share", answer)]);
    let key = agreement.generate(&mut rng.clone()).map_err(|error| format!("no key: {error}"))?;
    cases.refused(key.agree(answer), CryptoError::BadPeerShare, what);
    Ok(())
}

/// Checks that the share of a peer that generated its key is not answered.
pub(super) fn refused_share(
    cases: &mut Cases,
    agreement: &dyn KeyAgreement,
    rng: ProviderRng<'_>,
    share: &[u8],
    what: &str,
) {
    cases.given(&[("share", share)]);
    let answer = agreement.encapsulate(share, &mut rng.clone());
    cases.refused(answer, CryptoError::BadPeerShare, what);
}
