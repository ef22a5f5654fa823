//! Reads protobuf's wire format as far as ONNX's messages need it. All values are slices of the file: nothing is allocated by a
//! size that the file states.

use crate::session::{Error, Result};

/// The value of a field, by its wire type.
#[derive(Debug, Clone, Copy)]
pub enum Field<'a> {
    /// An integer (wire type 0).
    Int(u64),
    /// Four bytes, which are a float (wire type 5).
    Word([u8; 4]),
    /// Text, a message, or packed numbers (wire type 2).
    Bytes(&'a [u8]),
}

/// The fields of a message in order, each with its number.
pub fn fields(mut bytes: &[u8]) -> Result<Vec<(u64, Field<'_>)>> {
    let mut fields = Vec::new();
    while !bytes.is_empty() {
        let key = varint(&mut bytes)?;
        let field = match key & 7 {
            0 => Field::Int(varint(&mut bytes)?),
            1 => {
                let _ = take(&mut bytes, 8)?;
                continue;
            }
            2 => {
                let size = usize::try_from(varint(&mut bytes)?).map_err(|_| broken())?;
                Field::Bytes(take(&mut bytes, size)?)
            }
            5 => Field::Word(take(&mut bytes, 4)?.try_into().map_err(|_| broken())?),
            _ => return Err(broken()),
        };
        fields.push((key >> 3, field));
    }
    Ok(fields)
}

fn take<'a>(bytes: &mut &'a [u8], size: usize) -> Result<&'a [u8]> {
    let (taken, rest) = bytes.split_at_checked(size).ok_or_else(broken)?;
    *bytes = rest;
    Ok(taken)
}

fn varint(bytes: &mut &[u8]) -> Result<u64> {
    let mut value = 0_u64;
    for place in 0..10 {
        let byte = *take(bytes, 1)?.first().ok_or_else(broken)?;
        value |= u64::from(byte & 0x7f).checked_shl(7 * place).unwrap_or(0);
        if byte & 0x80 == 0 {
            return Ok(value);
        }
    }
    Err(broken())
}

/// The integers of a repeated field, packed or one by one.
pub fn integers(fields: &[(u64, Field<'_>)], number: u64) -> Result<Vec<i64>> {
    let mut all = Vec::new();
    for (own, field) in fields {
        match field {
            Field::Int(value) if *own == number => all.push(*value as i64),
            Field::Bytes(bytes) if *own == number => {
                let mut rest = *bytes;
                while !rest.is_empty() {
                    all.push(varint(&mut rest)? as i64);
                }
            }
            _ => {}
        }
    }
    Ok(all)
}

/// The floats of a repeated field, packed or one by one.
pub fn floats(fields: &[(u64, Field<'_>)], number: u64) -> Vec<f32> {
    let mut all = Vec::new();
    for (own, field) in fields {
        match field {
            Field::Word(word) if *own == number => all.push(f32::from_le_bytes(*word)),
            Field::Bytes(bytes) if *own == number => {
                all.extend(bytes.as_chunks::<4>().0.iter().map(|word| f32::from_le_bytes(*word)));
            }
            _ => {}
        }
    }
    all
}

/// The messages or texts of a repeated field.
pub fn each<'a>(fields: &'a [(u64, Field<'a>)], number: u64) -> impl Iterator<Item = &'a [u8]> {
    fields.iter().filter_map(move |(own, field)| match field {
        Field::Bytes(bytes) if *own == number => Some(*bytes),
        _ => None,
    })
}

/// The text of a field, the last one where there are several; empty without the field.
pub fn text(fields: &[(u64, Field<'_>)], number: u64) -> String {
    each(fields, number)
        .last()
        .map_or_else(String::new, |bytes| String::from_utf8_lossy(bytes).into_owned())
}

/// The integer of a field, the last one where there are several; 0 without the field.
pub fn int(fields: &[(u64, Field<'_>)], number: u64) -> i64 {
    let own = fields.iter().rev().find_map(|(own, field)| match field {
        Field::Int(value) if *own == number => Some(*value as i64),
        _ => None,
    });
    own.unwrap_or(0)
}

/// The error for bytes that are not an ONNX model.
pub fn broken() -> Error {
    Error::message("this is not a complete ONNX file")
}
