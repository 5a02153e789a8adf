//! A browser as a client: headless Chromium shows pages of `cairn serve --http`. The second page comes over a
//! connection that resumes the session of the first. Chromium's own log says what was negotiated, and must
//! agree with the server's. Then it shows the page of an axum server on `cairn-tokio`, over HTTP/2.

use core::time::Duration;
use std::fs;
use std::path::Path;

use serde_json::Value;

use super::case::{Key, Role};
use super::process::{Launch, Mark, Running, tail};
use super::world::{World, build};
use crate::conformance::suite::{Context, Outcome, Row, Suite, Tool};

pub(in crate::conformance) const SUITE: Suite = Suite {
    name: "browser",
    about: "headless Chromium shows pages of Cairn's servers",
    case: "a property of the connections, which the browser's log and the server's state",
    needs: &[
        Tool { program: "openssl", package: "openssl" },
        Tool { program: "chromium", package: "chromium" },
    ],
    run,
};

/// The time limit for the browser, far more than needed.
const PATIENCE: Duration = Duration::from_secs(180);
/// TLS_AES_128_GCM_SHA256, the first suite of either side.
const SUITE_ID: u64 = 0x1301;
/// X25519MLKEM768.
const GROUP_ID: u64 = 0x11ec;
/// The event of Chromium's log for a handshake, and the phase at its end.
const HANDSHAKE: &str = "SSL_CONNECT";
const PHASE_END: u64 = 2;
/// The first bytes of each PNG file.
const PNG: &[u8] = b"\x89PNG\r\n\x1a\n";

/// A connection in Chromium's log.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Connection {
    version: String,
    suite: u64,
    group: u64,
    is_resumed: bool,
}

fn run(context: &Context) -> Result<Vec<Row>, String> {
    let world = World::new(context)?;
    let (cert, key) = world.identity(Role::Server, Key::P256);
    let server = world.cairn(["serve", "--listen", "127.0.0.1:0", "--http", "--tls", "both", "--tickets"]);
    let mut server = server.args(["--trace", "--cert", &cert, "--key", &key]).start()?;
    let port: u16 = server.wait_for(Mark::default(), port)?;
    let version = Launch::new("chromium").args(["--version"]).run("")?.text;
    let version = version.lines().find(|line| !line.is_empty()).unwrap_or_default().trim().to_owned();
    let (connections, screenshot) = show(context, &world, port)?;
    let text = said(&mut server)?;
    let checks = [
        (format!("{version}: version, group and suite"), of_handshakes(&connections)),
        ("resumption".to_owned(), of_resumption(&connections, &text)),
        ("GREASE (RFC 8701)".to_owned(), of_grease(&text)),
        ("certificate compression".to_owned(), of_compression(&text)),
        ("pages".to_owned(), of_pages(&screenshot, &text)),
        ("HTTP/2 with axum on `cairn-tokio`".to_owned(), of_http2(context, &world)),
    ];
    let row = |(subject, result): (String, Result<String, String>)| match result {
        Ok(what) => Row::new(subject, Outcome::Passed).counts(1, 0).detail(what),
        Err(why) => {
            let detail = format!("{why}; the server: {}", tail(&text));
            Row::new(subject, Outcome::Failed).counts(0, 1).detail(detail)
        }
    };
    Ok(checks.map(row).into())
}

/// The server's output, once both pages have been sent.
fn said(server: &mut Running) -> Result<String, String> {
    server.wait_for(Mark::default(), |text| {
        let done = ["GET /first 200 OK", "GET /second 200 OK"].iter().all(|line| text.contains(line));
        done.then(|| text.to_owned())
    })
}

/// A page with two frames. The second one is loaded when the first has been, so that its connection has the
/// ticket of the first connection; the server closes each connection after its answer.
fn page(port: u16) -> String {
    format!(
        "<!doctype html><meta charset=\"utf-8\"><title>Cairn</title>\n\
         <style>iframe{{width:100%;height:430px;border:1px solid}}</style>\n\
         <iframe src=\"https://localhost:{port}/first\"></iframe>\n<script>\n\
         document.querySelector(\"iframe\").addEventListener(\"load\", () => {{\n\
         const second = document.createElement(\"iframe\");\n\
         second.src = \"https://localhost:{port}/second\";\n\
         document.body.append(second);\n}}, {{ once: true }});\n</script>\n"
    )
}

/// Shows the page, and returns the connections in the browser's log and the path of the screenshot.
fn show(context: &Context, world: &World, port: u16) -> Result<(Vec<Connection>, String), String> {
    let folder = &context.folder;
    let file = |name: &str| folder.join(name).display().to_string();
    let [html, log, screenshot, data] = ["page.html", "net-log.json", "page.png", "profile"].map(file);
    let _none_yet = fs::remove_dir_all(&data);
    for old in [&log, &screenshot] {
        let _none_yet = fs::remove_file(old);
    }
    fs::write(&html, page(port)).map_err(|e| format!("{html} cannot be written: {e}"))?;
    let browser = browser(world, &data)?.args([
        "--window-size=900,940",
        &format!("--log-net-log={log}"),
        &format!("--screenshot={screenshot}"),
        &format!("file://{html}"),
    ]);
    let done = browser.run_within(PATIENCE)?;
    if !done.status.success() {
        return Err(format!("{}: {}", browser.line(), tail(&done.text)));
    }
    let text = fs::read_to_string(&log).map_err(|e| format!("{log} cannot be read: {e}"))?;
    Ok((connections(&text)?, screenshot))
}

/// A browser with a profile in this folder. It accepts the server's certificate.
fn browser(world: &World, profile: &str) -> Result<Launch, String> {
    Ok(Launch::new("chromium").args([
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--virtual-time-budget=10000",
        &format!("--user-data-dir={profile}"),
        &format!("--ignore-certificate-errors-spki-list={}", digest_of_key(world)?),
    ]))
}

/// The SHA-256 digest of the server's public key, in base64.
fn digest_of_key(world: &World) -> Result<String, String> {
    let (public, der) = (world.public_key(Role::Server, Key::P256), world.file("server.spki"));
    let digest = world.file("server.spki.sha256");
    let openssl = |words: &[&str]| -> Result<String, String> {
        let done = Launch::new("openssl").args(words).run("")?;
        if done.status.success() { Ok(done.text) } else { Err(format!("openssl: {}", done.text)) }
    };
    openssl(&["pkey", "-pubin", "-in", &public, "-outform", "DER", "-out", &der])?;
    openssl(&["dgst", "-sha256", "-binary", "-out", &digest, &der])?;
    Ok(openssl(&["base64", "-in", &digest])?.trim().to_owned())
}

/// The connections in a log whose handshakes are complete.
fn connections(log: &str) -> Result<Vec<Connection>, String> {
    let log: Value = serde_json::from_str(log).map_err(|e| format!("the browser's log: {e}"))?;
    let event = log.pointer(&format!("/constants/logEventTypes/{HANDSHAKE}")).and_then(Value::as_u64);
    let event = event.ok_or_else(|| format!("the browser's log has no event {HANDSHAKE}"))?;
    let events = log.get("events").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let connection = |one: &Value| {
        let number = |name: &str| one.get(name).and_then(Value::as_u64);
        if number("type") != Some(event) || number("phase") != Some(PHASE_END) {
            return None;
        }
        let params = one.get("params")?;
        Some(Connection {
            version: params.get("version")?.as_str()?.to_owned(),
            suite: params.get("cipher_suite")?.as_u64()?,
            group: params.get("key_exchange_group")?.as_u64()?,
            is_resumed: params.get("is_resumed")?.as_bool()?,
        })
    };
    Ok(events.iter().filter_map(connection).collect())
}

/// Every handshake has the version, suite and group that both sides prefer.
fn of_handshakes(connections: &[Connection]) -> Result<String, String> {
    let fits = |one: &Connection| one.version == "TLS 1.3" && one.suite == SUITE_ID && one.group == GROUP_ID;
    if connections.len() >= 2 && connections.iter().all(fits) {
        let count = connections.len();
        Ok(format!("{count} connections: TLS 1.3, X25519MLKEM768, TLS_AES_128_GCM_SHA256"))
    } else {
        Err(format!("the browser's connections: {connections:?}"))
    }
}

fn of_resumption(connections: &[Connection], server: &str) -> Result<String, String> {
    let is_resumed = server.lines().any(|line| line.ends_with("resumed: GET /second 200 OK"));
    if connections.iter().any(|one| one.is_resumed) && is_resumed {
        Ok("the connection of the second page".to_owned())
    } else {
        Err("the connection of the second page did not resume the session".to_owned())
    }
}

/// The browser's hello has reserved values, and the server ignores them.
fn of_grease(server: &str) -> Result<String, String> {
    let group = server.split([' ', ',']).find(|word| is_grease(word));
    group.map(|group| format!("a share of the group {group}")).ok_or_else(|| "no such group".to_owned())
}

/// Returns `true` for a name like 0x1a1a (RFC 8701 section 2).
fn is_grease(word: &str) -> bool {
    match word.strip_prefix("0x").map(str::as_bytes) {
        Some([high, b'a', again, b'a']) => high == again,
        _ => false,
    }
}

fn of_compression(server: &str) -> Result<String, String> {
    let told = "compressed the server's certificate, with brotli";
    if server.contains(told) { Ok(told.to_owned()) } else { Err("not compressed".to_owned()) }
}

/// Both pages were sent, and the browser has drawn them.
fn of_pages(screenshot: &str, server: &str) -> Result<String, String> {
    let image = fs::read(Path::new(screenshot)).map_err(|e| format!("{screenshot} cannot be read: {e}"))?;
    let sent = ["GET /first 200 OK", "GET /second 200 OK"].iter().all(|line| server.contains(line));
    if sent && image.starts_with(PNG) {
        Ok(format!("the screenshot: {screenshot}"))
    } else {
        Err("the pages were not shown".to_owned())
    }
}

/// The page of the example `page` of `cairn-tokio` says that both sides see HTTP/2. Its script has then run.
fn of_http2(context: &Context, world: &World) -> Result<String, String> {
    let selection = ["--package", "cairn-tokio", "--example", "page", "--features", "axum"];
    let (cert, key) = world.identity(Role::Server, Key::P256);
    let mut server = Launch::new(build(context, &selection)?).args([&cert, &key]).start()?;
    let port: u16 = server.wait_for(Mark::default(), port)?;
    let profile = context.folder.join("profile-http2").display().to_string();
    let _none_yet = fs::remove_dir_all(&profile);
    let browser = browser(world, &profile)?.args(["--dump-dom", &format!("https://localhost:{port}/")]);
    let page = browser.run_within(PATIENCE)?.text;
    is_http2(&page)
        .map_err(|why| format!("{why}; the server of HTTP/2: {}", tail(&server.since(Mark::default()))))
}

/// The port in a server's first line.
fn port(text: &str) -> Option<u16> {
    text.split_once("listening on 127.0.0.1:")?.1.lines().next()?.parse().ok()
}

fn is_http2(page: &str) -> Result<String, String> {
    let told = ["server: HTTP/2.0", "browser: h2"];
    match told.into_iter().find(|line| !page.contains(&format!("{line}</p>"))) {
        None => Ok(told.join("; ")),
        Some(line) => Err(format!("the page does not say `{line}`: {}", tail(page))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reserved_groups_are_recognized() {
        assert!(of_grease("4 suites, shares of 0x3a3a, X25519MLKEM768").is_ok());
        for text in ["shares of x25519", "0x3a4a", "0x3b3b", "0x3a3", "ticket of 32 bytes"] {
            assert!(of_grease(text).is_err(), "{text}");
        }
    }

    #[test]
    fn connections_are_read_from_the_ends_of_handshakes() {
        let log = r#"{"constants": {"logEventTypes": {"OTHER": 1, "SSL_CONNECT": 2}}, "events": [
            {"type": 2, "phase": 1},
            {"type": 1, "phase": 2, "params": {}},
            {"type": 2, "phase": 2, "params": {"net_error": -1}},
            {"type": 2, "phase": 2, "params": {"version": "TLS 1.3", "cipher_suite": 4865,
                "key_exchange_group": 4588, "is_resumed": true}}]}"#;
        let found = connections(log).unwrap();
        let one = Connection { version: "TLS 1.3".to_owned(), suite: 4865, group: 4588, is_resumed: true };
        assert_eq!(found, core::slice::from_ref(&one));
        assert!(of_handshakes(&found).is_err(), "one connection is too few");
        assert!(of_handshakes(&[one.clone(), one.clone()]).is_ok());
        assert!(of_handshakes(&[one.clone(), Connection { group: 29, ..one }]).is_err());
        assert!(connections("{}").is_err());
    }

    #[test]
    fn resumption_must_be_in_both_logs() {
        let one = |is_resumed| Connection { version: "TLS 1.3".to_owned(), suite: 1, group: 1, is_resumed };
        let server = "127.0.0.1:1: TLS 1.3 X resumed: GET /second 200 OK\n";
        assert!(of_resumption(&[one(false), one(true)], server).is_ok());
        assert!(of_resumption(&[one(false)], server).is_err());
        assert!(of_resumption(&[one(true)], "full: GET /second 200 OK").is_err());
    }

    #[test]
    fn both_sides_must_see_http2() {
        let page = |server, browser| format!("<p>server: {server}</p><p id=\"x\">browser: {browser}</p>");
        assert!(is_http2(&page("HTTP/2.0", "h2")).is_ok());
        assert!(is_http2(&page("HTTP/1.1", "h2")).is_err());
        assert!(is_http2(&page("HTTP/2.0", "http/1.1")).is_err());
    }
}
