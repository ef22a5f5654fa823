// Global pooling: the maximum or the mean of each channel, forward and backward.
//
//   x, dx       [CHANNELS][POSITIONS][quad], a vec4 = four samples
//   y, dy       [CHANNELS][quad]
// Everything is written with `=`. One invocation: one channel of a quad. Where there are too many positions for one (Mesa's
// software driver ends an invocation after 65,535 turns of its loops), a workgroup of SPLIT takes a channel of a quad: the
// entry points that end in `_split`.

// Geometry. The compiler rewrites these values for each layer; the defaults keep this file valid by itself.
const WORKGROUP: u32 = 64u;
const CHANNELS: u32 = 8u;
const POSITIONS: u32 = 100u;
// Invocations that share the positions of a channel of a quad.
const SPLIT: u32 = 16u;

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

var<workgroup> partial: array<vec4f, SPLIT>;

// The first position of an invocation's share, and the first behind it.
fn share_of(local: u32) -> vec2u {
    return vec2u(local * (POSITIONS / SPLIT) + min(local, POSITIONS % SPLIT), (local + 1u) * (POSITIONS / SPLIT) + min(local + 1u, POSITIONS % SPLIT));
}

@compute @workgroup_size(SPLIT)
fn max_forward_split(
    @builtin(workgroup_id) group: vec3u,
    @builtin(num_workgroups) groups: vec3u,
    @builtin(local_invocation_index) local: u32,
) {
    let quads = arrayLength(&x) / (CHANNELS * POSITIONS);
    let index = min(group.y * groups.x + group.x, CHANNELS * quads - 1u);
    let first = index / quads * POSITIONS * quads + index % quads;
    let share = share_of(local);
    var best = x[first + min(share.x, POSITIONS - 1u) * quads];
    for (var p = share.x; p < share.y; p++) {
        best = max(best, x[first + p * quads]);
    }
    partial[local] = best;
    workgroupBarrier();
    if (local == 0u) {
        for (var k = 1u; k < SPLIT; k++) {
            best = max(best, partial[k]);
        }
        y[index] = best;
    }
}

@compute @workgroup_size(SPLIT)
fn average_forward_split(
    @builtin(workgroup_id) group: vec3u,
    @builtin(num_workgroups) groups: vec3u,
    @builtin(local_invocation_index) local: u32,
) {
    let quads = arrayLength(&x) / (CHANNELS * POSITIONS);
    let index = min(group.y * groups.x + group.x, CHANNELS * quads - 1u);
    let first = index / quads * POSITIONS * quads + index % quads;
    let share = share_of(local);
    var sum = vec4f();
    for (var p = share.x; p < share.y; p++) {
        sum += x[first + p * quads];
    }
    partial[local] = sum;
    workgroupBarrier();
    if (local == 0u) {
        for (var k = 1u; k < SPLIT; k++) {
            sum += partial[k];
        }
        y[index] = sum / f32(POSITIONS);
    }
}

@compute @workgroup_size(SPLIT)
fn max_backward_split(
    @builtin(workgroup_id) group: vec3u,
    @builtin(num_workgroups) groups: vec3u,
    @builtin(local_invocation_index) local: u32,
) {
    let quads = arrayLength(&x) / (CHANNELS * POSITIONS);
    let index = min(group.y * groups.x + group.x, CHANNELS * quads - 1u);
    let first = index / quads * POSITIONS * quads + index % quads;
    let share = share_of(local);
    let best = pooled[index];
    var holders = vec4f();
    for (var p = share.x; p < share.y; p++) {
        holders += select(vec4f(), vec4f(1.0), x[first + p * quads] == best);
    }
    partial[local] = holders;
    workgroupBarrier();
    holders = vec4f();
    for (var k = 0u; k < SPLIT; k++) {
        holders += partial[k];
    }
    let gradient = dy[index] / max(holders, vec4f(1.0));
    for (var p = share.x; p < share.y; p++) {
        dx[first + p * quads] = select(vec4f(), gradient, x[first + p * quads] == best);
    }
}

@compute @workgroup_size(SPLIT)
fn average_backward_split(
    @builtin(workgroup_id) group: vec3u,
    @builtin(num_workgroups) groups: vec3u,
    @builtin(local_invocation_index) local: u32,
) {
    let quads = arrayLength(&dx) / (CHANNELS * POSITIONS);
    let index = min(group.y * groups.x + group.x, CHANNELS * quads - 1u);
    let first = index / quads * POSITIONS * quads + index % quads;
    let share = share_of(local);
    let gradient = dy[index] / f32(POSITIONS);
    for (var p = share.x; p < share.y; p++) {
        dx[first + p * quads] = gradient;
    }
}
