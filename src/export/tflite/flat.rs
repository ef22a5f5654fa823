//! Writes FlatBuffers as far as a TFLite file needs them: tables, vectors and strings, parents before their children.
//!
//! <https://flatbuffers.dev/internals>. Every field of a table takes at most four bytes, so that tables need no greater
//! alignment.

/// The value of a table's field.
#[derive(Debug, Clone, PartialEq)]
pub enum Field {
    /// A byte, or a truth value.
    Byte(u8),
    /// The four bytes of a number.
    Word([u8; 4]),
    /// The offset of an object that is written further on.
    Object(Object),
}

impl Field {
    /// A field that holds a 32-bit integer.
    pub fn int(value: i32) -> Self {
        Self::Word(value.to_le_bytes())
    }

    /// A field that holds a float32.
    pub fn float(value: f32) -> Self {
        Self::Word(value.to_le_bytes())
    }

    /// A field that holds a truth value, as a byte.
    pub fn truth(value: bool) -> Self {
        Self::Byte(u8::from(value))
    }

    /// A field that refers to a table with these fields, each with its slot.
    pub fn table(fields: Vec<(usize, Field)>) -> Self {
        Self::Object(Object::Table(fields))
    }

    /// A field that refers to a vector of 32-bit integers.
    pub fn ints(values: impl IntoIterator<Item = i32>) -> Self {
        Self::Object(Object::Ints(values.into_iter().collect()))
    }

    /// A field that refers to a vector of float32.
    pub fn floats(values: &[f32]) -> Self {
        Self::ints(values.iter().map(|value| value.to_bits().cast_signed()))
    }

    /// A field that refers to a vector of 64-bit integers.
    pub fn longs(values: impl IntoIterator<Item = i64>) -> Self {
        Self::Object(Object::Longs(values.into_iter().collect()))
    }

    /// A field that refers to a string.
    pub fn text(text: &str) -> Self {
        Self::Object(Object::Text(text.to_owned()))
    }

    /// A field that refers to a vector of tables.
    pub fn tables(tables: impl IntoIterator<Item = Vec<(usize, Field)>>) -> Self {
        Self::Object(Object::Tables(tables.into_iter().map(Object::Table).collect()))
    }
}

/// Something that a field refers to by its offset.
#[derive(Debug, Clone, PartialEq)]
pub enum Object {
    /// A table: its fields with their slots, in ascending order.
    Table(Vec<(usize, Field)>),
    /// A vector of tables.
    Tables(Vec<Object>),
    /// A vector of 32-bit integers, or of float32 by their bits.
    Ints(Vec<i32>),
    /// A vector of 64-bit integers, whose elements begin at a multiple of 8 bytes.
    Longs(Vec<i64>),
    /// A vector of bytes, whose elements begin at a multiple of 16 bytes.
    Bytes(Vec<u8>),
    /// A string in UTF-8, which is written with a zero byte after it.
    Text(String),
}

/// The bytes of a file with this root and identifier.
pub fn file(root: &Object, identifier: [u8; 4]) -> Vec<u8> {
    let mut bytes = vec![0; 4];
    bytes.extend(identifier);
    let at = put(&mut bytes, root);
    patch(&mut bytes, 0, at);
    bytes
}

/// Appends an object and everything that it refers to, and returns its offset.
fn put(bytes: &mut Vec<u8>, object: &Object) -> usize {
    align(bytes, 4, 0);
    match object {
        Object::Table(fields) => table(bytes, fields),
        Object::Tables(objects) => {
            let at = bytes.len();
            bytes.extend((objects.len() as u32).to_le_bytes());
            bytes.resize(bytes.len() + 4 * objects.len(), 0);
            for (index, object) in objects.iter().enumerate() {
                let child = put(bytes, object);
                patch(bytes, at + 4 + 4 * index, child);
            }
            at
        }
        Object::Ints(values) => {
            let at = bytes.len();
            bytes.extend((values.len() as u32).to_le_bytes());
            bytes.extend(values.iter().flat_map(|value| value.to_le_bytes()));
            at
        }
        Object::Longs(values) => {
            align(bytes, 8, 4);
            let at = bytes.len();
            bytes.extend((values.len() as u32).to_le_bytes());
            bytes.extend(values.iter().flat_map(|value| value.to_le_bytes()));
            at
        }
        Object::Bytes(values) => {
            align(bytes, 16, 4);
            let at = bytes.len();
            bytes.extend((values.len() as u32).to_le_bytes());
            bytes.extend(values);
            at
        }
        Object::Text(text) => {
            let at = bytes.len();
            bytes.extend((text.len() as u32).to_le_bytes());
            bytes.extend(text.as_bytes());
            bytes.push(0);
            at
        }
    }
}

/// Appends a table after its own vtable, each field in four bytes, and returns the table's offset.
fn table(bytes: &mut Vec<u8>, fields: &[(usize, Field)]) -> usize {
    let slots = fields.iter().map(|(slot, _)| slot + 1).max().unwrap_or(0);
    let (vtable, size) = (4 + 2 * slots, 4 + 4 * fields.len());
    let from = bytes.len();
    bytes.extend((vtable as u16).to_le_bytes());
    bytes.extend((size as u16).to_le_bytes());
    for slot in 0..slots {
        let place = fields.iter().position(|(held, _)| *held == slot);
        let offset = place.map_or(0, |place| 4 + 4 * place);
        bytes.extend((offset as u16).to_le_bytes());
    }
    align(bytes, 4, 0);
    let at = bytes.len();
    bytes.extend(((at - from) as i32).to_le_bytes());
    for (_, field) in fields {
        bytes.extend(match field {
            Field::Byte(byte) => [*byte, 0, 0, 0],
            Field::Word(word) => *word,
            Field::Object(_) => [0; 4],
        });
    }
    for (index, (_, field)) in fields.iter().enumerate() {
        if let Field::Object(object) = field {
            let child = put(bytes, object);
            patch(bytes, at + 4 + 4 * index, child);
        }
    }
    at
}

/// Appends zeros until `more` bytes further on is a multiple of `to`.
fn align(bytes: &mut Vec<u8>, to: usize, more: usize) {
    let end = (bytes.len() + more).next_multiple_of(to) - more;
    bytes.resize(end, 0);
}

/// Writes into the field at `field` how far on the object at `to` is.
fn patch(bytes: &mut [u8], field: usize, to: usize) {
    let offset = ((to - field) as u32).to_le_bytes();
    if let Some(place) = bytes.get_mut(field..field + 4) {
        place.copy_from_slice(&offset);
    }
}
