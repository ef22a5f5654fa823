//! Windows that slide over a map.

use compiler::window::{Grid, Sliding};

/// The input cell under tap `tap` of window `window`, if it is not padding.
fn cell(along: &Sliding, window: usize, tap: usize) -> Option<usize> {
    (window * along.stride + tap * along.dilation)
        .checked_sub(along.pad_before)
        .filter(|&cell| cell < along.input)
}

/// The cells of one window in row-major order, as (tap, input position).
pub fn window_cells(grid: &Grid, window: usize) -> Vec<(usize, usize)> {
    let (row, column) = (window / grid.horizontal.output, window % grid.horizontal.output);
    let mut cells = Vec::new();
    for ky in 0..grid.vertical.size {
        for kx in 0..grid.horizontal.size {
            if let (Some(y), Some(x)) = (cell(&grid.vertical, row, ky), cell(&grid.horizontal, column, kx)) {
                cells.push((ky * grid.horizontal.size + kx, y * grid.horizontal.input + x));
            }
        }
    }
    cells
}

pub fn windows(grid: &Grid) -> usize {
    grid.vertical.output * grid.horizontal.output
}
