//! Writes ONNX's messages in protobuf's wire format: fields by number, as in `onnx.proto3`.

/// A message that is being written, as its bytes.
#[derive(Debug, Clone, Default)]
pub struct Message(Vec<u8>);

impl Message {
    /// The bytes of the message.
    pub fn into_bytes(self) -> Vec<u8> {
        self.0
    }

    fn varint(&mut self, mut value: u64) {
        while value >= 0x80 {
            self.0.push((value as u8 & 0x7f) | 0x80);
            value >>= 7;
        }
        self.0.push(value as u8);
    }

    /// Adds a field that holds an integer (wire type 0).
    #[must_use]
    pub fn int(mut self, field: u64, value: i64) -> Self {
        self.varint(field << 3);
        self.varint(value as u64);
        self
    }

    /// Adds a field that holds a float32 (wire type 5).
    #[must_use]
    pub fn float(mut self, field: u64, value: f32) -> Self {
        self.varint(field << 3 | 5);
        self.0.extend(value.to_le_bytes());
        self
    }

    /// Adds a field that holds text or bytes (wire type 2).
    #[must_use]
    pub fn bytes(mut self, field: u64, value: impl AsRef<[u8]>) -> Self {
        let value = value.as_ref();
        self.varint(field << 3 | 2);
        self.varint(value.len() as u64);
        self.0.extend(value);
        self
    }

    /// Adds a field that holds another message (wire type 2).
    #[must_use]
    pub fn message(self, field: u64, value: &Self) -> Self {
        self.bytes(field, &value.0)
    }

    /// Adds a repeated field: several messages or texts under one number.
    #[must_use]
    pub fn each<T: AsRef<[u8]>>(self, field: u64, values: impl IntoIterator<Item = T>) -> Self {
        values
            .into_iter()
            .fold(self, |message, value| message.bytes(field, value))
    }
}

impl AsRef<[u8]> for Message {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

/// The value of an operator's attribute.
#[derive(Debug, Clone, PartialEq)]
pub enum Attribute {
    /// A float (`AttributeProto.f`).
    Float(f32),
    /// An integer (`AttributeProto.i`).
    Int(i64),
    /// A list of integers (`AttributeProto.ints`).
    Ints(Vec<i64>),
    /// Text (`AttributeProto.s`).
    Text(&'static str),
}

impl Attribute {
    fn message(&self, name: &str) -> Message {
        let message = Message::default().bytes(1, name);
        match self {
            Self::Float(value) => message.float(2, *value).int(20, 1),
            Self::Int(value) => message.int(3, *value).int(20, 2),
            Self::Text(value) => message.bytes(4, value).int(20, 3),
            Self::Ints(values) => values
                .iter()
                .fold(message, |message, &value| message.int(8, value))
                .int(20, 7),
        }
    }
}

/// A `NodeProto`: an operator with its inputs, its output, which also names the node, and its attributes.
pub fn node(operator: &str, inputs: &[String], output: &str, attributes: &[(&str, Attribute)]) -> Message {
    Message::default()
        .each(1, inputs)
        .bytes(2, output)
        .bytes(3, output)
        .bytes(4, operator)
        .each(5, attributes.iter().map(|(name, attribute)| attribute.message(name)))
}

/// A `TensorProto` of float32, row-major in `shape`.
pub fn floats(name: &str, shape: &[usize], values: &[f32]) -> Message {
    let bytes: Vec<u8> = values.iter().flat_map(|value| value.to_le_bytes()).collect();
    tensor(name, shape, 1, &bytes)
}

/// A `TensorProto` of int64 with a single axis.
pub fn integers(name: &str, values: &[i64]) -> Message {
    let bytes: Vec<u8> = values.iter().flat_map(|value| value.to_le_bytes()).collect();
    tensor(name, &[values.len()], 7, &bytes)
}

/// A `TensorProto` of int8, row-major in `shape`.
pub fn bytes(name: &str, shape: &[usize], values: &[i8]) -> Message {
    let bytes: Vec<u8> = values.iter().map(|value| value.cast_unsigned()).collect();
    tensor(name, shape, 3, &bytes)
}

/// A `TensorProto` of int32, row-major in `shape`.
pub fn words(name: &str, shape: &[usize], values: &[i32]) -> Message {
    let bytes: Vec<u8> = values.iter().flat_map(|value| value.to_le_bytes()).collect();
    tensor(name, shape, 6, &bytes)
}

fn tensor(name: &str, shape: &[usize], kind: i64, bytes: &[u8]) -> Message {
    let dims = shape
        .iter()
        .fold(Message::default(), |message, &size| message.int(1, size as i64));
    dims.int(2, kind).bytes(8, name).bytes(9, bytes)
}

/// A `ValueInfoProto` of float32: a batch of any size as the first axis, then `sizes`.
pub fn value(name: &str, sizes: &[usize]) -> Message {
    let batch = Message::default().bytes(2, "batch");
    let dims = sizes.iter().map(|&size| Message::default().int(1, size as i64));
    let shape = Message::default().message(1, &batch).each(1, dims);
    let kind = Message::default().message(1, &Message::default().int(1, 1).message(2, &shape));
    Message::default().bytes(1, name).message(2, &kind)
}
