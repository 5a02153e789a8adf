//! Servers of GnuTLS.

use super::super::super::process::{Launch, PORT, Running};
use super::super::lab::Lab;
use super::server::{Server, says};
use crate::conformance::suite::Tool;

const GNUTLS: &[Tool] = &[Tool { program: "gnutls-serv", package: "gnutls-bin" }];

fn gnutls(running: &mut Running) -> Result<u16, String> {
    says(running, "done\n")
}

fn gnutls_serv(lab: &Lab, priority: &str, words: &str) -> Launch {
    lab.program("gnutls-serv", &format!("--port {PORT} --http {words}")).args(["--priority", priority])
}

/// The servers.
pub(super) fn all() -> Vec<Server> {
    vec![
        Server {
            name: "GnuTLS, TLS 1.2 and 1.3 with two suites each",
            tools: GNUTLS,
            launch: |lab| {
                Ok(gnutls_serv(
                    lab,
                    "NONE:+VERS-TLS1.3:+VERS-TLS1.2:+AES-128-GCM:+CHACHA20-POLY1305:+AEAD:+ECDHE-RSA:\
                     +COMP-NULL:+GROUP-X25519:+GROUP-FFDHE3072:+SIGN-RSA-SHA256:+SIGN-RSA-PSS-RSAE-SHA256:\
                     %SERVER_PRECEDENCE",
                    "--x509certfile rsa.pem --x509keyfile rsa.key --disable-client-cert --alpn h2",
                ))
            },
            ready: gnutls,
            expected: &[
                ("versions", "TLS 1.3, TLS 1.2"),
                ("suites of TLS 1.3", "TLS_AES_128_GCM_SHA256, TLS_CHACHA20_POLY1305_SHA256"),
                (
                    "suites of TLS 1.2",
                    "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256, TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256",
                ),
                ("order of TLS 1.2", "server"),
                ("groups of TLS 1.3", "x25519, ffdhe3072"),
                ("groups of TLS 1.2", "x25519"),
                ("schemes of TLS 1.3", "rsa_pss_rsae_sha256"),
                ("schemes of TLS 1.2", "rsa_pkcs1_sha256, rsa_pss_rsae_sha256"),
                ("protocols", "h2"),
                ("session_id", "yes"),
                ("ticket", "yes"),
                ("psk", "yes"),
                ("early_data", "no"),
                ("extended_master_secret", "yes"),
                ("fallback_scsv", "yes"),
                ("client_certificate", "no"),
                ("client_renegotiation", "yes"),
                ("findings", "client-renegotiation, no-post-quantum"),
            ],
        },
        Server {
            name: "GnuTLS, TLS 1.0 with RC4 and 3DES, without extended master secret",
            tools: GNUTLS,
            launch: |lab| {
                Ok(gnutls_serv(
                    lab,
                    "NONE:+VERS-TLS1.0:+ARCFOUR-128:+3DES-CBC:+SHA1:+MD5:+RSA:+ECDHE-RSA:+COMP-NULL:\
                     +GROUP-SECP256R1:+SIGN-ALL:%NO_ETM:%NO_SESSION_HASH",
                    "--x509certfile rsa.pem --x509keyfile rsa.key --disable-client-cert --noticket",
                ))
            },
            ready: gnutls,
            expected: &[
                ("versions", "TLS 1.0"),
                (
                    "suites of TLS 1.0",
                    "TLS_RSA_WITH_RC4_128_SHA, TLS_RSA_WITH_RC4_128_MD5, TLS_RSA_WITH_3DES_EDE_CBC_SHA, \
                     TLS_ECDHE_RSA_WITH_RC4_128_SHA, TLS_ECDHE_RSA_WITH_3DES_EDE_CBC_SHA",
                ),
                ("order of TLS 1.0", "client"),
                ("groups of TLS 1.2", "secp256r1"),
                ("extended_master_secret", "no"),
                ("encrypt_then_mac", "no"),
                ("session_id", "not tested"),
                ("oracle", "no oracle"),
                (
                    "findings",
                    "no-modern-version, rc4, tls10, triple-des, static-key-exchange, \
                     no-extended-master-secret, cbc-without-etm, md5-mac, client-order, no-tls13",
                ),
            ],
        },
        Server {
            name: "GnuTLS, without secure renegotiation",
            tools: GNUTLS,
            launch: |lab| {
                Ok(gnutls_serv(
                    lab,
                    "NONE:+VERS-TLS1.2:+AES-128-GCM:+AEAD:+ECDHE-RSA:+COMP-NULL:+GROUP-SECP256R1:\
                     +SIGN-RSA-SHA256:%DISABLE_SAFE_RENEGOTIATION",
                    "--x509certfile rsa.pem --x509keyfile rsa.key --disable-client-cert --noticket",
                ))
            },
            ready: gnutls,
            expected: &[
                ("versions", "TLS 1.2"),
                ("suites of TLS 1.2", "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"),
                ("secure_renegotiation", "no"),
                ("client_renegotiation", "not tested"),
                ("session_id", "yes"),
                ("ticket", "no"),
                ("findings", "insecure-renegotiation, no-tls13"),
            ],
        },
        Server {
            name: "GnuTLS, early data, both kinds of keys",
            tools: GNUTLS,
            launch: |lab| {
                Ok(gnutls_serv(
                    lab,
                    "NORMAL:-VERS-ALL:+VERS-TLS1.3:-GROUP-ALL:+GROUP-SECP521R1:+GROUP-X448",
                    "--x509certfile rsa.pem --x509keyfile rsa.key --x509certfile ec.pem --x509keyfile ec.key \
                     --disable-client-cert --earlydata --maxearlydata 2048",
                ))
            },
            ready: gnutls,
            expected: &[
                ("versions", "TLS 1.3"),
                ("groups of TLS 1.3", "secp521r1, x448"),
                ("keys", "EC P-256, RSA 2048 bits"),
                (
                    "schemes of TLS 1.3",
                    "ecdsa_secp256r1_sha256, rsa_pss_rsae_sha256, rsa_pss_rsae_sha384, rsa_pss_rsae_sha512",
                ),
                ("early_data", "yes"),
                ("max_early_data", "2048"),
                ("findings", "early-data, no-post-quantum"),
            ],
        },
    ]
}
