//! Servers of Java's own TLS and of Go's crypto/tls.

use super::server::{Server, prints};
use crate::conformance::suite::Tool;

const JAVA: &[Tool] = &[Tool { program: "javac", package: "default-jdk-headless" }];
const GO: &[Tool] = &[Tool { program: "go", package: "golang-go" }];

/// The servers.
pub(super) fn all() -> Vec<Server> {
    vec![
        Server {
            name: "Java, SSL 3.0 to TLS 1.2, export, RC4, DES, NULL, anonymous, a prime of 1024 bits",
            tools: JAVA,
            launch: |lab| {
                lab.java(
                    "-Djdk.tls.ephemeralDHKeySize=1024 -Djdk.tls.namedGroups=secp256r1 \
                     -Djdk.tls.useExtendedMasterSecret=false \
                     -Djdk.tls.rejectClientInitiatedRenegotiation=true",
                    "ca=ca.pem cert=rsa.pem key=rsa.p8 tls=old suites=TLS_RSA_EXPORT_WITH_RC4_40_MD5,\
                     TLS_RSA_WITH_RC4_128_SHA,TLS_DHE_RSA_WITH_DES_CBC_SHA,TLS_RSA_WITH_NULL_SHA,\
                     TLS_DH_anon_WITH_AES_128_CBC_SHA,TLS_DHE_RSA_WITH_AES_128_CBC_SHA",
                )
            },
            ready: prints,
            expected: &[
                ("versions", "TLS 1.2, TLS 1.1, TLS 1.0, SSL 3.0"),
                (
                    "suites of TLS 1.0",
                    "TLS_RSA_EXPORT_WITH_RC4_40_MD5, TLS_RSA_WITH_RC4_128_SHA, \
                     TLS_DHE_RSA_WITH_DES_CBC_SHA, TLS_RSA_WITH_NULL_SHA, TLS_DH_anon_WITH_AES_128_CBC_SHA, \
                     TLS_DHE_RSA_WITH_AES_128_CBC_SHA",
                ),
                ("primes", "1024"),
                ("extended_master_secret", "no"),
                ("encrypt_then_mac", "no"),
                ("fallback_scsv", "no"),
                ("client_renegotiation", "no"),
                ("oracle", "no oracle"),
                (
                    "findings",
                    "null-cipher, anonymous, export, rc4, single-des, ssl3, dh-small, md5-signature, tls10, \
                     tls11, static-key-exchange, no-aead, sha1-signature, no-extended-master-secret, \
                     no-fallback-scsv, finite-field-dhe, cbc-without-etm, no-tls13",
                ),
            ],
        },
        Server {
            name: "Java, TLS 1.2 and 1.3, both kinds of keys",
            tools: JAVA,
            launch: |lab| {
                lab.java(
                    "-Djdk.tls.namedGroups=x25519,secp256r1",
                    "ca=ca.pem cert=rsa.pem,ec.pem key=rsa.p8,ec.p8 tls=both suites=TLS_AES_256_GCM_SHA384,\
                     TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384,TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
                )
            },
            ready: prints,
            expected: &[
                ("versions", "TLS 1.3, TLS 1.2"),
                ("suites of TLS 1.3", "TLS_AES_256_GCM_SHA384"),
                (
                    "suites of TLS 1.2",
                    "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384, TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
                ),
                ("groups of TLS 1.3", "x25519, secp256r1"),
                ("groups of TLS 1.2", "x25519, secp256r1"),
                ("keys", "EC P-256, RSA 2048 bits"),
                ("extended_master_secret", "yes"),
                ("session_id", "yes"),
                ("psk", "yes"),
                ("early_data", "no"),
            ],
        },
        Server {
            name: "Go, TLS 1.0 to 1.2 with RC4 and 3DES",
            tools: GO,
            launch: |lab| {
                lab.go("ca=ca.pem cert=rsa.pem key=rsa.key tls=old group=secp384r1 suites=\
                     TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,TLS_ECDHE_RSA_WITH_RC4_128_SHA,\
                     TLS_RSA_WITH_3DES_EDE_CBC_SHA")
            },
            ready: prints,
            expected: &[
                ("versions", "TLS 1.2, TLS 1.1, TLS 1.0"),
                ("suites of TLS 1.1", "TLS_ECDHE_RSA_WITH_RC4_128_SHA, TLS_RSA_WITH_3DES_EDE_CBC_SHA"),
                (
                    "suites of TLS 1.2",
                    "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256, TLS_ECDHE_RSA_WITH_RC4_128_SHA, \
                     TLS_RSA_WITH_3DES_EDE_CBC_SHA",
                ),
                ("order of TLS 1.2", "server"),
                ("groups of TLS 1.2", "secp384r1"),
                ("session_id", "no"),
                ("ticket", "no"),
                ("encrypt_then_mac", "no"),
                ("fallback_scsv", "yes"),
                ("client_renegotiation", "no"),
                ("oracle", "no oracle"),
            ],
        },
        Server {
            name: "Go, TLS 1.3 alone, client certificates",
            tools: GO,
            launch: |lab| {
                lab.go("ca=ca.pem cert=ec.pem key=ec.key tls=1.3 group=secp256r1,x25519 client-auth=1")
            },
            ready: prints,
            expected: &[
                ("versions", "TLS 1.3"),
                (
                    "suites of TLS 1.3",
                    "TLS_AES_128_GCM_SHA256, TLS_AES_256_GCM_SHA384, TLS_CHACHA20_POLY1305_SHA256",
                ),
                ("groups of TLS 1.3", "secp256r1, x25519"),
                ("schemes of TLS 1.3", "ecdsa_secp256r1_sha256"),
                ("client_certificate", "yes"),
                ("psk", "no"),
                ("findings", "client-certificate, no-post-quantum"),
            ],
        },
    ]
}
