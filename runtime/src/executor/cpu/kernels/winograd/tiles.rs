//! A map cut into tiles, and the way from tiles to points.

use super::super::super::memory::{Codes, fetch, fetch_far};
use super::super::super::simd::{Row, Simd};
use super::super::doutput::Strided;
use super::behind::{Behind, enter_behind};
use super::transforms::{Filter, Plane, SpacedMade, TILE, enter};
use std::ops::Range;

/// Tiles that are worked on at a time.
pub const AT_ONCE: usize = 4;

/// Rows of a block, of what is taken and what is made, above which the next tiles are asked for while others are multiplied. Where
/// there are fewer, caches keep most of them, and asking costs more than it brings: measured on Zen 4, 2.5 MiB.
pub const FAR: usize = 40_960;

/// A map that is cut into tiles.
#[derive(Debug, Clone, Copy)]
pub struct Map {
    /// Rows and columns that are there; around them are zeros.
    pub size: (usize, usize),
    /// Rows and columns of zeros before the first.
    pub before: (usize, usize),
    /// Where the rows and columns lie in memory.
    pub strided: Strided,
}

/// The tiles of a map of outputs, four at a time.
#[derive(Debug, Clone, Copy)]
pub struct Cut {
    /// Rows and columns of the map.
    pub size: (usize, usize),
    /// Which filtering, and so how large a tile is.
    pub filter: Filter,
}

impl Cut {
    fn across(self) -> usize {
        self.size.1.div_ceil(TILE)
    }

    fn tiles(self) -> usize {
        self.size.0.div_ceil(TILE) * self.across()
    }

    /// How many times four tiles there are; the last time may repeat its last tile.
    pub fn chunks(self) -> usize {
        self.tiles().div_ceil(AT_ONCE)
    }

    /// The first row and column of each tile of a chunk, and how many tiles are no repetitions. Behind the last chunk, the last tile
    /// is repeated.
    pub fn corners(self, chunk: usize) -> ([(usize, usize); AT_ONCE], usize) {
        let first = chunk * AT_ONCE;
        let mut corners = [(0, 0); AT_ONCE];
        for (at, corner) in corners.iter_mut().enumerate() {
            let tile = (first + at).min(self.tiles() - 1);
            *corner = (tile / self.across() * TILE, tile % self.across() * TILE);
        }
        (corners, self.tiles().saturating_sub(first).min(AT_ONCE))
    }
}

/// Rows from one point of `channels` to the next: four tiles of each, and a little more, so that points do not fall into
/// the same lines of a cache.
pub fn step(channels: usize) -> usize {
    (channels + 1) * AT_ONCE
}

/// Asks for so many rows and columns of a channel, as far as they lie in memory. Channels lie too far from each other for the
/// processor to see what comes next.
#[inline(always)]
pub fn fetch_tile<T>(cells: &[T], first: usize, row: usize, (y, x): (usize, usize), side: usize) {
    for down in 0..side {
        let start = first + (y + down) * row + x;
        let lines = 64 / size_of::<T>();
        for cell in cells.iter().skip(start).take(side).step_by(lines) {
            fetch(cell);
        }
    }
}

/// Asks for tiles that are taken to their points later, while others are multiplied: all that the tile before does not share.
pub fn fetch_ahead(
    map: &Map,
    filter: Filter,
    (input, codes): (&[Row], Option<&[Codes]>),
    channels: Range<usize>,
    corners: &[(usize, usize)],
) {
    let side = filter.side();
    // A tile shares its first columns with the one before, if that is not the last of a row.
    let shared = |x: usize| if x == 0 { 0 } else { side - TILE };
    for channel in channels {
        let first = map.strided.offset + channel * map.strided.channel;
        for &(y, x) in corners {
            let (top, left) = (
                y.saturating_sub(map.before.0),
                x.saturating_sub(map.before.1) + shared(x),
            );
            let right = (x + side - map.before.1).min(map.size.1);
            let bottom = (y + side - map.before.0).min(map.size.0);
            let Some(codes) = codes else {
                for row in top..bottom {
                    let start = first + row * map.strided.row;
                    for cell in input.iter().take(start + right).skip(start + left) {
                        fetch_far(cell);
                    }
                }
                continue;
            };
            for row in top / 2..bottom.div_ceil(2) {
                let start = first + row * map.strided.row;
                let windows = start + left / 2..start + right.div_ceil(2);
                for value in input.iter().take(windows.end).skip(windows.start) {
                    fetch_far(value);
                }
                // A line has four windows' codes, of which a tile's first may be any.
                for code in codes.iter().take(windows.end).skip(windows.start).step_by(2) {
                    fetch_far(code);
                }
            }
        }
    }
}

/// Takes the tiles at `corners` of some channels to their points, `[point][channel][tile]`, points [`step`] rows apart. With
/// codes, the map lies behind its 2x2 maximum pool.
#[inline(always)]
pub fn transform<S: Simd>(
    simd: S,
    (map, filter): (&Map, Filter),
    (input, codes): (&[Row], Option<&[Codes]>),
    (first, count): (usize, usize),
    corners: &[(usize, usize); AT_ONCE],
    points: &mut [Row],
) {
    let step = step(count);
    if let Some(codes) = codes {
        for channel in 0..count {
            let windows = (first + channel) * map.strided.channel..(first + channel + 1) * map.strided.channel;
            let behind = Behind {
                values: &input[windows.clone()],
                codes: &codes[windows],
                size: (map.size.0 / 2, map.size.1 / 2),
            };
            let next = (first + channel + 1) * map.strided.channel;
            for (at, &(y, x)) in corners.iter().enumerate() {
                if channel + 1 < count {
                    fetch_tile(input, next, map.strided.row, (y / 2, x / 2), 2);
                    fetch_tile(codes, next, map.strided.row, (y / 2, x / 2), 2);
                }
                let mut made = SpacedMade {
                    rows: &mut points[channel * AT_ONCE + at..],
                    step,
                };
                enter_behind(simd, filter, behind, (y, x), map.before, &mut made);
            }
        }
        return;
    }
    for channel in 0..count {
        let plane = Plane {
            cells: &input[map.strided.offset + (first + channel) * map.strided.channel..],
            size: map.size,
            before: map.before,
            row: map.strided.row,
        };
        let next = map.strided.offset + (first + channel + 1) * map.strided.channel;
        for (at, &corner) in corners.iter().enumerate() {
            if channel + 1 < count {
                fetch_tile(input, next, map.strided.row, corner, 4);
            }
            let mut made = SpacedMade {
                rows: &mut points[channel * AT_ONCE + at..],
                step,
            };
            enter(simd, filter, plane, corner, &mut made);
        }
    }
}
