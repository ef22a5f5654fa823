//! The layout of a launch's workgroups.

/// The largest number of workgroups along one axis: WebGPU's `maxComputeWorkgroupsPerDimension`.
pub const MOST: usize = 65_535;

/// Columns and rows for so many workgroups. Kernels number them `row * columns + column`, and skip the surplus ones
/// that the last row may have.
pub fn grid(workgroups: usize) -> [u32; 2] {
    let columns = workgroups.clamp(1, MOST);
    [columns as u32, workgroups.div_ceil(columns) as u32]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_begin_where_one_axis_is_full() {
        assert_eq!(grid(1), [1, 1]);
        assert_eq!(grid(MOST), [65_535, 1]);
        assert_eq!(grid(MOST + 1), [65_535, 2]);
        assert_eq!(grid(0), [1, 0]);
    }
}
