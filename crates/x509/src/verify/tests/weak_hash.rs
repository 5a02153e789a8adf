use super::*;

/// RFC 9846 section 4.5.1.3: MD5 and SHA-1 are `bad_certificate`. A self-signed certificate that is trusted
/// is not checked.
#[test]
fn certificate_signed_with_md5_or_sha_1_is_bad_certificate() {
    // The identifiers differ in their last byte: sha256WithRSAEncryption in the intermediate.
    let with_hash = |last: u8| {
        let mut chain = good_chain();
        let sha256 = [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0b];
        let der = &mut chain[1];
        let places: Vec<usize> = (0..der.len())
            .filter(|place| der[*place..].starts_with(&sha256))
            .map(|place| place + 8)
            .collect();
        assert_eq!(places.len(), 2, "in TBSCertificate and beside the signature");
        for place in places {
            der[place] = last;
        }
        chain
    };
    let root = verifier(&[cert!("root.pem")]);
    let sha1 = server(&root, &[cert!("leaf-sha1.pem")], "www.example.com");
    assert_eq!(sha1, Err(CertificateError::WeakHash));
    for last in [4, 5] {
        let verdict = server(&root, &with_hash(last), "www.example.com");
        assert_eq!(verdict, Err(CertificateError::WeakHash), "{last}");
    }
    assert_eq!(CertificateError::WeakHash.alert(), cairn_wire::AlertDescription::BAD_CERTIFICATE);
    let trusted = verifier(&with_hash(4)[1..]);
    assert!(server(&trusted, &good_chain(), "www.example.com").is_ok(), "an anchor's own signature");
}
