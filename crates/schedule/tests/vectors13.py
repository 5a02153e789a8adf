"""Prints the known answers of the tests in src/tls13/tests/, computed with the `hmac` module of Python.

Usage: python3 crates/schedule/tests/vectors13.py
"""

import hashlib
import hmac


def extract(name, salt, ikm):
    return hmac.new(salt, ikm, name).digest()


def expand(name, prk, info, length):
    out, block, counter = b"", b"", 1
    while len(out) < length:
        block = hmac.new(prk, block + info + bytes([counter]), name).digest()
        out, counter = out + block, counter + 1
    return out[:length]


def vector(data, size):
    return len(data).to_bytes(size, "big") + data


def expand_label(name, secret, label, context, length):
    info = length.to_bytes(2, "big") + vector(b"tls13 " + label, 1) + vector(context, 1)
    return expand(name, secret, info, length)


def digest(name, data):
    return hashlib.new(name, data).digest()


for name in ["sha256", "sha384"]:
    size = hashlib.new(name).digest_size
    zeros, nothing = bytes(size), digest(name, b"")
    transcript = digest(name, b"abc")
    psk, shared = bytes(range(32)), bytes(range(64))

    def derive(secret, label, context):
        return expand_label(name, secret, label, context, size)

    def finished(base_key):
        key = expand_label(name, base_key, b"finished", b"", size)
        return hmac.new(key, transcript, name).digest()

    def export(secret, label, context, length):
        secret = derive(secret, label, nothing)
        return expand_label(name, secret, b"exporter", digest(name, context), length)

    def show(what, value):
        print(name, what, value.hex())

    early = extract(name, zeros, psk)
    show("ext binder", finished(derive(early, b"ext binder", nothing)))
    show("imp binder", finished(derive(early, b"imp binder", nothing)))
    show("c e traffic", derive(early, b"c e traffic", transcript))
    show("early export", export(derive(early, b"e exp master", transcript), b"EXPORTER-cairn", b"", 40))
    show("psk_ke c hs traffic", derive(extract(name, derive(early, b"derived", nothing), zeros), b"c hs traffic", transcript))
    handshake = extract(name, derive(early, b"derived", nothing), shared)
    server = derive(handshake, b"s hs traffic", transcript)
    show("s hs traffic", server)
    show("server finished", finished(server))
    for key_len in [16, 32]:
        show(f"key {key_len}", expand_label(name, server, b"key", b"", key_len))
    show("iv", expand_label(name, server, b"iv", b"", 12))
    main = extract(name, derive(handshake, b"derived", nothing), zeros)
    client = derive(main, b"c ap traffic", transcript)
    show("c ap traffic", client)
    for _ in range(2):
        client = expand_label(name, client, b"traffic upd", b"", size)
    show("c ap traffic 2", client)
    show("post-handshake finished", finished(client))
    exporter = derive(main, b"exp master", transcript)
    show("export", export(exporter, b"EXPORTER-cairn", b"", 40))
    show("export abc", export(exporter, b"EXPORTER-cairn", b"abc", 100))
    resumption = derive(main, b"res master", transcript)
    show("resumption", expand_label(name, resumption, b"resumption", b"\x01\x02", size))

    # RFC 9258: an external PSK of this hash.
    extracted = extract(name, zeros, psk)
    for code, target in [(1, 32), (2, 48)]:
        identity = vector(b"identity", 2) + vector(b"context", 2) + bytes.fromhex("0304") + code.to_bytes(2, "big")
        imported = expand_label(name, extracted, b"derived psk", digest(name, identity), target)
        show(f"imported for {target} bytes: {identity.hex()}", imported)
