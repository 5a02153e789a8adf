//! Checks of hash functions.

use super::name;
use crate::cases::Cases;
use crate::fixtures::prefix;
use crate::generators::Seeded;
use crate::runner::{Outcomes, Runner};
use cairn_crypto::{CompressionFunction, CryptoError, Hash, HashAlgorithm};
use hex_literal::hex;

pub(super) fn run(runner: &mut Runner<'_>) {
    for hash in &runner.provider.hashes {
        let (label, by) = (hash.algorithm().to_string(), hash.implementation());
        runner.row(&label, by, name::KNOWN, |cases| known(cases, &**hash));
        runner.row(&label, by, name::PARTS, |cases| parts(cases, &**hash));
        match hash.compression() {
            Some(function) => {
                runner.row(&label, by, name::COMPRESSION, |cases| compression(cases, &**hash, function));
            }
            None => runner.not_offered(&format!("compression function of {label}")),
        }
    }
}

/// Messages with their hashes: the empty message, the examples of FIPS 180-4, and a million times "a".
type Answers = [&'static [u8]; 4];

const SHA1: Answers = [
    &hex!("da39a3ee5e6b4b0d3255bfef95601890afd80709"),
    &hex!("a9993e364706816aba3e25717850c26c9cd0d89d"),
    &hex!("84983e441c3bd26ebaae4aa1f95129e5e54670f1"),
    &hex!("34aa973cd4c4daa4f61eeb2bdbad27316534016f"),
];
const SHA256: Answers = [
    &hex!("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
    &hex!("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
    &hex!("248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"),
    &hex!("cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"),
];
const SHA384: Answers = [
    &hex!(
        "38b060a751ac96384cd9327eb1b1e36a21fdb71114be07434c0cc7bf63f6e1da"
        "274edebfe76f65fbd51ad2f14898b95b"
    ),
    &hex!(
        "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed"
        "8086072ba1e7cc2358baeca134c825a7"
    ),
    &hex!(
        "3391fdddfc8dc7393707a65b1b4709397cf8b1d162af05abfe8f450de5f36bc6"
        "b0455a8520bc4e6f5fe95b1fe3c8452b"
    ),
    &hex!(
        "9d0e1809716474cb086e834e310a4a1ced149e9c00f248527972cec5704c2a5b"
        "07b8b3dc38ecc4ebae97ddd87f3d8985"
    ),
];
const SHA512: Answers = [
    &hex!(
        "cf83e1357eefb8bdf1542850d66d8007d620e4050b5715dc83f4a921d36ce9ce"
        "47d0d13c5d85f2b0ff8318d2877eec2f63b931bd47417a81a538327af927da3e"
    ),
    &hex!(
        "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
        "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f"
    ),
    &hex!(
        "204a8fc6dda82f0a0ced7beb8e08a41657c16ef468b228a8279be331a703c335"
        "96fd15c13b1b07f9aa1d3bea57789ca031ad85c7a71dd70354ec631238ca3445"
    ),
    &hex!(
        "e718483d0ce769644e2e42c7bc15b4638e1f98b13b2044285632a803afa973eb"
        "de0ff244877ea60a4cb0432ce577c31beb009c5c2c49aa2e4eadb217ad8cc09b"
    ),
];

fn known(cases: &mut Cases, hash: &dyn Hash) -> Outcomes {
    let answers = match hash.algorithm() {
        HashAlgorithm::Sha1 => SHA1,
        HashAlgorithm::Sha256 => SHA256,
        HashAlgorithm::Sha384 => SHA384,
        HashAlgorithm::Sha512 => SHA512,
        other => return Err(format!("no known answer for {other}")),
    };
    let million = vec![b'a'; 1_000_000];
    let messages: [&[u8]; 4] =
        [b"", b"abc", b"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", &million];
    for (message, wanted) in messages.into_iter().zip(answers) {
        let got = hash.hash(&[message]).map_err(|error| error.to_string())?;
        cases.expect(got.as_bytes() == wanted, || format!("of {} bytes: {got:?}", message.len()));
    }
    let started = hash.start().and_then(|context| context.finish()).map_err(|error| error.to_string())?;
    cases.expect(Some(&started.as_bytes()) == answers.first(), "started and finished without input");
    Ok(())
}

/// The hash of a message does not depend on how it is split or forked.
fn parts(cases: &mut Cases, hash: &dyn Hash) -> Outcomes {
    let mut draw = Seeded::new(1);
    let message = draw.bytes(700);
    for len in (0..300).chain([511, 512, 513, 700]) {
        let message = prefix(&message, len);
        let whole = hash.hash(&[message]).map_err(|error| error.to_string())?;
        let (left, right) = message.split_at(draw.below(len + 1));
        let (middle, right) = right.split_at(draw.below(right.len() + 1));
        let in_parts = hash.hash(&[left, b"", middle, right]).map_err(|error| error.to_string())?;
        cases.equal(&in_parts, &whole, || format!("{len} bytes in three parts"));

        let mut context = hash.start().map_err(|error| error.to_string())?;
        let streamed = (|| {
            context.update(left)?;
            let mut fork = context.fork()?;
            fork.update(b"the fork goes its own way")?;
            context.update(middle)?;
            // A fork of a fork, in the middle of a block, continues the message.
            let mut context = context.fork()?.fork()?;
            context.update(right)?;
            Ok::<_, CryptoError>((context.finish()?, fork.finish()?))
        })();
        let (streamed, forked) = streamed.map_err(|error| error.to_string())?;
        cases.equal(&streamed, &whole, || format!("{len} bytes by way of a fork"));
        let joined = hash.hash(&[left, b"the fork goes its own way"]).map_err(|error| error.to_string())?;
        cases.equal(&forked, &joined, || format!("a fork after {} bytes", left.len()));
    }
    Ok(())
}

fn compression(cases: &mut Cases, hash: &dyn Hash, function: &dyn CompressionFunction) -> Outcomes {
    let (block, output) = (hash.algorithm().block_len(), hash.algorithm().output_len());
    let message = Seeded::new(2).bytes(520);
    for len in 0..message.len() {
        let message = prefix(&message, len);
        let whole = hash.hash(&[message]).map_err(|error| error.to_string())?;
        let made =
            by_blocks(function, message, block, output).map_err(|error| format!("{len} bytes: {error}"))?;
        cases.expect(made == whole.as_bytes(), || format!("{len} bytes: differs from the hash function"));
    }
    let mut state = function.start();
    let write = |state: &dyn cairn_crypto::CompressionState| {
        let mut out = vec![0; output];
        state.write(&mut out).map(|()| out)
    };
    let before = write(&*state).map_err(|error| error.to_string())?;
    for got in [0, 1, block - 1, block + 1, 2 * block] {
        let error = CryptoError::WrongLength { expected: block, got };
        cases.refused(state.compress(&vec![0; got]), error, || format!("a block of {got} bytes"));
    }
    for got in [0, output - 1, output + 1] {
        let error = CryptoError::WrongLength { expected: output, got };
        cases.refused(state.write(&mut vec![0; got]), error, || format!("an output of {got} bytes"));
    }
    let after = write(&*state).map_err(|error| error.to_string())?;
    cases.expect(before == after, "a rejected block or output changed the state");
    Ok(())
}

/// The hash function, built from the compression function alone (FIPS 180-4 section 5.1 for the padding).
fn by_blocks(
    function: &dyn CompressionFunction,
    message: &[u8],
    block: usize,
    output: usize,
) -> Result<Vec<u8>, CryptoError> {
    let length = block / 8;
    let mut padded = message.to_vec();
    padded.push(0x80);
    while padded.len() % block != block - length {
        padded.push(0);
    }
    let bits = u128::try_from(message.len()).unwrap_or(0) * 8;
    padded.extend(bits.to_be_bytes().iter().skip(16 - length));
    let mut state = function.start();
    let mut out = vec![0; output];
    for block in padded.chunks(block) {
        state.compress(block)?;
        // Reading the state in between must not change it.
        state.write(&mut out)?;
    }
    state.write(&mut out)?;
    Ok(out)
}
