//! Arbitrary and damaged bytes: nothing panics and nothing outside the bytes is read.
//!
//! `PANSHI_FUZZ_ITERS` sets the rounds for each protocol, `PANSHI_FUZZ_SEED` the first seed; a
//! failure prints the seed of its round. That nothing is allocated by a length the sender chose is
//! shown in `no_alloc.rs`.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

mod support;

use panshi_wire::error::WireError;
use panshi_wire::message::Body;
use panshi_wire::view::{Protocol, decode_line, encode_line};
use panshi_wire::{sse, szse};
use support::{Random, body};

const ROUNDS_DEFAULT: u64 = 20_000;
const GUARD: u8 = 0xa5;

fn setting(name: &str, default: u64) -> u64 {
    std::env::var(name).map_or(default, |text| text.parse().unwrap())
}

fn rounds() -> impl Iterator<Item = u64> {
    let first = setting("PANSHI_FUZZ_SEED", 0);
    first..first + setting("PANSHI_FUZZ_ITERS", ROUNDS_DEFAULT)
}

/// A sound message of the protocol.
fn sound(random: &mut Random, protocol: Protocol) -> Vec<u8> {
    let catalogue = protocol.catalogue();
    let desc = &catalogue[random.below(catalogue.len())];
    let (msg_type, body) = (desc.msg_type, body(random, desc));
    let body = &body[..];
    let mut out = vec![0; body.len() + sse::OVERHEAD];
    let len = match protocol {
        Protocol::Sse => {
            let seq = random.next();
            sse::encode(&sse::Message::Unknown { msg_type, body }, seq, &mut out)
        }
        Protocol::Szse => szse::encode(&szse::Message::Unknown { msg_type, body }, &mut out),
    };
    out.truncate(len.unwrap());
    out
}

/// Damage a message in one to four places, then often make its checksum right again.
fn damage(random: &mut Random, protocol: Protocol, bytes: &mut Vec<u8>) {
    let header = if protocol == Protocol::Sse { 16 } else { 8 };
    for _ in 0..=random.below(4) {
        let at = random.below(bytes.len().max(1));
        match random.below(8) {
            0 => bytes.truncate(at),
            1 => bytes.insert(at.min(bytes.len()), random.byte()),
            2 if bytes.len() >= header => bytes[header - 4..header].fill(random.byte()),
            3 if bytes.len() >= header => bytes[header - 1] = random.byte(),
            // The count of a group often stands at the front of the body.
            4 if bytes.len() > header + 4 => bytes[header..header + 4].fill(random.byte()),
            5 => {
                let extra = random.below(40);
                bytes.extend(random.bytes(extra));
            }
            _ if at < bytes.len() => bytes[at] ^= 1 << random.below(8),
            _ => {}
        }
    }
    if random.below(4) > 0 && bytes.len() >= header + 4 {
        let body_len = u32::try_from(bytes.len() - header - 4).unwrap();
        bytes[header - 4..header].copy_from_slice(&body_len.to_be_bytes());
        let end = bytes.len() - 4;
        let sum = bytes[..end]
            .iter()
            .fold(0_u8, |sum, byte| sum.wrapping_add(*byte));
        bytes[end..].copy_from_slice(&[0, 0, 0, sum]);
    }
}

/// The input of one round: bytes of no meaning, or a damaged message.
fn input(random: &mut Random, protocol: Protocol) -> Vec<u8> {
    if random.below(8) == 0 {
        let len = random.below(64);
        return random.bytes(len);
    }
    let mut bytes = sound(random, protocol);
    if random.below(16) > 0 {
        damage(random, protocol, &mut bytes);
    }
    bytes
}

/// Put the input between guard bytes; what is read from it must not depend on them.
fn guarded(bytes: &[u8], guard: u8) -> Vec<u8> {
    let mut all = vec![guard; 64];
    all.extend(bytes);
    all.extend([guard; 64]);
    all
}

fn inside(all: &[u8]) -> &[u8] {
    &all[64..all.len() - 64]
}

#[test]
fn shanghai_bytes_never_panic_and_never_read_outside() {
    for seed in rounds() {
        let bytes = input(&mut Random(seed), Protocol::Sse);
        let (one, other) = (guarded(&bytes, GUARD), guarded(&bytes, !GUARD));
        let frame = sse::frame(inside(&one));
        assert_eq!(frame, sse::frame(inside(&other)), "PANSHI_FUZZ_SEED={seed}");
        let Ok(Some(frame)) = frame else { continue };
        assert!(frame.total_len <= bytes.len(), "PANSHI_FUZZ_SEED={seed}");
        assert_eq!(
            frame.body.len() + sse::OVERHEAD,
            frame.total_len,
            "PANSHI_FUZZ_SEED={seed}"
        );
        let message = sse::Message::decode(&frame);
        let twin = sse::frame(inside(&other)).unwrap().unwrap();
        assert_eq!(
            message,
            sse::Message::decode(&twin),
            "PANSHI_FUZZ_SEED={seed}"
        );
        let Ok(message) = message else { continue };
        assert!(
            message.body_len() <= frame.body.len(),
            "PANSHI_FUZZ_SEED={seed}"
        );
        let mut out = [0; sse::MESSAGE_LEN_MAX];
        let len = sse::encode(&message, frame.seq, &mut out).unwrap();
        let known = message.body_len();
        assert_eq!(
            out[16..len - 4],
            frame.body[..known],
            "PANSHI_FUZZ_SEED={seed}"
        );
    }
}

#[test]
fn shenzhen_bytes_never_panic_and_never_read_outside() {
    for seed in rounds() {
        let bytes = input(&mut Random(seed), Protocol::Szse);
        let (one, other) = (guarded(&bytes, GUARD), guarded(&bytes, !GUARD));
        let frame = szse::frame(inside(&one));
        assert_eq!(
            frame,
            szse::frame(inside(&other)),
            "PANSHI_FUZZ_SEED={seed}"
        );
        let Ok(Some(frame)) = frame else { continue };
        assert!(frame.total_len <= bytes.len(), "PANSHI_FUZZ_SEED={seed}");
        assert_eq!(
            frame.body.len() + szse::OVERHEAD,
            frame.total_len,
            "PANSHI_FUZZ_SEED={seed}"
        );
        let message = szse::Message::decode(&frame);
        let twin = szse::frame(inside(&other)).unwrap().unwrap();
        assert_eq!(
            message,
            szse::Message::decode(&twin),
            "PANSHI_FUZZ_SEED={seed}"
        );
        let Ok(message) = message else { continue };
        assert!(
            message.body_len() <= frame.body.len(),
            "PANSHI_FUZZ_SEED={seed}"
        );
        let mut out = vec![0; frame.total_len];
        let len = szse::encode(&message, &mut out).unwrap();
        let known = message.body_len();
        assert_eq!(
            out[8..len - 4],
            frame.body[..known],
            "PANSHI_FUZZ_SEED={seed}"
        );
    }
}

#[test]
fn text_form_of_anything_is_an_object_and_comes_back() {
    for seed in rounds().step_by(4) {
        for (name, protocol) in [("sse", Protocol::Sse), ("szse", Protocol::Szse)] {
            let bytes = input(&mut Random(seed), protocol);
            let hex = support::hex(&bytes);
            let shown = decode_line(name, &hex);
            let object: serde_json::Value = serde_json::from_str(&shown).unwrap();
            if object.get("error").is_none() {
                assert_eq!(
                    encode_line(name, &shown, 1),
                    Ok(hex),
                    "PANSHI_FUZZ_SEED={seed}: {shown}"
                );
            }
        }
    }
}

#[test]
fn length_is_judged_before_the_body_is_waited_for() {
    let mut header = [0; sse::HEADER_LEN];
    header[3] = 58;
    header[12..].copy_from_slice(&4077_u32.to_be_bytes());
    let too_long = WireError::MessageTooLong {
        limit: 4096,
        found: 4097,
    };
    assert_eq!(sse::frame(&header), Err(too_long));
    header[12..].copy_from_slice(&4076_u32.to_be_bytes());
    assert_eq!(
        sse::frame(&header),
        Ok(None),
        "the largest message is waited for"
    );
    header[12..].fill(0xff);
    let found = u64::from(u32::MAX) + 20;
    assert_eq!(
        sse::frame(&header),
        Err(WireError::MessageTooLong { limit: 4096, found })
    );

    let header = [0, 0, 0, 3, 0, 0, 0, 9];
    assert_eq!(szse::frame(&header), Ok(None));
    let too_long = WireError::MessageTooLong {
        limit: 20,
        found: 21,
    };
    assert_eq!(szse::frame_within(&header, 20), Err(too_long));
    assert_eq!(szse::frame_within(&header, 21), Ok(None));
    let found = u64::from(u32::MAX) + 12;
    let too_long = WireError::MessageTooLong {
        limit: szse::MESSAGE_LEN_MAX_DEFAULT,
        found,
    };
    assert_eq!(
        szse::frame(&[0, 0, 0, 3, 0xff, 0xff, 0xff, 0xff]),
        Err(too_long)
    );
}

#[test]
fn reseal_takes_exactly_one_message() {
    let mut out = [0; 64];
    let len = sse::encode(&sse::Heartbeat {}, 1, &mut out).unwrap();
    sse::reseal(&mut out[..=len], 2).unwrap_err();
    sse::reseal(&mut out[..len - 1], 2).unwrap_err();
    sse::reseal(&mut out[..3], 2).unwrap_err();
    let len = szse::encode(&szse::Heartbeat {}, &mut out).unwrap();
    szse::reseal(&mut out[..=len]).unwrap_err();
    szse::reseal(&mut out[..3]).unwrap_err();
    szse::reseal(&mut out[..len]).unwrap();
}
