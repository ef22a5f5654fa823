//! Writes the part of HDF5 that Keras needs: superblock 0, groups of version 1, datasets in one piece without filters.
//!
//! Every group is a B-tree with a single leaf: the superblock says how many entries a leaf can hold, and this is set to the
//! number of the largest group. Format: "HDF5 File Format Specification", version 2, sections II and III.

use std::collections::BTreeMap;

/// What a file holds: groups by their names, down to arrays.
#[derive(Debug, Clone, PartialEq)]
pub enum Entry {
    /// The entries of a group, by name.
    Group(BTreeMap<String, Entry>),
    /// An array of float32 (an HDF5 dataset).
    Array(Array),
}

/// An array of float32.
#[derive(Debug, Clone, PartialEq)]
pub struct Array {
    /// The length of each axis; empty for a single number.
    pub shape: Vec<usize>,
    /// The values, row-major, each as four bytes in little-endian order.
    pub bytes: Vec<u8>,
}

impl Array {
    /// The array of this shape with these values, row-major.
    pub fn floats(shape: &[usize], values: &[f32]) -> Self {
        Self {
            shape: shape.to_vec(),
            bytes: values.iter().flat_map(|value| value.to_le_bytes()).collect(),
        }
    }
}

/// The address that stands for nothing (the specification's "undefined address").
const NOWHERE: u64 = u64::MAX;
/// The length of the superblock in bytes.
const SUPERBLOCK: usize = 96;
/// Half the number of children of an inner node, as the superblock gives it; it sets the size of nodes.
const INNER: u16 = 16;

/// The bytes of a file whose root group has these entries.
pub fn file(root: &BTreeMap<String, Entry>) -> Vec<u8> {
    let leaf = (widest(root).div_ceil(2)).max(4);
    let mut writer = Writer {
        bytes: vec![0; SUPERBLOCK],
        leaf,
    };
    let group = writer.group(root);
    let mut head = b"\x89HDF\r\n\x1a\n".to_vec();
    head.extend([0, 0, 0, 0, 0, 8, 8, 0]);
    head.extend((leaf as u16).to_le_bytes());
    head.extend(INNER.to_le_bytes());
    head.extend([0; 4]);
    for address in [0, NOWHERE, writer.bytes.len() as u64, NOWHERE] {
        head.extend(address.to_le_bytes());
    }
    head.extend(group.symbol(0));
    writer.bytes.splice(..SUPERBLOCK, head);
    writer.bytes
}

/// The number of entries of the largest group.
fn widest(group: &BTreeMap<String, Entry>) -> usize {
    let inner = group.values().filter_map(|entry| match entry {
        Entry::Group(group) => Some(widest(group)),
        Entry::Array(_) => None,
    });
    inner.chain([group.len()]).max().unwrap_or(0)
}

/// The addresses of a group's parts.
struct Group {
    header: u64,
    tree: u64,
    heap: u64,
}

impl Group {
    /// Its entry in the symbol table of its parent; `name` is the offset of its name in the parent's heap.
    fn symbol(&self, name: u64) -> Vec<u8> {
        let mut symbol = words(&[name, self.header]);
        symbol.extend(1_u32.to_le_bytes());
        symbol.extend([0; 4]);
        symbol.extend(words(&[self.tree, self.heap]));
        symbol
    }
}

struct Writer {
    bytes: Vec<u8>,
    leaf: usize,
}

impl Writer {
    /// Appends a block at the next multiple of 8 bytes and returns its address.
    fn put(&mut self, block: &[u8]) -> u64 {
        self.bytes.resize(self.bytes.len().next_multiple_of(8), 0);
        let address = self.bytes.len() as u64;
        self.bytes.extend(block);
        address
    }

    fn array(&mut self, array: &Array) -> u64 {
        let data = if array.bytes.is_empty() {
            NOWHERE
        } else {
            self.put(&array.bytes)
        };
        let mut space = vec![1, array.shape.len() as u8, 0, 0, 0, 0, 0, 0];
        array
            .shape
            .iter()
            .for_each(|&size| space.extend((size as u64).to_le_bytes()));
        let kind = [0x11, 0x20, 31, 0, 4, 0, 0, 0, 0, 0, 32, 0, 23, 8, 0, 23, 127, 0, 0, 0].to_vec();
        let mut layout = vec![3, 1];
        layout.extend(words(&[data, array.bytes.len() as u64]));
        // Written when it is made; no fill value.
        let fill = [2, 2, 2, 0];
        self.header(&[(1, space), (3, kind), (5, fill.to_vec()), (8, layout)])
    }

    fn group(&mut self, entries: &BTreeMap<String, Entry>) -> Group {
        // The empty name of the root comes first.
        let mut names = vec![0; 8];
        let mut symbols = Vec::new();
        let mut last = 0;
        for (name, entry) in entries {
            let place = names.len() as u64;
            names.extend(name.as_bytes());
            names.push(0);
            names.resize(names.len().next_multiple_of(8), 0);
            symbols.extend(match entry {
                Entry::Group(group) => self.group(group).symbol(place),
                Entry::Array(array) => {
                    let mut symbol = words(&[place, self.array(array)]);
                    symbol.extend([0; 24]);
                    symbol
                }
            });
            last = place;
        }
        let data = self.put(&names);
        let mut heap = b"HEAP\0\0\0\0".to_vec();
        // No free room: an offset of 1 says so.
        heap.extend(words(&[names.len() as u64, 1, data]));
        let heap = self.put(&heap);
        let mut table = b"SNOD\x01\0".to_vec();
        table.extend((entries.len() as u16).to_le_bytes());
        table.extend(symbols);
        table.resize(8 + 40 * 2 * self.leaf, 0);
        let table = self.put(&table);
        let mut tree = b"TREE\0\0".to_vec();
        tree.extend(u16::from(!entries.is_empty()).to_le_bytes());
        tree.extend(words(&[NOWHERE, NOWHERE]));
        if !entries.is_empty() {
            tree.extend(words(&[0, table, last]));
        }
        let children = 2 * usize::from(INNER);
        tree.resize(24 + 8 * (children + 1) + 8 * children, 0);
        let tree = self.put(&tree);
        let header = self.header(&[(0x11, words(&[tree, heap]))]);
        Group { header, tree, heap }
    }

    /// Appends an object header with these messages, each a type and its bytes, and returns its address.
    fn header(&mut self, messages: &[(u16, Vec<u8>)]) -> u64 {
        let mut body = Vec::new();
        for (kind, bytes) in messages {
            let size = bytes.len().next_multiple_of(8);
            body.extend(kind.to_le_bytes());
            body.extend((size as u16).to_le_bytes());
            body.extend([0; 4]);
            body.extend(bytes);
            body.resize(body.len() + size - bytes.len(), 0);
        }
        let mut header = vec![1, 0];
        header.extend((messages.len() as u16).to_le_bytes());
        header.extend(1_u32.to_le_bytes());
        header.extend((body.len() as u32).to_le_bytes());
        header.extend([0; 4]);
        header.extend(body);
        self.put(&header)
    }
}

fn words(values: &[u64]) -> Vec<u8> {
    values.iter().flat_map(|value| value.to_le_bytes()).collect()
}
