#!/usr/bin/env python3
"""Makes the known answers of src/protect/known_answers.rs with Python's hmac and the package `cryptography`.

    cd crates/record/tests/data && python3 vectors.py > records.txt

Key block by RFC 5246 sections 5 and 6.3. AEAD: associated data by section 6.2.3.3, nonces by RFC 5288 section 3, RFC 6655
section 3 and RFC 7905 section 2. CBC and NULL: MACs by section 6.2.3.1, padding by section 6.2.3.2, encrypt-then-MAC by RFC
7366 section 3; the IV is the bytes from 0xf0 on. The client's keys are used.

A line: suite, order of encryption and MAC, sequence number, text, record; the last three in hexadecimal, `-` for nothing.
"""

import hashlib
import hmac
import struct

from cryptography.hazmat.decrepit.ciphers.algorithms import TripleDES
from cryptography.hazmat.primitives.ciphers import Cipher, modes
from cryptography.hazmat.primitives.ciphers.aead import AESCCM, AESGCM, ChaCha20Poly1305
from cryptography.hazmat.primitives.ciphers.algorithms import AES

SHA1, SHA256, SHA384 = hashlib.sha1, hashlib.sha256, hashlib.sha384
MASTER, CLIENT, SERVER = bytes(range(48)), bytes([0xC1] * 32), bytes([0x5E] * 32)


def prf(digest, secret, seed, length):
    out, a = b"", seed
    while len(out) < length:
        a = hmac.digest(secret, a, digest)
        out += hmac.digest(secret, a + seed, digest)
    return out[:length]


def client_keys(digest, *lengths):
    block = prf(digest, MASTER, b"key expansion" + SERVER + CLIENT, 2 * sum(lengths))
    keys, at = [], 0
    for length in lengths:
        keys.append(block[at:at + length])
        at += 2 * length
    return keys


def head(seq, content_type, length):
    return struct.pack(">QBHH", seq, content_type, 0x0303, length)


def aead(cipher, digest, key_len, iv_len):
    key, iv = client_keys(digest, key_len, iv_len)

    def seal(seq, content_type, text):
        number = struct.pack(">Q", seq)
        if iv_len == 4:
            prefix, nonce = number, iv + number
        else:
            prefix, nonce = b"", bytes(a ^ b for a, b in zip(iv, bytes(4) + number))
        return prefix + cipher(key).encrypt(nonce, text, head(seq, content_type, len(text)))

    return seal


def null(mac):
    (mac_key,) = client_keys(SHA256, mac().digest_size)
    return lambda seq, content_type, text: text + hmac.digest(mac_key, head(seq, content_type, len(text)) + text, mac)


def cbc(cipher, key_len, mac, digest, encrypt_then_mac):
    mac_key, key = client_keys(digest, mac().digest_size, key_len)
    block = cipher.block_size // 8
    iv = bytes(range(0xF0, 0xF0 + block))

    def encrypt(plain):
        padding_length = block - 1 - len(plain) % block
        encryptor = Cipher(cipher(key), modes.CBC(iv)).encryptor()
        return iv + encryptor.update(plain + bytes([padding_length] * (padding_length + 1))) + encryptor.finalize()

    def seal(seq, content_type, text):
        if encrypt_then_mac:
            body = encrypt(text)
            return body + hmac.digest(mac_key, head(seq, content_type, len(body)) + body, mac)
        return encrypt(text + hmac.digest(mac_key, head(seq, content_type, len(text)) + text, mac))

    return seal


PLAIN = {
    "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256": aead(AESGCM, SHA256, 16, 4),
    "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384": aead(AESGCM, SHA384, 32, 4),
    "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256": aead(ChaCha20Poly1305, SHA256, 32, 12),
    "TLS_RSA_WITH_AES_128_CCM": aead(AESCCM, SHA256, 16, 4),
    "TLS_RSA_WITH_AES_256_CCM_8": aead(lambda key: AESCCM(key, 8), SHA256, 32, 4),
    "TLS_RSA_WITH_NULL_SHA": null(SHA1),
    "TLS_RSA_WITH_NULL_SHA256": null(SHA256),
}
CBC = {
    "TLS_RSA_WITH_3DES_EDE_CBC_SHA": (TripleDES, 24, SHA1, SHA256),
    "TLS_RSA_WITH_AES_128_CBC_SHA": (AES, 16, SHA1, SHA256),
    "TLS_RSA_WITH_AES_256_CBC_SHA256": (AES, 32, SHA256, SHA256),
    "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA384": (AES, 32, SHA384, SHA384),
}
WAYS = [(name, "-", seal) for name, seal in PLAIN.items()]
for name, parts in CBC.items():
    WAYS.append((name, "mac-then-encrypt", cbc(*parts, False)))
    WAYS.append((name, "encrypt-then-mac", cbc(*parts, True)))
RECORDS = [(0, 22, b"stone upon stone"), (0x0123456789ABCDEF, 23, b""), (1, 21, b"\x01\x00"), (2, 23, bytes(range(200)))]

for name, order, seal in WAYS:
    for seq, content_type, text in RECORDS:
        body = seal(seq, content_type, text)
        record = struct.pack(">BHH", content_type, 0x0303, len(body)) + body
        print(name, order, f"{seq:x}", text.hex() or "-", record.hex())
