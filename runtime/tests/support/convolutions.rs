//! Convolutions of every geometry.

use super::networks::{Case, FEW, MANY, case, head};
use super::programs::Build;
use compiler::window::{Padding, Window};

pub fn cases() -> Vec<Case> {
    use Padding::{Same, Valid};
    // Input, filters, kernel, strides, dilation, padding, bias, relu, pool.
    type Row = (
        [usize; 3],
        usize,
        (usize, usize),
        (usize, usize),
        (usize, usize),
        Padding,
        bool,
        bool,
        bool,
    );
    const ONE: (usize, usize) = (1, 1);
    let rows: [Row; 50] = [
        ([1, 1, 1], 1, (1, 1), ONE, ONE, Valid, true, false, false),
        ([1, 1, 1], 5, (3, 3), ONE, ONE, Same, true, true, false),
        ([5, 5, 1], 1, (5, 5), ONE, ONE, Valid, false, false, false),
        ([6, 7, 1], 9, (5, 5), ONE, ONE, Valid, true, true, false),
        ([9, 8, 3], 6, (5, 5), ONE, ONE, Valid, true, true, true),
        ([8, 8, 10], 20, (5, 5), ONE, ONE, Valid, true, true, true),
        ([9, 7, 2], 7, (3, 3), ONE, ONE, Same, true, true, true),
        ([7, 9, 2], 7, (3, 3), ONE, ONE, Same, true, false, true),
        ([29, 29, 1], 2, (5, 5), ONE, ONE, Valid, true, true, true),
        ([5, 5, 2], 4, (2, 2), ONE, ONE, Same, true, false, false),
        ([6, 5, 3], 11, (4, 4), ONE, ONE, Same, true, false, false),
        ([7, 7, 3], 4, (3, 3), (2, 2), ONE, Valid, true, false, false),
        ([8, 8, 3], 4, (3, 3), (2, 2), ONE, Same, true, true, false),
        ([7, 8, 3], 13, (3, 3), (2, 3), ONE, Same, true, true, false),
        ([9, 8, 2], 4, (2, 2), (3, 3), ONE, Valid, true, true, false),
        ([10, 11, 2], 4, (1, 1), (2, 2), ONE, Valid, true, true, false),
        ([11, 11, 2], 4, (3, 3), (2, 2), ONE, Valid, true, true, true),
        ([9, 9, 2], 5, (3, 3), ONE, (2, 2), Valid, true, true, false),
        ([9, 10, 2], 5, (3, 3), ONE, (2, 3), Same, true, true, false),
        ([5, 5, 2], 5, (3, 3), ONE, (4, 4), Same, true, false, true),
        ([6, 6, 17], 16, (1, 1), ONE, ONE, Valid, true, true, false),
        ([6, 6, 12], 33, (3, 3), ONE, ONE, Same, true, true, false),
        ([4, 12, 3], 8, (1, 7), ONE, ONE, Valid, true, true, false),
        ([12, 4, 3], 8, (7, 1), ONE, ONE, Same, true, true, false),
        ([12, 13, 1], 6, (11, 11), ONE, ONE, Valid, true, true, false),
        ([3, 3, 2], 4, (5, 5), ONE, ONE, Same, true, true, false),
        ([3, 20, 2], 24, (2, 3), (1, 2), ONE, Same, false, true, true),
        // By Winograd's filtering on the CPU: whole tiles and cut ones, whole and cut tiles of channels.
        ([8, 8, 32], 32, (3, 3), ONE, ONE, Same, true, true, true),
        ([9, 10, 33], 35, (3, 3), ONE, ONE, Same, true, true, false),
        ([13, 11, 32], 50, (3, 3), ONE, ONE, Valid, true, true, true),
        ([10, 10, 50], 33, (3, 3), ONE, ONE, Valid, true, false, false),
        ([7, 16, 49], 64, (3, 3), ONE, ONE, Same, false, true, true),
        ([17, 12, 32], 37, (3, 3), ONE, ONE, Same, true, false, true),
        ([12, 15, 34], 32, (3, 3), ONE, ONE, Valid, true, true, false),
        ([8, 12, 97], 34, (3, 3), ONE, ONE, Same, true, true, false),
        ([8, 8, 32], 32, (5, 5), ONE, ONE, Same, true, true, true),
        ([9, 11, 33], 35, (5, 5), ONE, ONE, Same, true, true, false),
        ([13, 10, 32], 50, (5, 5), ONE, ONE, Valid, true, true, true),
        ([9, 12, 34], 36, (5, 5), ONE, ONE, Same, false, true, true),
        ([11, 14, 36], 33, (5, 5), ONE, ONE, Valid, true, false, false),
        // A map behind a pool that is spread out in several bands of rows, and whose bias is summed in parts.
        ([68, 67, 1], 8, (3, 3), ONE, ONE, Same, true, true, true),
        ([69, 66, 2], 5, (5, 5), ONE, ONE, Valid, true, true, true),
        // Of few channels, forward and for the gradient of the kernel: one chunk of tiles and several, whole and cut ones, whole and
        // cut groups of filters.
        ([10, 15, 2], 33, (3, 3), ONE, ONE, Same, true, true, true),
        ([17, 22, 3], 18, (3, 3), ONE, ONE, Valid, true, true, true),
        ([8, 8, 3], 32, (3, 3), ONE, ONE, Same, true, true, true),
        ([33, 32, 3], 37, (3, 3), ONE, ONE, Valid, true, true, false),
        ([15, 16, 3], 24, (3, 3), ONE, ONE, Same, true, true, false),
        ([16, 16, 4], 33, (3, 3), ONE, ONE, Valid, true, false, false),
        ([15, 31, 4], 48, (3, 3), ONE, ONE, Same, false, true, true),
        ([8, 8, 4], 16, (3, 3), ONE, ONE, Same, true, true, false),
    ];
    let mut cases = Vec::new();
    for (index, (input, filters, size, strides, dilation, padding, bias, relu, pool)) in rows.into_iter().enumerate() {
        let mut build = Build::new(input[0], input[1], input[2]);
        let window = Window {
            size,
            strides,
            dilation,
            padding,
        };
        let image = (input[0], input[1]);
        let output = build.convolution(build.input(), image, filters, window, bias, relu, pool);
        let name = format!(
            "convolution {input:?} filters {filters} kernel {size:?} strides {strides:?} dilation {dilation:?} {padding:?} bias {bias} relu {relu} pool {pool}"
        );
        cases.push(case(name, head(build, output), if index % 2 == 0 { FEW } else { MANY }));
    }
    cases
}
