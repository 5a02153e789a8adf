"""A peer of the suite http3: aioquic. See ../README.md for the arguments."""

import asyncio
import ssl
import sys

from aioquic import tls
from aioquic.asyncio import QuicConnectionProtocol, connect, serve
from aioquic.h3.connection import H3Connection
from aioquic.h3.events import DataReceived, HeadersReceived
from aioquic.quic.configuration import QuicConfiguration
from aioquic.quic.events import ConnectionTerminated

# The time limit for a connection, in seconds.
PATIENCE = 40
H3_NO_ERROR = 0x100

SUITES = {
    "TLS_AES_128_GCM_SHA256": tls.CipherSuite.AES_128_GCM_SHA256,
    "TLS_AES_256_GCM_SHA384": tls.CipherSuite.AES_256_GCM_SHA384,
    "TLS_CHACHA20_POLY1305_SHA256": tls.CipherSuite.CHACHA20_POLY1305_SHA256,
}
GROUPS = {
    "x25519": tls.Group.X25519,
    "secp256r1": tls.Group.SECP256R1,
    "secp384r1": tls.Group.SECP384R1,
}


class Absent(Exception):
    """The reason why this peer lacks a feature."""


def chosen(words, context):
    """Restricts a TLS context to the groups of the arguments, and lets a server ask for a certificate."""
    if "group" in words:
        context._supported_groups = [GROUPS[name] for name in words["group"].split(",")]
    if "client-auth" in words:
        context._request_client_certificate = True


def configuration(words, is_client):
    """The configuration of either side."""
    if "group" in words and not all(name in GROUPS for name in words["group"].split(",")):
        raise Absent("aioquic does not have this group")
    if words.get("suite", "TLS_AES_128_GCM_SHA256") not in SUITES:
        raise Absent("aioquic does not have this suite")
    config = QuicConfiguration(
        is_client=is_client,
        alpn_protocols=[words.get("alpn", "h3")],
        server_name="localhost" if is_client else None,
        idle_timeout=30,
    )
    if "suite" in words:
        config.cipher_suites = [SUITES[words["suite"]]]
    if "cert" in words:
        config.load_cert_chain(words["cert"], words["key"])
    if is_client:
        config.verify_mode = ssl.CERT_REQUIRED
    if is_client or "client-auth" in words:
        config.load_verify_locations(words["ca"])
    return config


class Peer(QuicConnectionProtocol):
    """A connection of either side."""

    words = {}
    page = b""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.http = None
        self.body = {}
        self.ended = {}
        self.reported = False
        self.closed = None
        initialize = self._quic._initialize

        def initialized(peer_cid):
            initialize(peer_cid)
            chosen(self.words, self._quic.tls)

        self._quic._initialize = initialized

    def quic_event_received(self, event):
        if isinstance(event, ConnectionTerminated):
            self.report()
            self.closed = event.error_code
            if event.error_code not in (0, H3_NO_ERROR):
                say(f"a connection failed: code {event.error_code:#x}: {event.reason_phrase}")
            for ended in self.ended.values():
                if not ended.done():
                    ended.set_exception(ConnectionError(event.reason_phrase))
        if self.http is None and self._quic._remote_max_streams_uni > 0 and self.closed is None:
            self.http = H3Connection(self._quic)
        if self.http is None:
            return
        for http_event in self.http.handle_event(event):
            self.http_event_received(http_event)

    def http_event_received(self, event):
        stream = event.stream_id
        if isinstance(event, HeadersReceived) and not self._quic._is_client:
            self.http.send_headers(stream, [(b":status", b"200")])
            self.http.send_data(stream, self.page, end_stream=True)
            if self.words.get("key-update") == "server":
                self._quic.request_key_update()
                say("keys updated")
        if isinstance(event, DataReceived):
            self.body[stream] = self.body.get(stream, b"") + event.data
        if event.stream_ended and stream in self.ended and not self.ended[stream].done():
            self.ended[stream].set_result(self.body.get(stream, b""))

    async def get(self, path):
        """Sends a request and returns the page."""
        if self.http is None:
            self.http = H3Connection(self._quic)
        stream = self._quic.get_next_available_stream_id()
        self.ended[stream] = asyncio.get_running_loop().create_future()
        headers = [(":method", "GET"), (":scheme", "https"), (":authority", "localhost"), (":path", path)]
        self.http.send_headers(stream, [(n.encode(), v.encode()) for n, v in headers], end_stream=True)
        self.transmit()
        return await asyncio.wait_for(self.ended[stream], PATIENCE)

    def report(self):
        """Prints what was negotiated, once."""
        context = self._quic.tls
        if self.reported or not self._quic._handshake_complete:
            return
        self.reported = True
        suite = next(name for name, one in SUITES.items() if one == context.key_schedule.cipher_suite)
        say(f"suite: {suite}")
        say(f"protocol: {context.alpn_negotiated}")
        say(f"resumed: {'yes' if context.session_resumed else 'no'}")
        if "early-data" in self.words and context.session_resumed:
            say(f"early data: {'accepted' if context.early_data_accepted else 'rejected'}")
        if self._quic._retry_count:
            say("retry: received")
        if not self._quic._is_client and context._peer_certificate is not None:
            say("peer: has a certificate")


def say(line):
    print(line, flush=True)


async def listen(words):
    """Serves until the program is killed."""
    if words.get("resume") == "ticket":
        raise Absent("aioquic's tickets are keys of a store")
    if words.get("early-data") == "rejected":
        raise Absent("aioquic accepts early data if its tickets permit it")
    config = configuration(words, is_client=False)
    with open(words["page"], "rb") as file:
        Peer.page = file.read()
    tickets = {}

    def fetch(name):
        return tickets.pop(name, None)

    def store(ticket):
        tickets[ticket.ticket] = ticket

    port = int(words["port"])
    await serve(
        "127.0.0.1",
        port,
        configuration=config,
        create_protocol=Peer,
        retry="retry" in words,
        session_ticket_fetcher=fetch if "resume" in words else None,
        session_ticket_handler=store if "resume" in words else None,
    )
    say(f"listening on 127.0.0.1:{port}")
    await asyncio.Event().wait()


async def visit(words, config, tickets):
    """A connection with one request, or with two and a key update between them."""
    is_early = config.session_ticket is not None and "early-data" in words
    async with connect(
        "127.0.0.1",
        int(words["port"]),
        configuration=config,
        create_protocol=Peer,
        session_ticket_handler=tickets.append,
        wait_connected=not is_early,
    ) as peer:
        page = await peer.get(words["path"])
        if words.get("key-update") == "client":
            peer._quic.request_key_update()
            say("keys updated")
            page = await peer.get(words["path"])
        if "resume" in words:
            # For the ticket.
            await asyncio.sleep(0.2)
        peer.report()
        peer.close(error_code=H3_NO_ERROR)
    return page


async def client(words):
    """Visits the server once, or twice with one session."""
    if words.get("key-update") == "server":
        raise Absent("aioquic does not tell whether the peer has updated its keys")
    config = configuration(words, is_client=True)
    tickets = []
    page = await visit(words, config, tickets)
    if "resume" in words:
        if not tickets:
            raise ConnectionError("there is no ticket")
        config.session_ticket = tickets[0]
        page = await visit(words, config, tickets)
    return page.decode()


def parse(words):
    return dict(word.split("=", 1) for word in words if "=" in word)


def main():
    role = sys.argv[1]
    lines = [sys.argv[2:]] if role == "server" else (line.split() for line in sys.stdin)
    for line in lines:
        Peer.words = parse(line)
        try:
            if role == "server":
                asyncio.run(listen(Peer.words))
            page = asyncio.run(client(Peer.words))
            for text in page.splitlines():
                say(f"| {text}")
            say("ok")
        except Absent as why:
            say(f"absent: {why}")
        except (OSError, TimeoutError) as error:
            say(f"failed: {error}")


main()
