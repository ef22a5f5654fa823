//! Reads bits of compressed data, and Huffman codes.

/// The bits of the data between two markers. After the end there are zeros.
pub(super) struct Bits<'a> {
    data: &'a [u8],
    at: usize,
    held: u64,
    count: u32,
    /// How many zeros after the end are in the buffer.
    missing: u32,
}

impl<'a> Bits<'a> {
    /// Starts at the beginning of data that end at the next marker.
    pub(super) fn new(data: &'a [u8]) -> Self {
        Self {
            data,
            at: 0,
            held: 0,
            count: 0,
            missing: 0,
        }
    }

    fn fill(&mut self) {
        while self.count <= 48 {
            let byte = match (self.data.get(self.at), self.data.get(self.at + 1)) {
                // A byte of data that is 0xff has a zero behind it.
                (Some(0xff), Some(0x00)) => {
                    self.at += 2;
                    0xff
                }
                (Some(0xff) | None, _) => {
                    self.missing += 8;
                    0
                }
                (Some(&byte), _) => {
                    self.at += 1;
                    byte
                }
            };
            self.held = self.held << 8 | u64::from(byte);
            self.count += 8;
        }
    }

    /// The next bits, at most 16, without consuming them.
    fn peek(&mut self, bits: u32) -> u32 {
        if self.count < bits {
            self.fill();
        }
        (self.held >> (self.count - bits)) as u32 & ((1 << bits) - 1)
    }

    /// Consumes the next bits, at most 16.
    pub(super) fn take(&mut self, bits: u32) -> u32 {
        if bits == 0 {
            return 0;
        }
        let taken = self.peek(bits);
        self.count -= bits;
        taken
    }

    /// Consumes the next bits as a signed number: those that begin with a zero are negative (ITU-T T.81, F.2.2.1, `EXTEND`).
    pub(super) fn signed(&mut self, bits: u32) -> i32 {
        let taken = self.take(bits) as i32;
        if bits > 0 && taken < 1 << (bits - 1) {
            taken - (1 << bits) + 1
        } else {
            taken
        }
    }

    /// Consumes the next symbol; `None` where the bits begin no code.
    pub(super) fn symbol(&mut self, table: &Table) -> Option<u8> {
        let ahead = self.peek(16);
        let (length, symbol) = table.look(ahead)?;
        self.count -= length;
        Some(symbol)
    }

    /// Whether more bits were consumed than there are.
    pub(super) fn is_beyond(&self) -> bool {
        self.missing > self.count
    }
}

/// How many bits the table of short codes is indexed by.
const LOOK: u32 = 9;

/// The codes of a Huffman table and their symbols.
#[derive(Clone)]
pub(super) struct Table {
    /// For each value of the next `LOOK` bits the length and the symbol of the code that they begin with; length 0 for a longer
    /// code.
    short: Vec<(u8, u8)>,
    /// For each length: the first number of 16 bits beyond its codes, and the difference between a symbol's index and its code.
    limits: [(u32, i32); 17],
    symbols: Vec<u8>,
}

impl Table {
    /// The table with this many codes of each length and these symbols, in order; `None` where that is impossible.
    pub(super) fn new(counts: [u8; 16], symbols: &[u8]) -> Option<Self> {
        let mut short = vec![(0, 0); 1 << LOOK];
        let mut limits = [(0, 0); 17];
        let (mut code, mut place) = (0_u32, 0_usize);
        for (length, &count) in (1_u32..).zip(&counts) {
            let limit = limits.get_mut(length as usize)?;
            limit.1 = place as i32 - code as i32;
            for _ in 0..count {
                let symbol = *symbols.get(place)?;
                if code >= 1 << length {
                    return None;
                }
                if length <= LOOK {
                    let first = (code << (LOOK - length)) as usize;
                    let all = short.get_mut(first..first + (1 << (LOOK - length)))?;
                    all.fill((length as u8, symbol));
                }
                code += 1;
                place += 1;
            }
            limit.0 = code << (16 - length);
            code <<= 1;
        }
        Some(Self {
            short,
            limits,
            symbols: symbols.to_vec(),
        })
    }

    /// The length and the symbol of the code that the next 16 bits begin with.
    fn look(&self, ahead: u32) -> Option<(u32, u8)> {
        let &(length, symbol) = self.short.get((ahead >> (16 - LOOK)) as usize)?;
        if length > 0 {
            return Some((u32::from(length), symbol));
        }
        let (length, &(_, offset)) = (self.limits.iter().enumerate())
            .skip(LOOK as usize + 1)
            .find(|(_, (limit, _))| ahead < *limit)?;
        let place = (ahead >> (16 - length)) as i32 + offset;
        let symbol = self.symbols.get(usize::try_from(place).ok()?)?;
        Some((length as u32, *symbol))
    }
}
