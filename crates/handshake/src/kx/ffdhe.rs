//! The groups of RFC 7919 appendix A.

use crate::security::strength::of_modulus;
use cairn_crypto::FiniteFieldGroup;
use cairn_wire::NamedGroup;

/// A group by name.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Ffdhe {
    pub(crate) name: NamedGroup,
    group: FiniteFieldGroup<'static>,
}

impl Ffdhe {
    const fn new((name, group): (NamedGroup, FiniteFieldGroup<'static>)) -> Self {
        Self { name, group }
    }

    /// Prime and generator.
    pub(crate) const fn group(&self) -> FiniteFieldGroup<'static> {
        self.group
    }

    /// The size of the prime in bits.
    pub(crate) fn bits(&self) -> usize {
        bits(self.group.p)
    }
}

/// All groups, smallest first: among groups that are strong enough, the fastest comes first.
pub(crate) static FFDHE: [Ffdhe; 5] = {
    let [a, b, c, d, e] = FiniteFieldGroup::NAMED;
    [Ffdhe::new(a), Ffdhe::new(b), Ffdhe::new(c), Ffdhe::new(d), Ffdhe::new(e)]
};

/// The group with this code point.
pub(crate) fn by_name(name: NamedGroup) -> Option<&'static Ffdhe> {
    FFDHE.iter().find(|group| group.name == name)
}

/// The strength of a group in bits; 0 if it is none of these groups.
pub(crate) fn strength(name: NamedGroup) -> u16 {
    by_name(name).map_or(0, |group| of_modulus(group.bits()))
}

/// The code point of the group with this prime and generator. Leading zeros are ignored.
pub(crate) fn name_of(p: &[u8], g: &[u8]) -> Option<NamedGroup> {
    let (p, g) = (significant(p), significant(g));
    FFDHE.iter().find(|group| group.group == FiniteFieldGroup { p, g }).map(|group| group.name)
}

/// The number without leading zeros.
pub(crate) fn significant(number: &[u8]) -> &[u8] {
    let zeros = number.iter().take_while(|byte| **byte == 0).count();
    number.get(zeros..).unwrap_or_default()
}

/// The length of a big-endian number in bits.
pub(crate) fn bits(number: &[u8]) -> usize {
    let number = significant(number);
    let Some(first) = number.first() else { return 0 };
    let unused = usize::try_from(first.leading_zeros()).unwrap_or_default();
    number.len().saturating_mul(8).saturating_sub(unused)
}

#[cfg(test)]
mod tests {
    use super::*;
    use cairn_crypto::HashAlgorithm;
    use hex_literal::hex;

    /// SHA-256 of each prime, and the number of bits in its name. The hashes are of the primes computed from
    /// the formula of RFC 7919: 2^b - 2^(b-64) + (floor(2^(b-130) e) + X) 2^64 - 1.
    const DIGESTS: [(usize, [u8; 32]); 5] = [
        (2048, hex!("9CD3B7F336872F46C09428D1BBC19877A4D440512CDA8D1C1CF0CD6E33698966")),
        (3072, hex!("0EAF67DB3A839156D5013494A5318A772B5697D270D721F37F092EFC69EA5A17")),
        (4096, hex!("4648414224AC881B3D0DC59B466F96D06A558278776807797ECF1F66FF397B3E")),
        (6144, hex!("227AC9066B3DDD9E193670CDA2388FA884F65BA0CF98B742D1FE77A6687C79C7")),
        (8192, hex!("770B14EFAF6F049929C523113B3FA99A8D11DAB1B18AF3609590122075D19833")),
    ];

    #[test]
    fn primes_match_the_rfc_formula() {
        let provider = cairn_provider_aws_lc::provider();
        let sha256 = provider.hash(HashAlgorithm::Sha256).unwrap();
        for (group, (length, digest)) in FFDHE.iter().zip(DIGESTS) {
            let p = group.group().p;
            assert_eq!(bits(p), length, "{}", group.name);
            assert!(p.starts_with(&[0xff; 8]) && p.ends_with(&[0xff; 8]), "{}", group.name);
            assert_eq!(sha256.hash(&[p]).unwrap().as_bytes(), digest, "{}", group.name);
            assert_eq!(by_name(group.name), Some(group));
            let padded = [&[0, 0], p].concat();
            assert_eq!(name_of(&padded, &[0, 2]), Some(group.name));
            assert_eq!(name_of(p, &[5]), None);
        }
        assert_eq!(by_name(NamedGroup::X25519), None);
    }

    #[test]
    fn bit_length_excludes_leading_zeros() {
        for (number, expected) in [(&[][..], 0), (&[0, 0], 0), (&[1], 1), (&[0, 0x80, 0], 16), (&[0x7f], 7)] {
            assert_eq!(bits(number), expected, "{number:?}");
        }
    }

    #[test]
    fn both_sides_compute_the_same_secret() {
        let provider = cairn_provider_aws_lc::provider();
        let field = provider.finite_field.as_ref().unwrap();
        // The larger groups take seconds in an unoptimized build.
        for group in FFDHE.iter().take(2) {
            let key = field.generate(group.group(), &mut provider.rng()).unwrap();
            let ours = field.encapsulate(group.group(), key.share(), &mut provider.rng()).unwrap();
            assert_eq!(key.agree(&ours.share).unwrap(), ours.secret, "{}", group.name);
        }
    }
}
