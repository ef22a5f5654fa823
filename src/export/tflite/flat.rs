//! FlatBuffers, as far as a TFLite file needs them: tables, vectors and strings, parents before their children.
//!
//! <https://flatbuffers.dev/internals>. Every field of a table takes four bytes or fewer, so tables need no alignment beyond that.

/// What a field of a table refers to or holds.
#[derive(Debug, Clone, PartialEq)]
pub enum Field {
    /// A byte, or a truth value.
    Byte(u8),
    /// Four bytes of a number.
    Word([u8; 4]),
    /// Something that lies further on.
    Object(Object),
}

impl Field {
    /// A number.
    pub fn int(value: i32) -> Self {
        Self::Word(value.to_le_bytes())
    }

    /// A float.
    pub fn float(value: f32) -> Self {
        Self::Word(value.to_le_bytes())
    }

    /// A truth value.
    pub fn truth(value: bool) -> Self {
        Self::Byte(u8::from(value))
    }

    /// A table.
    pub fn table(fields: Vec<(usize, Field)>) -> Self {
        Self::Object(Object::Table(fields))
    }

    /// Numbers.
    pub fn ints(values: impl IntoIterator<Item = i32>) -> Self {
        Self::Object(Object::Ints(values.into_iter().collect()))
    }

    /// Floats.
    pub fn floats(values: &[f32]) -> Self {
        Self::ints(values.iter().map(|value| value.to_bits().cast_signed()))
    }

    /// 64-bit numbers.
    pub fn longs(values: impl IntoIterator<Item = i64>) -> Self {
        Self::Object(Object::Longs(values.into_iter().collect()))
    }

    /// Text.
    pub fn text(text: &str) -> Self {
        Self::Object(Object::Text(text.to_owned()))
    }

    /// Tables.
    pub fn tables(tables: impl IntoIterator<Item = Vec<(usize, Field)>>) -> Self {
        Self::Object(Object::Tables(tables.into_iter().map(Object::Table).collect()))
    }
}

/// Something with a place of its own.
#[derive(Debug, Clone, PartialEq)]
pub enum Object {
    /// Fields by their slots, in order.
    Table(Vec<(usize, Field)>),
    /// Tables, one after the other.
    Tables(Vec<Object>),
    /// 32-bit numbers.
    Ints(Vec<i32>),
    /// 64-bit numbers, which begin at a multiple of 8.
    Longs(Vec<i64>),
    /// Bytes that begin at a multiple of 16.
    Bytes(Vec<u8>),
    /// UTF-8.
    Text(String),
}

/// The file whose root this is, with its identifier.
pub fn file(root: &Object, identifier: [u8; 4]) -> Vec<u8> {
    let mut bytes = vec![0; 4];
    bytes.extend(identifier);
    let at = put(&mut bytes, root);
    patch(&mut bytes, 0, at);
    bytes
}

/// Writes an object and all that it refers to; gives its place.
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

/// The table behind its own vtable, every field four bytes.
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

/// Zeros until `more` bytes further on is a multiple of `to`.
fn align(bytes: &mut Vec<u8>, to: usize, more: usize) {
    let end = (bytes.len() + more).next_multiple_of(to) - more;
    bytes.resize(end, 0);
}

/// Has the field at `field` refer to what lies at `to`.
fn patch(bytes: &mut [u8], field: usize, to: usize) {
    let offset = ((to - field) as u32).to_le_bytes();
    if let Some(place) = bytes.get_mut(field..field + 4) {
        place.copy_from_slice(&offset);
    }
}
