//! A web server with axum on `TlsListener`: HTTP/2 or HTTP/1.1, as ALPN decides. Its page says which HTTP
//! version the server sees, and which application protocol the browser does.
//!
//! ```text
//! cargo run -p cairn-tokio --example page --features axum -- cert.pem key.pem
//! ```
//!
//! It prints its address. `cargo xtask conformance browser` opens the page with Chromium.
#![allow(clippy::std_instead_of_alloc, clippy::std_instead_of_core, reason = "an example has std")]

use axum::{Router, extract::Request, response::Html, routing::get};
use cairn_tokio::{TlsAcceptor, TlsListener, tls::ServerConfig};
use std::{env, error::Error, fs};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [chain, key] = arguments.as_slice() else {
        return Err("the arguments are: CERTIFICATE-FILE KEY-FILE".into());
    };
    let config = ServerConfig::builder()
        .credential_pem(&fs::read(chain)?, &fs::read(key)?)?
        .alpn(["h2", "http/1.1"])
        .build()?;
    let tcp = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    println!("listening on {}", tcp.local_addr()?);
    let listener = TlsListener::new(tcp, TlsAcceptor::new(config))
        .on_failure(|address, failed| eprintln!("{address} failed: {failed}"));
    axum::serve(listener, Router::new().route("/", get(page))).await?;
    Ok(())
}

async fn page(request: Request) -> Html<String> {
    Html(format!(
        "<!doctype html><meta charset=\"utf-8\"><title>Cairn</title>\n\
         <p>server: {:?}</p>\n<p id=\"browser\"></p>\n<script>\n\
         const [page] = performance.getEntriesByType(\"navigation\");\n\
         document.getElementById(\"browser\").textContent = `browser: ${{page.nextHopProtocol}}`;\n\
         </script>\n",
        request.version()
    ))
}
