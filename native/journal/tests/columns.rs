//! The columns of a journal hold exactly what was written, whatever the mix of kinds.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test may stop at the first surprise"
)]

mod support;

use panshi_journal::Error;
use panshi_journal::columns::{ColumnType, KindDesc, KindTable, read_columns};
use panshi_wire::layout::Layout;
use support::open;

panshi_wire::layout! {
    /// Every type of field.
    little;
    pub struct Wide = 31, "Wide" {
        a: u8 => "A", "";
        b: u16 => "B", "";
        c: i32 => "C", "";
        d: i64 => "D", "in fen";
        text: [u8; 10] => "Text", "";
        side: Char => "Side", "";
    }

    /// Another kind.
    little;
    pub struct Narrow = 102, "Narrow" {
        value: u32 => "Value", "";
    }
}

fn desc<L: Layout>() -> KindDesc {
    let number = u16::try_from(L::TYPE).unwrap();
    KindDesc {
        number,
        name: L::NAME,
        len: L::LEN,
        fields: L::FIELDS,
    }
}

fn wide(at: i64) -> Wide {
    let mut text = [b' '; 10];
    let digits = at.to_string();
    text[..digits.len()].copy_from_slice(digits.as_bytes());
    Wide {
        a: u8::try_from(at % 256).unwrap(),
        b: 500,
        c: -i32::try_from(at).unwrap(),
        d: -at * 1_000_000_007,
        text,
        side: b'1',
    }
}

fn write(dir: &std::path::Path, rows: i64) {
    let (mut journal, _) = open(dir);
    for at in 0..rows {
        let record = wide(at);
        journal
            .append_with(31, Wide::LEN, |place| {
                assert!(record.write(place).is_some());
            })
            .unwrap();
        if at % 3 == 0 {
            journal
                .append(102, &u32::try_from(at).unwrap().to_le_bytes())
                .unwrap();
        }
        journal.append(222, b"a kind that nobody asks for").unwrap();
    }
    journal.close().unwrap();
}

fn numbers(table: &KindTable, name: &str) -> Vec<i64> {
    let column = table
        .columns
        .iter()
        .find(|column| column.name == name)
        .unwrap();
    let ColumnType::Integer { width, signed } = column.column_type else {
        panic!("text")
    };
    let values: Vec<i64> = column
        .values
        .chunks_exact(width)
        .map(|bytes| {
            let negative = signed && bytes[width - 1] >= 0x80;
            let mut wide = [if negative { 0xFF } else { 0 }; 8];
            wide[..width].copy_from_slice(bytes);
            i64::from_le_bytes(wide)
        })
        .collect();
    assert_eq!(values.len(), table.rows);
    values
}

fn texts(table: &KindTable, name: &str) -> Vec<String> {
    let column = table
        .columns
        .iter()
        .find(|column| column.name == name)
        .unwrap();
    let ends: Vec<usize> = column
        .offsets
        .chunks_exact(8)
        .map(|bytes| usize::try_from(u64::from_le_bytes(bytes.try_into().unwrap())).unwrap())
        .collect();
    assert_eq!(ends.len(), table.rows + 1);
    let text = std::str::from_utf8(&column.values).unwrap();
    ends.windows(2)
        .map(|pair| text[pair[0]..pair[1]].to_owned())
        .collect()
}

#[test]
fn columns_hold_every_field_of_every_row() {
    let dir = tempfile::tempdir().unwrap();
    write(dir.path(), 3000);
    let tables = read_columns(dir.path(), &[desc::<Wide>(), desc::<Narrow>()], 1).unwrap();
    let (wide_table, narrow) = (&tables[0], &tables[1]);
    assert_eq!((wide_table.rows, narrow.rows), (3000, 1000));
    let rows = 0..3000_i64;
    assert_eq!(
        numbers(wide_table, "a"),
        rows.clone().map(|at| at % 256).collect::<Vec<_>>()
    );
    assert!(numbers(wide_table, "b").iter().all(|value| *value == 500));
    assert_eq!(
        numbers(wide_table, "c"),
        rows.clone().map(|at| -at).collect::<Vec<_>>()
    );
    let large: Vec<i64> = rows.clone().map(|at| -at * 1_000_000_007).collect();
    assert_eq!(numbers(wide_table, "d"), large);
    let digits: Vec<String> = rows.clone().map(|at| at.to_string()).collect();
    assert_eq!(texts(wide_table, "text"), digits);
    assert!(texts(wide_table, "side").iter().all(|side| side == "1"));
    let thirds: Vec<i64> = rows.filter(|at| at % 3 == 0).collect();
    assert_eq!(numbers(narrow, "value"), thirds);
    let sequences = numbers(wide_table, "journal_sequence");
    assert!(sequences.is_sorted() && sequences[0] == 1);
}

#[test]
fn reading_may_begin_anywhere() {
    let dir = tempfile::tempdir().unwrap();
    write(dir.path(), 1000);
    let all = read_columns(dir.path(), &[desc::<Wide>()], 1).unwrap();
    for from in [2, 500, 1777, 2333, 2335] {
        let part = read_columns(dir.path(), &[desc::<Wide>()], from).unwrap();
        let mut expected = numbers(&all[0], "journal_sequence");
        expected.retain(|sequence| *sequence >= i64::try_from(from).unwrap());
        assert_eq!(
            numbers(&part[0], "journal_sequence"),
            expected,
            "from {from}"
        );
    }
}

#[test]
fn text_that_is_not_utf8_stays_bytes_and_a_short_record_is_an_error() {
    let dir = tempfile::tempdir().unwrap();
    let (mut journal, _) = open(dir.path());
    let mut record = wide(5);
    record.text[0] = 0xB0;
    journal
        .append_with(31, Wide::LEN, |place| {
            assert!(record.write(place).is_some());
        })
        .unwrap();
    let tables = read_columns(dir.path(), &[desc::<Wide>()], 1).unwrap();
    assert_eq!(tables[0].columns[6].column_type, ColumnType::Bytes);
    assert_eq!(tables[0].columns[7].column_type, ColumnType::Text);
    journal.append(31, &[0; 3]).unwrap();
    let error = read_columns(dir.path(), &[desc::<Wide>()], 1).unwrap_err();
    assert!(
        matches!(&error, Error::Corrupt(at) if at.sequence == 2),
        "{error}"
    );
    assert!(
        error
            .to_string()
            .contains("a record Wide must have 26 bytes, found 3"),
        "{error}"
    );
}
