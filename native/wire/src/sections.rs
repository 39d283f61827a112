//! The parts of a snapshot: tables of saved rows, each under its name, one behind the other.
//!
//! A struct says once, with [`sections!`](crate::sections!), which of its fields are saved and how; the list is
//! exhaustive, so a new field cannot be forgotten. Reading trusts nothing: no count is believed beyond the bytes that
//! are there.

use std::collections::VecDeque;
use std::fmt;

use crate::layout::Layout;
use crate::saved::{Saved, SavedField};

/// Bytes handed on at a time.
const PIECE: usize = 64 << 10;

crate::layout! {
    /// What stands before the rows of a section.
    little;
    pub struct SectionHead = 1, "SectionHead" {
        name: [u8; 24] => "name", "name of the section, zero padded";
        form: u32 => "form", "1: one row, 2: rows by place, 3: rows with their number before them";
        row_bytes: u32 => "row_bytes", "bytes of a row, its number left out";
        rows: u64 => "rows", "rows that follow";
    }
}

/// How a section's rows are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// Exactly one row.
    One,
    /// Rows by place.
    List,
    /// Rows that are not empty, each with its number (`u32`) before it.
    Numbered,
}

impl Form {
    const fn number(self) -> u32 {
        match self {
            Self::One => 1,
            Self::List => 2,
            Self::Numbered => 3,
        }
    }
}

/// One section, described.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SectionDesc {
    /// Its name.
    pub name: &'static str,
    /// How its rows are kept.
    pub form: Form,
    /// Bytes of a row, its number left out.
    pub row_bytes: usize,
    /// The fields of a row.
    pub fields: Vec<SavedField>,
}

/// Why bytes are not the sections that they should be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unfit {
    /// Name of the section.
    pub section: String,
    /// What must hold.
    pub must: String,
    /// What was found.
    pub found: String,
}

impl Unfit {
    /// Something else was found than must be.
    pub fn new(section: &str, must: impl fmt::Display, found: impl fmt::Display) -> Self {
        Self {
            section: section.to_owned(),
            must: must.to_string(),
            found: found.to_string(),
        }
    }
}

impl fmt::Display for Unfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "section {}: must {}, found {}",
            self.section, self.must, self.found
        )
    }
}

/// Something whose state is saved in sections.
pub trait Sections {
    /// Save every section.
    fn save(&self, to: &mut Saver<'_>);

    /// Replace the state by what was saved.
    ///
    /// # Errors
    /// When the bytes are not the sections of such a state; the state is then of no use any more.
    fn load(&mut self, from: &mut Loader<'_>) -> Result<(), Unfit>;
}

/// Things with sections of their own, counted.
impl<T: Sections + Default> Sections for Vec<T> {
    fn save(&self, to: &mut Saver<'_>) {
        to.one("count", &(self.len() as u64));
        for part in self {
            part.save(to);
        }
    }

    fn load(&mut self, from: &mut Loader<'_>) -> Result<(), Unfit> {
        let mut count = 0_u64;
        from.one("count", &mut count)?;
        self.clear();
        // A count that is too large ends with the first part whose bytes are not there.
        for _ in 0..count {
            let mut part = T::default();
            part.load(from)?;
            self.push(part);
        }
        Ok(())
    }
}

/// Takes sections and hands their bytes on.
pub struct Saver<'a> {
    sink: &'a mut dyn FnMut(&[u8]),
    buffer: Vec<u8>,
    described: Option<Vec<SectionDesc>>,
}

impl<'a> Saver<'a> {
    /// Hand the bytes to this sink, piece by piece.
    pub fn new(sink: &'a mut dyn FnMut(&[u8])) -> Self {
        Self {
            sink,
            buffer: Vec::with_capacity(2 * PIECE),
            described: None,
        }
    }

    /// Hand the rest on.
    pub fn finish(self) {
        if !self.buffer.is_empty() {
            (self.sink)(&self.buffer);
        }
    }

    /// Save a single row.
    pub fn one<T: Saved>(&mut self, name: &'static str, value: &T) {
        self.begin::<T>(name, Form::One, 1);
        self.row(value);
    }

    /// Save rows by place.
    pub fn list<'r, T: Saved + 'r>(
        &mut self,
        name: &'static str,
        rows: impl ExactSizeIterator<Item = &'r T>,
    ) {
        self.begin::<T>(name, Form::List, rows.len());
        for row in rows {
            self.row(row);
        }
    }

    /// Save the rows that are not empty with their numbers.
    pub fn numbered<T: Saved + Default + PartialEq>(&mut self, name: &'static str, rows: &[T]) {
        let empty = T::default();
        let count = rows.iter().filter(|row| **row != empty).count();
        self.begin::<T>(name, Form::Numbered, count);
        for (number, row) in (0_u32..).zip(rows) {
            if *row != empty {
                self.row(&number);
                self.row(row);
            }
        }
    }

    fn begin<T: Saved>(&mut self, name: &'static str, form: Form, rows: usize) {
        if let Some(described) = &mut self.described {
            let mut fields = Vec::new();
            T::describe("", "", &mut fields);
            described.push(SectionDesc {
                name,
                form,
                row_bytes: T::LEN,
                fields,
            });
        }
        let head = SectionHead {
            name: padded(name),
            form: form.number(),
            row_bytes: u32::try_from(T::LEN).unwrap_or(u32::MAX),
            rows: rows as u64,
        };
        self.row(&head);
    }

    #[inline]
    fn row<T: Saved>(&mut self, row: &T) {
        let start = self.buffer.len();
        self.buffer.resize(start + T::LEN, 0);
        row.put(self.buffer.get_mut(start..).unwrap_or_default());
        if self.buffer.len() >= PIECE {
            (self.sink)(&self.buffer);
            self.buffer.clear();
        }
    }
}

fn padded(name: &str) -> [u8; 24] {
    let mut bytes = [0; 24];
    for (slot, byte) in bytes.iter_mut().zip(name.bytes()) {
        *slot = byte;
    }
    bytes
}

/// The sections that are saved, described by the same code that saves them.
#[must_use]
pub fn describe(save: impl FnOnce(&mut Saver<'_>)) -> Vec<SectionDesc> {
    let mut sink = |_: &[u8]| {};
    let mut saver = Saver::new(&mut sink);
    saver.described = Some(Vec::new());
    save(&mut saver);
    saver.described.unwrap_or_default()
}

/// Rows by place that can be read back.
pub trait RowList<T> {
    /// Forget every row.
    fn forget(&mut self);
    /// Append a row.
    fn append(&mut self, row: T);
}

impl<T> RowList<T> for Vec<T> {
    fn forget(&mut self) {
        self.clear();
    }

    fn append(&mut self, row: T) {
        self.push(row);
    }
}

impl<T> RowList<T> for VecDeque<T> {
    fn forget(&mut self) {
        self.clear();
    }

    fn append(&mut self, row: T) {
        self.push_back(row);
    }
}

/// Gives sections back from their bytes.
#[derive(Debug)]
pub struct Loader<'a> {
    rest: &'a [u8],
}

impl<'a> Loader<'a> {
    /// Read from these bytes.
    #[must_use]
    pub const fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    /// Read a single row.
    ///
    /// # Errors
    /// When the next section is another one or holds no such row.
    pub fn one<T: Saved>(&mut self, name: &str, value: &mut T) -> Result<(), Unfit> {
        let (rows, bytes) = self.begin::<T>(name, Form::One)?;
        if rows != 1 {
            return Err(Unfit::new(name, "have one row", rows));
        }
        *value = take(name, 0, bytes)?;
        Ok(())
    }

    /// Read rows by place, at most `room` of them.
    ///
    /// # Errors
    /// When the next section is another one, has more rows, or a row that is none.
    pub fn list<T: Saved>(
        &mut self,
        name: &str,
        list: &mut impl RowList<T>,
        room: usize,
    ) -> Result<(), Unfit> {
        let (rows, bytes) = self.begin::<T>(name, Form::List)?;
        if rows > room {
            return Err(Unfit::new(
                name,
                format_args!("have at most {room} rows"),
                rows,
            ));
        }
        list.forget();
        for (place, bytes) in bytes.chunks_exact(T::LEN).enumerate() {
            list.append(take(name, place, bytes)?);
        }
        Ok(())
    }

    /// Read numbered rows; all others are empty.
    ///
    /// # Errors
    /// As [`Loader::list`], and when the numbers do not rise or pass the table's end.
    pub fn numbered<T: Saved + Default>(
        &mut self,
        name: &str,
        table: &mut [T],
    ) -> Result<(), Unfit> {
        let (_, bytes) = self.begin::<T>(name, Form::Numbered)?;
        table.fill_with(T::default);
        let room = table.len();
        let mut next = 0;
        for (place, bytes) in bytes.chunks_exact(u32::LEN + T::LEN).enumerate() {
            let number: u32 = take(name, place, bytes)?;
            let at = number as usize;
            let Some(slot) = table.get_mut(at).filter(|_| at >= next) else {
                let must = format!("have rising row numbers below {room}");
                return Err(Unfit::new(name, must, number));
            };
            *slot = take(name, place, bytes.get(u32::LEN..).unwrap_or_default())?;
            next = at + 1;
        }
        Ok(())
    }

    /// Require that nothing follows.
    ///
    /// # Errors
    /// When bytes follow the last section.
    pub fn finish(self) -> Result<(), Unfit> {
        if self.rest.is_empty() {
            Ok(())
        } else {
            let found = format!("{} bytes behind the last", self.rest.len());
            Err(Unfit::new("end", "have no bytes", found))
        }
    }

    /// The rows of the next section, counted, and their bytes, which are all there.
    fn begin<T: Saved>(&mut self, name: &str, form: Form) -> Result<(usize, &'a [u8]), Unfit> {
        let Some((head, rest)) = self.rest.split_at_checked(<SectionHead as Layout>::LEN) else {
            let found = format!("{} bytes", self.rest.len());
            return Err(Unfit::new(name, "begin with its head", found));
        };
        let head = SectionHead::read(head).unwrap_or_default();
        let row_bytes = u32::try_from(T::LEN).unwrap_or(u32::MAX);
        if (head.name, head.form, head.row_bytes) != (padded(name), form.number(), row_bytes) {
            let must = format!(
                "come next in form {} with {row_bytes} bytes a row",
                form.number()
            );
            let found = format!(
                "{:?} in form {} with {} bytes a row",
                String::from_utf8_lossy(crate::text::trim(&head.name)),
                head.form,
                head.row_bytes
            );
            return Err(Unfit::new(name, must, found));
        }
        let number = if form == Form::Numbered { u32::LEN } else { 0 };
        let rows = usize::try_from(head.rows).ok();
        let bytes = rows.and_then(|rows| rows.checked_mul(T::LEN + number));
        let found = bytes.and_then(|bytes| rest.split_at_checked(bytes));
        let (Some(rows), Some((bytes, rest))) = (rows, found) else {
            let must = format!("hold its {} rows", head.rows);
            return Err(Unfit::new(name, must, format!("{} bytes", rest.len())));
        };
        self.rest = rest;
        Ok((rows, bytes))
    }
}

fn take<T: Saved>(name: &str, place: usize, bytes: &[u8]) -> Result<T, Unfit> {
    T::take(bytes).ok_or_else(|| {
        let found = format!("row {place}: {bytes:02x?}");
        Unfit::new(name, "hold values of its fields", found)
    })
}

/// Say how each field of a struct is saved: `one`, `list`, `numbered` with the section's name; `lists` for an array of
/// lists; `part` for a field with sections of its own; `skip` for what follows from the rest.
///
/// A list takes as many rows as the expression behind `within` says; it may use the other fields.
#[macro_export]
macro_rules! sections {
    ($name:ident { $($form:ident $($title:literal)? $field:ident $(within $room:expr)?;)* }) => {
        impl $crate::sections::Sections for $name {
            fn save(&self, to: &mut $crate::sections::Saver<'_>) {
                let Self { $($field),* } = self;
                $($crate::sections!(@save to $form $($title)? $field);)*
            }

            fn load(
                &mut self,
                from: &mut $crate::sections::Loader<'_>,
            ) -> ::core::result::Result<(), $crate::sections::Unfit> {
                let Self { $($field),* } = self;
                $($crate::sections!(@load from $form $($title)? $field $(within $room)?);)*
                ::core::result::Result::Ok(())
            }
        }
    };
    (@save $to:ident one $title:literal $field:ident) => { $to.one($title, $field) };
    (@save $to:ident list $title:literal $field:ident) => { $to.list($title, $field.iter()) };
    (@save $to:ident numbered $title:literal $field:ident) => { $to.numbered($title, $field) };
    (@save $to:ident lists $title:literal $field:ident) => {
        for rows in $field {
            $to.list($title, rows.iter());
        }
    };
    (@save $to:ident part $field:ident) => { $crate::sections::Sections::save($field, $to) };
    (@save $to:ident skip $field:ident) => { let _ = &*$field; };
    (@load $from:ident one $title:literal $field:ident) => { $from.one($title, $field)? };
    (@load $from:ident list $title:literal $field:ident within $room:expr) => {{
        let room = $room;
        $from.list($title, $field, room)?
    }};
    (@load $from:ident numbered $title:literal $field:ident) => { $from.numbered($title, $field)? };
    (@load $from:ident lists $title:literal $field:ident within $room:expr) => {
        for rows in $field {
            $from.list($title, rows, $room)?;
        }
    };
    (@load $from:ident part $field:ident) => { $crate::sections::Sections::load($field, $from)? };
    (@load $from:ident skip $field:ident) => { let _ = &*$field; };
}
