//! Servers of OpenSSL.

use super::super::super::process::{Launch, PORT, Running};
use super::super::lab::Lab;
use super::server::{Server, says};

fn openssl(running: &mut Running) -> Result<u16, String> {
    says(running, "ACCEPT")
}

fn s_server(lab: &Lab, words: &str) -> Launch {
    lab.program("openssl", &format!("s_server -accept 127.0.0.1:{PORT} {words}"))
}

/// The servers.
pub(super) fn all() -> Vec<Server> {
    vec![
        Server {
            name: "OpenSSL, TLS 1.3 alone, early data",
            tools: &[],
            launch: |lab| {
                Ok(s_server(
                    lab,
                    "-cert ec.pem -key ec.key -tls1_3 -ciphersuites \
                     TLS_CHACHA20_POLY1305_SHA256:TLS_AES_256_GCM_SHA384 -groups x25519:P-384 -serverpref \
                     -early_data -max_early_data 4096 -alpn h2,http/1.1",
                ))
            },
            ready: openssl,
            expected: &[
                ("versions", "TLS 1.3"),
                ("suites of TLS 1.3", "TLS_CHACHA20_POLY1305_SHA256, TLS_AES_256_GCM_SHA384"),
                ("order of TLS 1.3", "server"),
                ("groups of TLS 1.3", "x25519, secp384r1"),
                ("schemes of TLS 1.3", "ecdsa_secp256r1_sha256"),
                ("protocols", "h2, http/1.1"),
                ("keys", "EC P-256"),
                ("chains", "accepted"),
                ("psk", "yes"),
                ("early_data", "yes"),
                ("max_early_data", "4096"),
                ("client_certificate", "no"),
                ("findings", "early-data, no-post-quantum"),
            ],
        },
        Server {
            name: "OpenSSL, TLS 1.2 with AEAD, both kinds of keys, no tickets",
            tools: &[],
            launch: |lab| {
                Ok(s_server(
                    lab,
                    "-cert rsa.pem -key rsa.key -dcert ec.pem -dkey ec.key -tls1_2 -no_ticket -serverpref \
                     -cipher ECDHE+AESGCM -curves P-521:X448 -sigalgs \
                     RSA-PSS+SHA256:ECDSA+SHA256 -www",
                ))
            },
            ready: openssl,
            expected: &[
                ("versions", "TLS 1.2"),
                (
                    "suites of TLS 1.2",
                    "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256, TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384, \
                     TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
                ),
                ("order of TLS 1.2", "server"),
                ("groups of TLS 1.2", "secp521r1, x448"),
                ("schemes of TLS 1.2", "rsa_pss_rsae_sha256, ecdsa_secp256r1_sha256"),
                ("primes", "none"),
                ("keys", "EC P-256, RSA 2048 bits"),
                ("session_id", "yes"),
                ("ticket", "no"),
                ("secure_renegotiation", "yes"),
                ("client_renegotiation", "no"),
                ("extended_master_secret", "yes"),
                ("encrypt_then_mac", "not tested"),
                ("fallback_scsv", "not tested"),
                ("oracle", "no RSA key exchange"),
                ("findings", "no-tls13"),
            ],
        },
        Server {
            name: "OpenSSL, TLS 1.0 to 1.2 with weak suites, a prime of 1536 bits",
            tools: &[],
            launch: |lab| {
                Ok(s_server(
                    lab,
                    "-cert rsa.pem -key rsa.key -no_tls1_3 -dhparam dh1536.pem -no_etm -client_renegotiation \
                     -cipher \
                     AES128-SHA:DHE-RSA-AES128-SHA:ADH-AES128-SHA:ECDHE-RSA-NULL-SHA:@SECLEVEL=0 -www",
                ))
            },
            ready: openssl,
            expected: &[
                ("versions", "TLS 1.2, TLS 1.1, TLS 1.0"),
                (
                    "suites of TLS 1.0",
                    "TLS_RSA_WITH_AES_128_CBC_SHA, TLS_DHE_RSA_WITH_AES_128_CBC_SHA, \
                     TLS_DH_anon_WITH_AES_128_CBC_SHA, TLS_ECDHE_RSA_WITH_NULL_SHA",
                ),
                (
                    "suites of TLS 1.2",
                    "TLS_RSA_WITH_AES_128_CBC_SHA, TLS_DHE_RSA_WITH_AES_128_CBC_SHA, \
                     TLS_DH_anon_WITH_AES_128_CBC_SHA, TLS_ECDHE_RSA_WITH_NULL_SHA",
                ),
                ("order of TLS 1.2", "client"),
                ("primes", "1536"),
                ("session_id", "yes"),
                ("ticket", "yes"),
                ("client_renegotiation", "yes"),
                ("encrypt_then_mac", "no"),
                ("fallback_scsv", "yes"),
                ("oracle", "no oracle"),
                (
                    "findings",
                    "null-cipher, anonymous, dh-small, tls10, tls11, static-key-exchange, no-aead, \
                     sha1-signature, client-renegotiation, finite-field-dhe, cbc-without-etm, client-order, \
                     no-tls13",
                ),
            ],
        },
        Server {
            name: "OpenSSL, RSA key exchange alone, TLS 1.2",
            tools: &[],
            launch: |lab| {
                Ok(s_server(
                    lab,
                    "-cert rsa.pem -key rsa.key -tls1_2 -serverpref -www \
                     -cipher AES128-GCM-SHA256:AES256-SHA256",
                ))
            },
            ready: openssl,
            expected: &[
                ("versions", "TLS 1.2"),
                ("suites of TLS 1.2", "TLS_RSA_WITH_AES_128_GCM_SHA256, TLS_RSA_WITH_AES_256_CBC_SHA256"),
                ("groups of TLS 1.2", "none"),
                ("schemes of TLS 1.2", "none"),
                ("encrypt_then_mac", "yes"),
                ("oracle", "no oracle"),
                ("findings", "no-forward-secrecy, no-tls13"),
            ],
        },
        Server {
            name: "OpenSSL, stapled OCSP response, client certificates",
            tools: &[],
            launch: |lab| {
                Ok(s_server(
                    lab,
                    "-cert rsa.pem -key rsa.key -status_file ocsp.der -verify 1 -CAfile ca.pem -no_ticket \
                     -cipher ECDHE-RSA-AES256-GCM-SHA384 -ciphersuites TLS_AES_256_GCM_SHA384 -no_cache -www",
                ))
            },
            ready: openssl,
            expected: &[
                ("versions", "TLS 1.3, TLS 1.2"),
                ("OCSP", "good"),
                ("client_certificate", "yes"),
                ("session_id", "no"),
                ("ticket", "no"),
                ("findings", "client-certificate, no-post-quantum, root-sent"),
            ],
        },
        Server {
            name: "OpenSSL, a certificate that promises an OCSP response, without one",
            tools: &[],
            launch: |lab| Ok(s_server(lab, "-cert staple.pem -key staple.key -tls1_3 -groups x25519 -www")),
            ready: openssl,
            expected: &[
                ("OCSP", "none"),
                ("chains", "refused"),
                ("findings", "ocsp-staple, no-post-quantum"),
            ],
        },
        Server {
            name: "OpenSSL, an expired certificate",
            tools: &[],
            launch: |lab| Ok(s_server(lab, "-cert old.pem -key old.key -tls1_2 -cipher ECDHE+AESGCM -www")),
            ready: openssl,
            expected: &[("chains", "refused"), ("findings", "certificate-expired, no-tls13")],
        },
        Server {
            name: "OpenSSL, a certificate that expires in 3 days",
            tools: &[],
            launch: |lab| Ok(s_server(lab, "-cert soon.pem -key soon.key -tls1_3 -groups x25519 -www")),
            ready: openssl,
            expected: &[
                ("chains", "accepted"),
                ("findings", "certificate-expires-very-soon, no-post-quantum"),
            ],
        },
        Server {
            name: "OpenSSL, a certificate for another name",
            tools: &[],
            launch: |lab| Ok(s_server(lab, "-cert other.pem -key other.key -tls1_3 -groups x25519 -www")),
            ready: openssl,
            expected: &[
                ("keys", "EC P-384"),
                ("schemes of TLS 1.3", "ecdsa_secp384r1_sha384"),
                ("chains", "refused"),
                ("findings", "certificate-name, no-post-quantum"),
            ],
        },
        Server {
            name: "OpenSSL, a self-signed certificate",
            tools: &[],
            launch: |lab| Ok(s_server(lab, "-cert self.pem -key self.key -tls1_3 -groups x25519 -www")),
            ready: openssl,
            expected: &[("chains", "refused"), ("findings", "certificate-untrusted, no-post-quantum")],
        },
        Server {
            name: "OpenSSL, an RSA key of 1024 bits",
            tools: &[],
            launch: |lab| {
                Ok(s_server(
                    lab,
                    "-cert small.pem -key small.key -tls1_2 -cipher ECDHE-RSA-AES128-GCM-SHA256:@SECLEVEL=0 \
                     -sigalgs RSA-PSS+SHA256 -www",
                ))
            },
            ready: openssl,
            expected: &[
                ("keys", "RSA 1024 bits"),
                ("schemes of TLS 1.2", "rsa_pss_rsae_sha256"),
                ("session_id", "not tested"),
                ("findings", "certificate-weak-key, no-tls13"),
            ],
        },
        Server {
            name: "OpenSSL, a certificate that is signed over SHA-1",
            tools: &[],
            launch: |lab| {
                Ok(s_server(
                    lab,
                    "-cert sha1.pem -key sha1.key -tls1_2 -cipher ECDHE-RSA-AES128-GCM-SHA256:@SECLEVEL=0 \
                     -sigalgs RSA-PSS+SHA256 -www",
                ))
            },
            ready: openssl,
            expected: &[("chains", "refused"), ("findings", "certificate-weak-hash, no-tls13")],
        },
    ]
}
