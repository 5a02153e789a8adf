//! Unusual certificates in real connections: accepted, or rejected with a message that leads to the fix.

use crate::{
    connect_openssl::SServer,
    support::{
        Files, Finished, Folder, Kind, Pki, Serve, cairn, installed,
        odd::{self, Odd, Party, alternative_names, extension, seq, tlv},
        run, run_with_input,
    },
};
use cairn_tls::x509::{issue::Template, pem};
use std::process::Command;

/// Runs `cairn connect` to a server with this chain.
fn connect(folder: &Folder, party: &Party, chain: &[&[u8]], root: &[u8], name: &str) -> Finished {
    let ca = folder.write("root.pem", pem::encode_certificate(root));
    let server = Serve::with(&[party.files(folder, "server", chain)], &[]);
    let arguments = ["connect", &server.address, "--ca", &ca, "--name", name, "--wait", "0"];
    run_with_input(&mut cairn(&arguments), b"")
}

#[test]
fn unusual_but_valid_certificates_are_accepted() {
    let folder = Folder::new();
    let (root, root_der) = Party::root();
    let leaf = Party::new(odd::name(&[(3, "leaf")]));
    let usual = Odd::new(alternative_names(&["localhost"]));
    // certificatePolicies with anyPolicy.
    let policies = extension(32, true, &seq(&[&seq(&[&tlv(6, &[&[0x55, 0x1d, 0x20, 0]])])]));
    for (what, odd) in [
        ("a date before 1970", Odd { not_before: tlv(0x17, &[b"691231230000Z"]), ..usual.clone() }),
        ("ecdsa-with-SHA256 with NULL", Odd { algorithm: odd::ecdsa_sha256(&[5, 0]), ..usual.clone() }),
        ("issuerUniqueID", Odd { unique_identifiers: tlv(0x81, &[b"\0abc"]), ..usual.clone() }),
        ("critical certificatePolicies", Odd::new([usual.extensions.clone(), policies].concat())),
    ] {
        let der = odd.of(&leaf, &root);
        let done = connect(&folder, &leaf, &[&der], &root_der, "localhost");
        assert_eq!(done.code(), 0, "{what}: {}", done.all());
    }
}

#[test]
fn directory_name_constraint_is_enforced() {
    let folder = Folder::new();
    let (root, root_der) = Party::root();
    let authority = Party::new(odd::name(&[(3, "Intermediate")]));
    // permittedSubtrees: example.com, and the organization Corp.
    let subtrees =
        [seq(&[&tlv(0x82, &[b"example.com"])]), seq(&[&tlv(0xa4, &[&odd::name(&[(10, "Corp")])])])].concat();
    let constraints = extension(30, true, &seq(&[&tlv(0xa0, &[&subtrees])]));
    let authority_der = Odd::new([odd::authority(&[]), constraints].concat()).of(&authority, &root);
    for (organization, code) in [("Corp", 0), ("Other", 5)] {
        let leaf = Party::new(odd::name(&[(10, organization), (3, "www")]));
        let leaf_der = Odd::new(alternative_names(&["www.example.com"])).of(&leaf, &authority);
        let chain = [&leaf_der[..], &authority_der];
        let done = connect(&folder, &leaf, &chain, &root_der, "www.example.com");
        assert_eq!(done.code(), code, "{organization}: {}", done.all());
    }
}

#[test]
fn path_len_constraint_of_a_root_is_enforced() {
    let folder = Folder::new();
    let root = Party::new(odd::name(&[(3, "Root")]));
    let authority = Party::new(odd::name(&[(3, "Intermediate")]));
    let leaf = Party::new(odd::name(&[(3, "leaf")]));
    let authority_der = Odd::new(odd::authority(&[])).of(&authority, &root);
    let leaf_der = Odd::new(alternative_names(&["localhost"])).of(&leaf, &authority);
    for (path_len, code) in [(1, 0), (0, 5)] {
        let root_der = Odd::new(odd::authority(&[2, 1, path_len])).of(&root, &root);
        let done = connect(&folder, &leaf, &[&leaf_der, &authority_der], &root_der, "localhost");
        assert_eq!(done.code(), code, "{path_len}: {}", done.all());
    }
}

#[test]
fn version_1_client_certificate_is_accepted() {
    let pki = Pki::new();
    let (root, root_der) = Party::root();
    let client = Party::new(odd::name(&[(3, "client")]));
    let der = Odd { version: 1, ..Odd::new(Vec::new()) }.of(&client, &root);
    let files = client.files(&pki.folder, "v1", &[&der]);
    let ca = pki.folder.write("root.pem", pem::encode_certificate(&root_der));
    let server = Serve::start(&pki, Kind::P256, &["--http", "--client-ca", &ca, "--require-client-cert"]);
    let arguments = ["connect", &server.address, "--ca", &pki.ca, "--cert", &files.cert, "--key", &files.key];
    let done = run_with_input(&mut cairn(&arguments), b"GET / HTTP/1.0\r\n\r\n").expect_code(0);
    assert!(done.out().contains("CN=client"), "{}", done.out());
}

#[test]
fn certificate_without_subject_alt_name_is_reported() {
    let folder = Folder::new();
    let (root, root_der) = Party::root();
    let leaf = Party::new(odd::name(&[(3, "localhost")]));
    let der = Odd::new(extension(15, true, &[3, 2, 7, 0x80])).of(&leaf, &root);
    let done = connect(&folder, &leaf, &[&der], &root_der, "localhost").expect_code(5);
    done.expect_words(&["common name", "subjectAltName=DNS:localhost", "--name cannot help"]);
    let der = Odd::new(alternative_names(&["a.example", "*.b.example"])).of(&leaf, &root);
    let done = connect(&folder, &leaf, &[&der], &root_der, "c.example").expect_code(5);
    done.expect_words(&["is for a.example, *.b.example", "c.example was expected", "--name NAME"]);
}

#[test]
fn kinds_of_untrusted_chains_have_distinct_messages() {
    let folder = Folder::new();
    let (root, root_der) = Party::root();
    let authority = Party::new(odd::name(&[(3, "Intermediate")]));
    let authority_der = Odd::new(odd::authority(&[])).of(&authority, &root);
    let leaf = Party::new(odd::name(&[(3, "leaf")]));
    let usual = Odd::new(alternative_names(&["localhost"]));
    let (leaf_der, self_signed) = (usual.of(&leaf, &authority), usual.of(&leaf, &leaf));
    let other = Party::new(odd::name(&[(3, "Other root")]));
    let other_der = Odd::new(odd::authority(&[])).of(&other, &other);
    let (_, renewed_der) = Party::root();
    for (chain, trusted, words) in [
        (
            &[&self_signed[..]][..],
            &root_der,
            &["\"CN=leaf\" is self-signed", "--trust-cert FILE", "--ca FILE"][..],
        ),
        (
            &[&leaf_der],
            &root_der,
            &["issued by \"CN=Intermediate\"", "leaves out an intermediate certificate", "root.pem"],
        ),
        (
            &[&leaf_der, &authority_der, &root_der],
            &other_der,
            &["ends in the authority \"CN=Root\"", "root.pem does not have it"],
        ),
        (
            &[&leaf_der, &authority_der],
            &renewed_der,
            &["Certificate 2 says that \"CN=Root\" issued it", "another key", "renewed"],
        ),
    ] {
        let done = connect(&folder, &leaf, chain, trusted, "localhost").expect_code(5);
        done.expect_words(words);
    }
}

#[test]
fn authority_that_may_not_issue_is_reported_with_the_reason() {
    let folder = Folder::new();
    let root = Party::new(odd::name(&[(3, "Root")]));
    let authority = Party::new(odd::name(&[(3, "Intermediate")]));
    let authority_der = Odd::new(odd::authority(&[])).of(&authority, &root);
    let leaf = Party::new(odd::name(&[(3, "leaf")]));
    let usual = Odd::new(alternative_names(&["localhost"]));
    let is_ca = extension(19, true, &seq(&[&[1, 1, 0xff]]));
    let signs = extension(15, true, &[3, 2, 7, 0x80]);
    for (root_der, words) in [
        (Odd { version: 1, ..Odd::new(Vec::new()) }, "it is of a version before 3"),
        (Odd::new(extension(19, true, &seq(&[]))), "its basicConstraints are missing or without CA:TRUE"),
        (Odd::new([is_ca, signs].concat()), "its keyUsage is without keyCertSign"),
    ] {
        let root_der = root_der.of(&root, &root);
        let direct = usual.of(&leaf, &root);
        let below = usual.of(&leaf, &authority);
        for chain in [&[&direct[..]][..], &[&below, &authority_der]] {
            let done = connect(&folder, &leaf, chain, &root_der, "localhost").expect_code(5);
            done.expect_words(&["Certificate 1 in ", "root.pem has that name and may not issue", words]);
        }
    }
}

#[test]
fn exactly_trusted_authority_is_not_an_issuer() {
    let folder = Folder::new();
    let (root, root_der) = Party::root();
    let leaf = Party::new(odd::name(&[(3, "leaf")]));
    let der = Odd::new(alternative_names(&["localhost"])).of(&leaf, &root);
    let pinned = folder.write("pinned.pem", pem::encode_certificate(&root_der));
    for chain in [&[&der[..]][..], &[&der, &root_der]] {
        let server = Serve::with(&[leaf.files(&folder, "server", chain)], &[]);
        let arguments = ["connect", &server.address, "--trust-cert", &pinned, "--name", "localhost"];
        let done = run_with_input(&mut cairn(&arguments), b"").expect_code(5);
        done.expect_words(&["pinned.pem has that name and is trusted exactly, by --trust-cert"]);
    }
}

#[test]
fn ip_address_in_a_dns_name_is_rejected_and_reported() {
    let folder = Folder::new();
    let (root, root_der) = Party::root();
    let leaf = Party::new(odd::name(&[(3, "leaf")]));
    let der = Odd::new(alternative_names(&["127.0.0.1"])).of(&leaf, &root);
    let done = connect(&folder, &leaf, &[&der], &root_der, "127.0.0.1").expect_code(5);
    done.expect_words(&["has 127.0.0.1 as a DNS name", "subjectAltName=IP:127.0.0.1"]);
}

#[test]
fn expired_certificate_is_reported_with_its_owner() {
    let folder = Folder::new();
    let (root, root_der) = Party::root();
    let authority = Party::new(odd::name(&[(3, "Intermediate")]));
    let leaf = Party::new(odd::name(&[(3, "leaf")]));
    let usual = Odd::new(alternative_names(&["localhost"]));
    let expired = |odd: Odd| Odd { not_after: tlv(0x17, &[b"210101000000Z"]), ..odd };
    let leaf_der = expired(usual.clone()).of(&leaf, &root);
    let done = connect(&folder, &leaf, &[&leaf_der], &root_der, "localhost").expect_code(5);
    done.expect_words(&["The server needs a renewed certificate"]);
    let authority_der = expired(Odd::new(odd::authority(&[]))).of(&authority, &root);
    let leaf_der = usual.of(&leaf, &authority);
    let done = connect(&folder, &leaf, &[&leaf_der, &authority_der], &root_der, "localhost").expect_code(5);
    done.expect_words(&["\"CN=Intermediate\"", "current certificate into the chain"]);
    let root_der = expired(Odd::new(odd::authority(&[]))).of(&root, &root);
    let leaf_der = usual.of(&leaf, &root);
    let done = connect(&folder, &leaf, &[&leaf_der], &root_der, "localhost").expect_code(5);
    done.expect_words(&["\"CN=Root\" in ", "--ca FILE needs the authority's current certificate"]);
}

#[test]
fn weak_key_is_reported_with_its_size_without_verification() {
    if !installed("openssl") {
        return;
    }
    let folder = Folder::new();
    let files = Files { cert: folder.file("weak.pem"), key: folder.file("weak.key") };
    let mut command = Command::new("openssl");
    command.args(["req", "-x509", "-newkey", "rsa:1024", "-nodes", "-subj", "/CN=card"]);
    run(command.args(["-keyout", &files.key, "-out", &files.cert])).expect_code(0);
    let server = SServer::with(&files, &["-tls1_2", "-cipher", "DEFAULT@SECLEVEL=0"]);
    for trust in [&["--insecure"][..], &["--ca", &files.cert]] {
        let done = run(cairn(&["connect", &server.address]).args(trust)).expect_code(5);
        done.expect_words(&["1024 bits", "too weak", "2048"]);
    }
    run(&mut cairn(&["serve", "--listen", "127.0.0.1:0", "--cert", &files.cert, "--key", &files.key]))
        .expect_code(1)
        .expect_words(&[&files.key, "1024 bits", "too weak"]);
}

#[test]
fn ocsp_error_response_has_a_hint() {
    if !installed("openssl") {
        return;
    }
    let pki = Pki::new();
    // tryLater, as servers staple it when they have no response.
    let response = pki.folder.write("response.der", b"0\x03\x0a\x01\x03");
    let server = SServer::with(&pki.server(Kind::P256), &["-tls1_2", "-status_file", &response]);
    let connect = |arguments: &[&str]| {
        let mut command = cairn(&["connect", &server.address, "--ca", &pki.ca, "--wait", "0"]);
        run_with_input(command.args(arguments), b"")
    };
    connect(&[]).expect_code(5).expect_words(&["tryLater", "--ocsp ignore"]);
    connect(&["--ocsp", "ignore"]).expect_code(0);
}

#[test]
fn withheld_client_certificate_is_reported_with_the_reason() {
    let pki = Pki::new();
    let required = ["--client-ca", &pki.ca, "--require-client-cert"];
    let server = Serve::start(&pki, Kind::P256, &required);
    let connect = |address: &str, files: Option<&Files>| {
        let mut command = cairn(&["connect", address, "--ca", &pki.ca, "--wait", "0"]);
        if let Some(files) = files {
            command.args(["--cert", &files.cert, "--key", &files.key]);
        }
        run_with_input(&mut command, b"x")
    };
    let done = connect(&server.address, None).expect_code(4);
    done.expect_words(&["The server asked for a certificate", "--cert FILE"]);
    // keyEncipherment alone.
    let client = Party::new(odd::name(&[(3, "client")]));
    let (root, _) = Party::root();
    let der = Odd::new(extension(15, true, &[3, 2, 5, 0x20])).of(&client, &root);
    let files = client.files(&pki.folder, "encipher", &[&der]);
    let done = connect(&server.address, Some(&files)).expect_code(4);
    done.expect_words(&["was not sent", &files.cert, "key usage", "digitalSignature"]);
    // Reported also if no certificate is required.
    let server = Serve::start(&pki, Kind::P256, &["--client-ca", &pki.ca]);
    connect(&server.address, Some(&files)).expect_code(0).expect_words(&["was not sent", "digitalSignature"]);
    // A certificate that none of the server's authorities issued, unless --any-authority is given.
    let stranger = pki.stranger(&Template::client("Stranger"));
    let done = connect(&server.address, Some(&stranger)).expect_code(0);
    done.expect_words(&["was not sent", "\"CN=Other CA\"", "--any-authority"]);
    let mut command = cairn(&["connect", &server.address, "--ca", &pki.ca, "--wait", "0", "--any-authority"]);
    command.args(["--cert", &stranger.cert, "--key", &stranger.key]);
    run_with_input(&mut command, b"x").expect_code(4).expect_words(&["does not accept the certificate"]);
}
