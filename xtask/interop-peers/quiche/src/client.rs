//! The client.

use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
use std::time::{Duration, Instant};

use quiche::{Config, ConnectionId, h3};

use super::link::{Absent, Link, NO_ERROR, config, is_past, random_id, receive};
use super::peer::{Outcome, PATIENCE, Words};

/// `ssl_early_data_accepted` of BoringSSL.
const EARLY_DATA_ACCEPTED: u32 = 2;
/// The wait for a ticket after the answer.
const TICKET: Duration = Duration::from_millis(200);

/// One connection, or two with one session.
pub fn connect(words: &Words) -> Outcome<String> {
    if words.get("key-update").is_some() {
        return Err(Absent("quiche has no call for key updates").into());
    }
    let mut config = config(words)?;
    config.load_verify_locations_from_file(words.get("ca").unwrap_or_default())?;
    config.verify_peer(true);
    if words.get("early-data").is_some() {
        config.enable_early_data();
    }
    let (page, session) = visit(words, &mut config, None)?;
    if words.get("resume").is_none() {
        return Ok(page);
    }
    let session = session.ok_or("there is no ticket")?;
    visit(words, &mut config, Some(&session)).map(|(page, _)| page)
}

/// A connection with one request: the page and the session.
fn visit(words: &Words, config: &mut Config, session: Option<&[u8]>) -> Outcome<(String, Option<Vec<u8>>)> {
    let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0))?;
    let server = SocketAddr::from((Ipv4Addr::LOCALHOST, words.get("port").unwrap_or_default().parse()?));
    let id = random_id();
    let id = ConnectionId::from_ref(&id);
    let mut link = Link::new(quiche::connect(Some("localhost"), &id, socket.local_addr()?, server, config)?);
    if let Some(session) = session {
        link.connection.set_session(session)?;
    }
    let late = Instant::now() + PATIENCE * 2;
    let (mut exchange, mut buffer) = (Exchange::default(), vec![0; 1 << 16]);
    // The first packet leaves before there is early data.
    link.flush(&socket)?;
    loop {
        link.advance()?;
        exchange.advance(words, &mut link)?;
        if exchange.is_over(words) {
            link.connection.close(true, NO_ERROR, b"")?;
        }
        link.flush(&socket)?;
        if exchange.is_over(words) {
            break;
        }
        if link.connection.is_closed() || link.connection.is_draining() {
            link.ended()?;
            return Err("the server has closed".into());
        }
        if is_past(late) {
            return Err("timed out".into());
        }
        match receive(&socket, link.connection.timeout(), &mut buffer)? {
            Some((length, from)) => {
                // It becomes the error of the connection.
                let _error = link.connection.recv(&mut buffer[..length], from);
            }
            None => link.connection.on_timeout(),
        }
    }
    if session.is_some() && words.get("early-data").is_some() {
        let is_accepted = link.connection.early_data_reason() == EARLY_DATA_ACCEPTED;
        println!("early data: {}", if is_accepted { "accepted" } else { "rejected" });
    }
    let page = String::from_utf8_lossy(&exchange.page).into_owned();
    Ok((page, link.connection.session().map(<[u8]>::to_vec)))
}

/// A request and its answer.
#[derive(Default)]
struct Exchange {
    is_sent: bool,
    page: Vec<u8>,
    answered: Option<Instant>,
}

impl Exchange {
    fn advance(&mut self, words: &Words, link: &mut Link) -> Outcome<()> {
        let Some(http) = &mut link.http else { return Ok(()) };
        if !self.is_sent {
            let path = words.get("path").unwrap_or_default();
            let fields =
                [(":method", "GET"), (":scheme", "https"), (":authority", "localhost"), (":path", path)];
            let fields = fields.map(|(name, value)| h3::Header::new(name.as_bytes(), value.as_bytes()));
            http.send_request(&mut link.connection, &fields, true)?;
            self.is_sent = true;
        }
        let mut piece = [0; 4096];
        loop {
            match http.poll(&mut link.connection) {
                Ok((stream, h3::Event::Data)) => {
                    while let Ok(length) = http.recv_body(&mut link.connection, stream, &mut piece) {
                        self.page.extend_from_slice(&piece[..length]);
                    }
                }
                Ok((_, h3::Event::Finished)) => self.answered = Some(Instant::now()),
                Ok((_, h3::Event::Reset(code))) => {
                    return Err(format!("the request was reset: {code}").into());
                }
                Ok(_) => {}
                Err(h3::Error::Done) => return Ok(()),
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// Whether the answer is there, and the time for a ticket, where one is needed, has passed.
    fn is_over(&self, words: &Words) -> bool {
        let wait = if words.get("resume").is_some() { TICKET } else { Duration::ZERO };
        self.answered.is_some_and(|answered| is_past(answered + wait))
    }
}
