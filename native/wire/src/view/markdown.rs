//! The documentation page: the same tables, for people.

use core::fmt::Write as _;

use super::{Protocol, group_key};
use crate::layout::{FieldDesc, Kind, Layout};
use crate::message::{GroupDesc, MessageDesc, Part};
use crate::szse::{ConfirmBase, FillBase, OrderBase};

/// The common parts of many messages, shown once.
const BASES: [(&str, &[FieldDesc]); 3] = [
    ("1xxx01 NewOrder", OrderBase::FIELDS),
    ("2xxx02 Confirm", ConfirmBase::FIELDS),
    ("2xxx15 Fill", FillBase::FIELDS),
];

/// Describe every message of a protocol.
pub(super) fn page(protocol: Protocol) -> String {
    let mut out = String::new();
    if protocol == Protocol::Szse {
        for (name, fields) in BASES {
            let len: usize = fields.iter().map(|field| field.width).sum();
            line(&mut out, &format!("### {name}: common part, {len} bytes\n"));
            table(&mut out, fields, 0);
        }
    }
    for desc in protocol.catalogue() {
        message(&mut out, desc);
    }
    out
}

fn message(out: &mut String, desc: &MessageDesc) {
    line(
        out,
        &format!("### {} {}: {}\n", desc.msg_type, desc.name, size(desc)),
    );
    let mut start = Some(0);
    for part in desc.parts {
        match part {
            Part::Fixed(fields) => {
                fixed(out, fields);
                let len: usize = fields.iter().map(|field| field.width).sum();
                start = start.map(|start| start + len);
            }
            Part::Group(group) => {
                entries(out, group, start);
                start = None;
            }
        }
    }
}

fn size(desc: &MessageDesc) -> String {
    let mut terms = Vec::new();
    for (part, letter) in desc.parts.iter().zip(["", "n", "m"]) {
        match part {
            Part::Fixed([]) if desc.parts.len() > 1 => {}
            Part::Fixed(fields) => {
                terms.push(
                    fields
                        .iter()
                        .map(|field| field.width)
                        .sum::<usize>()
                        .to_string(),
                );
            }
            Part::Group(group) => {
                terms.push(format!(
                    "{} + {} {letter}",
                    group.count_width, group.entry_len
                ));
            }
        }
    }
    format!("body {} bytes", terms.join(" + "))
}

fn fixed(out: &mut String, fields: &[FieldDesc]) {
    let base = BASES.iter().find(|(_, base)| {
        fields.get(..base.len()).is_some_and(|head| {
            head.iter()
                .zip(*base)
                .all(|(one, other)| one.name == other.name)
        })
    });
    match base {
        Some((name, base)) => {
            let rest = fields.get(base.len()..).unwrap_or_default();
            let nothing = if rest.is_empty() {
                " Nothing more."
            } else {
                ""
            };
            line(
                out,
                &format!("Begins with the common part of {name}.{nothing}\n"),
            );
            table(out, rest, 0);
        }
        None => table(out, fields, 0),
    }
}

fn entries(out: &mut String, group: &GroupDesc, start: Option<usize>) {
    let place = start.map_or(String::from("then"), |start| format!("from offset {start}"));
    let absent = if group.optional {
        ", may be absent"
    } else {
        ""
    };
    line(
        out,
        &format!(
            "`{}`, {} bytes, {place}{absent}; that many entries follow, as `{}` in the text form:\n",
            group.count_name,
            group.count_width,
            group_key(group)
        ),
    );
    table(out, group.fields, 0);
}

fn table(out: &mut String, fields: &[FieldDesc], start: usize) {
    if fields.is_empty() {
        return;
    }
    line(out, "| offset | field | type | bytes | meaning |");
    line(out, "|---:|---|---|---:|---|");
    for field in fields {
        let row = format!(
            "| {} | {} | {} | {} | {} |",
            start + field.offset,
            field.name,
            type_name(field.kind),
            field.width,
            field.note.replace('\'', "`")
        );
        line(out, &row);
    }
    line(out, "");
}

fn type_name(kind: Kind) -> String {
    match kind {
        Kind::U8 => String::from("uint8"),
        Kind::U16 => String::from("uint16"),
        Kind::U32 => String::from("uint32"),
        Kind::U64 => String::from("uint64"),
        Kind::I16 => String::from("int16"),
        Kind::I32 => String::from("int32"),
        Kind::I64 => String::from("int64"),
        Kind::Char(1) => String::from("char"),
        Kind::Char(width) => format!("char[{width}]"),
    }
}

fn line(out: &mut String, text: &str) {
    // Writing to a String cannot fail.
    let _ = writeln!(out, "{text}");
}
