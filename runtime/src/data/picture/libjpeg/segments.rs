//! Reads the segments of a JPEG file: sizes, tables, and its scans one after another.

use super::bits::Table;
use super::frame::{Component, Frame, ZIGZAG};
use super::scan::{self, Scan};

/// What the segments so far have said.
#[derive(Default)]
struct Reader {
    quantization: [Option<[u16; 64]>; 4],
    dc: [Option<Table>; 4],
    ac: [Option<Table>; 4],
    restart: usize,
    /// The colour transform in Adobe's marker.
    adobe: Option<u8>,
    has_jfif: bool,
    progressive: bool,
    frame: Option<Frame>,
}

fn word(bytes: &[u8]) -> Option<usize> {
    let pair = bytes.first_chunk::<2>()?;
    Some(usize::from(u16::from_be_bytes(*pair)))
}

/// Reads all scans of a file; `None` where it is damaged or of a kind that is not decoded here.
pub(super) fn read(bytes: &[u8]) -> Option<Frame> {
    let mut reader = Reader::default();
    let mut rest = bytes.strip_prefix(&[0xff, 0xd8])?;
    loop {
        // Fill bytes may stand before a marker.
        rest = match rest {
            [0xff, 0xff, ..] => rest.get(1..)?,
            [0xff, marker, behind @ ..] => {
                let marker = *marker;
                if marker == 0xd9 {
                    break;
                }
                let length = word(behind)?;
                let body = behind.get(2..length)?;
                let after = behind.get(length..)?;
                match marker {
                    0xc0..=0xc2 => reader.start_of_frame(body, marker == 0xc2)?,
                    0xc4 => reader.huffman(body)?,
                    0xda => {
                        let used = reader.scan(body, after)?;
                        rest = after.get(used..)?;
                        continue;
                    }
                    0xdb => reader.quantization(body)?,
                    0xdd => reader.restart = word(body)?,
                    0xe0 => reader.has_jfif |= body.starts_with(b"JFIF\0"),
                    0xee if body.starts_with(b"Adobe") => reader.adobe = body.get(11).copied(),
                    0xe1..=0xef | 0xfe => {}
                    _ => return None,
                }
                after
            }
            _ => return None,
        };
    }
    let Reader {
        quantization,
        adobe,
        has_jfif,
        frame,
        ..
    } = reader;
    let mut frame = frame?;
    for component in &frame.components {
        frame.quantization.push((*quantization.get(component.quantization)?)?);
    }
    // As libjpeg guesses (jdapimin.c, default_decompress_parms).
    let ids: Vec<u8> = frame.components.iter().map(|component| component.id).collect();
    frame.is_rgb = match adobe {
        _ if has_jfif => false,
        Some(transform) => transform == 0,
        None => ids == *b"RGB",
    };
    Some(frame)
}

impl Reader {
    fn quantization(&mut self, mut body: &[u8]) -> Option<()> {
        while let Some((&head, rest)) = body.split_first() {
            let wide = head >> 4 != 0;
            let size = if wide { 128 } else { 64 };
            let values = rest.get(..size)?;
            let mut table = [0; 64];
            for (at, &place) in ZIGZAG.iter().enumerate() {
                *table.get_mut(place)? = if wide {
                    word(values.get(2 * at..)?)? as u16
                } else {
                    u16::from(*values.get(at)?)
                };
            }
            *self.quantization.get_mut(usize::from(head & 15))? = Some(table);
            body = rest.get(size..)?;
        }
        Some(())
    }

    fn huffman(&mut self, mut body: &[u8]) -> Option<()> {
        while let Some((&head, rest)) = body.split_first() {
            let (counts, rest) = rest.split_first_chunk::<16>()?;
            let total = counts.iter().map(|&count| usize::from(count)).sum();
            let table = Table::new(*counts, rest.get(..total)?)?;
            let tables = if head >> 4 == 0 { &mut self.dc } else { &mut self.ac };
            *tables.get_mut(usize::from(head & 15))? = Some(table);
            body = rest.get(total..)?;
        }
        Some(())
    }

    fn start_of_frame(&mut self, body: &[u8], progressive: bool) -> Option<()> {
        let [8, sizes @ ..] = body else { return None };
        let (height, width) = (word(sizes)?, word(sizes.get(2..)?)?);
        let components = sizes.get(5..)?;
        let known = matches!(sizes.get(4)?, 1 | 3) && components.len() == 3 * usize::from(*sizes.get(4)?);
        if self.frame.is_some() || !known || height == 0 || width == 0 {
            return None;
        }
        let mut made: Vec<Component> = Vec::new();
        for &[id, sampling, quantization] in components.as_chunks::<3>().0 {
            made.push(Component {
                id,
                sampling: (usize::from(sampling >> 4), usize::from(sampling & 15)),
                quantization: usize::from(quantization),
                ..Component::default()
            });
        }
        // A single component's blocks are in rows, whatever its sampling.
        if let [only] = made.as_mut_slice() {
            only.sampling = (1, 1);
        }
        let across = made.iter().map(|component| component.sampling.0).max()?;
        let down = made.iter().map(|component| component.sampling.1).max()?;
        for component in &mut made {
            let (h, v) = component.sampling;
            if h == 0 || v == 0 || h > 2 || v > 2 {
                return None;
            }
            let units = (width.div_ceil(8 * across), height.div_ceil(8 * down));
            component.blocks = (
                (width * h).div_ceil(across).div_ceil(8),
                (height * v).div_ceil(down).div_ceil(8),
            );
            component.stride = units.0 * h;
            component.coefficients = vec![0; component.stride * units.1 * v * 64];
        }
        self.progressive = progressive;
        self.frame = Some(Frame {
            width,
            height,
            components: made,
            most: (across, down),
            quantization: Vec::new(),
            is_rgb: false,
        });
        Some(())
    }

    /// Decodes a scan and returns how many bytes of data it has.
    fn scan(&mut self, body: &[u8], data: &[u8]) -> Option<usize> {
        let frame = self.frame.as_mut()?;
        let (&count, rest) = body.split_first()?;
        let (chosen, rest) = rest.split_at_checked(2 * usize::from(count))?;
        let &[first, last, approximation] = rest else {
            return None;
        };
        let mut components = Vec::new();
        for &[id, tables] in chosen.as_chunks::<2>().0 {
            let at = frame.components.iter().position(|component| component.id == id)?;
            let table = |tables: &[Option<Table>; 4], at: u8| tables.get(usize::from(at)).cloned().flatten();
            components.push((at, table(&self.dc, tables >> 4), table(&self.ac, tables & 15)));
        }
        let scan = Scan {
            components,
            band: (usize::from(first), usize::from(last)),
            approximation: (u32::from(approximation >> 4), u32::from(approximation & 15)),
            progressive: self.progressive,
            restart: self.restart,
        };
        scan::decode(&scan, frame, data)
    }
}
