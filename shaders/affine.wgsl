// Pictures moved by a matrix for each sample.
//
//   x            [CHANNELS][HEIGHT * WIDTH][quad], a vec4 = four samples
//   transforms   [a0, a1, a2, b0, b1, b2][quad]
//   y            [CHANNELS][OUT_HEIGHT * OUT_WIDTH][quad]: y(column, row) = x(a0 column + a1 row + a2, b0 column + b1 row + b2)
// Everything is written with `=`. One invocation: one element of a quad.
// Source: tensorflow/core/kernels/image/image_ops.h, which Keras's affine_transform calls.

// Geometry. The compiler rewrites these values for each layer; the defaults keep this file valid by itself.
const WORKGROUP: u32 = 64u;
const CHANNELS: u32 = 1u;
const HEIGHT: u32 = 8u;
const WIDTH: u32 = 8u;
const OUT_HEIGHT: u32 = 8u;
const OUT_WIDTH: u32 = 8u;
const BILINEAR: bool = true;
// What lies beyond the edges: 0 FILL_VALUE, 1 the nearest pixel, 2 the picture mirrored, 3 the picture again.
const FILL_MODE: u32 = 2u;
const FILL_VALUE: f32 = 0.0;

@group(0) @binding(0) var<storage, read> x: array<vec4f>;
@group(0) @binding(1) var<storage, read> transforms: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> y: array<vec4f>;

// A coordinate beyond the edges as one within them; unchanged where a value is there.
fn fold(coordinate: f32, size: u32) -> f32 {
    let length = f32(size);
    var c = coordinate;
    if (FILL_MODE == 0u) {
        return c;
    }
    if (FILL_MODE == 2u && size > 1u) {
        let both = 2.0 * length;
        if (c < 0.0) {
            c += both * trunc(-c / both);
            c = select(-c - 1.0, c + both, c < -length);
        } else if (c > length - 1.0) {
            c -= both * trunc(c / both);
            c = select(c, both - c - 1.0, c >= length);
        }
    }
    if (FILL_MODE == 3u && size > 1u) {
        if (c < 0.0) {
            c += length * (trunc(-c / (length - 1.0)) + 1.0);
        } else if (c > length - 1.0) {
            c -= length * trunc(c / (length - 1.0));
        }
    }
    return clamp(c, 0.0, length - 1.0);
}

// Halves go away from zero.
fn nearest(c: f32) -> i32 {
    return i32(select(floor(c + 0.5), -floor(0.5 - c), c < 0.0));
}

fn pixel(channel: u32, row: i32, column: i32, sample: u32, quad: u32, quads: u32) -> f32 {
    if (row < 0 || row >= i32(HEIGHT) || column < 0 || column >= i32(WIDTH)) {
        return FILL_VALUE;
    }
    let at = (channel * HEIGHT + u32(row)) * WIDTH + u32(column);
    return x[at * quads + quad][sample];
}

@compute @workgroup_size(WORKGROUP)
fn forward(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
    let quads = arrayLength(&transforms) / 6u;
    let index = id.y * groups.x * WORKGROUP + id.x;
    let element = index / quads;
    if (element >= CHANNELS * OUT_HEIGHT * OUT_WIDTH) {
        return;
    }
    let quad = index % quads;
    let channel = element / (OUT_HEIGHT * OUT_WIDTH);
    let across = f32(element % OUT_WIDTH);
    let down = f32(element / OUT_WIDTH % OUT_HEIGHT);
    let columns = transforms[quad] * across + transforms[quads + quad] * down + transforms[2u * quads + quad];
    let rows = transforms[3u * quads + quad] * across + transforms[4u * quads + quad] * down + transforms[5u * quads + quad];
    var made = vec4f();
    for (var sample = 0u; sample < 4u; sample++) {
        let column = fold(columns[sample], WIDTH);
        let row = fold(rows[sample], HEIGHT);
        if (BILINEAR) {
            let left = floor(column);
            let top = floor(row);
            let c = i32(left);
            let r = i32(top);
            let upper = (left + 1.0 - column) * pixel(channel, r, c, sample, quad, quads)
                + (column - left) * pixel(channel, r, c + 1, sample, quad, quads);
            let lower = (left + 1.0 - column) * pixel(channel, r + 1, c, sample, quad, quads)
                + (column - left) * pixel(channel, r + 1, c + 1, sample, quad, quads);
            made[sample] = (top + 1.0 - row) * upper + (row - top) * lower;
        } else {
            made[sample] = pixel(channel, nearest(row), nearest(column), sample, quad, quads);
        }
    }
    y[index] = made;
}
