//! Servers of nginx.

use core::time::Duration;
use std::net::TcpStream;
use std::thread;
use std::time::Instant;

use super::super::super::process::{Launch, Mark, PATIENCE, Running};
use super::super::super::programs::with_port;
use super::super::lab::Lab;
use super::server::Server;
use crate::conformance::suite::Tool;

const NGINX: &[Tool] = &[Tool { program: "nginx", package: "nginx" }];

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

fn nginx(lab: &Lab, name: &str, settings: &str) -> Result<Launch, String> {
    let (pid, log, folder) =
        (lab.file(&format!("{name}.pid")), lab.file(&format!("{name}.log")), lab.file(""));
    let text = format!(
        "daemon off;\npid {pid};\nerror_log {log};\nevents {{}}\nhttp {{ access_log off;\n\
         client_body_temp_path {folder}body;\n\
         server {{ listen 127.0.0.1:@PORT@ ssl http2;\n{settings}\n}} }}\n"
    );
    let file = lab.write(&format!("{name}.conf"), &text)?;
    Ok(lab.program("sh", "-c").args([with_port(&file, &format!("nginx -e {log} -c"))]))
}

/// The servers.
pub(super) fn all() -> Vec<Server> {
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
