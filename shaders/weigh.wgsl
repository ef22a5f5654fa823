// What samples weigh in training, by their classes.
//
//   losses     [..][quad], a vec4 = four samples: the first row has the loss of each sample
//   dx, dy     [ELEMENTS][quad]: the gradient of the network's output without the weights, and with them
//   weights    [sample of the data set]
//   order      [step][4 quads]: which sample of the data set each sample of a batch is; NONE for padding
//   state      [0] the step under way
//   totals     [quad]: x += what the losses are larger by; all else is written with `=`
// `main`: one invocation an element of a quad; then `total`, one a quad.

// Geometry. The compiler rewrites these values for each loss; the defaults keep this file valid by itself.
const WORKGROUP: u32 = 64u;
const ELEMENTS: u32 = 10u;

// What marks padding in `order`.
const NONE: u32 = ~0u;

@group(0) @binding(0) var<storage, read> losses: array<vec4f>;
@group(0) @binding(1) var<storage, read> dx: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> dy: array<vec4f>;
@group(0) @binding(3) var<storage, read> weights: array<f32>;
@group(0) @binding(4) var<storage, read> order: array<vec4u>;
@group(0) @binding(5) var<storage, read_write> state: array<u32>;
@group(0) @binding(6) var<storage, read_write> totals: array<vec4f>;

// Padding weighs 1: it has no loss and no gradient.
fn weight(sample: u32) -> f32 {
    if (sample == NONE) {
        return 1.0;
    }
    return weights[sample];
}

fn weights_of(quad: u32, quads: u32) -> vec4f {
    let samples = order[state[0] * quads + quad];
    return vec4f(weight(samples.x), weight(samples.y), weight(samples.z), weight(samples.w));
}

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
    let quads = arrayLength(&dx) / ELEMENTS;
    let index = id.y * groups.x * WORKGROUP + id.x;
    if (index < ELEMENTS * quads) {
        dy[index] = dx[index] * weights_of(index % quads, quads);
    }
}

@compute @workgroup_size(WORKGROUP)
fn total(@builtin(global_invocation_id) id: vec3u) {
    let quads = arrayLength(&dx) / ELEMENTS;
    let quad = id.x;
    if (quad >= quads) {
        return;
    }
    let real = order[state[0] * quads + quad] != vec4u(NONE);
    let more = losses[quad] * (weights_of(quad, quads) - 1.0);
    totals[quad].x += dot(select(vec4f(), more, real), vec4f(1.0));
}
