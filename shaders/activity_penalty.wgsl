// What a layer's output adds to the loss, summed over the samples of the batch, and to the gradient of that output.
//
//   x, dy, dx   [ELEMENTS][quad], a vec4 = four samples
//   sums        [chunk of CHUNK elements][quad]: the penalties of each sample
//   steps       [step]: its record, see `Step`
//   state       [0] the step under way
//   order       [step][4 quads]: which sample of the data set each sample of a batch is; NONE for padding
//   totals      [quad]: x += the penalties of its real samples; all else is written with `=`
// `chunks`, one invocation a chunk of a quad, then `total`, one a quad; `backward`, one an element of a quad.
// Source: keras/src/layers/layer.py, keras/src/regularizers/regularizers.py.

// Constants. The compiler rewrites these values; the defaults keep this file valid by itself.
const WORKGROUP: u32 = 64u;
const ELEMENTS: u32 = 16u;
const CHUNK: u32 = 256u;
const L1: f32 = 0.0;
const L2: f32 = 0.01;

const CHUNKS: u32 = (ELEMENTS + CHUNK - 1u) / CHUNK;

// What a training step is given (`compiler/src/host/step.rs`); the same text in every file that reads it.
struct Step {
    learning_rate: f32,
    step_size: f32,
    gradient_size: f32,
    square_scale: f32,
    ema_momentum: f32,
    ema_overwrite: u32,
    inverse_batch: f32,
    batch: u32,
    key: vec2u,
}

@group(0) @binding(0) var<storage, read> x: array<vec4f>;
@group(0) @binding(1) var<storage, read_write> sums: array<vec4f>;
@group(0) @binding(2) var<storage, read> steps: array<Step>;
@group(0) @binding(3) var<storage, read_write> state: array<u32>;
@group(0) @binding(4) var<storage, read_write> totals: array<vec4f>;
@group(0) @binding(5) var<storage, read> dy: array<vec4f>;
@group(0) @binding(6) var<storage, read_write> dx: array<vec4f>;
@group(0) @binding(7) var<storage, read> order: array<vec4u>;

// What marks padding in `order`.
const NONE: u32 = ~0u;

@compute @workgroup_size(WORKGROUP)
fn chunks(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
    let quads = arrayLength(&x) / ELEMENTS;
    let index = id.y * groups.x * WORKGROUP + id.x;
    if (index >= CHUNKS * quads) {
        return;
    }
    let first = index / quads * CHUNK;
    let last = min(first + CHUNK, ELEMENTS);
    var sum = vec4f();
    for (var e = first; e < last; e++) {
        let value = x[e * quads + index % quads];
        sum += L1 * abs(value) + L2 * value * value;
    }
    sums[index] = sum;
}

@compute @workgroup_size(WORKGROUP)
fn total(@builtin(global_invocation_id) id: vec3u) {
    let quads = arrayLength(&sums) / CHUNKS;
    let quad = id.x;
    if (quad >= quads) {
        return;
    }
    var sum = vec4f();
    for (var chunk = 0u; chunk < CHUNKS; chunk++) {
        sum += sums[chunk * quads + quad];
    }
    let counted = select(vec4f(), sum, order[state[0] * quads + quad] != vec4u(NONE));
    totals[quad].x += dot(counted, vec4f(1.0));
}

@compute @workgroup_size(WORKGROUP)
fn backward(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
    let quads = arrayLength(&x) / ELEMENTS;
    let index = id.y * groups.x * WORKGROUP + id.x;
    if (index >= ELEMENTS * quads) {
        return;
    }
    let value = x[index];
    let step = steps[state[0]];
    let slope = (L1 * sign(value) + 2.0 * L2 * value) * step.inverse_batch;
    let real = vec4u(index % quads * 4u) + vec4u(0u, 1u, 2u, 3u) < vec4u(step.batch);
    dx[index] = dy[index] + select(vec4f(), slope, real);
}
