//! A journal as columns: one table for each kind of record, made from the kind's layout.
//!
//! The schema is the layout's own field descriptors; there is no second one. Rows of a block are
//! first sorted by kind, then each column is filled in one tight loop over them.

use std::path::Path;

use panshi_wire::layout::{FieldDesc, Kind};

use crate::error::{Corruption, Error, Result};
use crate::reader::Reader;
use crate::record::{HEADER_BYTES, RecordHeader};

/// A kind of record that a journal holds.
#[derive(Debug, Clone, Copy)]
pub struct KindDesc {
    /// Type number.
    pub number: u16,
    /// Name.
    pub name: &'static str,
    /// Bytes of the record.
    pub len: usize,
    /// Fields in the order of their bytes, integers little-endian.
    pub fields: &'static [FieldDesc],
}

/// How a column's values are stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ColumnType {
    /// An integer of so many bytes, signed or not, little-endian.
    Integer {
        /// Bytes of a value.
        width: usize,
        /// Whether it can be negative.
        signed: bool,
    },
    /// UTF-8 text without the padding on its right.
    Text,
    /// Text that is not UTF-8 somewhere in the column, as bytes.
    Bytes,
}

/// One column of a table.
#[derive(Debug, Clone)]
pub struct Column {
    /// Name of the field.
    pub name: &'static str,
    /// What the field means.
    pub note: &'static str,
    /// How its values are stored.
    pub column_type: ColumnType,
    /// The values, one after the other.
    pub values: Vec<u8>,
    /// For text, where each value begins and the last one ends, as 8-byte integers.
    pub offsets: Vec<u8>,
    /// Byte in the record, `None` for a field of the record's header.
    at: Option<usize>,
    width: usize,
}

/// All records of one kind.
#[derive(Debug, Clone)]
pub struct KindTable {
    /// Type number.
    pub number: u16,
    /// Name of the kind.
    pub name: &'static str,
    /// Number of records.
    pub rows: usize,
    /// Sequence and time of the append, then the fields of the layout.
    pub columns: Vec<Column>,
    len: usize,
}

/// Read all records of the given kinds from a sequence on; others are passed over.
///
/// # Errors
/// When the journal is corrupt, or a record is shorter than its kind's layout.
pub fn read_columns(dir: &Path, kinds: &[KindDesc], from_sequence: u64) -> Result<Vec<KindTable>> {
    let mut tables: Vec<KindTable> = kinds.iter().map(KindTable::new).collect();
    let mut places = vec![None; usize::from(u16::MAX) + 1];
    for (at, kind) in kinds.iter().enumerate() {
        if let Some(place) = places.get_mut(usize::from(kind.number)) {
            *place = Some(at);
        }
    }
    let mut reader = Reader::open(dir, from_sequence)?;
    let mut rows: Vec<Vec<(RecordHeader, usize)>> = vec![Vec::new(); kinds.len()];
    loop {
        rows.iter_mut().for_each(Vec::clear);
        let more = reader.block(|header, start| {
            let place = places.get(usize::from(header.kind)).copied().flatten();
            if let Some(list) = place.and_then(|at| rows.get_mut(at)) {
                list.push((header, start + HEADER_BYTES));
            }
        })?;
        for (table, list) in tables.iter_mut().zip(&rows) {
            table.extend(dir, reader.buffer(), list)?;
        }
        if !more {
            break;
        }
    }
    for table in &mut tables {
        table.finish();
    }
    Ok(tables)
}

impl KindTable {
    fn new(kind: &KindDesc) -> Self {
        let mut columns = vec![
            Column::of_header(
                "journal_sequence",
                "position in the journal's order, from 1",
            ),
            Column::of_header("journal_time_ns", "wall time of the append, ns since 1970"),
        ];
        columns.extend(kind.fields.iter().map(Column::of_field));
        Self {
            number: kind.number,
            name: kind.name,
            rows: 0,
            columns,
            len: kind.len,
        }
    }

    fn extend(&mut self, dir: &Path, buffer: &[u8], rows: &[(RecordHeader, usize)]) -> Result<()> {
        if let Some((header, _)) = rows.iter().find(|row| (row.0.length as usize) < self.len) {
            return Err(Error::Corrupt(Corruption {
                path: dir.to_path_buf(),
                segment: 0,
                offset: 0,
                sequence: header.sequence,
                reason: format!(
                    "a record {} must have {} bytes, found {}",
                    self.name, self.len, header.length
                ),
            }));
        }
        self.rows += rows.len();
        let mut columns = self.columns.iter_mut();
        if let Some(sequence) = columns.next() {
            sequence
                .values
                .extend(rows.iter().flat_map(|row| row.0.sequence.to_le_bytes()));
        }
        if let Some(time) = columns.next() {
            time.values
                .extend(rows.iter().flat_map(|row| row.0.time_ns.to_le_bytes()));
        }
        for column in columns {
            column.extend(buffer, rows);
        }
        Ok(())
    }

    fn finish(&mut self) {
        for column in &mut self.columns {
            if column.column_type == ColumnType::Text {
                let end = column.values.len() as u64;
                column.offsets.extend(end.to_le_bytes());
                if !column.is_utf8() {
                    column.column_type = ColumnType::Bytes;
                }
            }
        }
    }
}

impl Column {
    fn of_header(name: &'static str, note: &'static str) -> Self {
        let column_type = ColumnType::Integer {
            width: 8,
            signed: false,
        };
        Self::new(name, note, column_type, None)
    }

    fn of_field(field: &FieldDesc) -> Self {
        let signed = matches!(field.kind, Kind::I16 | Kind::I32 | Kind::I64);
        let column_type = match field.kind {
            Kind::Char(_) => ColumnType::Text,
            _ => ColumnType::Integer {
                width: field.width,
                signed,
            },
        };
        let mut column = Self::new(field.rust_name, field.note, column_type, Some(field.offset));
        column.width = field.width;
        column
    }

    fn new(
        name: &'static str,
        note: &'static str,
        column_type: ColumnType,
        at: Option<usize>,
    ) -> Self {
        let (values, offsets) = (Vec::new(), Vec::new());
        Self {
            name,
            note,
            column_type,
            values,
            offsets,
            at,
            width: 8,
        }
    }

    fn extend(&mut self, buffer: &[u8], rows: &[(RecordHeader, usize)]) {
        let at = self.at.unwrap_or_default();
        match (self.column_type, self.width) {
            (ColumnType::Integer { .. }, 1) => copy::<1>(&mut self.values, buffer, rows, at),
            (ColumnType::Integer { .. }, 2) => copy::<2>(&mut self.values, buffer, rows, at),
            (ColumnType::Integer { .. }, 4) => copy::<4>(&mut self.values, buffer, rows, at),
            (ColumnType::Integer { .. }, _) => copy::<8>(&mut self.values, buffer, rows, at),
            _ => self.extend_text(buffer, rows, at),
        }
    }

    fn extend_text(&mut self, buffer: &[u8], rows: &[(RecordHeader, usize)], at: usize) {
        self.values.reserve(rows.len() * self.width);
        self.offsets.reserve(rows.len() * 8);
        for (_, start) in rows {
            self.offsets
                .extend_from_slice(&(self.values.len() as u64).to_le_bytes());
            let from = start + at;
            let field = buffer.get(from..from + self.width).unwrap_or_default();
            let used = field.iter().rposition(|byte| !matches!(byte, 0 | b' '));
            let text = field
                .get(..used.map_or(0, |last| last + 1))
                .unwrap_or_default();
            self.values.extend_from_slice(text);
        }
    }

    fn is_utf8(&self) -> bool {
        let Ok(text) = std::str::from_utf8(&self.values) else {
            return false;
        };
        text.is_ascii()
            || self.offsets.chunks_exact(8).all(|offset| {
                let value = crate::record::u64_at(offset, 0);
                usize::try_from(value).is_ok_and(|place| text.is_char_boundary(place))
            })
    }
}

/// Append one fixed-width field of every row.
fn copy<const W: usize>(
    values: &mut Vec<u8>,
    buffer: &[u8],
    rows: &[(RecordHeader, usize)],
    at: usize,
) {
    let begin = values.len();
    values.resize(begin + rows.len() * W, 0);
    let places = values
        .get_mut(begin..)
        .unwrap_or_default()
        .chunks_exact_mut(W);
    for (place, (_, start)) in places.zip(rows) {
        if let Some(field) = buffer.get(start + at..).and_then(<[u8]>::first_chunk::<W>) {
            place.copy_from_slice(field);
        }
    }
}
