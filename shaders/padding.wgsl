// Zeros around a map, or a part of it: `ZeroPadding2D`, `Cropping2D`, and each the gradient of the other.
//
//   x       [CHANNELS][IN_H][IN_W][quad], a vec4 = four samples
//   y       [CHANNELS][OUT_H][OUT_W][quad]
// Everything is written with `=`. One invocation: one cell of y.

// Geometry. The compiler rewrites these values for each layer; the defaults keep this file valid by itself.
const WORKGROUP: u32 = 64u;
const CHANNELS: u32 = 3u;
const IN_H: u32 = 8u;
const IN_W: u32 = 8u;
const OUT_H: u32 = 10u;
const OUT_W: u32 = 10u;
// Rows and columns of zeros before the first of x, and those of x that are left out.
const PAD_TOP: u32 = 1u;
const PAD_LEFT: u32 = 1u;
const CROP_TOP: u32 = 0u;
const CROP_LEFT: u32 = 0u;

@group(0) @binding(0) var<storage, read> x: array<vec4f>;
@group(0) @binding(1) var<storage, read_write> y: array<vec4f>;

@compute @workgroup_size(WORKGROUP)
fn shift(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
    let quads = arrayLength(&x) / (CHANNELS * IN_H * IN_W);
    let index = id.y * groups.x * WORKGROUP + id.x;
    let cell = index / quads;
    let channel = cell / (OUT_H * OUT_W);
    if (channel >= CHANNELS) {
        return;
    }
    // Unsigned, so that what lies before the first cell has wrapped around.
    let row = cell / OUT_W % OUT_H + CROP_TOP - PAD_TOP;
    let column = cell % OUT_W + CROP_LEFT - PAD_LEFT;
    var v = vec4f();
    if (row < IN_H && column < IN_W) {
        v = x[((channel * IN_H + row) * IN_W + column) * quads + index % quads];
    }
    y[index] = v;
}
