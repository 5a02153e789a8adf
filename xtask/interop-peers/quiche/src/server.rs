//! The server.

use std::collections::HashMap;
use std::net::{Ipv4Addr, SocketAddr, UdpSocket};

use quiche::{Config, ConnectionId, Header, RecvInfo, Type, h3};

use super::link::{ID_LENGTH, LARGEST, Link, config, random_id, receive};
use super::peer::{Outcome, Words};

/// The start of the token in a Retry packet; the client's first connection ID follows.
const TOKEN: &[u8] = b"interop";

/// Serves the page until the program is killed.
pub fn listen(words: &Words) -> Outcome<()> {
    let mut server = Server::new(words)?;
    let mut buffer = vec![0; 1 << 16];
    println!("listening on {}", server.socket.local_addr()?);
    loop {
        let wait = server.guests.values().filter_map(|guest| guest.link.connection.timeout()).min();
        match receive(&server.socket, wait, &mut buffer)? {
            Some((length, from)) => server.packet(&mut buffer[..length], from)?,
            None => server.guests.values_mut().for_each(|guest| guest.link.connection.on_timeout()),
        }
        server.advance()?;
    }
}

/// The same in all configurations of this server, so that each accepts the tickets of the others.
fn server_config(words: &Words, ticket_key: &[u8], has_early_data: bool) -> Outcome<Config> {
    let mut config = config(words)?;
    config.set_ticket_key(ticket_key)?;
    if words.get("client-auth").is_some() {
        config.load_verify_locations_from_file(words.get("ca").unwrap_or_default())?;
        config.verify_peer(true);
    }
    if has_early_data {
        config.enable_early_data();
    }
    Ok(config)
}

struct Server<'a> {
    words: &'a Words,
    socket: UdpSocket,
    page: Vec<u8>,
    ticket_key: Vec<u8>,
    config: Config,
    guests: HashMap<Vec<u8>, Guest>,
    /// Our ID for the ID that a client has invented for its first packets.
    first_ids: HashMap<Vec<u8>, Vec<u8>>,
}

/// A connection and its answers.
struct Guest {
    link: Link,
    /// The rest of the page by stream.
    answers: HashMap<u64, Vec<u8>>,
}

impl<'a> Server<'a> {
    fn new(words: &'a Words) -> Outcome<Self> {
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, words.get("port").unwrap_or_default().parse()?));
        let ticket_key: Vec<u8> = [random_id(); 3].concat();
        Ok(Self {
            words,
            socket: UdpSocket::bind(address)?,
            page: std::fs::read(words.get("page").unwrap_or_default())?,
            config: server_config(words, &ticket_key, words.get("early-data").is_some())?,
            ticket_key,
            guests: HashMap::new(),
            first_ids: HashMap::new(),
        })
    }

    /// Gives a packet to its connection, which may be a new one.
    fn packet(&mut self, packet: &mut [u8], from: RecvInfo) -> Outcome<()> {
        let Ok(header) = Header::from_slice(packet, ID_LENGTH) else { return Ok(()) };
        let named = header.dcid.to_vec();
        let id = self.first_ids.get(&named).cloned().unwrap_or(named);
        if !self.guests.contains_key(&id) && (header.ty != Type::Initial || !self.accept(&header, &from)?) {
            return Ok(());
        }
        let id = self.first_ids.get(&id).cloned().unwrap_or(id);
        if let Some(guest) = self.guests.get_mut(&id) {
            // It becomes the error of the connection.
            let _error = guest.link.connection.recv(packet, from);
        }
        Ok(())
    }

    /// Accepts a connection, or sends a Retry packet: then the result is `false`.
    fn accept(&mut self, header: &Header<'_>, from: &RecvInfo) -> Outcome<bool> {
        let id = random_id();
        let mut scid = ConnectionId::from_ref(&id);
        let mut original = None;
        if self.words.get("retry").is_some() {
            match header.token.as_deref().and_then(|token| token.strip_prefix(TOKEN)) {
                Some(first) => {
                    original = Some(ConnectionId::from_vec(first.to_vec()));
                    // The client now uses the ID of the Retry packet.
                    scid = header.dcid.clone();
                }
                None => {
                    let token = [TOKEN, &header.dcid].concat();
                    let mut out = [0; LARGEST];
                    let length =
                        quiche::retry(&header.scid, &header.dcid, &scid, &token, header.version, &mut out)?;
                    self.socket.send_to(&out[..length], from.from)?;
                    println!("retry: sent");
                    return Ok(false);
                }
            }
        }
        let local = self.socket.local_addr()?;
        let connection = quiche::accept(&scid, original.as_ref(), local, from.from, &mut self.config)?;
        self.first_ids.insert(header.dcid.to_vec(), scid.to_vec());
        let guest = Guest { link: Link::new(connection), answers: HashMap::new() };
        self.guests.insert(scid.to_vec(), guest);
        // The next connection has the other configuration.
        if self.words.get("early-data") == Some("rejected") {
            self.config = server_config(self.words, &self.ticket_key, false)?;
        }
        Ok(true)
    }

    /// Answers requests, sends packets, and removes the connections that have ended.
    fn advance(&mut self) -> Outcome<()> {
        for guest in self.guests.values_mut() {
            // An error of one connection is not that of the server.
            if let Err(error) = guest.link.advance().and_then(|()| guest.answer(&self.page)) {
                println!("a connection failed: {error}");
                let _is_closed_already = guest.link.connection.close(true, 0x102, b"");
            }
            guest.link.flush(&self.socket)?;
            if guest.link.connection.is_closed() || guest.link.connection.is_draining() {
                drop(guest.link.ended());
            }
        }
        self.guests
            .retain(|_, guest| !guest.link.connection.is_closed() && !guest.link.connection.is_draining());
        Ok(())
    }
}

impl Guest {
    fn answer(&mut self, page: &[u8]) -> Outcome<()> {
        let Some(http) = &mut self.link.http else { return Ok(()) };
        let connection = &mut self.link.connection;
        loop {
            match http.poll(connection) {
                Ok((stream, h3::Event::Headers { .. })) => {
                    http.send_response(connection, stream, &[h3::Header::new(b":status", b"200")], false)?;
                    self.answers.insert(stream, page.to_vec());
                }
                Ok(_) => {}
                Err(h3::Error::Done) => break,
                // The client closes a connection with this code when it has the answer.
                Err(_) if connection.is_draining() => break,
                Err(error) => return Err(error.into()),
            }
        }
        for (stream, rest) in &mut self.answers {
            match http.send_body(connection, *stream, rest, true) {
                Ok(length) => drop(rest.drain(..length)),
                Err(h3::Error::Done) => {}
                Err(error) => return Err(error.into()),
            }
        }
        self.answers.retain(|_, rest| !rest.is_empty());
        Ok(())
    }
}
