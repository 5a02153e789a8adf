//! The servers: their configurations, and what a scan must find.

use core::time::Duration;
use std::net::TcpStream;
use std::thread;
use std::time::Instant;

use super::super::process::{Launch, Mark, PATIENCE, PORT, Running};
use super::super::programs::with_port;
use super::lab::Lab;
use crate::conformance::suite::Tool;

/// A server.
pub(super) struct Server {
    /// The program and its configuration.
    pub(super) name: &'static str,
    pub(super) tools: &'static [Tool],
    pub(super) launch: fn(&Lab) -> Result<Launch, String>,
    /// Waits until it listens, and returns its port.
    pub(super) ready: fn(&mut Running) -> Result<u16, String>,
    /// Properties and their values; lists in any order.
    pub(super) expected: &'static [(&'static str, &'static str)],
}

const GNUTLS: &[Tool] = &[Tool { program: "gnutls-serv", package: "gnutls-bin" }];
const NGINX: &[Tool] = &[Tool { program: "nginx", package: "nginx" }];
const JAVA: &[Tool] = &[Tool { program: "javac", package: "default-jdk-headless" }];
const GO: &[Tool] = &[Tool { program: "go", package: "golang-go" }];

/// Waits for a line of the program that means that it listens on the chosen port.
fn says(running: &mut Running, line: &str) -> Result<u16, String> {
    running.wait_for(Mark::default(), |text| text.contains(line).then_some(()))?;
    Ok(running.port)
}

fn openssl(running: &mut Running) -> Result<u16, String> {
    says(running, "ACCEPT")
}

fn gnutls(running: &mut Running) -> Result<u16, String> {
    says(running, "done\n")
}

/// Waits until something listens on the port.
fn connects(running: &mut Running) -> Result<u16, String> {
    let begun = Instant::now();
    while TcpStream::connect(("127.0.0.1", running.port)).is_err() {
        if running.has_ended() || begun.elapsed() > PATIENCE {
            return Err(format!("it does not listen: {}", running.since(Mark::default())));
        }
        thread::sleep(Duration::from_millis(20));
    }
    Ok(running.port)
}

/// Reads the port that the program prints.
fn prints(running: &mut Running) -> Result<u16, String> {
    running.wait_for(Mark::default(), |text| {
        text.split_once("listening on 127.0.0.1:")?.1.lines().next()?.trim().parse().ok()
    })
}

fn s_server(lab: &Lab, words: &str) -> Launch {
    lab.program("openssl", &format!("s_server -accept 127.0.0.1:{PORT} {words}"))
}

fn gnutls_serv(lab: &Lab, priority: &str, words: &str) -> Launch {
    lab.program("gnutls-serv", &format!("--port {PORT} --http {words}")).args(["--priority", priority])
}

fn nginx(lab: &Lab, name: &str, settings: &str) -> Result<Launch, String> {
    let (pid, log, folder) =
        (lab.file(&format!("{name}.pid")), lab.file(&format!("{name}.log")), lab.file(""));
    let text = format!(
        "daemon off;\npid {pid};\nerror_log {log};\nevents {{}}\nhttp {{ access_log off;\n\
         client_body_temp_path {folder}body;\nserver {{ listen 127.0.0.1:@PORT@ ssl http2;\n{settings}\n}} }}\n"
    );
    let file = lab.write(&format!("{name}.conf"), &text)?;
    Ok(lab.program("sh", "-c").args([with_port(&file, &format!("nginx -e {log} -c"))]))
}

/// All servers, in the order of the table.
pub(super) fn all() -> Vec<Server> {
    let mut all = of_openssl();
    all.extend(of_gnutls());
    all.extend(of_nginx());
    all.extend(of_java_and_go());
    all.extend(of_cairn());
    all
}

fn of_openssl() -> Vec<Server> {
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
                     -cipher AES128-SHA:DHE-RSA-AES128-SHA:ADH-AES128-SHA:ECDHE-RSA-NULL-SHA:@SECLEVEL=0 -www",
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
                     sha1-signature, client-renegotiation, cbc-without-etm, client-order, no-tls13",
                ),
            ],
        },
        Server {
            name: "OpenSSL, RSA key exchange alone, TLS 1.2",
            tools: &[],
            launch: |lab| {
                Ok(s_server(
                    lab,
                    "-cert rsa.pem -key rsa.key -tls1_2 -cipher AES128-GCM-SHA256:AES256-SHA256 -serverpref -www",
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

fn of_gnutls() -> Vec<Server> {
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

fn of_nginx() -> Vec<Server> {
    vec![
        Server {
            name: "nginx, both kinds of keys, HTTP/2, session cache without tickets",
            tools: NGINX,
            launch: |lab| {
                let files = ["rsa", "ec"].map(|name| {
                    let (cert, key) = (lab.file(&format!("{name}.pem")), lab.file(&format!("{name}.key")));
                    format!("ssl_certificate {cert};\nssl_certificate_key {key};\n")
                });
                let settings = "ssl_protocols TLSv1.2 TLSv1.3;\nssl_ciphers ECDHE+CHACHA20;\n\
                                ssl_prefer_server_ciphers on;\nssl_ecdh_curve X25519:secp384r1;\n\
                                ssl_session_cache shared:a:1m;\nssl_session_tickets off;";
                nginx(lab, "strong", &format!("{}{settings}", files.concat()))
            },
            ready: connects,
            expected: &[
                ("versions", "TLS 1.3, TLS 1.2"),
                (
                    "suites of TLS 1.2",
                    "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256, \
                     TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
                ),
                ("order of TLS 1.2", "server"),
                ("groups of TLS 1.3", "x25519, secp384r1"),
                ("groups of TLS 1.2", "x25519, secp384r1"),
                ("protocols", "h2, http/1.1, http/1.0, http/0.9"),
                ("keys", "EC P-256, RSA 2048 bits"),
                ("session_id", "yes"),
                ("ticket", "no"),
                ("psk", "yes"),
                ("client_renegotiation", "no"),
                ("fallback_scsv", "yes"),
                ("findings", "no-post-quantum"),
            ],
        },
        Server {
            name: "nginx, TLS 1.0 to 1.2, optional client certificates, tickets without a cache",
            tools: NGINX,
            launch: |lab| {
                let [cert, key, ca] = ["rsa.pem", "rsa.key", "ca.pem"].map(|name| lab.file(name));
                let settings = format!(
                    "ssl_certificate {cert};\nssl_certificate_key {key};\nssl_verify_client optional;\n\
                     ssl_client_certificate {ca};\nssl_protocols TLSv1 TLSv1.1 TLSv1.2;\n\
                     ssl_ciphers ECDHE-RSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-SHA:AES128-SHA:@SECLEVEL=0;\n\
                     ssl_session_cache off;"
                );
                nginx(lab, "weak", &settings)
            },
            ready: connects,
            expected: &[
                ("versions", "TLS 1.2, TLS 1.1, TLS 1.0"),
                ("suites of TLS 1.1", "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA, TLS_RSA_WITH_AES_128_CBC_SHA"),
                ("order of TLS 1.2", "client"),
                ("session_id", "no"),
                ("ticket", "yes"),
                ("encrypt_then_mac", "yes"),
                ("client_certificate", "yes"),
                ("oracle", "no oracle"),
                (
                    "findings",
                    "tls10, tls11, static-key-exchange, sha1-signature, client-certificate, no-tls13",
                ),
            ],
        },
    ]
}

fn of_java_and_go() -> Vec<Server> {
    vec![
        Server {
            name: "Java, SSL 3.0 to TLS 1.2, export, RC4, DES, NULL, anonymous, a prime of 1024 bits",
            tools: JAVA,
            launch: |lab| {
                lab.java(
                    "-Djdk.tls.ephemeralDHKeySize=1024 -Djdk.tls.namedGroups=secp256r1 \
                     -Djdk.tls.useExtendedMasterSecret=false -Djdk.tls.rejectClientInitiatedRenegotiation=true",
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
                     no-fallback-scsv, cbc-without-etm, no-tls13",
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

fn of_cairn() -> Vec<Server> {
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
                    "triple-des, static-key-exchange, client-renegotiation, client-certificate, no-tls13",
                ),
            ],
        },
    ]
}
