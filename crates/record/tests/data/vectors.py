#!/usr/bin/env python3
"""Makes the known answers of src/protect/tests.rs with Python's hmac and the package `cryptography`.

Key block by RFC 5246 sections 5 and 6.3, associated data by section 6.2.3.3, nonces by RFC 5288 section 3 and RFC 7905
section 2. The client's keys are shown.
"""

import hashlib
import hmac
import struct

from cryptography.hazmat.primitives.ciphers.aead import AESGCM, ChaCha20Poly1305


def prf(digest, secret, seed, length):
    out, a = b"", seed
    while len(out) < length:
        a = hmac.digest(secret, a, digest)
        out += hmac.digest(secret, a + seed, digest)
    return out[:length]


def seal(name, cipher, digest, key_len, iv_len, seq, content_type, text):
    master, client, server = bytes(range(48)), bytes([0xC1] * 32), bytes([0x5E] * 32)
    block = prf(digest, master, b"key expansion" + server + client, 2 * (key_len + iv_len))
    key, iv = block[:key_len], block[2 * key_len:2 * key_len + iv_len]
    number = struct.pack(">Q", seq)
    if iv_len == 4:
        prefix, nonce = number, iv + number
    else:
        prefix, nonce = b"", bytes(a ^ b for a, b in zip(iv, bytes(4) + number))
    aad = number + struct.pack(">BHH", content_type, 0x0303, len(text))
    body = prefix + cipher(key).encrypt(nonce, text, aad)
    record = struct.pack(">BHH", content_type, 0x0303, len(body)) + body
    print(f"{name} seq={seq:#x} type={content_type} text={text!r}\n  {record.hex()}")


for seq, content_type, text in [(0, 22, b"stone upon stone"), (0x0123456789ABCDEF, 23, b""), (1, 21, b"\x01\x00")]:
    seal("AES_128_GCM", AESGCM, hashlib.sha256, 16, 4, seq, content_type, text)
    seal("AES_256_GCM", AESGCM, hashlib.sha384, 32, 4, seq, content_type, text)
    seal("CHACHA20", ChaCha20Poly1305, hashlib.sha256, 32, 12, seq, content_type, text)
