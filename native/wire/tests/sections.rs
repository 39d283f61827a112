//! Tables of saved rows come back as they were; bytes that do not fit are refused with words, no count is believed.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use panshi_wire::sections::{Form, Loader, Saver, Sections, describe};

#[derive(Debug, Default, PartialEq, Eq)]
struct Inner {
    rows: Vec<u16>,
    room: usize,
}

#[derive(Debug, Default, PartialEq, Eq)]
struct Outer {
    now: u64,
    table: Vec<u32>,
    inner: Inner,
    sides: [Vec<u8>; 2],
    derived: u8,
}

panshi_wire::sections! {
    Inner {
        list "rows" rows within *room;
        skip room;
    }
}

panshi_wire::sections! {
    Outer {
        one "now" now;
        numbered "table" table;
        part inner;
        lists "sides" sides within 3;
        skip derived;
    }
}

fn empty() -> Outer {
    Outer {
        table: vec![0; 4],
        inner: Inner {
            rows: vec![],
            room: 3,
        },
        ..Outer::default()
    }
}

fn sample() -> Outer {
    Outer {
        now: 9,
        table: vec![0, 5, 0, 6],
        inner: Inner {
            rows: vec![1, 2, 3],
            room: 3,
        },
        sides: [vec![], vec![7]],
        derived: 0,
    }
}

fn bytes_of(state: &Outer) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut sink = |piece: &[u8]| bytes.extend_from_slice(piece);
    let mut saver = Saver::new(&mut sink);
    state.save(&mut saver);
    saver.finish();
    bytes
}

fn read(bytes: &[u8]) -> Result<Outer, String> {
    let mut state = empty();
    let mut loader = Loader::new(bytes);
    state
        .load(&mut loader)
        .and_then(|()| loader.finish())
        .map_err(|error| error.to_string())?;
    Ok(state)
}

#[test]
fn a_state_comes_back_and_is_described() {
    let bytes = bytes_of(&sample());
    assert_eq!(read(&bytes), Ok(sample()));
    let forms: Vec<_> = describe(|saver| sample().save(saver))
        .into_iter()
        .map(|section| (section.name, section.form, section.row_bytes))
        .collect();
    assert_eq!(
        forms,
        [
            ("now", Form::One, 8),
            ("table", Form::Numbered, 4),
            ("rows", Form::List, 2),
            ("sides", Form::List, 1),
            ("sides", Form::List, 1),
        ]
    );
}

#[test]
fn what_does_not_fit_is_said() {
    let bytes = bytes_of(&sample());
    let fails = |bytes: &[u8], expected: &str| {
        let found = read(bytes).unwrap_err();
        assert!(found.contains(expected), "{found}");
    };
    for cut in 0..bytes.len() {
        assert!(read(&bytes[..cut]).is_err(), "{cut}");
    }
    let mut longer = bytes.clone();
    longer.push(0);
    fails(&longer, "section end: must have no bytes");
    let mut renamed = bytes.clone();
    renamed[0] = b'x';
    fails(&renamed, "section now: must come next");
    // The numbers of the second section begin behind two heads and one row.
    let at = 40 + 8 + 40;
    for (number, why) in [(9_u8, "below 4, found 9"), (3, "below 4, found 3")] {
        let mut wrong = bytes.clone();
        wrong[at] = number;
        fails(&wrong, why);
    }
    let mut many = sample();
    many.inner.rows.push(4);
    fails(
        &bytes_of(&many),
        "section rows: must have at most 3 rows, found 4",
    );
}

#[test]
fn a_count_beyond_the_bytes_is_not_believed() {
    let mut bytes = bytes_of(&sample());
    for claim in [u64::MAX, u64::MAX / 8, 1 << 40, 100] {
        let at = 40 + 8 + 32;
        bytes[at..at + 8].copy_from_slice(&claim.to_le_bytes());
        let found = read(&bytes).unwrap_err();
        assert!(
            found.contains(&format!("must hold its {claim} rows")),
            "{found}"
        );
    }
}
