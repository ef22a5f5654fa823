// Softmax over the channels, forward and backward.
//
//   x, y, dy, dx   [CHANNELS][column], a vec4 = four samples of one pixel
// Everything is written with `=`. One invocation: one column.

// Geometry. The compiler rewrites these values for each layer; the defaults keep this file valid by itself.
const WORKGROUP: u32 = 64u;
const CHANNELS: u32 = 10u;

@group(0) @binding(0) var<storage, read> x: array<vec4f>;
@group(0) @binding(1) var<storage, read_write> y: array<vec4f>;
@group(0) @binding(2) var<storage, read> output: array<vec4f>;
@group(0) @binding(3) var<storage, read> dy: array<vec4f>;
@group(0) @binding(4) var<storage, read_write> dx: array<vec4f>;

// y = exp(x - max) / sum of exp(x - max)
@compute @workgroup_size(WORKGROUP)
fn forward(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
    let columns = arrayLength(&x) / CHANNELS;
    let column = id.y * groups.x * WORKGROUP + id.x;
    if (column >= columns) {
        return;
    }
    var highest = x[column];
    for (var c = 1u; c < CHANNELS; c++) {
        highest = max(highest, x[c * columns + column]);
    }
    var sum = vec4f();
    for (var c = 0u; c < CHANNELS; c++) {
        sum += exp(x[c * columns + column] - highest);
    }
    for (var c = 0u; c < CHANNELS; c++) {
        y[c * columns + column] = exp(x[c * columns + column] - highest) / sum;
    }
}

// dx = y (dy - sum over channels of y dy)
@compute @workgroup_size(WORKGROUP)
fn backward(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
    let columns = arrayLength(&dy) / CHANNELS;
    let column = id.y * groups.x * WORKGROUP + id.x;
    if (column >= columns) {
        return;
    }
    var sum = vec4f();
    for (var c = 0u; c < CHANNELS; c++) {
        sum += output[c * columns + column] * dy[c * columns + column];
    }
    for (var c = 0u; c < CHANNELS; c++) {
        dx[c * columns + column] = output[c * columns + column] * (dy[c * columns + column] - sum);
    }
}
