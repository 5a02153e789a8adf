//! A minimal HTTP/1 server that answers any GET with a page about the connection.

use crate::{
    fingerprint,
    show::{
        count, escape,
        report::{self, Row},
    },
};
use cairn_tls::Summary;
use core::fmt::Write as _;
use std::io;
use tokio::io::{AsyncBufRead, AsyncBufReadExt, AsyncReadExt, AsyncWrite, AsyncWriteExt};

/// The maximum size of a request's head, in bytes.
pub(super) const MAX_HEAD: usize = 16 * 1024;

/// The parts of a request that matter here.
#[derive(Debug, PartialEq, Eq)]
struct Request {
    method: String,
    path: String,
    wants_html: bool,
    /// Whether a body follows the head.
    has_body: bool,
}

impl Request {
    /// A request that cannot be parsed.
    fn unknown() -> Self {
        Self { method: "?".into(), path: "?".into(), wants_html: false, has_body: false }
    }

    /// Whether it may be executed several times. RFC 8470 section 4 names the safe methods.
    fn is_repeatable(&self) -> bool {
        matches!(self.method.as_str(), "GET" | "HEAD" | "OPTIONS") && !self.has_body
    }
}

/// A page and its media type.
pub(super) struct Page {
    pub(super) kind: &'static str,
    pub(super) body: String,
}

impl Page {
    pub(super) const fn text(body: String) -> Self {
        Self { kind: "text/plain; charset=utf-8", body }
    }

    /// The page with these rows.
    pub(super) fn of(rows: &[Row], wants_html: bool) -> Self {
        if wants_html {
            Self { kind: "text/html; charset=utf-8", body: html(rows) }
        } else {
            Self::text(text(rows))
        }
    }
}

/// What the page is about.
pub(super) struct About<'a> {
    pub(super) summary: &'a Summary,
    /// The fingerprints of the client.
    pub(super) client: Option<&'a fingerprint::Client>,
    /// The port of HTTP/3, if the server speaks it.
    pub(super) http3: Option<u16>,
}

/// An answered request.
#[derive(Debug, Default)]
pub(super) struct Answered {
    /// The request and the status, as the client sent it.
    pub(super) request: String,
    /// The same for a log in text: control characters are escaped.
    pub(super) line: String,
    /// The bytes of the request's head.
    pub(super) received: usize,
    /// The bytes of the response.
    pub(super) sent: usize,
}

/// Answers one request and returns a description for the log. The request starts with the early data, if
/// there is any.
pub(super) async fn answer(
    tls: &mut (impl AsyncBufRead + AsyncWrite + Unpin),
    early: &[u8],
    about: &About<'_>,
) -> io::Result<Answered> {
    let Some(head) = head(&mut early.chain(&mut *tls)).await? else {
        return Ok(Answered { line: "no request".into(), ..Answered::default() });
    };
    if head.len() < MAX_HEAD && !ends(&head) {
        // The client has closed, so it gets no response.
        return Ok(Answered {
            request: "incomplete request".into(),
            line: "incomplete request".into(),
            received: head.len(),
            sent: 0,
        });
    }
    let (status, request) = match parse(&head) {
        Some(request) if !early.is_empty() && !request.is_repeatable() => ("425 Too Early", request),
        Some(request) if matches!(request.method.as_str(), "GET" | "HEAD") => ("200 OK", request),
        Some(request) => ("405 Method Not Allowed", request),
        None => ("400 Bad Request", Request::unknown()),
    };
    let Request { method, path, wants_html, .. } = request;
    let page = match status {
        "200 OK" => {
            let mut rows = rows(about.summary, &method, &path);
            if let Some(client) = about.client {
                rows.extend([("JA4", client.ja4.clone()), ("JA3", client.ja3.hash.clone())]);
            }
            if !early.is_empty() {
                rows.push(("early data", count(early.len(), "byte")));
            }
            Page::of(&rows, wants_html)
        }
        "425 Too Early" => Page::text(
            "425 Too Early: early data may be a replay; send this request after the handshake\n".into(),
        ),
        other => Page::text(refusal(other)),
    };
    let mut response = format!(
        "HTTP/1.1 {status}\r\nServer: cairn\r\nContent-Type: {}\r\nContent-Length: \
        {}\r\nCache-Control: no-store\r\nConnection: close\r\n",
        page.kind,
        page.body.len()
    );
    if let Some(port) = about.http3 {
        // RFC 9114 section 3.1.1.
        let _always = write!(response, "Alt-Svc: h3=\":{port}\"; ma=3600\r\n");
    }
    if status.starts_with("405") {
        response.push_str("Allow: GET, HEAD\r\n");
    }
    response.push_str("\r\n");
    if method != "HEAD" {
        response.push_str(&page.body);
    }
    tls.write_all(response.as_bytes()).await?;
    tls.flush().await?;
    let request = format!("{method} {path} {status}");
    let line = format!("{} {} {status}", method.escape_default(), path.escape_default());
    Ok(Answered { request, line, received: head.len(), sent: response.len() })
}

/// Reads up to the empty line that ends the head. `None` if the client sent nothing.
async fn head(tls: &mut (impl AsyncBufRead + Unpin)) -> io::Result<Option<Vec<u8>>> {
    let mut head = Vec::new();
    while head.len() < MAX_HEAD {
        // The empty line may have begun in the bytes before.
        let searched = head.len().saturating_sub(3);
        let came = tls.fill_buf().await?;
        let len = came.len();
        head.extend_from_slice(came);
        tls.consume(len);
        if len == 0 || ends(head.get(searched..).unwrap_or_default()) {
            break;
        }
    }
    Ok(if head.is_empty() { None } else { Some(head) })
}

/// Line ends without a carriage return are accepted, for requests typed by hand.
fn ends(head: &[u8]) -> bool {
    head.windows(4).any(|four| four == b"\r\n\r\n") || head.windows(2).any(|two| two == b"\n\n")
}

fn parse(head: &[u8]) -> Option<Request> {
    if !ends(head) {
        return None;
    }
    let head = core::str::from_utf8(head).ok()?;
    let mut lines = head.lines();
    let mut words = lines.next()?.split(' ');
    let (method, path, version) = (words.next()?, words.next()?, words.next()?);
    let is_method = !method.is_empty() && method.bytes().all(|byte| byte.is_ascii_uppercase());
    if !is_method || !version.starts_with("HTTP/1.") || words.next().is_some() {
        return None;
    }
    let (mut wants_html, mut has_body) = (false, false);
    for (name, value) in lines.take_while(|line| !line.is_empty()).filter_map(|line| line.split_once(':')) {
        wants_html |= name.eq_ignore_ascii_case("accept") && value.contains("text/html");
        has_body |= name.eq_ignore_ascii_case("transfer-encoding")
            || (name.eq_ignore_ascii_case("content-length") && value.trim() != "0");
    }
    Some(Request { method: method.into(), path: path.into(), wants_html, has_body })
}

/// The page of a request that is not answered.
pub(super) fn refusal(status: &str) -> String {
    format!("{status}: this server answers GET with a page about the connection\n")
}

/// The rows of the page about a connection.
pub(super) fn rows(summary: &Summary, method: &str, path: &str) -> Vec<Row> {
    let mut rows = report::rows(summary, "client");
    if summary.peer_chain.is_none() {
        rows.push(("client", "sent no certificate".into()));
    }
    rows.push(("resumed", if summary.is_resumed() { "yes" } else { "no" }.into()));
    rows.push(("request", format!("{method} {path}")));
    rows
}

fn text(rows: &[Row]) -> String {
    format!("Cairn: this connection\n\n{}", report::text(rows, "  "))
}

const STYLE: &str = "\
:root{color-scheme:light dark}\
body{font:16px/1.5 system-ui,sans-serif;max-width:46rem;margin:3rem auto;padding:0 1rem}\
th{text-align:left;font-weight:600;padding:.25rem 2rem .25rem 0;white-space:nowrap;vertical-align:top}\
td{font-family:ui-monospace,monospace;font-size:.9em;overflow-wrap:anywhere}";

fn html(rows: &[Row]) -> String {
    let mut page = format!(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>Cairn: this \
        connection</title>\
         <meta name=\"viewport\" content=\"width=device-width\"><style>{STYLE}</style></head>\n\
         <body><h1>This connection</h1>\n<table>\n"
    );
    for (label, value) in rows {
        // Writing to a string cannot fail.
        let _always = writeln!(page, "<tr><th>{}</th><td>{}</td></tr>", escape(label), escape(value));
    }
    page.push_str("</table></body></html>\n");
    page
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use tokio::io::BufReader;

    #[test]
    fn request_line_is_parsed() {
        let request = parse(b"GET /a?b HTTP/1.1\r\nHost: x\r\nAccept: text/html,*/*\r\n\r\n").unwrap();
        assert_eq!(
            request,
            Request { method: "GET".into(), path: "/a?b".into(), wants_html: true, has_body: false }
        );
        assert!(!parse(b"GET / HTTP/1.0\n\n").unwrap().wants_html);
        for bad in [
            "GET / HTTP/1.1\r\nHost: x",
            "get / HTTP/1.1\r\n\r\n",
            "GET /\r\n\r\n",
            "\r\n\r\n",
            "PRI * HTTP/2.0\r\n\r\n",
        ] {
            assert_eq!(parse(bad.as_bytes()), None, "{bad:?}");
        }
        assert_eq!(parse(&[0xff; 100]), None);
    }

    #[tokio::test]
    async fn head_ends_with_the_empty_line_wherever_its_bytes_are_split() {
        for request in [&b"GET / HTTP/1.1\r\nHost: x\r\n\r\nrest"[..], b"GET / HTTP/1.0\n\nrest"] {
            for size in 1..=request.len() {
                let mut pieces = BufReader::with_capacity(size, request);
                let head = head(&mut pieces).await.unwrap().unwrap();
                assert!(ends(&head), "{size}");
                assert!(head.len() < request.len() - 4 + size, "{size}: {head:?}");
            }
        }
        let endless = vec![b'x'; 2 * MAX_HEAD];
        let mut pieces = BufReader::with_capacity(100, &endless[..]);
        assert!(head(&mut pieces).await.unwrap().unwrap().len() < MAX_HEAD + 100);
        assert_eq!(head(&mut &b""[..]).await.unwrap(), None);
    }

    #[test]
    fn repeatable_requests_have_safe_methods_and_no_body() {
        let is_repeatable = |head: &str| parse(head.as_bytes()).unwrap().is_repeatable();
        for head in ["GET / HTTP/1.1\r\n\r\n", "OPTIONS / HTTP/1.1\r\nContent-Length: 0\r\n\r\n"] {
            assert!(is_repeatable(head), "{head}");
        }
        for head in [
            "POST / HTTP/1.1\r\n\r\n",
            "DELETE / HTTP/1.1\r\n\r\n",
            "GET / HTTP/1.1\r\nContent-Length: 1\r\n\r\n",
            "GET / HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n",
        ] {
            assert!(!is_repeatable(head), "{head}");
        }
    }

    #[test]
    fn client_input_is_escaped_in_the_page() {
        let page = html(&[("request", "GET /<script>alert(1)</script>".into())]);
        assert!(!page.contains("<script>"));
        assert!(page.contains("&lt;script&gt;"));
    }
}
