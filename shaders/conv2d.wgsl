// 2-D convolution (cross-correlation): forward, and the gradients of kernel, bias and input.
//
// Layouts, innermost last; a `quad` is four samples of the batch, one vec4:
//   x, dx, mask   [IN_C][IN_H][IN_W][quad]
//   y, dy         [OUT_C][OUT_H][OUT_W][quad], or [OUT_C][POOL_H][POOL_W][quad] where a 2x2 maximum pool is fused
//   codes         like the pooled y: a byte a sample, the place of the maximum in its window, 2 row + column
//   kernel        parameters[KERNEL_AT..]: [IN_C][KERNEL_H][KERNEL_W][OUT_C4], a vec4 = four output channels
//   bias          parameters[BIAS_AT..]: [OUT_C4]
//   gradients     [split][as the kernel] at DKERNEL_AT, [split][as the bias] at DBIAS_AT; the optimizer adds the splits
// Everything is written with `=`.
//
// How these are written, and why. Sums live in small private arrays, nested one array a loop, and each loop that fills
// or adds indexes one of them by its own counter, over its whole length: that is what makes Mesa's compiler unroll it
// whatever its body costs, and only unrolled do the arrays become registers (else four times slower, measured). What a
// loop around them carries is little, since each carried register is blended with the mask once a turn. A load costs 80
// multiply-adds on a software driver: rows are handed on from turn to turn rather than read again.
// These modules run without bounds checks, whose `min` hides the counter: every index of a private array is a counter or
// a sum of counters below its length, reads are clamped here, and writes are guarded.

// Geometry. The compiler rewrites these values for each layer; the defaults keep this file valid by itself.
const WORKGROUP: u32 = 64u;
const IN_C: u32 = 10u;
const IN_H: u32 = 12u;
const IN_W: u32 = 12u;
const OUT_C: u32 = 20u;
const OUT_H: u32 = 8u;
const OUT_W: u32 = 8u;
const KERNEL_H: u32 = 5u;
const KERNEL_W: u32 = 5u;
const STRIDE_H: u32 = 1u;
const STRIDE_W: u32 = 1u;
const DILATION_H: u32 = 1u;
const DILATION_W: u32 = 1u;
const PAD_TOP: u32 = 0u;
const PAD_LEFT: u32 = 0u;
// Whether any tap falls outside the input.
const PADDED: bool = false;
const HAS_BIAS: bool = true;
const RELU: bool = true;
// Whether dy lies behind a fused pool: each gradient then belongs to the pixel of its window that the code names.
const UNPOOL: bool = false;
// Whether dx is zero where mask is not positive: the gradient step of the relu that made x.
const MASKED: bool = false;
// In vec4s from the start of the parameters and of the gradients.
const KERNEL_AT: u32 = 0u;
const BIAS_AT: u32 = 1250u;
const DKERNEL_AT: u32 = 0u;
const DBIAS_AT: u32 = 2500u;
// Tiles: what one invocation keeps in registers.
// Channels (a multiple of four, or all), rows (one or two) and pixels of a row that forward makes.
const TILE_C: u32 = 4u;
const TILE_H: u32 = 2u;
const TILE_W: u32 = 2u;
// Kernel rows of a dkernel, and the pixels of a row that it takes at a time: even, so that windows of a pool stay whole.
const TILE_K: u32 = 5u;
const STRIP: u32 = 2u;
// Pixels of a row that dinput makes: all, or an even number.
const TILE_X: u32 = 12u;
// Input channels that dinput makes.
const TILE_I: u32 = 2u;
const SPLIT_ROWS: u32 = 2u;
const SPLIT_QUADS: u32 = 1u;
// Whether the taps of a row are a loop that is not unrolled: a long row of taps, unrolled, takes a driver minutes to compile.
// Tiles of forward are then 2x2 pixels of four channels, and a dkernel has an entry point of its own.
const ROLLED: bool = false;

// The taps of a row that are unrolled.
const TAPS_W: u32 = select(KERNEL_W, 1u, ROLLED);
const SPREAD_W: u32 = select(DILATION_W, 1u, ROLLED);

const OUT_C4: u32 = (OUT_C + 3u) / 4u;
const IN_C4: u32 = (IN_C + 3u) / 4u;
// At least one, for the files of layers too small to pool to be valid.
const POOL_H: u32 = max(OUT_H / 2u, 1u);
const POOL_W: u32 = max(OUT_W / 2u, 1u);
const KERNEL_SIZE: u32 = IN_C * KERNEL_H * KERNEL_W * OUT_C4;

@group(0) @binding(0) var<storage, read> x: array<vec4f>;
@group(0) @binding(1) var<storage, read> parameters: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> y: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> codes: array<u32>;
@group(0) @binding(4) var<storage, read> dy: array<vec4f>;
@group(0) @binding(5) var<storage, read> dy_codes: array<u32>;
@group(0) @binding(6) var<storage, read> mask: array<vec4f>;
@group(0) @binding(7) var<storage, read_write> dx: array<vec4f>;
@group(0) @binding(8) var<storage, read_write> gradients: array<vec4f>;

// Reads, of which a tile's overhang may lie beyond the end. Where a driver reads textures faster than buffers, the compiler
// puts a texture with the same contents in a buffer's place (`src/textures.rs`).

fn read_x(at: u32) -> vec4f {
    return x[min(at, arrayLength(&x) - 1u)];
}

fn parameter(at: u32) -> vec4f {
    return parameters[min(at, arrayLength(&parameters) - 1u)];
}

fn read_dy(at: u32) -> vec4f {
    return dy[min(at, arrayLength(&dy) - 1u)];
}

fn read_dy_codes(at: u32) -> u32 {
    return dy_codes[min(at, arrayLength(&dy_codes) - 1u)];
}

fn read_mask(at: u32) -> vec4f {
    return mask[min(at, arrayLength(&mask) - 1u)];
}

// Cell (row, column) of x; zero outside, where both have wrapped around if they lie before the first.
fn cell(i: u32, row: u32, column: u32, quad: u32, quads: u32) -> vec4f {
    let v = read_x(((i * IN_H + row) * IN_W + column) * quads + quad);
    if (PADDED) {
        return select(vec4f(), v, row < IN_H && column < IN_W);
    }
    return v;
}

// ---- forward ----

// Columns of the input under a tile's row; a row's taps; and the sums.
const SPAN: u32 = (TILE_W - 1u) * STRIDE_W + (TAPS_W - 1u) * SPREAD_W + 1u;
alias Cells = array<vec4f, SPAN>;
const TILE_C4: u32 = (TILE_C + 3u) / 4u;
alias Weights = array<array<vec4f, TILE_C4>, TAPS_W>;
alias Sums = array<array<array<vec4f, TILE_C>, TILE_W>, TILE_H>;

fn read_row(cells: ptr<function, Cells>, i: u32, row: u32, left: u32, quad: u32, quads: u32) {
    for (var s = 0u; s < SPAN; s++) {
        cells[s] = cell(i, row, left + s, quad, quads);
    }
}

// One pixel's taps after another: a sum is touched once a row.
fn add_row(sums: ptr<function, Sums>, ty: u32, cells: ptr<function, Cells>, weights: ptr<function, Weights>) {
    for (var tx = 0u; tx < TILE_W; tx++) {
        for (var c = 0u; c < TILE_C; c++) {
            var sum = sums[ty][tx][c];
            for (var kx = 0u; kx < TAPS_W; kx++) {
                sum += cells[tx * STRIDE_W + kx * SPREAD_W] * weights[kx][c / 4u][c % 4u];
            }
            sums[ty][tx][c] = sum;
        }
    }
}

// Whether the second row of a tile is, a tap later, the first.
const ROLLS: bool = TILE_H == 2u && STRIDE_H == 1u && DILATION_H == 1u;

// Adds the products of one tap to the sums of four channels, a matrix column each.
fn add_tap(sums: mat4x4f, v: vec4f, w: vec4f) -> mat4x4f {
    return sums + mat4x4f(v * w.x, v * w.y, v * w.z, v * w.w);
}

// The sums of 2x2 pixels of four channels, tap by tap.
fn convolve_rolled(sums: ptr<function, Sums>, top: u32, left: u32, c0: u32, quad: u32, quads: u32) {
    let first_row = top * STRIDE_H - PAD_TOP;
    let first_column = left * STRIDE_W - PAD_LEFT;
    var upper_left: mat4x4f;
    var upper_right: mat4x4f;
    var lower_left: mat4x4f;
    var lower_right: mat4x4f;
    for (var i = 0u; i < IN_C; i++) {
        for (var ky = 0u; ky < KERNEL_H; ky++) {
            let row = first_row + ky * DILATION_H;
            let at = KERNEL_AT + (i * KERNEL_H + ky) * KERNEL_W * OUT_C4 + c0 / 4u;
            for (var kx = 0u; kx < KERNEL_W; kx++) {
                let w = parameter(at + kx * OUT_C4);
                let column = first_column + kx * DILATION_W;
                upper_left = add_tap(upper_left, cell(i, row, column, quad, quads), w);
                upper_right = add_tap(upper_right, cell(i, row, column + STRIDE_W, quad, quads), w);
                lower_left = add_tap(lower_left, cell(i, row + STRIDE_H, column, quad, quads), w);
                lower_right = add_tap(lower_right, cell(i, row + STRIDE_H, column + STRIDE_W, quad, quads), w);
            }
        }
    }
    let all = array<mat4x4f, 4>(upper_left, upper_right, lower_left, lower_right);
    for (var ty = 0u; ty < TILE_H; ty++) {
        for (var tx = 0u; tx < TILE_W; tx++) {
            for (var c = 0u; c < TILE_C; c++) {
                // The names of the pixels stand for two rows of two.
                sums[ty][tx][c] = all[(ty * 2u + tx) % 4u][c % 4u];
            }
        }
    }
}

fn convolve(sums: ptr<function, Sums>, top: u32, left: u32, c0: u32, quad: u32, quads: u32) {
    if (ROLLED) {
        convolve_rolled(sums, top, left, c0, quad, quads);
        return;
    }
    let first_row = top * STRIDE_H - PAD_TOP;
    let first_column = left * STRIDE_W - PAD_LEFT;
    for (var i = 0u; i < IN_C; i++) {
        var below: Cells;
        if (ROLLS) {
            read_row(&below, i, first_row, first_column, quad, quads);
        }
        for (var ky = 0u; ky < KERNEL_H; ky++) {
            let row = first_row + ky * DILATION_H;
            var cells = below;
            if (!ROLLS) {
                read_row(&cells, i, row, first_column, quad, quads);
            }
            var weights: Weights;
            let at = KERNEL_AT + (i * KERNEL_H + ky) * KERNEL_W * OUT_C4 + c0 / 4u;
            for (var kx = 0u; kx < TAPS_W; kx++) {
                for (var g = 0u; g < TILE_C4; g++) {
                    weights[kx][g] = parameter(at + kx * OUT_C4 + g);
                }
            }
            add_row(sums, 0u, &cells, &weights);
            if (TILE_H == 2u) {
                read_row(&below, i, row + STRIDE_H, first_column, quad, quads);
                add_row(sums, 1u, &below, &weights);
            }
        }
    }
}

fn bias_of(c0: u32) -> array<vec4f, TILE_C4> {
    var bias: array<vec4f, TILE_C4>;
    if (HAS_BIAS) {
        for (var g = 0u; g < TILE_C4; g++) {
            bias[g] = parameter(BIAS_AT + c0 / 4u + g);
        }
    }
    return bias;
}

fn activate(v: vec4f) -> vec4f {
    if (RELU) {
        return max(v, vec4f());
    }
    return v;
}

// One invocation: TILE_H x TILE_W pixels of TILE_C channels of a quad.
@compute @workgroup_size(WORKGROUP)
fn forward(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
    let quads = arrayLength(&x) / (IN_C * IN_H * IN_W);
    let index = id.y * groups.x * WORKGROUP + id.x;
    let quad = index % quads;
    let tile = index / quads;
    let tiles_x = (OUT_W + TILE_W - 1u) / TILE_W;
    let tiles_y = (OUT_H + TILE_H - 1u) / TILE_H;
    let left = tile % tiles_x * TILE_W;
    let top = tile / tiles_x % tiles_y * TILE_H;
    let c0 = tile / (tiles_x * tiles_y) * TILE_C;
    if (c0 >= OUT_C) {
        return;
    }
    var sums: Sums;
    convolve(&sums, top, left, c0, quad, quads);
    var b = bias_of(c0);
    for (var ty = 0u; ty < TILE_H; ty++) {
        for (var tx = 0u; tx < TILE_W; tx++) {
            for (var c = 0u; c < TILE_C; c++) {
                let channel = c0 + c;
                if (channel < OUT_C && top + ty < OUT_H && left + tx < OUT_W) {
                    let v = activate(sums[ty][tx][c] + b[c / 4u][c % 4u]);
                    y[((channel * OUT_H + top + ty) * OUT_W + left + tx) * quads + quad] = v;
                }
            }
        }
    }
}

// The largest of a 2x2 window, the first of equals, and its place.
struct Largest {
    value: vec4f,
    place: vec4u,
}

fn largest(sums: ptr<function, Sums>, left: u32, c: u32) -> Largest {
    var best = Largest(sums[0][left][c], vec4u());
    for (var k = 1u; k < 4u; k++) {
        let v = sums[k / 2u][left + k % 2u][c];
        let higher = v > best.value;
        best.value = select(best.value, v, higher);
        best.place = select(best.place, vec4u(k), higher);
    }
    return best;
}

// One invocation: TILE_W / 2 windows of TILE_C channels of a quad. TILE_H is 2 and TILE_W even.
@compute @workgroup_size(WORKGROUP)
fn forward_pool(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
    let quads = arrayLength(&x) / (IN_C * IN_H * IN_W);
    let index = id.y * groups.x * WORKGROUP + id.x;
    let quad = index % quads;
    let tile = index / quads;
    let tiles_x = (POOL_W * 2u + TILE_W - 1u) / TILE_W;
    let left = tile % tiles_x * TILE_W;
    let row = tile / tiles_x % POOL_H;
    let c0 = tile / (tiles_x * POOL_H) * TILE_C;
    if (c0 >= OUT_C) {
        return;
    }
    var sums: Sums;
    convolve(&sums, row * 2u, left, c0, quad, quads);
    var b = bias_of(c0);
    for (var c = 0u; c < TILE_C; c++) {
        for (var window = 0u; window < TILE_W / 2u; window++) {
            let channel = c0 + c;
            let column = left / 2u + window;
            if (channel < OUT_C && column < POOL_W) {
                let best = largest(&sums, window * 2u, c);
                y[((channel * POOL_H + row) * POOL_W + column) * quads + quad] = activate(best.value + b[c / 4u][c % 4u]);
            }
        }
    }
}

// The same, and the codes that the backward pass needs.
@compute @workgroup_size(WORKGROUP)
fn forward_pool_codes(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
    let quads = arrayLength(&x) / (IN_C * IN_H * IN_W);
    let index = id.y * groups.x * WORKGROUP + id.x;
    let quad = index % quads;
    let tile = index / quads;
    let tiles_x = (POOL_W * 2u + TILE_W - 1u) / TILE_W;
    let left = tile % tiles_x * TILE_W;
    let row = tile / tiles_x % POOL_H;
    let c0 = tile / (tiles_x * POOL_H) * TILE_C;
    if (c0 >= OUT_C) {
        return;
    }
    var sums: Sums;
    convolve(&sums, row * 2u, left, c0, quad, quads);
    var b = bias_of(c0);
    for (var c = 0u; c < TILE_C; c++) {
        for (var window = 0u; window < TILE_W / 2u; window++) {
            let channel = c0 + c;
            let column = left / 2u + window;
            if (channel < OUT_C && column < POOL_W) {
                let best = largest(&sums, window * 2u, c);
                let at = ((channel * POOL_H + row) * POOL_W + column) * quads + quad;
                y[at] = activate(best.value + b[c / 4u][c % 4u]);
                let p = best.place << vec4u(0u, 8u, 16u, 24u);
                codes[at] = p.x | p.y | p.z | p.w;
            }
        }
    }
}

// ---- backward ----

// Rows and columns of dy that can be other than zero.
const USED_H: u32 = select(OUT_H, POOL_H * 2u, UNPOOL);
const USED_W: u32 = select(OUT_W, POOL_W * 2u, UNPOOL);

// The gradient of the convolution's output at a pixel; zero outside.
fn gradient(channel: u32, row: u32, column: u32, quad: u32, quads: u32) -> vec4f {
    let inside = channel < OUT_C && row < USED_H && column < USED_W;
    if (UNPOOL) {
        let place = (channel * POOL_H + row / 2u) * POOL_W + column / 2u;
        let at = place * quads + quad;
        let word = read_dy_codes(at);
        let places = (vec4u(word) >> vec4u(0u, 8u, 16u, 24u)) & vec4u(3u);
        let here = places == vec4u(row % 2u * 2u + column % 2u);
        return select(vec4f(), read_dy(at), here & vec4<bool>(inside));
    }
    let at = ((channel * OUT_H + row) * OUT_W + column) * quads + quad;
    return select(vec4f(), read_dy(at), inside);
}

// Two pixels of four channels, a column a channel.
alias Pair = array<mat4x4f, 2>;

// The gradients of pixels (row, column) and (row, column + 1) of the four channels from 4 c4 on. column is even: behind a
// pool, the two share a window, which is read once.
fn pair_of(c4: u32, row: u32, column: u32, quad: u32, quads: u32) -> Pair {
    var pair: Pair;
    for (var j = 0u; j < 4u; j++) {
        let channel = c4 * 4u + j;
        if (UNPOOL) {
            let inside = channel < OUT_C && row < USED_H && column < USED_W;
            let place = (channel * POOL_H + row / 2u) * POOL_W + column / 2u;
            let at = place * quads + quad;
            let v = select(vec4f(), read_dy(at), inside);
            let word = read_dy_codes(at);
            let places = ((vec4u(word) >> vec4u(0u, 8u, 16u, 24u)) & vec4u(3u)) ^ vec4u(row % 2u * 2u);
            pair[0][j] = select(vec4f(), v, places == vec4u(0u));
            pair[1][j] = select(vec4f(), v, places == vec4u(1u));
        } else {
            pair[0][j] = gradient(channel, row, column, quad, quads);
            pair[1][j] = gradient(channel, row, column + 1u, quad, quads);
        }
    }
    return pair;
}

const STRIP_SPAN: u32 = (STRIP - 1u) * STRIDE_W + (TAPS_W - 1u) * SPREAD_W + 1u;
const TILES_K: u32 = (KERNEL_H + TILE_K - 1u) / TILE_K;
const SPLITS: u32 = SPLIT_ROWS * SPLIT_QUADS;
// Whether a row of x serves the next kernel row one row of dy earlier.
const HANDS_ON: bool = STRIDE_H == 1u && DILATION_H == 1u;
alias Strip = array<vec4f, STRIP_SPAN>;
alias Strips = array<Strip, TILE_K>;

fn read_strip(cells: ptr<function, Strips>, k: u32, i: u32, row: u32, left: u32, quad: u32, quads: u32) {
    for (var s = 0u; s < STRIP_SPAN; s++) {
        cells[k][s] = cell(i, row, left + s, quad, quads);
    }
}

// dkernel[i][ky][kx][o] = sum over rows, columns, samples of dy[o][row][column] x[i][row + ky][column + kx], and dbias.
// One invocation: four output channels, one input channel, TILE_K kernel rows, one split of the rows and quads; that of the
// first input channel and kernel row also sums the bias. No sum crosses an invocation.
@compute @workgroup_size(WORKGROUP)
fn dkernel(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
    let quads = arrayLength(&x) / (IN_C * IN_H * IN_W);
    let index = id.y * groups.x * WORKGROUP + id.x;
    let split = index % SPLITS;
    let c4 = index / SPLITS % OUT_C4;
    let ky0 = index / (SPLITS * OUT_C4) % TILES_K * TILE_K;
    let i = index / (SPLITS * OUT_C4 * TILES_K);
    if (i >= IN_C) {
        return;
    }
    let first_row = split % SPLIT_ROWS * USED_H / SPLIT_ROWS;
    let last_row = (split % SPLIT_ROWS + 1u) * USED_H / SPLIT_ROWS;
    let first_quad = split / SPLIT_ROWS * quads / SPLIT_QUADS;
    let last_quad = (split / SPLIT_ROWS + 1u) * quads / SPLIT_QUADS;
    var sums: array<array<vec4f, TAPS_W>, TILE_K>;
    var bias = vec4f();
    for (var quad = first_quad; quad < last_quad; quad++) {
        for (var base = 0u; base < USED_W; base += STRIP) {
            let left = base * STRIDE_W - PAD_LEFT;
            var cells: Strips;
            if (HANDS_ON) {
                for (var k = 0u; k < TILE_K; k++) {
                    if (k > 0u) {
                        read_strip(&cells, k, i, first_row + ky0 + k - 1u - PAD_TOP, left, quad, quads);
                    }
                }
            }
            // Added up by itself, as a sum of many small numbers loses the bits of each.
            var part = vec4f();
            for (var row = first_row; row < last_row; row++) {
                let in_row = row * STRIDE_H + ky0 * DILATION_H - PAD_TOP;
                if (HANDS_ON) {
                    for (var k = 0u; k < TILE_K - 1u; k++) {
                        cells[k] = cells[k + 1u];
                    }
                    read_strip(&cells, TILE_K - 1u, i, in_row + TILE_K - 1u, left, quad, quads);
                } else {
                    for (var k = 0u; k < TILE_K; k++) {
                        read_strip(&cells, k, i, in_row + k * DILATION_H, left, quad, quads);
                    }
                }
                var d: array<Pair, STRIP / 2u>;
                for (var p = 0u; p < STRIP / 2u; p++) {
                    d[p] = pair_of(c4, row, base + 2u * p, quad, quads);
                    part += vec4f(1.0) * (d[p][0] + d[p][1]);
                }
                for (var k = 0u; k < TILE_K; k++) {
                    for (var kx = 0u; kx < TAPS_W; kx++) {
                        var sum = sums[k][kx];
                        for (var p = 0u; p < STRIP; p++) {
                            sum += cells[k][p * STRIDE_W + kx * SPREAD_W] * d[p / 2u][p % 2u];
                        }
                        sums[k][kx] = sum;
                    }
                }
            }
            bias += part;
        }
    }
    for (var k = 0u; k < TILE_K; k++) {
        for (var kx = 0u; kx < TAPS_W; kx++) {
            if (ky0 + k < KERNEL_H) {
                let at = ((i * KERNEL_H + ky0 + k) * KERNEL_W + kx) * OUT_C4 + c4;
                gradients[DKERNEL_AT + split * KERNEL_SIZE + at] = sums[k][kx];
            }
        }
    }
    if (HAS_BIAS && i == 0u && ky0 == 0u) {
        gradients[DBIAS_AT + split * OUT_C4 + c4] = bias;
    }
}

// The same for a long row of taps. One invocation: four output channels, one input channel, one tap, one split of the rows
// and quads; that of the first input channel and tap also sums the bias.
@compute @workgroup_size(WORKGROUP)
fn dkernel_rolled(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
    let quads = arrayLength(&x) / (IN_C * IN_H * IN_W);
    let index = id.y * groups.x * WORKGROUP + id.x;
    let split = index % SPLITS;
    let c4 = index / SPLITS % OUT_C4;
    let tap = index / (SPLITS * OUT_C4) % (KERNEL_H * KERNEL_W);
    let i = index / (SPLITS * OUT_C4 * KERNEL_H * KERNEL_W);
    if (i >= IN_C) {
        return;
    }
    let ky = tap / KERNEL_W;
    let kx = tap % KERNEL_W;
    let first_row = split % SPLIT_ROWS * USED_H / SPLIT_ROWS;
    let last_row = (split % SPLIT_ROWS + 1u) * USED_H / SPLIT_ROWS;
    let first_quad = split / SPLIT_ROWS * quads / SPLIT_QUADS;
    let last_quad = (split / SPLIT_ROWS + 1u) * quads / SPLIT_QUADS;
    var sum = vec4f();
    var bias = vec4f();
    for (var quad = first_quad; quad < last_quad; quad++) {
        for (var column = 0u; column < USED_W; column += 2u) {
            let in_column = column * STRIDE_W + kx * DILATION_W - PAD_LEFT;
            var part = vec4f();
            for (var row = first_row; row < last_row; row++) {
                let in_row = row * STRIDE_H + ky * DILATION_H - PAD_TOP;
                let d = pair_of(c4, row, column, quad, quads);
                part += vec4f(1.0) * (d[0] + d[1]);
                sum += cell(i, in_row, in_column, quad, quads) * d[0];
                sum += cell(i, in_row, in_column + STRIDE_W, quad, quads) * d[1];
            }
            bias += part;
        }
    }
    gradients[DKERNEL_AT + split * KERNEL_SIZE + (i * KERNEL_H * KERNEL_W + tap) * OUT_C4 + c4] = sum;
    if (HAS_BIAS && i == 0u && tap == 0u) {
        gradients[DBIAS_AT + split * OUT_C4 + c4] = bias;
    }
}

fn store_dx(channel: u32, row: u32, column: u32, quad: u32, quads: u32, sum: vec4f) {
    if (channel < IN_C && column < IN_W) {
        let at = ((channel * IN_H + row) * IN_W + column) * quads + quad;
        if (MASKED) {
            dx[at] = select(vec4f(), sum, read_mask(at) > vec4f());
        } else {
            dx[at] = sum;
        }
    }
}

// The kernel of four input channels (columns) and four output channels (rows) at one tap.
fn kernel_block(i4: u32, ky: u32, kx: u32, c4: u32) -> mat4x4f {
    let at = KERNEL_AT + ((i4 * 4u * KERNEL_H + ky) * KERNEL_W + kx) * OUT_C4 + c4;
    let next = KERNEL_H * KERNEL_W * OUT_C4;
    return mat4x4f(parameter(at), parameter(at + next), parameter(at + 2u * next), parameter(at + 3u * next));
}

// Where the taps of a tile's first pixel begin, counted from its column in dy; may be before the first.
const REACH: u32 = (TAPS_W - 1u) * SPREAD_W;
const SPAN_X: u32 = TILE_X + REACH;
const TILES_X: u32 = (IN_W + TILE_X - 1u) / TILE_X;
// Columns of dy are taken in pairs from an even one on; tiles begin at even columns of dx.
const ODD: u32 = (PAD_LEFT + REACH) % 2u;
const PAIRS_X: u32 = (SPAN_X + ODD + 1u) / 2u;

// Whether there is a column of dy, as far as that is known when the kernel is compiled.
fn meets(column: u32) -> bool {
    return TILES_X > 1u || column < USED_W;
}

// dx[i][row][column] = sum over o, ky, kx of dy[o][row - ky][column - kx] kernel[i][ky][kx][o], for stride 1.
// One invocation: TILE_X pixels of a row of TILE_I input channels of a quad; where that is the whole row, columns are
// constants, and what lies outside dy costs nothing.
@compute @workgroup_size(WORKGROUP)
fn dinput(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
    let quads = arrayLength(&dx) / (IN_C * IN_H * IN_W);
    let index = id.y * groups.x * WORKGROUP + id.x;
    let quad = index % quads;
    let tile = index / quads;
    let left = select(tile % TILES_X * TILE_X, 0u, TILES_X == 1u);
    let row = tile / TILES_X % IN_H;
    let i0 = tile / (TILES_X * IN_H) * TILE_I;
    if (i0 >= IN_C) {
        return;
    }
    // The kernel rows that meet a row of dy.
    let reach = row + PAD_TOP;
    let last_ky = min(KERNEL_H, reach / DILATION_H + 1u);
    let first_ky = (max(reach + 1u, USED_H) - USED_H + DILATION_H - 1u) / DILATION_H;
    var sums: array<array<vec4f, TILE_I>, TILE_X>;
    for (var c4 = 0u; c4 < OUT_C4; c4++) {
        for (var ky = first_ky; ky < last_ky; ky++) {
            var w: array<array<vec4f, TILE_I>, TAPS_W>;
            for (var kx = 0u; kx < TAPS_W; kx++) {
                for (var i = 0u; i < TILE_I; i++) {
                    w[kx][i] = parameter(KERNEL_AT + (((i0 + i) * KERNEL_H + ky) * KERNEL_W + kx) * OUT_C4 + c4);
                }
            }
            var d: array<Pair, PAIRS_X>;
            for (var s = 0u; s < PAIRS_X; s++) {
                let column = left + PAD_LEFT + 2u * s - REACH - ODD;
                if (meets(column)) {
                    d[s] = pair_of(c4, reach - ky * DILATION_H, column, quad, quads);
                }
            }
            for (var p = 0u; p < TILE_X; p++) {
                for (var i = 0u; i < TILE_I; i++) {
                    var sum = sums[p][i];
                    for (var kx = 0u; kx < TAPS_W; kx++) {
                        if (meets(left + PAD_LEFT + p - kx * SPREAD_W)) {
                            let at = p + REACH + ODD - kx * SPREAD_W;
                            sum += d[at / 2u][at % 2u] * w[kx][i];
                        }
                    }
                    sums[p][i] = sum;
                }
            }
        }
    }
    for (var p = 0u; p < TILE_X; p++) {
        for (var i = 0u; i < TILE_I; i++) {
            store_dx(i0 + i, row, left + p, quad, quads, sums[p][i]);
        }
    }
}

// The same for any stride: only every STRIDE-th tap meets a pixel. One invocation: one pixel of four input channels.
@compute @workgroup_size(WORKGROUP)
fn dinput_strided(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
    let quads = arrayLength(&dx) / (IN_C * IN_H * IN_W);
    let index = id.y * groups.x * WORKGROUP + id.x;
    let quad = index % quads;
    let tile = index / quads;
    let column = tile % IN_W;
    let row = tile / IN_W % IN_H;
    let i4 = tile / (IN_W * IN_H);
    if (i4 >= IN_C4) {
        return;
    }
    var sum: mat4x4f;
    for (var ky = 0u; ky < KERNEL_H; ky++) {
        let from_top = row + PAD_TOP - ky * DILATION_H;
        if (from_top % STRIDE_H == 0u && from_top / STRIDE_H < USED_H) {
            for (var kx = 0u; kx < KERNEL_W; kx++) {
                let from_left = column + PAD_LEFT - kx * DILATION_W;
                let out_column = from_left / STRIDE_W;
                if (from_left % STRIDE_W == 0u && out_column < USED_W) {
                    for (var c4 = 0u; c4 < OUT_C4; c4++) {
                        let out_row = from_top / STRIDE_H;
                        let d = mat4x4f(
                            gradient(c4 * 4u, out_row, out_column, quad, quads),
                            gradient(c4 * 4u + 1u, out_row, out_column, quad, quads),
                            gradient(c4 * 4u + 2u, out_row, out_column, quad, quads),
                            gradient(c4 * 4u + 3u, out_row, out_column, quad, quads),
                        );
                        sum += d * kernel_block(i4, ky, kx, c4);
                    }
                }
            }
        }
    }
    for (var j = 0u; j < 4u; j++) {
        store_dx(i4 * 4u + j, row, column, quad, quads, sum[j]);
    }
}
