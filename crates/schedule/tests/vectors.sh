#!/bin/sh
# Prints the known answers of the tests in src/*/tests.rs, computed with TLS1-PRF of OpenSSL.
# Usage: sh crates/schedule/tests/vectors.sh
# The first three are also published, on the mailing list of the IETF TLS working group.
set -eu

# prf <digest> <secret> <label> <seed> <length>; secret and seed are in hexadecimal
prf() {
    openssl kdf -keylen "$5" -kdfopt "digest:$1" -kdfopt "hexsecret:$2" -kdfopt "seed:$3" -kdfopt "hexseed:$4" TLS1-PRF |
        tr -d ':\n' | tr A-F a-f
}
# cut <hex> <first byte> <bytes>
cut_at() { printf %s "$1" | cut -c "$((2 * $2 + 1))-$((2 * ($2 + $3)))"; }
repeat() { for _ in $(seq 32); do printf %s "$1"; done; }

echo "published SHA-256: $(prf SHA256 9bbe436ba940f017b17652849a71db35 'test label' a0ba9f936cda311827a6f796ffd5198c 100)"
echo "published SHA-384: $(prf SHA384 b80b733d6ceefcdc71566ea48e5567df 'test label' cd665cf6a8447dd6ff8b27555edb7465 148)"
echo "published SHA-512: $(prf SHA512 b0323523c1853599584d88568bbb05eb 'test label' d4640e12e4bcdbfb437f03e6ae418ee5 196)"

secret=$(for i in $(seq 0 47); do printf %02x "$i"; done) # as premaster and as master secret
client=$(repeat c1) server=$(repeat 5e)                   # the randoms
abc256=$(printf abc | openssl dgst -sha256 -r | cut -d' ' -f1) # in place of a transcript's hash
abc384=$(printf abc | openssl dgst -sha384 -r | cut -d' ' -f1)

for digest in SHA256 SHA384; do
    [ $digest = SHA256 ] && hash=$abc256 || hash=$abc384
    echo "$digest master secret: $(prf $digest "$secret" 'master secret' "$client$server" 48)"
    echo "$digest extended master secret: $(prf $digest "$secret" 'extended master secret' "$hash" 48)"
    echo "$digest client finished: $(prf $digest "$secret" 'client finished' "$hash" 12)"
    echo "$digest server finished: $(prf $digest "$secret" 'server finished' "$hash" 12)"
    echo "$digest exporter, no context: $(prf $digest "$secret" EXPORTER-cairn "$client$server" 40)"
    echo "$digest exporter, empty context: $(prf $digest "$secret" EXPORTER-cairn "$client${server}0000" 40)"
    echo "$digest exporter, context abc: $(prf $digest "$secret" EXPORTER-cairn "$client${server}0003616263" 40)"
done

# name digest MAC-key-length key-length iv-length
while read -r name digest mac key iv; do
    block=$(prf "$digest" "$secret" 'key expansion' "$server$client" $((2 * (mac + key + iv))))
    if [ "$mac" -gt 0 ]; then
        echo "$name client_write_MAC_key $(cut_at "$block" 0 "$mac")"
        echo "$name server_write_MAC_key $(cut_at "$block" "$mac" "$mac")"
    fi
    if [ "$key" -gt 0 ]; then
        echo "$name client_write_key $(cut_at "$block" $((2 * mac)) "$key")"
        echo "$name server_write_key $(cut_at "$block" $((2 * mac + key)) "$key")"
    fi
    if [ "$iv" -gt 0 ]; then
        echo "$name client_write_IV $(cut_at "$block" $((2 * (mac + key))) "$iv")"
        echo "$name server_write_IV $(cut_at "$block" $((2 * (mac + key) + iv)) "$iv")"
    fi
done <<END
AES_128_GCM_SHA256 SHA256 0 16 4
AES_256_GCM_SHA384 SHA384 0 32 4
CHACHA20_POLY1305_SHA256 SHA256 0 32 12
AES_256_CCM_8 SHA256 0 32 4
AES_128_CBC_SHA SHA256 20 16 0
3DES_EDE_CBC_SHA SHA256 20 24 0
AES_256_CBC_SHA384 SHA384 48 32 0
NULL_SHA256 SHA256 32 0 0
END
