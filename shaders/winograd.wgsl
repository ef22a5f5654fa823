// 3x3 convolutions of stride 1 by Winograd's minimal filtering F(4x4, 3x3): forward, and the gradients of input and kernel.
//
// A tile of 6x6 inputs is taken to 36 points, where a convolution is one multiplication a pair of channels, and the points to a
// tile of 4x4 outputs: 36 multiplications for 144. The points are 0, +-3/4, +-3/2 and infinity along each axis, whose constants
// are exact in binary and whose errors stay below 1e-5 of the largest output, as on the CPU.
// Source: Lavin and Gray, "Fast Algorithms for Convolutional Neural Networks", 2015; the gradients: section 4.
//
//   forward   weigh, enter, multiply, and one of leave, leave_pool, leave_pool_codes
//   dinput    weigh_turned, enter_gradient, multiply, leave_dinput: the same with the kernel turned round and FROM and TO exchanged
//   dkernel   enter, spread, correlate, unweigh; the bias's gradient is summed by bias.wgsl
//
// Layouts, innermost last; a `quad` is four samples of the batch, one vec4:
//   x, dx, mask, y, dy, codes, kernel, bias, gradients    as in conv2d.wgsl
//   weight points  [36][FROM_C][TO_C4], a vec4 = four channels that are made
//   input points   [36][FROM_C][TILES][quad], padded
//   products       [36][TO_C][TILES][quad], padded
//   dy's points    [36][OUT_C][TILES][quad], padded
//   correlations   [split][36][IN_C][OUT_C4], a vec4 = four output channels
// Padded, the rows of channels, and the points, lie an odd number of cache lines apart: many of them are read and written side by
// side, which at powers of two would be in the same set of a cache.
// These between are in scratch memory, written by one launch (`made`) and read by the next. Everything is written with `=`.
//
// These modules run without bounds checks, like conv2d.wgsl, whose header says how and why: every index of a private array is a
// counter below its length, reads are clamped, writes are guarded.

// Geometry. The compiler rewrites these values for each layer; the defaults keep this file valid by itself.
const WORKGROUP: u32 = 64u;
const IN_C: u32 = 18u;
const IN_H: u32 = 9u;
const IN_W: u32 = 10u;
const OUT_C: u32 = 20u;
const OUT_H: u32 = 9u;
const OUT_W: u32 = 10u;
const PAD_TOP: u32 = 1u;
const PAD_LEFT: u32 = 1u;
const HAS_BIAS: bool = true;
const RELU: bool = true;
// Whether dy lies behind a fused pool: each gradient then belongs to the pixel of its window that the code names.
const UNPOOL: bool = false;
// Whether dx is zero where mask is not positive: the gradient step of the relu that made x.
const MASKED: bool = false;
// Whether the points are those of a dinput, which covers the input with tiles and goes from output channels to input channels.
const TURNED: bool = false;
// In vec4s from the start of the parameters and of the gradients.
const KERNEL_AT: u32 = 0u;
const BIAS_AT: u32 = 810u;
const DKERNEL_AT: u32 = 0u;
// Products: columns (a tile of a quad each) and channels, a multiple of four, of an invocation.
const COLUMNS: u32 = 4u;
const CHANNELS: u32 = 4u;
// Correlations: input channels, and output channels in fours, of an invocation, and the parts that columns are divided into.
const ROWS: u32 = 4u;
const FOURS: u32 = 1u;
const SPLITS: u32 = 1u;
// The elements of a sample of `batch`.
const ELEMENTS: u32 = 1620u;

const IN_C4: u32 = (IN_C + 3u) / 4u;
const OUT_C4: u32 = (OUT_C + 3u) / 4u;
const FROM_C: u32 = select(IN_C, OUT_C, TURNED);
const TO_C: u32 = select(OUT_C, IN_C, TURNED);
const TO_C4: u32 = (TO_C + 3u) / 4u;
const POOL_H: u32 = max(OUT_H / 2u, 1u);
const POOL_W: u32 = max(OUT_W / 2u, 1u);
const TILES_Y: u32 = (select(OUT_H, IN_H, TURNED) + 3u) / 4u;
const TILES_X: u32 = (select(OUT_W, IN_W, TURNED) + 3u) / 4u;
const TILES: u32 = TILES_Y * TILES_X;

@group(0) @binding(0) var<storage, read> x: array<vec4f>;
@group(0) @binding(1) var<storage, read> parameters: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> y: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> codes: array<u32>;
@group(0) @binding(4) var<storage, read> dy: array<vec4f>;
@group(0) @binding(5) var<storage, read> dy_codes: array<u32>;
@group(0) @binding(6) var<storage, read> mask: array<vec4f>;
@group(0) @binding(7) var<storage, read_write> dx: array<vec4f>;
@group(0) @binding(8) var<storage, read_write> gradients: array<vec4f>;
// Weight points, or dy's points; input points; and products, or correlations.
@group(0) @binding(9) var<storage, read> weights: array<vec4f>;
@group(0) @binding(10) var<storage, read> inputs: array<vec4f>;
@group(0) @binding(11) var<storage, read> products: array<vec4f>;
// The scratch memory that a launch writes.
@group(0) @binding(12) var<storage, read_write> made: array<vec4f>;
// A tensor of the convolution, for its length alone, which tells the size of the batch.
@group(0) @binding(13) var<storage, read> batch: array<vec4f>;

// Reads in the one form that the compiler can turn into those of textures (`src/textures.rs`).

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

fn read_weights(at: u32) -> vec4f {
    return weights[min(at, arrayLength(&weights) - 1u)];
}

fn read_inputs(at: u32) -> vec4f {
    return inputs[min(at, arrayLength(&inputs) - 1u)];
}

fn read_products(at: u32) -> vec4f {
    return products[min(at, arrayLength(&products) - 1u)];
}

fn quads_of_batch() -> u32 {
    return arrayLength(&batch) / ELEMENTS;
}

// A channel's columns, with what pads them, and where those of a channel at a point begin.
fn row_of(columns: u32) -> u32 {
    return (columns + 7u) / 8u * 8u + 4u;
}

fn row_at(point: u32, channels: u32, channel: u32, columns: u32) -> u32 {
    return (point * channels + channel) * row_of(columns) + point * 4u;
}

// ---- the transforms of a line ----

alias Three = array<vec4f, 3>;
alias Four = array<vec4f, 4>;
alias Six = array<vec4f, 6>;

// The points, and what the polynomials of +-A, and of +-B, are divided by.
const A = 0.75;
const B = 1.5;
const A2 = A * A;
const B2 = B * B;
const CA = 1.0 / (2.0 * A2 * (A2 - B2));
const CB = 1.0 / (2.0 * B2 * (B2 - A2));
const ZERO = 1.0 / (A2 * B2);

// Six inputs to six points.
fn enter_line(d: Six) -> Six {
    let p = d[4] - B2 * d[2];
    let q = A * (d[3] - B2 * d[1]);
    let r = d[4] - A2 * d[2];
    let t = B * (d[3] - A2 * d[1]);
    return Six(
        (A2 * B2) * d[0] + (d[4] - (A2 + B2) * d[2]),
        p + q,
        p - q,
        r + t,
        r - t,
        (A2 * B2) * d[1] + (d[5] - (A2 + B2) * d[3]),
    );
}

// Six points to four outputs.
fn leave_line(m: Six) -> Four {
    let s = m[1] + m[2];
    let d = m[1] - m[2];
    let t = m[3] + m[4];
    let e = m[3] - m[4];
    return Four(m[0] + (s + t), A * d + B * e, A2 * s + B2 * t, (A * A2) * d + ((B * B2) * e + m[5]));
}

// Three weights to six points.
fn weigh_line(g: Three) -> Six {
    let e = (CA * A2) * g[2] + CA * g[0];
    let f = (CA * A) * g[1];
    let h = (CB * B2) * g[2] + CB * g[0];
    let i = (CB * B) * g[1];
    return Six(ZERO * g[0], e + f, e - f, h + i, h - i, g[2]);
}

// Gradients of four outputs to those of six points: `leave_line` turned round.
fn spread_line(v: Four) -> Six {
    let e = A2 * v[2] + v[0];
    let o = (A * A2) * v[3] + A * v[1];
    let f = B2 * v[2] + v[0];
    let p = (B * B2) * v[3] + B * v[1];
    return Six(v[0], e + o, e - o, f + p, f - p, v[3]);
}

// Gradients of six points to those of three weights: `weigh_line` turned round.
fn unweigh_line(u: Six) -> Three {
    let s = u[1] + u[2];
    let d = u[1] - u[2];
    let t = u[3] + u[4];
    let e = u[3] - u[4];
    return Three(
        ZERO * u[0] + (CA * s + CB * t),
        (CA * A) * d + (CB * B) * e,
        (CA * A2) * s + ((CB * B2) * t + u[5]),
    );
}

// ---- weights to points ----

// Puts a kernel's points, of four channels that are made, where they belong.
fn put_weights(w: ptr<function, array<Three, 3>>, k: u32, n4: u32) {
    var half: array<Six, 3>;
    for (var row = 0u; row < 3u; row++) {
        half[row] = weigh_line(w[row]);
    }
    for (var column = 0u; column < 6u; column++) {
        var line = weigh_line(Three(half[0][column], half[1][column], half[2][column]));
        for (var row = 0u; row < 6u; row++) {
            made[((row * 6u + column) * FROM_C + k) * TO_C4 + n4] = line[row];
        }
    }
}

// One invocation: one input channel, four output channels.
@compute @workgroup_size(WORKGROUP)
fn weigh(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
    let index = id.y * groups.x * WORKGROUP + id.x;
    let n4 = index % OUT_C4;
    let k = index / OUT_C4;
    if (k >= IN_C) {
        return;
    }
    var w: array<Three, 3>;
    for (var ky = 0u; ky < 3u; ky++) {
        for (var kx = 0u; kx < 3u; kx++) {
            w[ky][kx] = parameter(KERNEL_AT + ((k * 3u + ky) * 3u + kx) * OUT_C4 + n4);
        }
    }
    put_weights(&w, k, n4);
}

// The same of a kernel turned round. One invocation: one output channel, four input channels.
@compute @workgroup_size(WORKGROUP)
fn weigh_turned(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
    let index = id.y * groups.x * WORKGROUP + id.x;
    let n4 = index % IN_C4;
    let k = index / IN_C4;
    if (k >= OUT_C) {
        return;
    }
    var w: array<Three, 3>;
    for (var ky = 0u; ky < 3u; ky++) {
        for (var kx = 0u; kx < 3u; kx++) {
            let at = KERNEL_AT + (n4 * 36u + (2u - ky) * 3u + 2u - kx) * OUT_C4 + k / 4u;
            let next = 9u * OUT_C4;
            let j = k % 4u;
            let four = vec4f(
                parameter(at)[j],
                parameter(at + next)[j],
                parameter(at + 2u * next)[j],
                parameter(at + 3u * next)[j],
            );
            // What lies behind the last input channel belongs to another variable.
            w[ky][kx] = select(vec4f(), four, n4 * 4u + vec4u(0u, 1u, 2u, 3u) < vec4u(IN_C));
        }
    }
    put_weights(&w, k, n4);
}

// ---- inputs to points ----

// Puts 36 points of a tile of a channel where they belong.
fn put_points(cells: ptr<function, array<Six, 6>>, channels: u32, channel: u32, tile: u32, quad: u32, quads: u32) {
    for (var row = 0u; row < 6u; row++) {
        for (var column = 0u; column < 6u; column++) {
            let point = row * 6u + column;
            made[row_at(point, channels, channel, TILES * quads) + tile * quads + quad] = cells[row][column];
        }
    }
}

// A tile of 6x6 inputs to its points, in place.
fn to_points(cells: ptr<function, array<Six, 6>>) {
    for (var row = 0u; row < 6u; row++) {
        cells[row] = enter_line(cells[row]);
    }
    for (var column = 0u; column < 6u; column++) {
        let line = enter_line(Six(
            cells[0][column],
            cells[1][column],
            cells[2][column],
            cells[3][column],
            cells[4][column],
            cells[5][column],
        ));
        cells[0][column] = line[0];
        cells[1][column] = line[1];
        cells[2][column] = line[2];
        cells[3][column] = line[3];
        cells[4][column] = line[4];
        cells[5][column] = line[5];
    }
}

// One invocation: a tile of an input channel of a quad.
@compute @workgroup_size(WORKGROUP)
fn enter(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
    let quads = arrayLength(&x) / (IN_C * IN_H * IN_W);
    let index = id.y * groups.x * WORKGROUP + id.x;
    let quad = index % quads;
    let tile = index / quads % TILES;
    let channel = index / (quads * TILES);
    if (channel >= IN_C) {
        return;
    }
    // Before the first row and column, these wrap around.
    let top = tile / TILES_X * 4u - PAD_TOP;
    let left = tile % TILES_X * 4u - PAD_LEFT;
    var cells: array<Six, 6>;
    for (var r = 0u; r < 6u; r++) {
        for (var c = 0u; c < 6u; c++) {
            let v = read_x(((channel * IN_H + top + r) * IN_W + left + c) * quads + quad);
            cells[r][c] = select(vec4f(), v, top + r < IN_H && left + c < IN_W);
        }
    }
    to_points(&cells);
    put_points(&cells, IN_C, channel, tile, quad, quads);
}

// Rows and columns of dy that can be other than zero.
const USED_H: u32 = select(OUT_H, POOL_H * 2u, UNPOOL);
const USED_W: u32 = select(OUT_W, POOL_W * 2u, UNPOOL);

// The gradient of the convolution's output at a pixel; zero outside, where both have wrapped around if they lie before the first.
fn gradient(channel: u32, row: u32, column: u32, quad: u32, quads: u32) -> vec4f {
    let inside = row < USED_H && column < USED_W;
    if (UNPOOL) {
        let at = ((channel * POOL_H + row / 2u) * POOL_W + column / 2u) * quads + quad;
        let word = read_dy_codes(at);
        let places = (vec4u(word) >> vec4u(0u, 8u, 16u, 24u)) & vec4u(3u);
        let here = places == vec4u(row % 2u * 2u + column % 2u);
        return select(vec4f(), read_dy(at), here & vec4<bool>(inside));
    }
    let at = ((channel * OUT_H + row) * OUT_W + column) * quads + quad;
    return select(vec4f(), read_dy(at), inside);
}

// The same of dy. One invocation: a tile of an output channel of a quad.
@compute @workgroup_size(WORKGROUP)
fn enter_gradient(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
    let quads = quads_of_batch();
    let index = id.y * groups.x * WORKGROUP + id.x;
    let quad = index % quads;
    let tile = index / quads % TILES;
    let channel = index / (quads * TILES);
    if (channel >= OUT_C) {
        return;
    }
    let top = tile / TILES_X * 4u + PAD_TOP - 2u;
    let left = tile % TILES_X * 4u + PAD_LEFT - 2u;
    var cells: array<Six, 6>;
    for (var r = 0u; r < 6u; r++) {
        for (var c = 0u; c < 6u; c++) {
            cells[r][c] = gradient(channel, top + r, left + c, quad, quads);
        }
    }
    to_points(&cells);
    put_points(&cells, OUT_C, channel, tile, quad, quads);
}

// ---- products ----

// products[point][to][column] = sum over from of weights[point][from][to] inputs[point][from][column]; 36 matrix products.
// One invocation: COLUMNS columns and CHANNELS channels of one point. Its columns are as far from each other as there are
// invocations for them, so that neighbours read neighbours.
@compute @workgroup_size(WORKGROUP)
fn multiply(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
    let quads = quads_of_batch();
    let index = id.y * groups.x * WORKGROUP + id.x;
    let columns = TILES * quads;
    let step = (columns + COLUMNS - 1u) / COLUMNS;
    let first = index % step;
    let tiles_n = (TO_C + CHANNELS - 1u) / CHANNELS;
    let n0 = index / step % tiles_n * CHANNELS;
    let point = index / (step * tiles_n);
    if (point >= 36u) {
        return;
    }
    var sums: array<array<vec4f, CHANNELS>, COLUMNS>;
    for (var k = 0u; k < FROM_C; k++) {
        var w: array<vec4f, CHANNELS / 4u>;
        for (var g = 0u; g < CHANNELS / 4u; g++) {
            w[g] = read_weights((point * FROM_C + k) * TO_C4 + n0 / 4u + g);
        }
        for (var c = 0u; c < COLUMNS; c++) {
            let v = read_inputs(row_at(point, FROM_C, k, columns) + first + c * step);
            for (var n = 0u; n < CHANNELS; n++) {
                sums[c][n] += v * w[n / 4u][n % 4u];
            }
        }
    }
    for (var c = 0u; c < COLUMNS; c++) {
        for (var n = 0u; n < CHANNELS; n++) {
            let column = first + c * step;
            if (column < columns && n0 + n < TO_C) {
                made[row_at(point, TO_C, n0 + n, columns) + column] = sums[c][n];
            }
        }
    }
}

// ---- points to outputs ----

// The tile of 4x4 outputs of a channel, a row an array.
fn from_points(channel: u32, tile: u32, quad: u32, quads: u32) -> array<Four, 4> {
    var half: array<Four, 6>;
    for (var row = 0u; row < 6u; row++) {
        var line: Six;
        for (var column = 0u; column < 6u; column++) {
            let point = row * 6u + column;
            line[column] = read_products(row_at(point, TO_C, channel, TILES * quads) + tile * quads + quad);
        }
        half[row] = leave_line(line);
    }
    var outputs: array<Four, 4>;
    for (var column = 0u; column < 4u; column++) {
        let line = leave_line(Six(
            half[0][column],
            half[1][column],
            half[2][column],
            half[3][column],
            half[4][column],
            half[5][column],
        ));
        outputs[0][column] = line[0];
        outputs[1][column] = line[1];
        outputs[2][column] = line[2];
        outputs[3][column] = line[3];
    }
    return outputs;
}

fn bias_of(channel: u32) -> f32 {
    if (HAS_BIAS) {
        return parameter(BIAS_AT + channel / 4u)[channel % 4u];
    }
    return 0.0;
}

fn activate(v: vec4f) -> vec4f {
    if (RELU) {
        return max(v, vec4f());
    }
    return v;
}

// One invocation: a tile of an output channel of a quad.
@compute @workgroup_size(WORKGROUP)
fn leave(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
    let quads = arrayLength(&y) / (OUT_C * OUT_H * OUT_W);
    let index = id.y * groups.x * WORKGROUP + id.x;
    let quad = index % quads;
    let tile = index / quads % TILES;
    let channel = index / (quads * TILES);
    if (channel >= OUT_C) {
        return;
    }
    var outputs = from_points(channel, tile, quad, quads);
    let bias = bias_of(channel);
    let top = tile / TILES_X * 4u;
    let left = tile % TILES_X * 4u;
    for (var r = 0u; r < 4u; r++) {
        for (var c = 0u; c < 4u; c++) {
            if (top + r < OUT_H && left + c < OUT_W) {
                y[((channel * OUT_H + top + r) * OUT_W + left + c) * quads + quad] = activate(outputs[r][c] + bias);
            }
        }
    }
}

// The largest of a 2x2 window, the first of equals, and its place.
struct Largest {
    value: vec4f,
    place: vec4u,
}

fn largest(outputs: ptr<function, array<Four, 4>>, window_row: u32, window_column: u32) -> Largest {
    var best = Largest(outputs[window_row * 2u][window_column * 2u], vec4u());
    for (var k = 1u; k < 4u; k++) {
        let v = outputs[window_row * 2u + k / 2u][window_column * 2u + k % 2u];
        let higher = v > best.value;
        best.value = select(best.value, v, higher);
        best.place = select(best.place, vec4u(k), higher);
    }
    return best;
}

// One invocation: the four windows of a tile of an output channel of a quad.
@compute @workgroup_size(WORKGROUP)
fn leave_pool(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
    let quads = arrayLength(&y) / (OUT_C * POOL_H * POOL_W);
    let index = id.y * groups.x * WORKGROUP + id.x;
    let quad = index % quads;
    let tile = index / quads % TILES;
    let channel = index / (quads * TILES);
    if (channel >= OUT_C) {
        return;
    }
    var outputs = from_points(channel, tile, quad, quads);
    let bias = bias_of(channel);
    for (var r = 0u; r < 2u; r++) {
        for (var c = 0u; c < 2u; c++) {
            let row = tile / TILES_X * 2u + r;
            let column = tile % TILES_X * 2u + c;
            if (row < POOL_H && column < POOL_W) {
                let best = largest(&outputs, r, c);
                y[((channel * POOL_H + row) * POOL_W + column) * quads + quad] = activate(best.value + bias);
            }
        }
    }
}

// The same, and the codes that the backward pass needs.
@compute @workgroup_size(WORKGROUP)
fn leave_pool_codes(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
    let quads = arrayLength(&y) / (OUT_C * POOL_H * POOL_W);
    let index = id.y * groups.x * WORKGROUP + id.x;
    let quad = index % quads;
    let tile = index / quads % TILES;
    let channel = index / (quads * TILES);
    if (channel >= OUT_C) {
        return;
    }
    var outputs = from_points(channel, tile, quad, quads);
    let bias = bias_of(channel);
    for (var r = 0u; r < 2u; r++) {
        for (var c = 0u; c < 2u; c++) {
            let row = tile / TILES_X * 2u + r;
            let column = tile % TILES_X * 2u + c;
            if (row < POOL_H && column < POOL_W) {
                let best = largest(&outputs, r, c);
                let at = ((channel * POOL_H + row) * POOL_W + column) * quads + quad;
                y[at] = activate(best.value + bias);
                let p = best.place << vec4u(0u, 8u, 16u, 24u);
                codes[at] = p.x | p.y | p.z | p.w;
            }
        }
    }
}

// One invocation: a tile of an input channel of a quad.
@compute @workgroup_size(WORKGROUP)
fn leave_dinput(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
    let quads = arrayLength(&dx) / (IN_C * IN_H * IN_W);
    let index = id.y * groups.x * WORKGROUP + id.x;
    let quad = index % quads;
    let tile = index / quads % TILES;
    let channel = index / (quads * TILES);
    if (channel >= IN_C) {
        return;
    }
    var outputs = from_points(channel, tile, quad, quads);
    let top = tile / TILES_X * 4u;
    let left = tile % TILES_X * 4u;
    for (var r = 0u; r < 4u; r++) {
        for (var c = 0u; c < 4u; c++) {
            if (top + r < IN_H && left + c < IN_W) {
                let at = ((channel * IN_H + top + r) * IN_W + left + c) * quads + quad;
                if (MASKED) {
                    dx[at] = select(vec4f(), outputs[r][c], read_mask(at) > vec4f());
                } else {
                    dx[at] = outputs[r][c];
                }
            }
        }
    }
}

// ---- the gradient of the kernel ----

// dy to the gradients of its points. One invocation: a tile of an output channel of a quad.
@compute @workgroup_size(WORKGROUP)
fn spread(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
    let quads = quads_of_batch();
    let index = id.y * groups.x * WORKGROUP + id.x;
    let quad = index % quads;
    let tile = index / quads % TILES;
    let channel = index / (quads * TILES);
    if (channel >= OUT_C) {
        return;
    }
    let top = tile / TILES_X * 4u;
    let left = tile % TILES_X * 4u;
    var half: array<Six, 4>;
    for (var r = 0u; r < 4u; r++) {
        var line: Four;
        for (var c = 0u; c < 4u; c++) {
            line[c] = gradient(channel, top + r, left + c, quad, quads);
        }
        half[r] = spread_line(line);
    }
    var cells: array<Six, 6>;
    for (var column = 0u; column < 6u; column++) {
        let line = spread_line(Four(half[0][column], half[1][column], half[2][column], half[3][column]));
        cells[0][column] = line[0];
        cells[1][column] = line[1];
        cells[2][column] = line[2];
        cells[3][column] = line[3];
        cells[4][column] = line[4];
        cells[5][column] = line[5];
    }
    put_points(&cells, OUT_C, channel, tile, quad, quads);
}

// correlations[split][point][i][o] = sum over columns and samples of inputs[point][i][column] weights[point][o][column], where
// `weights` are dy's points. One invocation: ROWS input channels and FOURS times four output channels of one point, one split of
// the columns. No sum crosses an invocation.
@compute @workgroup_size(WORKGROUP)
fn correlate(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
    let columns = quads_of_batch() * TILES;
    let index = id.y * groups.x * WORKGROUP + id.x;
    let tiles_o = (OUT_C4 + FOURS - 1u) / FOURS;
    let tiles_i = (IN_C + ROWS - 1u) / ROWS;
    let o4 = index % tiles_o * FOURS;
    let i0 = index / tiles_o % tiles_i * ROWS;
    let point = index / (tiles_o * tiles_i) % 36u;
    let split = index / (tiles_o * tiles_i * 36u);
    if (split >= SPLITS) {
        return;
    }
    let first = columns / SPLITS * split + min(split, columns % SPLITS);
    let last = first + columns / SPLITS + select(0u, 1u, split < columns % SPLITS);
    var sums: array<array<vec4f, FOURS>, ROWS>;
    for (var column = first; column < last; column++) {
        var d: array<mat4x4f, FOURS>;
        for (var g = 0u; g < FOURS; g++) {
            for (var j = 0u; j < 4u; j++) {
                d[g][j] = read_weights(row_at(point, OUT_C, (o4 + g) * 4u + j, columns) + column);
            }
        }
        for (var i = 0u; i < ROWS; i++) {
            let v = read_inputs(row_at(point, IN_C, i0 + i, columns) + column);
            for (var g = 0u; g < FOURS; g++) {
                sums[i][g] += v * d[g];
            }
        }
    }
    for (var i = 0u; i < ROWS; i++) {
        for (var g = 0u; g < FOURS; g++) {
            if (i0 + i < IN_C && o4 + g < OUT_C4) {
                made[((split * 36u + point) * IN_C + i0 + i) * OUT_C4 + o4 + g] = sums[i][g];
            }
        }
    }
}

// Correlations to the gradients of weights. One invocation: one input channel, four output channels.
@compute @workgroup_size(WORKGROUP)
fn unweigh(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
    let index = id.y * groups.x * WORKGROUP + id.x;
    let c4 = index % OUT_C4;
    let i = index / OUT_C4;
    if (i >= IN_C) {
        return;
    }
    var half: array<Three, 6>;
    for (var row = 0u; row < 6u; row++) {
        var line: Six;
        for (var split = 0u; split < SPLITS; split++) {
            for (var column = 0u; column < 6u; column++) {
                let point = split * 36u + row * 6u + column;
                line[column] += read_products((point * IN_C + i) * OUT_C4 + c4);
            }
        }
        half[row] = unweigh_line(line);
    }
    // Channels that only fill the last four up have no weights.
    let there = c4 * 4u + vec4u(0u, 1u, 2u, 3u) < vec4u(OUT_C);
    for (var kx = 0u; kx < 3u; kx++) {
        var line = unweigh_line(Six(half[0][kx], half[1][kx], half[2][kx], half[3][kx], half[4][kx], half[5][kx]));
        for (var ky = 0u; ky < 3u; ky++) {
            gradients[DKERNEL_AT + ((i * 3u + ky) * 3u + kx) * OUT_C4 + c4] = select(vec4f(), line[ky], there);
        }
    }
}
