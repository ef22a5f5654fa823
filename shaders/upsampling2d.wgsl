// Maps made larger by whole factors: `UpSampling2D` and its gradient; a broadcast is one too.
//
//   x, dx   [CHANNELS][IN_H][IN_W][quad], a vec4 = four samples
//   y, dy   [CHANNELS][IN_H FACTOR_H][IN_W FACTOR_W][quad]
// Everything is written with `=`. One invocation: one cell of what is written.

// Geometry. The compiler rewrites these values for each layer; the defaults keep this file valid by itself.
const WORKGROUP: u32 = 64u;
const CHANNELS: u32 = 8u;
const IN_H: u32 = 7u;
const IN_W: u32 = 7u;
const FACTOR_H: u32 = 2u;
const FACTOR_W: u32 = 2u;

const OUT_H: u32 = IN_H * FACTOR_H;
const OUT_W: u32 = IN_W * FACTOR_W;

@group(0) @binding(0) var<storage, read> x: array<vec4f>;
@group(0) @binding(1) var<storage, read_write> y: array<vec4f>;
@group(0) @binding(2) var<storage, read> dy: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> dx: array<vec4f>;

fn x_at(channel: u32, row: u32, column: u32, quad: u32, quads: u32) -> vec4f {
    return x[((channel * IN_H + row) * IN_W + column) * quads + quad];
}

fn dy_at(channel: u32, row: u32, column: u32, quad: u32, quads: u32) -> vec4f {
    return dy[((channel * OUT_H + row) * OUT_W + column) * quads + quad];
}

@compute @workgroup_size(WORKGROUP)
fn nearest_forward(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
    let quads = arrayLength(&x) / (CHANNELS * IN_H * IN_W);
    let index = id.y * groups.x * WORKGROUP + id.x;
    let cell = index / quads;
    let channel = cell / (OUT_H * OUT_W);
    if (channel >= CHANNELS) {
        return;
    }
    y[index] = x_at(channel, cell / OUT_W % OUT_H / FACTOR_H, cell % OUT_W / FACTOR_W, index % quads, quads);
}

// dx = the sum of the copies' gradients.
@compute @workgroup_size(WORKGROUP)
fn nearest_backward(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
    let quads = arrayLength(&dx) / (CHANNELS * IN_H * IN_W);
    let index = id.y * groups.x * WORKGROUP + id.x;
    let cell = index / quads;
    let channel = cell / (IN_H * IN_W);
    if (channel >= CHANNELS) {
        return;
    }
    let top = cell / IN_W % IN_H * FACTOR_H;
    let left = cell % IN_W * FACTOR_W;
    var sum = vec4f();
    for (var row = 0u; row < FACTOR_H; row++) {
        for (var column = 0u; column < FACTOR_W; column++) {
            sum += dy_at(channel, top + row, left + column, index % quads, quads);
        }
    }
    dx[index] = sum;
}

// The two cells of an axis between which an output cell's centre lies, and the share of the second. Centres are half a
// cell from the edges: output cell o has its centre at (o + 1/2) / factor - 1/2, in cells of the input; beyond the
// outermost centres lies the outermost value (tensorflow/core/kernels/image/resize_bilinear_op.cc).
struct Between {
    first: u32,
    second: u32,
    share: f32,
}

fn between(out: u32, factor: u32, size: u32) -> Between {
    // One cell further, in halves of an output cell: never negative.
    let at = 2u * out + 1u + factor;
    let after = at / (2u * factor);
    return Between(max(after, 1u) - 1u, min(after, size - 1u), f32(at % (2u * factor)) / f32(2u * factor));
}

@compute @workgroup_size(WORKGROUP)
fn bilinear_forward(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
    let quads = arrayLength(&x) / (CHANNELS * IN_H * IN_W);
    let index = id.y * groups.x * WORKGROUP + id.x;
    let quad = index % quads;
    let cell = index / quads;
    let channel = cell / (OUT_H * OUT_W);
    if (channel >= CHANNELS) {
        return;
    }
    let v = between(cell / OUT_W % OUT_H, FACTOR_H, IN_H);
    let h = between(cell % OUT_W, FACTOR_W, IN_W);
    let top_left = x_at(channel, v.first, h.first, quad, quads);
    let top_right = x_at(channel, v.first, h.second, quad, quads);
    let bottom_left = x_at(channel, v.second, h.first, quad, quads);
    let bottom_right = x_at(channel, v.second, h.second, quad, quads);
    let top = top_left + (top_right - top_left) * h.share;
    let bottom = bottom_left + (bottom_right - bottom_left) * h.share;
    y[index] = top + (bottom - top) * v.share;
}

// What an output cell takes from input cell `at`.
fn part(at: u32, b: Between) -> f32 {
    return select(0.0, 1.0 - b.share, b.first == at) + select(0.0, b.share, b.second == at);
}

// dx = the sum over the output cells that lie between this input cell and its neighbours: two factors of them an axis.
@compute @workgroup_size(WORKGROUP)
fn bilinear_backward(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
    let quads = arrayLength(&dx) / (CHANNELS * IN_H * IN_W);
    let index = id.y * groups.x * WORKGROUP + id.x;
    let cell = index / quads;
    let channel = cell / (IN_H * IN_W);
    if (channel >= CHANNELS) {
        return;
    }
    let in_row = cell / IN_W % IN_H;
    let in_column = cell % IN_W;
    var sum = vec4f();
    for (var ky = 0u; ky < 2u * FACTOR_H; ky++) {
        // Unsigned, so that what lies before the first cell has wrapped around.
        let row = in_row * FACTOR_H + ky - (FACTOR_H + 1u) / 2u;
        if (row < OUT_H) {
            let down = part(in_row, between(row, FACTOR_H, IN_H));
            for (var kx = 0u; kx < 2u * FACTOR_W; kx++) {
                let column = in_column * FACTOR_W + kx - (FACTOR_W + 1u) / 2u;
                if (column < OUT_W) {
                    let across = part(in_column, between(column, FACTOR_W, IN_W));
                    sum += down * across * dy_at(channel, row, column, index % quads, quads);
                }
            }
        }
    }
    dx[index] = sum;
}
