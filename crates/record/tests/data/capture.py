#!/usr/bin/env python3
"""Records real TLS 1.2 connections between OpenSSL's s_client and s_server, with their master secrets.

    cd crates/record/tests/data && python3 capture.py [NAME...]

writes one file for each suite, or for those named: a line of the key log, what OpenSSL exports (RFC 5705, 40 bytes under the label
EXPORTER-cairn, no context), then all bytes of the client and all bytes of the server, in hexadecimal. Everything is
OpenSSL's; nothing of Cairn is involved. The suites, the texts and the way the connection ends are fixed, so a new run
differs in keys and randoms only.
"""

import os
import socket
import subprocess
import sys
import tempfile
import threading
import time

# The cipher suite and other client options. Without -no_etm both sides negotiate encrypt-then-MAC.
SUITES = {
    "aes-128-gcm": ("ECDHE-ECDSA-AES128-GCM-SHA256", []),
    "aes-256-gcm": ("ECDHE-ECDSA-AES256-GCM-SHA384", []),
    "chacha20-poly1305": ("ECDHE-ECDSA-CHACHA20-POLY1305", []),
    "aes-128-ccm": ("AES128-CCM", []),
    "aes-128-ccm-8": ("AES128-CCM8", []),
    "null-sha256": ("NULL-SHA256", []),
}
for name, cipher in [
    ("aes-128-cbc-sha", "AES128-SHA"),
    ("aes-256-cbc-sha256", "AES256-SHA256"),
    ("ecdhe-aes-128-cbc-sha256", "ECDHE-RSA-AES128-SHA256"),
    ("ecdhe-aes-256-cbc-sha384", "ECDHE-RSA-AES256-SHA384"),
]:
    SUITES[f"{name}-etm"] = (cipher, [])
    SUITES[f"{name}-mte"] = (cipher, ["-no_etm"])


def forward(source, sink, seen):
    while data := source.recv(65536):
        seen.extend(data)
        sink.sendall(data)
    try:
        sink.shutdown(socket.SHUT_WR)
    except OSError:
        pass


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def capture(cipher, options, folder):
    cipher += ":@SECLEVEL=0"  # for SHA-1 and NULL
    port, log = free_port(), os.path.join(folder, "keys")
    server = subprocess.Popen(
        ["openssl", "s_server", "-accept", f"127.0.0.1:{port}", "-cert", f"{folder}/ec.cert", "-key", f"{folder}/ec.key",
         "-dcert", f"{folder}/rsa.cert", "-dkey", f"{folder}/rsa.key", "-tls1_2", "-cipher", cipher, "-rev", "-naccept", "1", "-quiet"],
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    listener = socket.create_server(("127.0.0.1", 0))
    time.sleep(0.5)
    client = subprocess.Popen(
        ["openssl", "s_client", "-connect", "127.0.0.1:%d" % listener.getsockname()[1], "-tls1_2", "-cipher", cipher,
         "-servername", "cairn.test", "-keylogfile", log, "-nocommands", "-no_ign_eof",
         "-keymatexport", "EXPORTER-cairn", "-keymatexportlen", "40", *options],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    here = listener.accept()[0]
    there = socket.create_connection(("127.0.0.1", port))
    sent, answered = bytearray(), bytearray()
    ways = [threading.Thread(target=forward, args=way)
            for way in [(here, there, sent), (there, here, answered)]]
    for way in ways:
        way.start()
    time.sleep(0.5)
    client.stdin.write(b"stone upon stone\n")
    client.stdin.flush()
    time.sleep(0.5)
    client.stdin.close()  # The client says close_notify now.
    shown = client.stdout.read().decode()
    client.wait()
    for way in ways:
        way.join()
    server.wait()
    with open(log) as lines:
        secret = next(line for line in lines if line.startswith("CLIENT_RANDOM"))
    os.remove(log)
    exported = next(line.split(": ")[1] for line in shown.splitlines() if "Keying material: " in line)
    return secret, exported.lower(), sent, answered


def main():
    version = subprocess.check_output(["openssl", "version"], text=True).strip()
    with tempfile.TemporaryDirectory() as folder:
        for kind, options in [("ec", ["ec", "-pkeyopt", "ec_paramgen_curve:P-256"]), ("rsa", ["rsa:2048"])]:
            subprocess.check_call(
                ["openssl", "req", "-x509", "-newkey", *options, "-nodes", "-days", "1", "-subj", "/CN=cairn.test",
                 "-keyout", f"{folder}/{kind}.key", "-out", f"{folder}/{kind}.cert"],
                stderr=subprocess.DEVNULL)
        for name in sys.argv[1:] or SUITES:
            cipher, options = SUITES[name]
            secret, exported, sent, answered = capture(cipher, options, folder)
            with open(f"{name}.txt", "w") as out:
                out.write(f"# {' '.join([cipher, *options])} by {version}, recorded by capture.py\n")
                out.write(secret)
                out.write(f"EXPORTED {exported}\nCLIENT {sent.hex()}\nSERVER {answered.hex()}\n")


main()
