//! The encoding of a session's key-exchange evidence.

use super::field::flag;
use crate::error::SessionError;
use cairn_handshake::{KeyExchangeEvidence, Proof};
use cairn_wire::{EncodeError, NamedGroup, Reader, SignatureScheme, Writer};

const SERVER_PROOF: u8 = 1;
const CLIENT_PROOF: u8 = 2;
const PSK_BITS: u8 = 4;
const PEER_VERIFIED: u8 = 8;
const SERVER_DELEGATED: u8 = 16;
const CLIENT_DELEGATED: u8 = 32;
const ALL_FLAGS: u8 =
    SERVER_PROOF | CLIENT_PROOF | PSK_BITS | PEER_VERIFIED | SERVER_DELEGATED | CLIENT_DELEGATED;

/// Length without the optional parts.
pub(super) const FIXED_LEN: usize = 1 + 2 + 2;

const PROOF_LEN: usize = 2 + 2;
const PSK_BITS_LEN: usize = 2;

/// Maximum length of the optional parts.
pub(super) const MAX_MORE: usize = 2 * PROOF_LEN + PSK_BITS_LEN;

/// Length of the optional parts of this value.
pub(super) const fn more_len(evidence: &KeyExchangeEvidence) -> usize {
    let server = if evidence.server_proof.is_some() { PROOF_LEN } else { 0 };
    let client = if evidence.client_proof.is_some() { PROOF_LEN } else { 0 };
    let psk = if evidence.psk_bits.is_some() { PSK_BITS_LEN } else { 0 };
    server + client + psk
}

pub(super) fn encode(evidence: &KeyExchangeEvidence, w: &mut Writer<'_>) -> Result<(), EncodeError> {
    w.u8(flag(evidence.server_proof.is_some(), SERVER_PROOF)
        | flag(evidence.client_proof.is_some(), CLIENT_PROOF)
        | flag(evidence.psk_bits.is_some(), PSK_BITS)
        | flag(evidence.peer_verified, PEER_VERIFIED)
        | flag(evidence.server_proof.is_some_and(|proof| proof.delegated), SERVER_DELEGATED)
        | flag(evidence.client_proof.is_some_and(|proof| proof.delegated), CLIENT_DELEGATED))?;
    w.u16(evidence.group.map_or(0, u16::from))?;
    w.u16(evidence.key_exchange_bits)?;
    for proof in [evidence.server_proof, evidence.client_proof].into_iter().flatten() {
        w.u16(proof.key_bits)?;
        w.u16(proof.scheme.map_or(0, u16::from))?;
    }
    evidence.psk_bits.map_or(Ok(()), |bits| w.u16(bits))
}

pub(super) fn decode(r: &mut Reader<'_>) -> Result<KeyExchangeEvidence, SessionError> {
    let flags = r.u8("flags of the evidence")?;
    // A delegated credential's key proves something only in a proof.
    let is_without_proof = |delegated, proof| flags & (delegated | proof) == delegated;
    let contradicts =
        is_without_proof(SERVER_DELEGATED, SERVER_PROOF) || is_without_proof(CLIENT_DELEGATED, CLIENT_PROOF);
    if flags & !ALL_FLAGS != 0 || contradicts {
        return Err(SessionError::UnknownFlags(flags));
    }
    let group = r.u16("group")?;
    let key_exchange_bits = r.u16("key_exchange_bits")?;
    let mut proof = |of, by_delegation| {
        if flags & of == 0 {
            return Ok::<_, SessionError>(None);
        }
        let delegated = flags & by_delegation != 0;
        let key_bits = r.u16("key_bits")?;
        // No scheme and no group has the value 0.
        let scheme = Some(r.u16("scheme")?).filter(|scheme| *scheme != 0).map(SignatureScheme);
        Ok(Some(Proof { key_bits, scheme, delegated }))
    };
    let server_proof = proof(SERVER_PROOF, SERVER_DELEGATED)?;
    let client_proof = proof(CLIENT_PROOF, CLIENT_DELEGATED)?;
    let psk_bits = if flags & PSK_BITS == 0 { None } else { Some(r.u16("psk_bits")?) };
    Ok(KeyExchangeEvidence {
        group: Some(group).filter(|group| *group != 0).map(NamedGroup),
        key_exchange_bits,
        server_proof,
        client_proof,
        psk_bits,
        peer_verified: flags & PEER_VERIFIED != 0,
    })
}
