// What batch normalization does beside `normalization.wgsl`: it joins the samples of the batch in training, keeps the moving
// statistics, and normalises by these in all else.
//
//   x, y, dy, dx [CHANNELS][POSITIONS][quad], a vec4 = four samples
//   moments      [CHANNELS][CHUNKS][mean, spread][quad], of `moments.wgsl`
//   sums         [CHANNELS][CHUNKS][g, g xhat][quad], of `normalization.wgsl`
//   statistics   [CHANNELS][mean, 1 / deviation][quad]: the batch's, the same for each sample
//   means        [CHANNELS][g, g xhat][quad]: the same; zero for what fills the batch's last quads
//   parameters   gamma, beta, moving mean, moving variance, each [CHANNELS / 4, rounded up], a vec4 = four channels
//   order        [step][4 quads]: which sample of the data set each sample of a batch is; NONE for padding
//   state        [0] the step under way
// The variance is that of the population, also in the moving one (keras/src/layers/normalization/batch_normalization.py).
// Everything is written with `=`, but the moving statistics, which are updated in place.

// Geometry. The compiler rewrites these values for each layer; the defaults keep this file valid by itself.
const WORKGROUP: u32 = 64u;
const CHANNELS: u32 = 8u;
const POSITIONS: u32 = 100u;
const CHUNK: u32 = 64u;
const MOMENTUM: f32 = 0.99;
const EPSILON: f32 = 0.001;
const HAS_GAMMA: bool = true;
const HAS_BETA: bool = true;
// In vec4s from the start of the parameters.
const GAMMA_AT: u32 = 0u;
const BETA_AT: u32 = 2u;
const MEAN_AT: u32 = 4u;
const VARIANCE_AT: u32 = 6u;

const CHUNKS: u32 = (POSITIONS + CHUNK - 1u) / CHUNK;
// What marks padding in `order`.
const NONE: u32 = ~0u;

@group(0) @binding(0) var<storage, read> x: array<vec4f>;
@group(0) @binding(1) var<storage, read> parameters: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> y: array<vec4f>;
@group(0) @binding(3) var<storage, read> moments: array<vec4f>;
@group(0) @binding(4) var<storage, read_write> statistics: array<vec4f>;
@group(0) @binding(5) var<storage, read> sums: array<vec4f>;
@group(0) @binding(6) var<storage, read_write> means: array<vec4f>;
@group(0) @binding(7) var<storage, read> order: array<vec4u>;
@group(0) @binding(8) var<storage, read_write> state: array<u32>;
@group(0) @binding(9) var<storage, read_write> moving: array<f32>;
@group(0) @binding(10) var<storage, read> dy: array<vec4f>;
@group(0) @binding(11) var<storage, read_write> dx: array<vec4f>;

// 1 for samples of the batch, 0 for what fills its last quads.
fn real(quad: u32, quads: u32) -> vec4f {
    return select(vec4f(), vec4f(1.0), order[state[0] * quads + quad] != vec4u(NONE));
}

// What has been put together: how many values, their mean, and the sum of squares around it.
struct Moments {
    count: f32,
    mean: f32,
    spread: f32,
}

fn together(a: Moments, b: Moments) -> Moments {
    let count = a.count + b.count;
    let share = b.count / max(count, 1.0);
    let d = b.mean - a.mean;
    return Moments(count, a.mean + d * share, a.spread + b.spread + d * d * a.count * share);
}

var<workgroup> parts: array<Moments, WORKGROUP>;

// Mean and deviation of a channel over the batch, and the moving ones, that is MOMENTUM moving + (1 - MOMENTUM) batch's.
// One workgroup: one channel, of which each invocation takes every WORKGROUP-th chunk of a quad; their results are put
// together in order.
@compute @workgroup_size(WORKGROUP)
fn batch_statistics(
    @builtin(workgroup_id) group: vec3u,
    @builtin(num_workgroups) groups: vec3u,
    @builtin(local_invocation_index) local: u32,
) {
    let quads = arrayLength(&moments) / (CHANNELS * CHUNKS * 2u);
    let c = group.y * groups.x + group.x;
    var part = Moments(0.0, 0.0, 0.0);
    if (c < CHANNELS) {
        for (var item = local; item < CHUNKS * quads; item += WORKGROUP) {
            let chunk = item / quads;
            let quad = item % quads;
            let at = (c * CHUNKS + chunk) * 2u * quads + quad;
            let mean = moments[at];
            let spread = moments[at + quads];
            let counts = real(quad, quads) * f32(min(CHUNK, POSITIONS - chunk * CHUNK));
            for (var j = 0u; j < 4u; j++) {
                if (counts[j] > 0.0) {
                    part = together(part, Moments(counts[j], mean[j], spread[j]));
                }
            }
        }
    }
    parts[local] = part;
    workgroupBarrier();
    if (c >= CHANNELS) {
        return;
    }
    var all = parts[0];
    for (var k = 1u; k < WORKGROUP; k++) {
        all = together(all, parts[k]);
    }
    let variance = all.spread / max(all.count, 1.0);
    if (local == 0u) {
        moving[MEAN_AT * 4u + c] = moving[MEAN_AT * 4u + c] * MOMENTUM + all.mean * (1.0 - MOMENTUM);
        moving[VARIANCE_AT * 4u + c] = moving[VARIANCE_AT * 4u + c] * MOMENTUM + variance * (1.0 - MOMENTUM);
    }
    for (var quad = local; quad < quads; quad += WORKGROUP) {
        statistics[c * 2u * quads + quad] = vec4f(all.mean);
        statistics[(c * 2u + 1u) * quads + quad] = vec4f(inverseSqrt(variance + EPSILON));
    }
}

var<workgroup> totals: array<vec3f, WORKGROUP>;

// The means of g and of g xhat over the batch. One workgroup: one channel, as above.
@compute @workgroup_size(WORKGROUP)
fn batch_means(
    @builtin(workgroup_id) group: vec3u,
    @builtin(num_workgroups) groups: vec3u,
    @builtin(local_invocation_index) local: u32,
) {
    let quads = arrayLength(&sums) / (CHANNELS * CHUNKS * 2u);
    let c = group.y * groups.x + group.x;
    var total = vec3f();
    if (c < CHANNELS) {
        for (var item = local; item < CHUNKS * quads; item += WORKGROUP) {
            let chunk = item / quads;
            let quad = item % quads;
            let at = (c * CHUNKS + chunk) * 2u * quads + quad;
            let mask = real(quad, quads);
            let count = dot(mask, vec4f(1.0)) * f32(min(CHUNK, POSITIONS - chunk * CHUNK));
            total += vec3f(dot(sums[at], mask), dot(sums[at + quads], mask), count);
        }
    }
    totals[local] = total;
    workgroupBarrier();
    if (c >= CHANNELS) {
        return;
    }
    var all = totals[0];
    for (var k = 1u; k < WORKGROUP; k++) {
        all += totals[k];
    }
    let count = max(all.z, 1.0);
    for (var quad = local; quad < quads; quad += WORKGROUP) {
        let mask = real(quad, quads);
        means[c * 2u * quads + quad] = mask * (all.x / count);
        means[(c * 2u + 1u) * quads + quad] = mask * (all.y / count);
    }
}

// gamma / deviation of a channel, by the moving statistics.
fn moving_scale(c: u32) -> f32 {
    let inverse = inverseSqrt(parameters[VARIANCE_AT + c / 4u][c % 4u] + EPSILON);
    if (HAS_GAMMA) {
        return inverse * parameters[GAMMA_AT + c / 4u][c % 4u];
    }
    return inverse;
}

// With the moving statistics. One invocation: one element of a quad.
@compute @workgroup_size(WORKGROUP)
fn forward_moving(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
    let quads = arrayLength(&x) / (CHANNELS * POSITIONS);
    let index = id.y * groups.x * WORKGROUP + id.x;
    let c = index / (quads * POSITIONS);
    if (c >= CHANNELS) {
        return;
    }
    var offset = 0.0;
    if (HAS_BETA) {
        offset = parameters[BETA_AT + c / 4u][c % 4u];
    }
    y[index] = (x[index] - parameters[MEAN_AT + c / 4u][c % 4u]) * moving_scale(c) + offset;
}

// Its gradient, where the layer does not train. One invocation: one element of a quad.
@compute @workgroup_size(WORKGROUP)
fn backward_moving(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
    let quads = arrayLength(&dx) / (CHANNELS * POSITIONS);
    let index = id.y * groups.x * WORKGROUP + id.x;
    let c = index / (quads * POSITIONS);
    if (c < CHANNELS) {
        dx[index] = dy[index] * moving_scale(c);
    }
}
