// Global pooling: the maximum or the mean of each channel, forward and backward.
//
//   x, dx       [CHANNELS][POSITIONS][quad], a vec4 = four samples
//   y, dy       [CHANNELS][quad]
// Everything is written with `=`. One invocation: one channel of a quad.

// Geometry. The compiler rewrites these values for each layer; the defaults keep this file valid by itself.
const WORKGROUP: u32 = 64u;
const CHANNELS: u32 = 8u;
const POSITIONS: u32 = 100u;

@group(0) @binding(0) var<storage, read> x: array<vec4f>;
@group(0) @binding(1) var<storage, read_write> y: array<vec4f>;
@group(0) @binding(2) var<storage, read> pooled: array<vec4f>;
@group(0) @binding(3) var<storage, read> dy: array<vec4f>;
@group(0) @binding(4) var<storage, read_write> dx: array<vec4f>;

@compute @workgroup_size(WORKGROUP)
fn max_forward(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
    let quads = arrayLength(&x) / (CHANNELS * POSITIONS);
    let index = id.y * groups.x * WORKGROUP + id.x;
    if (index >= CHANNELS * quads) {
        return;
    }
    let first = index / quads * POSITIONS * quads + index % quads;
    var best = x[first];
    for (var p = 1u; p < POSITIONS; p++) {
        best = max(best, x[first + p * quads]);
    }
    y[index] = best;
}

@compute @workgroup_size(WORKGROUP)
fn average_forward(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
    let quads = arrayLength(&x) / (CHANNELS * POSITIONS);
    let index = id.y * groups.x * WORKGROUP + id.x;
    if (index >= CHANNELS * quads) {
        return;
    }
    let first = index / quads * POSITIONS * quads + index % quads;
    var sum = vec4f();
    for (var p = 0u; p < POSITIONS; p++) {
        sum += x[first + p * quads];
    }
    y[index] = sum / f32(POSITIONS);
}

// Equal maxima share the gradient in equal parts, as TensorFlow's reduce_max does.
@compute @workgroup_size(WORKGROUP)
fn max_backward(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
    let quads = arrayLength(&x) / (CHANNELS * POSITIONS);
    let index = id.y * groups.x * WORKGROUP + id.x;
    if (index >= CHANNELS * quads) {
        return;
    }
    let first = index / quads * POSITIONS * quads + index % quads;
    let best = pooled[index];
    var holders = vec4f();
    for (var p = 0u; p < POSITIONS; p++) {
        holders += select(vec4f(), vec4f(1.0), x[first + p * quads] == best);
    }
    // A maximum that is not a number is held by none.
    let share = dy[index] / max(holders, vec4f(1.0));
    for (var p = 0u; p < POSITIONS; p++) {
        dx[first + p * quads] = select(vec4f(), share, x[first + p * quads] == best);
    }
}

@compute @workgroup_size(WORKGROUP)
fn average_backward(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
    let quads = arrayLength(&dx) / (CHANNELS * POSITIONS);
    let index = id.y * groups.x * WORKGROUP + id.x;
    if (index >= CHANNELS * quads) {
        return;
    }
    let first = index / quads * POSITIONS * quads + index % quads;
    let share = dy[index] / f32(POSITIONS);
    for (var p = 0u; p < POSITIONS; p++) {
        dx[first + p * quads] = share;
    }
}
