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
const TILE_H: u32 = 2u;
const TILE_W: u32 = 2u;
const TILE_C4: u32 = 1u;
const TILE_I: u32 = 5u;
const TILE_X: u32 = 4u;
// Pixels of a row that dkernel takes at a time: even, so that windows of a pool stay whole.
const STRIP: u32 = 4u;
const SPLIT_ROWS: u32 = 2u;
const SPLIT_QUADS: u32 = 1u;

const OUT_C4: u32 = (OUT_C + 3u) / 4u;
const IN_C4: u32 = (IN_C + 3u) / 4u;
// At least one, for the files of layers too small to pool to be valid.
const POOL_H: u32 = max(OUT_H / 2u, 1u);
const POOL_W: u32 = max(OUT_W / 2u, 1u);
const TILES_C: u32 = (OUT_C4 + TILE_C4 - 1u) / TILE_C4;
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

// ---- forward ----

// Columns of the input under a tile's row, and the sums of a tile: a matrix holds four channels' columns of one pixel.
const SPAN: u32 = (TILE_W - 1u) * STRIDE_W + (KERNEL_W - 1u) * DILATION_W + 1u;
const PIXELS: u32 = TILE_H * TILE_W;
alias Sums = array<mat4x4f, PIXELS * TILE_C4>;

fn convolve(sums: ptr<function, Sums>, top: u32, left: u32, c4: u32, quad: u32, quads: u32) {
    for (var i = 0u; i < IN_C; i++) {
        for (var ky = 0u; ky < KERNEL_H; ky++) {
            // Each value is read once and used by every tap and channel.
            var cells: array<vec4f, TILE_H * SPAN>;
            for (var ty = 0u; ty < TILE_H; ty++) {
                let row = (top + ty) * STRIDE_H + ky * DILATION_H - PAD_TOP;
                for (var s = 0u; s < SPAN; s++) {
                    let column = left * STRIDE_W + s - PAD_LEFT;
                    // Unsigned: what lies before the first cell has wrapped around.
                    if (!PADDED || (row < IN_H && column < IN_W)) {
                        cells[ty * SPAN + s] = x[((i * IN_H + row) * IN_W + column) * quads + quad];
                    }
                }
            }
            for (var kx = 0u; kx < KERNEL_W; kx++) {
                for (var g = 0u; g < TILE_C4; g++) {
                    let w = parameters[KERNEL_AT + ((i * KERNEL_H + ky) * KERNEL_W + kx) * OUT_C4 + c4 + g];
                    for (var ty = 0u; ty < TILE_H; ty++) {
                        for (var tx = 0u; tx < TILE_W; tx++) {
                            let v = cells[ty * SPAN + tx * STRIDE_W + kx * DILATION_W];
                            sums[g * PIXELS + ty * TILE_W + tx] += mat4x4f(v * w.x, v * w.y, v * w.z, v * w.w);
                        }
                    }
                }
            }
        }
    }
}

fn bias_of(c4: u32) -> vec4f {
    if (HAS_BIAS) {
        return parameters[BIAS_AT + c4];
    }
    return vec4f();
}

fn activate(v: vec4f) -> vec4f {
    if (RELU) {
        return max(v, vec4f());
    }
    return v;
}

// One invocation: TILE_H x TILE_W pixels of 4 TILE_C4 channels of a quad.
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
    let c4 = tile / (tiles_x * tiles_y) * TILE_C4;
    if (c4 >= OUT_C4) {
        return;
    }
    var sums: Sums;
    convolve(&sums, top, left, c4, quad, quads);
    for (var g = 0u; g < TILE_C4; g++) {
        let b = bias_of(c4 + g);
        for (var ty = 0u; ty < TILE_H; ty++) {
            for (var tx = 0u; tx < TILE_W; tx++) {
                for (var j = 0u; j < 4u; j++) {
                    let channel = (c4 + g) * 4u + j;
                    if (channel < OUT_C && top + ty < OUT_H && left + tx < OUT_W) {
                        let v = activate(sums[g * PIXELS + ty * TILE_W + tx][j] + b[j]);
                        y[((channel * OUT_H + top + ty) * OUT_W + left + tx) * quads + quad] = v;
                    }
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

fn largest(sums: ptr<function, Sums>, at: u32, j: u32) -> Largest {
    var best = Largest(sums[at][j], vec4u());
    for (var k = 1u; k < 4u; k++) {
        let v = sums[at + k / 2u * TILE_W + k % 2u][j];
        let higher = v > best.value;
        best.value = select(best.value, v, higher);
        best.place = select(best.place, vec4u(k), higher);
    }
    return best;
}

// One invocation: TILE_W / 2 windows of 4 TILE_C4 channels of a quad. TILE_H is 2 and TILE_W even.
@compute @workgroup_size(WORKGROUP)
fn forward_pool(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
    let quads = arrayLength(&x) / (IN_C * IN_H * IN_W);
    let index = id.y * groups.x * WORKGROUP + id.x;
    let quad = index % quads;
    let tile = index / quads;
    let tiles_x = (POOL_W * 2u + TILE_W - 1u) / TILE_W;
    let left = tile % tiles_x * TILE_W;
    let row = tile / tiles_x % POOL_H;
    let c4 = tile / (tiles_x * POOL_H) * TILE_C4;
    if (c4 >= OUT_C4) {
        return;
    }
    var sums: Sums;
    convolve(&sums, row * 2u, left, c4, quad, quads);
    for (var g = 0u; g < TILE_C4; g++) {
        let b = bias_of(c4 + g);
        for (var j = 0u; j < 4u; j++) {
            for (var window = 0u; window < TILE_W / 2u; window++) {
                let channel = (c4 + g) * 4u + j;
                let column = left / 2u + window;
                if (channel < OUT_C && column < POOL_W) {
                    let best = largest(&sums, g * PIXELS + window * 2u, j);
                    y[((channel * POOL_H + row) * POOL_W + column) * quads + quad] = activate(best.value + b[j]);
                }
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
    let c4 = tile / (tiles_x * POOL_H) * TILE_C4;
    if (c4 >= OUT_C4) {
        return;
    }
    var sums: Sums;
    convolve(&sums, row * 2u, left, c4, quad, quads);
    for (var g = 0u; g < TILE_C4; g++) {
        let b = bias_of(c4 + g);
        for (var j = 0u; j < 4u; j++) {
            for (var window = 0u; window < TILE_W / 2u; window++) {
                let channel = (c4 + g) * 4u + j;
                let column = left / 2u + window;
                if (channel < OUT_C && column < POOL_W) {
                    let best = largest(&sums, g * PIXELS + window * 2u, j);
                    let at = ((channel * POOL_H + row) * POOL_W + column) * quads + quad;
                    y[at] = activate(best.value + b[j]);
                    let p = best.place << vec4u(0u, 8u, 16u, 24u);
                    codes[at] = p.x | p.y | p.z | p.w;
                }
            }
        }
    }
}

// ---- backward ----

// The gradient of the convolution's output at pixel (row, base + offset). Behind a pool, base is even and offset a
// constant, so that neighbours read their window once.
fn gradient(channel: u32, row: u32, base: u32, offset: u32, quad: u32, quads: u32) -> vec4f {
    if (UNPOOL) {
        let column = base / 2u + offset / 2u;
        if (row / 2u < POOL_H && column < POOL_W) {
            let at = ((channel * POOL_H + row / 2u) * POOL_W + column) * quads + quad;
            let places = (vec4u(dy_codes[at]) >> vec4u(0u, 8u, 16u, 24u)) & vec4u(3u);
            return select(vec4f(), dy[at], places == vec4u(row % 2u * 2u + offset % 2u));
        }
        return vec4f();
    }
    if (base + offset < OUT_W) {
        return dy[((channel * OUT_H + row) * OUT_W + base + offset) * quads + quad];
    }
    return vec4f();
}

// The four channels from 4 c4 on, a column each.
fn gradients_of(c4: u32, row: u32, base: u32, offset: u32, quad: u32, quads: u32) -> mat4x4f {
    return mat4x4f(
        gradient(c4 * 4u, row, base, offset, quad, quads),
        gradient(c4 * 4u + 1u, row, base, offset, quad, quads),
        gradient(c4 * 4u + 2u, row, base, offset, quad, quads),
        gradient(c4 * 4u + 3u, row, base, offset, quad, quads),
    );
}

// Rows and columns of dy that can be other than zero.
const USED_H: u32 = select(OUT_H, POOL_H * 2u, UNPOOL);
const USED_W: u32 = select(OUT_W, POOL_W * 2u, UNPOOL);
const STRIP_SPAN: u32 = (STRIP - 1u) * STRIDE_W + (KERNEL_W - 1u) * DILATION_W + 1u;
const TILES_I: u32 = (IN_C + TILE_I - 1u) / TILE_I;
const SPLITS: u32 = SPLIT_ROWS * SPLIT_QUADS;

// dkernel[i][ky][kx][o] = sum over rows, columns, samples of dy[o][row][column] x[i][row + ky][column + kx], and dbias.
// One invocation: four output channels, TILE_I input channels, one kernel row, one split of the rows and quads; after all
// those come the invocations of the bias, four channels and one split each. No sum crosses an invocation.
@compute @workgroup_size(WORKGROUP)
fn dkernel(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
    let quads = arrayLength(&x) / (IN_C * IN_H * IN_W);
    let index = id.y * groups.x * WORKGROUP + id.x;
    let kernel_count = OUT_C4 * TILES_I * KERNEL_H * SPLITS;
    let is_bias = index >= kernel_count;
    let unit = select(index, index - kernel_count, is_bias);
    let split = unit % SPLITS;
    let c4 = unit / SPLITS % OUT_C4;
    let first_row = split % SPLIT_ROWS * USED_H / SPLIT_ROWS;
    let last_row = (split % SPLIT_ROWS + 1u) * USED_H / SPLIT_ROWS;
    let first_quad = split / SPLIT_ROWS * quads / SPLIT_QUADS;
    let last_quad = (split / SPLIT_ROWS + 1u) * quads / SPLIT_QUADS;
    if (is_bias) {
        if (!HAS_BIAS || unit >= OUT_C4 * SPLITS) {
            return;
        }
        var sum = vec4f();
        for (var row = first_row; row < last_row; row++) {
            for (var base = 0u; base < USED_W; base += STRIP) {
                for (var quad = first_quad; quad < last_quad; quad++) {
                    for (var p = 0u; p < STRIP; p++) {
                        sum += vec4f(1.0) * gradients_of(c4, row, base, p, quad, quads);
                    }
                }
            }
        }
        gradients[DBIAS_AT + split * OUT_C4 + c4] = sum;
        return;
    }
    let ky = unit / (SPLITS * OUT_C4) % KERNEL_H;
    let i0 = unit / (SPLITS * OUT_C4 * KERNEL_H) * TILE_I;
    var sums: array<vec4f, TILE_I * KERNEL_W>;
    for (var row = first_row; row < last_row; row++) {
        let in_row = row * STRIDE_H + ky * DILATION_H - PAD_TOP;
        if (PADDED && in_row >= IN_H) {
            continue;
        }
        for (var base = 0u; base < USED_W; base += STRIP) {
            for (var quad = first_quad; quad < last_quad; quad++) {
                var d: array<mat4x4f, STRIP>;
                for (var p = 0u; p < STRIP; p++) {
                    d[p] = gradients_of(c4, row, base, p, quad, quads);
                }
                for (var i = 0u; i < TILE_I; i++) {
                    var cells: array<vec4f, STRIP_SPAN>;
                    for (var s = 0u; s < STRIP_SPAN; s++) {
                        let column = base * STRIDE_W + s - PAD_LEFT;
                        if (!PADDED || column < IN_W) {
                            cells[s] = x[(((i0 + i) * IN_H + in_row) * IN_W + column) * quads + quad];
                        }
                    }
                    for (var kx = 0u; kx < KERNEL_W; kx++) {
                        for (var p = 0u; p < STRIP; p++) {
                            sums[i * KERNEL_W + kx] += cells[p * STRIDE_W + kx * DILATION_W] * d[p];
                        }
                    }
                }
            }
        }
    }
    for (var i = 0u; i < TILE_I; i++) {
        for (var kx = 0u; kx < KERNEL_W; kx++) {
            if (i0 + i < IN_C) {
                let at = (((i0 + i) * KERNEL_H + ky) * KERNEL_W + kx) * OUT_C4 + c4;
                gradients[DKERNEL_AT + split * KERNEL_SIZE + at] = sums[i * KERNEL_W + kx];
            }
        }
    }
}

fn store_dx(channel: u32, row: u32, column: u32, quad: u32, quads: u32, sum: vec4f) {
    if (channel < IN_C && column < IN_W) {
        let at = ((channel * IN_H + row) * IN_W + column) * quads + quad;
        if (MASKED) {
            dx[at] = select(vec4f(), sum, mask[at] > vec4f());
        } else {
            dx[at] = sum;
        }
    }
}

// The kernel of four input channels (columns) and four output channels (rows) at one tap.
fn kernel_block(i4: u32, ky: u32, kx: u32, c4: u32) -> mat4x4f {
    let at = KERNEL_AT + ((i4 * 4u * KERNEL_H + ky) * KERNEL_W + kx) * OUT_C4 + c4;
    let next = KERNEL_H * KERNEL_W * OUT_C4;
    return mat4x4f(parameters[at], parameters[at + next], parameters[at + 2u * next], parameters[at + 3u * next]);
}

const SPAN_X: u32 = TILE_X + (KERNEL_W - 1u) * DILATION_W;
// Where the taps of a tile's first pixel begin, counted from its column in dy; may be before the first.
const REACH: u32 = (KERNEL_W - 1u) * DILATION_W;

// dx[i][row][column] = sum over o, ky, kx of dy[o][row - ky][column - kx] kernel[i][ky][kx][o], for stride 1.
// One invocation: TILE_X pixels of a row of four input channels of a quad.
@compute @workgroup_size(WORKGROUP)
fn dinput(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
    let quads = arrayLength(&dx) / (IN_C * IN_H * IN_W);
    let index = id.y * groups.x * WORKGROUP + id.x;
    let quad = index % quads;
    let tile = index / quads;
    let tiles_x = (IN_W + TILE_X - 1u) / TILE_X;
    let left = tile % tiles_x * TILE_X;
    let row = tile / tiles_x % IN_H;
    let i4 = tile / (tiles_x * IN_H);
    if (i4 >= IN_C4) {
        return;
    }
    var sums: array<mat4x4f, TILE_X>;
    for (var c4 = 0u; c4 < OUT_C4; c4++) {
        for (var ky = 0u; ky < KERNEL_H; ky++) {
            let out_row = row + PAD_TOP - ky * DILATION_H;
            if (out_row < USED_H) {
                var d: array<mat4x4f, SPAN_X>;
                for (var s = 0u; s < SPAN_X; s++) {
                    let column = left + PAD_LEFT + s - REACH;
                    if (column < USED_W) {
                        d[s] = gradients_of(c4, out_row, column / 2u * 2u, column % 2u, quad, quads);
                    }
                }
                for (var kx = 0u; kx < KERNEL_W; kx++) {
                    let w = kernel_block(i4, ky, kx, c4);
                    for (var p = 0u; p < TILE_X; p++) {
                        sums[p] += d[p + REACH - kx * DILATION_W] * w;
                    }
                }
            }
        }
    }
    for (var p = 0u; p < TILE_X; p++) {
        for (var j = 0u; j < 4u; j++) {
            store_dx(i4 * 4u + j, row, left + p, quad, quads, sums[p][j]);
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
                        let d = gradients_of(c4, from_top / STRIDE_H, out_column / 2u * 2u, out_column % 2u, quad, quads);
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
