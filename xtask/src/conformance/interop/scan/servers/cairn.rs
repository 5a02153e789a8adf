//! Servers of `cairn serve`.

use super::server::{Server, prints};

/// The servers.
pub(super) fn all() -> Vec<Server> {
    vec![
        Server {
            name: "cairn serve, default policy, both kinds of keys, early data, OCSP",
            tools: &[],
            launch: |lab| {
                Ok(lab.cairn(
                    "serve --listen 127.0.0.1:0 --cert rsa.pem --key rsa.key --ocsp ocsp.der --cert ec.pem \
                     --key ec.key --http --alpn http/1.1 --early-data 512 --groups X25519MLKEM768,x25519",
                ))
            },
            ready: prints,
            expected: &[
                ("versions", "TLS 1.3, TLS 1.2"),
                ("order of TLS 1.3", "server"),
                ("order of TLS 1.2", "server"),
                ("groups of TLS 1.3", "X25519MLKEM768, x25519"),
                ("groups of TLS 1.2", "x25519"),
                ("protocols", "http/1.1"),
                ("keys", "EC P-256, RSA 2048 bits"),
                ("chains", "accepted, accepted"),
                ("OCSP", "good, none"),
                ("session_id", "yes"),
                ("psk", "yes"),
                ("early_data", "yes"),
                ("max_early_data", "512"),
                ("extended_master_secret", "yes"),
                ("client_renegotiation", "no"),
                ("oracle", "no RSA key exchange"),
                ("findings", "early-data"),
            ],
        },
        Server {
            name: "cairn serve, TLS 1.2 with suites of the policy legacy, client certificates, renegotiation",
            tools: &[],
            launch: |lab| {
                Ok(lab.cairn(
                    "serve --listen 127.0.0.1:0 --cert rsa.pem --key rsa.key --tls 1.2 --client-ca ca.pem \
                     --renegotiation allowed --suites TLS_RSA_WITH_AES_128_CBC_SHA,\
                     TLS_DHE_RSA_WITH_AES_256_GCM_SHA384,TLS_ECDHE_RSA_WITH_3DES_EDE_CBC_SHA",
                ))
            },
            ready: prints,
            expected: &[
                ("versions", "TLS 1.2"),
                (
                    "suites of TLS 1.2",
                    "TLS_RSA_WITH_AES_128_CBC_SHA, TLS_DHE_RSA_WITH_AES_256_GCM_SHA384, \
                     TLS_ECDHE_RSA_WITH_3DES_EDE_CBC_SHA",
                ),
                ("primes", "2048"),
                ("encrypt_then_mac", "yes"),
                ("client_certificate", "yes"),
                ("client_renegotiation", "yes"),
                ("oracle", "no oracle"),
                (
                    "findings",
                    "triple-des, static-key-exchange, client-renegotiation, finite-field-dhe, \
                     client-certificate, no-tls13",
                ),
            ],
        },
    ]
}
