// 2-D pooling: the maximum or the mean of each window, forward and backward.
//
//   x, dx   [CHANNELS][IN_H][IN_W][quad], a vec4 = four samples
//   y, dy   [CHANNELS][OUT_H][OUT_W][quad]
// Padding is never the maximum and does not count in the mean. Everything is written with `=`.

// Geometry. The compiler rewrites these values for each layer; the defaults keep this file valid by itself.
const WORKGROUP: u32 = 64u;
const CHANNELS: u32 = 10u;
const IN_H: u32 = 24u;
const IN_W: u32 = 24u;
const OUT_H: u32 = 12u;
const OUT_W: u32 = 12u;
const SIZE_H: u32 = 2u;
const SIZE_W: u32 = 2u;
const STRIDE_H: u32 = 2u;
const STRIDE_W: u32 = 2u;
const PAD_TOP: u32 = 0u;
const PAD_LEFT: u32 = 0u;

@group(0) @binding(0) var<storage, read> x: array<vec4f>;
@group(0) @binding(1) var<storage, read_write> y: array<vec4f>;
@group(0) @binding(2) var<storage, read> pooled: array<vec4f>;
@group(0) @binding(3) var<storage, read> dy: array<vec4f>;
@group(0) @binding(4) var<storage, read_write> dx: array<vec4f>;

// A pixel or a window of one channel and quad; unsigned, so that what lies before the first cell has wrapped around.
struct Place {
    channel: u32,
    row: u32,
    column: u32,
    quad: u32,
    quads: u32,
}

fn place(index: u32, quads: u32, height: u32, width: u32) -> Place {
    let cell = index / quads;
    return Place(cell / (height * width), cell / width % height, cell % width, index % quads, quads);
}

fn x_at(p: Place, row: u32, column: u32) -> vec4f {
    return x[((p.channel * IN_H + row) * IN_W + column) * p.quads + p.quad];
}

fn out_at(p: Place, row: u32, column: u32) -> u32 {
    return ((p.channel * OUT_H + row) * OUT_W + column) * p.quads + p.quad;
}

fn inside(row: u32, column: u32) -> bool {
    return row < IN_H && column < IN_W;
}

// One invocation: one window of a quad.
@compute @workgroup_size(WORKGROUP)
fn max_forward(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
    let quads = arrayLength(&x) / (CHANNELS * IN_H * IN_W);
    let index = id.y * groups.x * WORKGROUP + id.x;
    let p = place(index, quads, OUT_H, OUT_W);
    if (p.channel >= CHANNELS) {
        return;
    }
    // Every window holds a real cell, so this never stays.
    var best = vec4f(-3.402823e38);
    for (var ky = 0u; ky < SIZE_H; ky++) {
        for (var kx = 0u; kx < SIZE_W; kx++) {
            let row = p.row * STRIDE_H + ky - PAD_TOP;
            let column = p.column * STRIDE_W + kx - PAD_LEFT;
            if (inside(row, column)) {
                best = max(best, x_at(p, row, column));
            }
        }
    }
    y[index] = best;
}

// Real cells of a window.
fn count(row: u32, column: u32) -> f32 {
    let top = max(row * STRIDE_H, PAD_TOP);
    let bottom = min(row * STRIDE_H + SIZE_H, IN_H + PAD_TOP);
    let left = max(column * STRIDE_W, PAD_LEFT);
    let right = min(column * STRIDE_W + SIZE_W, IN_W + PAD_LEFT);
    return f32((bottom - top) * (right - left));
}

// One invocation: one window of a quad.
@compute @workgroup_size(WORKGROUP)
fn average_forward(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
    let quads = arrayLength(&x) / (CHANNELS * IN_H * IN_W);
    let index = id.y * groups.x * WORKGROUP + id.x;
    let p = place(index, quads, OUT_H, OUT_W);
    if (p.channel >= CHANNELS) {
        return;
    }
    var sum = vec4f();
    for (var ky = 0u; ky < SIZE_H; ky++) {
        for (var kx = 0u; kx < SIZE_W; kx++) {
            let row = p.row * STRIDE_H + ky - PAD_TOP;
            let column = p.column * STRIDE_W + kx - PAD_LEFT;
            if (inside(row, column)) {
                sum += x_at(p, row, column);
            }
        }
    }
    y[index] = sum / count(p.row, p.column);
}

// Whether a cell before tap (ky, kx) of the window holds the same maximum: the gradient goes to the first of equals.
fn held_before(p: Place, row: u32, column: u32, ky: u32, kx: u32, best: vec4f) -> vec4<bool> {
    var held = vec4<bool>();
    for (var before = 0u; before < ky * SIZE_W + kx; before++) {
        let r = row * STRIDE_H + before / SIZE_W - PAD_TOP;
        let c = column * STRIDE_W + before % SIZE_W - PAD_LEFT;
        if (inside(r, c)) {
            held = held | (x_at(p, r, c) == best);
        }
    }
    return held;
}

// One invocation: one cell of dx, which asks every window that it lies in.
@compute @workgroup_size(WORKGROUP)
fn max_backward(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
    let quads = arrayLength(&x) / (CHANNELS * IN_H * IN_W);
    let index = id.y * groups.x * WORKGROUP + id.x;
    let p = place(index, quads, IN_H, IN_W);
    if (p.channel >= CHANNELS) {
        return;
    }
    let v = x[index];
    var sum = vec4f();
    for (var ky = 0u; ky < SIZE_H; ky++) {
        for (var kx = 0u; kx < SIZE_W; kx++) {
            let from_top = p.row + PAD_TOP - ky;
            let from_left = p.column + PAD_LEFT - kx;
            let row = from_top / STRIDE_H;
            let column = from_left / STRIDE_W;
            if (from_top % STRIDE_H == 0u && from_left % STRIDE_W == 0u && row < OUT_H && column < OUT_W) {
                let at = out_at(p, row, column);
                let best = pooled[at];
                let is_first = (v == best) & !held_before(p, row, column, ky, kx, best);
                sum += select(vec4f(), dy[at], is_first);
            }
        }
    }
    dx[index] = sum;
}

// One invocation: one cell of dx.
@compute @workgroup_size(WORKGROUP)
fn average_backward(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
    let quads = arrayLength(&dx) / (CHANNELS * IN_H * IN_W);
    let index = id.y * groups.x * WORKGROUP + id.x;
    let p = place(index, quads, IN_H, IN_W);
    if (p.channel >= CHANNELS) {
        return;
    }
    var sum = vec4f();
    for (var ky = 0u; ky < SIZE_H; ky++) {
        for (var kx = 0u; kx < SIZE_W; kx++) {
            let from_top = p.row + PAD_TOP - ky;
            let from_left = p.column + PAD_LEFT - kx;
            let row = from_top / STRIDE_H;
            let column = from_left / STRIDE_W;
            if (from_top % STRIDE_H == 0u && from_left % STRIDE_W == 0u && row < OUT_H && column < OUT_W) {
                sum += dy[out_at(p, row, column)] / count(row, column);
            }
        }
    }
    dx[index] = sum;
}
