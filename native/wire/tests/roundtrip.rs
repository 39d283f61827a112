//! Every message of the catalogues comes back from each of its forms.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

mod support;

use panshi_wire::error::WireError;
use panshi_wire::message::Body;
use panshi_wire::view::{Protocol, decode, encode, markdown};
use panshi_wire::{sse, szse};
use support::{Random, body};

const ROUNDS: u64 = 40;

fn sse_bytes(msg_type: u32, seq: u64, body: &[u8]) -> Vec<u8> {
    let mut out = vec![0; body.len() + sse::OVERHEAD];
    sse::encode(&sse::Message::Unknown { msg_type, body }, seq, &mut out).unwrap();
    out
}

fn szse_bytes(msg_type: u32, body: &[u8]) -> Vec<u8> {
    let mut out = vec![0; body.len() + szse::OVERHEAD];
    szse::encode(&szse::Message::Unknown { msg_type, body }, &mut out).unwrap();
    out
}

/// All messages of a protocol with random bodies and, half of the time, extra bytes behind them.
fn for_each(protocol: Protocol, mut check: impl FnMut(&str, u32, u64, &[u8], usize)) {
    for round in 0..ROUNDS {
        let random = &mut Random(round);
        for desc in protocol.catalogue() {
            let mut bytes = body(random, desc);
            let known = bytes.len();
            // An absent optional group would take extra bytes for its count.
            if round % 2 == 1 && !absent_group(desc, known) {
                let extra = random.below(5);
                bytes.extend(random.bytes(extra));
            }
            let seq = random.next();
            let what = format!("seed {round}, {protocol:?} {} {}", desc.msg_type, desc.name);
            check(&what, desc.msg_type, seq, &bytes, known);
        }
    }
}

fn absent_group(desc: &panshi_wire::message::MessageDesc, body_len: usize) -> bool {
    use panshi_wire::message::Part;
    let fixed: usize = desc
        .parts
        .iter()
        .map(|part| match part {
            Part::Fixed(fields) => fields.iter().map(|field| field.width).sum(),
            Part::Group(_) => 0,
        })
        .sum();
    desc.parts
        .iter()
        .any(|part| matches!(part, Part::Group(group) if group.optional))
        && body_len >= fixed
}

#[test]
fn structs_come_back_to_the_same_bytes() {
    for_each(Protocol::Sse, |what, msg_type, seq, bytes, known| {
        let message = sse::Message::parse(msg_type, bytes).unwrap();
        assert!(!matches!(message, sse::Message::Unknown { .. }), "{what}");
        assert_eq!(
            (message.msg_type(), message.body_len()),
            (msg_type, known),
            "{what}"
        );
        let mut out = vec![0xaa; known + sse::OVERHEAD + 3];
        let len = sse::encode(&message, seq, &mut out).unwrap();
        assert_eq!(
            out[..len],
            sse_bytes(msg_type, seq, &bytes[..known]),
            "{what}"
        );
        assert_eq!(
            out[len..],
            [0xaa; 3],
            "{what}: nothing behind the message is touched"
        );
    });
    for_each(Protocol::Szse, |what, msg_type, _, bytes, known| {
        let message = szse::Message::parse(msg_type, bytes).unwrap();
        assert!(!matches!(message, szse::Message::Unknown { .. }), "{what}");
        assert_eq!(
            (message.msg_type(), message.body_len()),
            (msg_type, known),
            "{what}"
        );
        let mut out = vec![0xaa; known + szse::OVERHEAD + 3];
        let len = szse::encode(&message, &mut out).unwrap();
        assert_eq!(out[..len], szse_bytes(msg_type, &bytes[..known]), "{what}");
        assert_eq!(
            out[len..],
            [0xaa; 3],
            "{what}: nothing behind the message is touched"
        );
    });
}

#[test]
fn text_form_comes_back_to_the_same_bytes() {
    for_each(Protocol::Sse, |what, msg_type, seq, bytes, _| {
        let bytes = sse_bytes(msg_type, seq, bytes);
        let text = decode(Protocol::Sse, &bytes).unwrap();
        assert_eq!(
            encode(Protocol::Sse, &text, 1).unwrap(),
            bytes,
            "{what}: {text}"
        );
    });
    for_each(Protocol::Szse, |what, msg_type, _, bytes, _| {
        let bytes = szse_bytes(msg_type, bytes);
        let text = decode(Protocol::Szse, &bytes).unwrap();
        assert_eq!(
            encode(Protocol::Szse, &text, 1).unwrap(),
            bytes,
            "{what}: {text}"
        );
    });
}

#[test]
fn a_body_cut_anywhere_is_an_error_that_names_the_message() {
    for_each(Protocol::Sse, |what, msg_type, _, bytes, known| {
        for len in (0..known).step_by(7) {
            let error = sse::Message::parse(msg_type, &bytes[..len]).unwrap_err();
            assert!(
                error
                    .to_string()
                    .starts_with(&format!("message {msg_type}, ")),
                "{what}"
            );
            decode(Protocol::Sse, &sse_bytes(msg_type, 1, &bytes[..len])).unwrap_err();
        }
    });
    // A Shenzhen body may end before an optional group; such a cut is a message of its own.
    let cut = szse::Message::parse(100_101, &[b'0'; 108]).unwrap_err();
    let expected = WireError::BodyTooShort {
        msg_type: 100_101,
        part: "NewOrder",
        needed: 109,
        found: 108,
    };
    assert_eq!(cut, expected);
}

#[test]
fn too_little_room_is_an_error_and_nothing_panics() {
    for_each(Protocol::Szse, |what, msg_type, _, bytes, known| {
        let message = szse::Message::parse(msg_type, bytes).unwrap();
        for len in [0, 7, known / 2, known + szse::OVERHEAD - 1] {
            if len < known + szse::OVERHEAD {
                let error = szse::encode(&message, &mut vec![0; len]).unwrap_err();
                assert!(matches!(error, WireError::NoRoom { .. }), "{what}: {error}");
            }
            if len < known {
                message.write_body(&mut vec![0; len]).unwrap_err();
            }
        }
    });
}

#[test]
fn documentation_has_every_message_and_field() {
    for protocol in [Protocol::Sse, Protocol::Szse] {
        let page = markdown(protocol);
        for desc in protocol.catalogue() {
            assert!(page.contains(&format!("### {} {}: body", desc.msg_type, desc.name)));
        }
        let types: std::collections::BTreeSet<_> = protocol
            .catalogue()
            .iter()
            .map(|desc| desc.msg_type)
            .collect();
        assert_eq!(types.len(), protocol.catalogue().len(), "each type once");
    }
    assert!(markdown(Protocol::Sse).contains("| 49 | Price | int64 | 8 |"));
    assert!(
        markdown(Protocol::Sse).contains("### 208 ExecRptInfo: body 2 + 2 + 8 n + 2 + 4 m bytes")
    );
    assert!(markdown(Protocol::Szse).contains("| 105 | MaxPriceLevels | uint16 | 2 |"));
}
