//! Decodes the coefficients of a scan.

use super::bits::{Bits, Table};
use super::frame::{Component, Frame, ZIGZAG};

/// What the header of a scan says (ITU-T T.81, B.2.3), with the tables that apply to it.
pub(super) struct Scan {
    /// The index of each component, with its tables for the first coefficient (DC) and for the others (AC).
    pub(super) components: Vec<(usize, Option<Table>, Option<Table>)>,
    /// The first and the last coefficient in zigzag order, both included.
    pub(super) band: (usize, usize),
    /// How many of the lowest bits earlier scans left out, and how many this one leaves out.
    pub(super) approximation: (u32, u32),
    pub(super) progressive: bool,
    /// The number of units between two restarts; 0 without restarts.
    pub(super) restart: usize,
}

/// What is carried over from block to block, until a restart.
#[derive(Default)]
struct State {
    /// The last first coefficient of each of the scan's components, which the next one is relative to.
    dc: [i32; 4],
    /// How many of the next blocks have no more coefficients in this band.
    skipped: u32,
}

/// Decodes a scan's data and returns how many bytes of it there are; `None` where they are damaged.
pub(super) fn decode(scan: &Scan, frame: &mut Frame, data: &[u8]) -> Option<usize> {
    let (first, last) = scan.band;
    if scan.components.is_empty() || scan.components.len() > 4 || last > 63 || first > last {
        return None;
    }
    if scan.progressive && !is_progression(scan) {
        return None;
    }
    let mut intervals = Intervals { data, at: 0 };
    let mut bits = Bits::new(intervals.next()?);
    let mut state = State::default();
    let single = match scan.components.as_slice() {
        [(at, ..)] => Some(frame.components.get(*at)?.blocks),
        _ => None,
    };
    let units = match single {
        Some((across, down)) => (across, down),
        None => (
            frame.width.div_ceil(8 * frame.most.0),
            frame.height.div_ceil(8 * frame.most.1),
        ),
    };
    for unit in 0..units.0 * units.1 {
        if scan.restart > 0 && unit > 0 && unit % scan.restart == 0 {
            bits = Bits::new(intervals.next()?);
            state = State::default();
        }
        let (row, column) = (unit / units.0, unit % units.0);
        for (place, (at, dc, ac)) in scan.components.iter().enumerate() {
            let component = frame.components.get_mut(*at)?;
            let (h, v) = if single.is_some() { (1, 1) } else { component.sampling };
            for inner in 0..h * v {
                let at = (row * v + inner / h) * component.stride + column * h + inner % h;
                let block = block_of(component, at)?;
                let tables = (dc.as_ref(), ac.as_ref());
                one(scan, &mut bits, tables, &mut state, place, block)?;
            }
        }
        if bits.is_beyond() {
            return None;
        }
    }
    Some(intervals.end())
}

/// Whether a progressive scan's header is one that libjpeg accepts (`jdphuff.c`, `start_pass_phuff_decoder`).
fn is_progression(scan: &Scan) -> bool {
    let (first, last) = scan.band;
    let (before, now) = scan.approximation;
    let is_band = if first == 0 {
        last == 0
    } else {
        scan.components.len() == 1
    };
    is_band && (before == 0 || before == now + 1) && now <= 13
}

fn block_of(component: &mut Component, at: usize) -> Option<&mut [i16; 64]> {
    let block = component.coefficients.get_mut(64 * at..64 * at + 64)?;
    block.try_into().ok()
}

fn one(
    scan: &Scan,
    bits: &mut Bits<'_>,
    (dc, ac): (Option<&Table>, Option<&Table>),
    state: &mut State,
    place: usize,
    block: &mut [i16; 64],
) -> Option<()> {
    let (before, now) = scan.approximation;
    if !scan.progressive {
        first_dc(bits, dc?, state.dc.get_mut(place)?, 0, block)?;
        return band(bits, ac?, (1, 63), block);
    }
    match (scan.band.0, before) {
        (0, 0) => first_dc(bits, dc?, state.dc.get_mut(place)?, now, block),
        (0, _) => {
            if bits.take(1) == 1 {
                block[0] |= 1 << now;
            }
            Some(())
        }
        (_, 0) => first_band(bits, ac?, scan.band, now, &mut state.skipped, block),
        (_, _) => refined_band(bits, ac?, scan.band, now, &mut state.skipped, block),
    }
}

fn first_dc(bits: &mut Bits<'_>, table: &Table, last: &mut i32, shift: u32, block: &mut [i16; 64]) -> Option<()> {
    let size = bits.symbol(table)?;
    if size > 15 {
        return None;
    }
    *last = last.wrapping_add(bits.signed(u32::from(size)));
    block[0] = (*last << shift) as i16;
    Some(())
}

fn put(block: &mut [i16; 64], at: usize, value: i32) -> Option<()> {
    *block.get_mut(*ZIGZAG.get(at)?)? = value as i16;
    Some(())
}

/// Decodes the coefficients `first` to `last` of a block.
fn band(bits: &mut Bits<'_>, table: &Table, (first, last): (usize, usize), block: &mut [i16; 64]) -> Option<()> {
    let mut at = first;
    while at <= last {
        let symbol = bits.symbol(table)?;
        let (run, size) = (usize::from(symbol >> 4), u32::from(symbol & 15));
        if size == 0 {
            if run < 15 {
                break;
            }
            at += 16;
            continue;
        }
        at += run;
        put(block, at, bits.signed(size))?;
        at += 1;
    }
    Some(())
}

fn first_band(
    bits: &mut Bits<'_>,
    table: &Table,
    (first, last): (usize, usize),
    shift: u32,
    skipped: &mut u32,
    block: &mut [i16; 64],
) -> Option<()> {
    if *skipped > 0 {
        *skipped -= 1;
        return Some(());
    }
    let mut at = first;
    while at <= last {
        let symbol = bits.symbol(table)?;
        let (run, size) = (usize::from(symbol >> 4), u32::from(symbol & 15));
        if size == 0 {
            if run < 15 {
                *skipped = (1 << run) + bits.take(run as u32) - 1;
                break;
            }
            at += 16;
            continue;
        }
        at += run;
        put(block, at, bits.signed(size) << shift)?;
        at += 1;
    }
    Some(())
}

/// Decodes one more bit of the coefficients that a block has, and new coefficients between them.
fn refined_band(
    bits: &mut Bits<'_>,
    table: &Table,
    (first, last): (usize, usize),
    shift: u32,
    skipped: &mut u32,
    block: &mut [i16; 64],
) -> Option<()> {
    let one = 1_i16 << shift;
    let refine = |bits: &mut Bits<'_>, value: &mut i16| {
        if bits.take(1) == 1 && *value & one == 0 {
            // Damaged data may hold the least number of all.
            *value = value.wrapping_add(if *value > 0 { one } else { -one });
        }
    };
    let mut at = first;
    if *skipped == 0 {
        while at <= last {
            let symbol = bits.symbol(table)?;
            let (mut run, size) = (u32::from(symbol >> 4), symbol & 15);
            let mut new = 0;
            match size {
                0 if run < 15 => {
                    *skipped = (1 << run) + bits.take(run);
                    break;
                }
                0 => {}
                1 => new = if bits.take(1) == 1 { one } else { -one },
                _ => return None,
            }
            while at <= last {
                let value = block.get_mut(*ZIGZAG.get(at)?)?;
                at += 1;
                if *value != 0 {
                    refine(bits, value);
                } else if run == 0 {
                    *value = new;
                    break;
                } else {
                    run -= 1;
                }
            }
        }
    }
    if *skipped > 0 {
        for &place in ZIGZAG.get(at..=last)? {
            let value = block.get_mut(place)?;
            if *value != 0 {
                refine(bits, value);
            }
        }
        *skipped -= 1;
    }
    Some(())
}

/// Splits a scan's data at its restarts.
struct Intervals<'a> {
    data: &'a [u8],
    at: usize,
}

impl<'a> Intervals<'a> {
    /// The data up to the next marker, which is skipped if it is a restart.
    fn next(&mut self) -> Option<&'a [u8]> {
        let rest = self.data.get(self.at..)?;
        let end = marker(rest);
        self.at += end;
        if let Some([0xff, 0xd0..=0xd7]) = self.data.get(self.at..self.at + 2) {
            self.at += 2;
        }
        rest.get(..end)
    }

    /// The offset of the marker that ends the scan.
    fn end(&self) -> usize {
        self.at
    }
}

/// The offset of the next marker, or of the end of the data.
fn marker(data: &[u8]) -> usize {
    let pairs = data.iter().zip(data.iter().skip(1));
    pairs
        .zip(0..)
        .find(|((one, other), _)| **one == 0xff && **other != 0)
        .map_or(data.len(), |(_, at)| at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_least_coefficient_is_refined_as_in_libjpeg() {
        let none = Table::new([0; 16], &[]).unwrap();
        let mut block = [i16::MIN; 64];
        let mut skipped = 1;
        // Bits that are all ones.
        let mut bits = Bits::new(&[0xff, 0, 0xff, 0, 0xff, 0, 0xff, 0, 0xff, 0, 0xff, 0, 0xff, 0, 0xff, 0]);
        refined_band(&mut bits, &none, (1, 63), 0, &mut skipped, &mut block).unwrap();
        assert_eq!((block[0], block[63], skipped), (i16::MIN, i16::MAX, 0));
    }
}
