// Losses of how much outputs and targets overlap, their gradient, and the sums for the report.
//
//   x, y, dx   [ELEMENTS][quad], a vec4 = four samples: outputs, targets, the gradient of the former. A set is SIZE elements
//              one behind the other
//   parts      [3][SETS][chunk of CHUNK elements][quad]: sums of x y, of y and of x
//   sums       [3][SETS][quad]: the same of whole sets
//   joined     [3][SETS][quad]: the same of all real samples, for each of them; `sums` of what comes after it
//   losses     [quad]: the loss of each sample
//   steps      [step]: its record, see `Step`
//   state      [0] the step under way, [1] the next one
//   totals     [quad]: x += loss; all else is written with `=`
//   order      [step][4 quads]: which sample of the data set each sample of a batch is; NONE for padding
// `chunks`: one invocation a chunk of a set of a quad; `total`: one a sum; `join`: one a sum of a batch; `gradient`: one an element; `loss`: one a quad.
// Source: `dice` and `tversky` in keras/src/losses/losses.py.

// Geometry. The compiler rewrites these values for each loss; the defaults keep this file valid by itself.
const WORKGROUP: u32 = 64u;
const ELEMENTS: u32 = 16u;
const SETS: u32 = 1u;
const CHUNK: u32 = 256u;
// Whether sums are those of the batch.
const JOINT: bool = false;
const FACTOR: f32 = 2.0;
const BOTH: f32 = 0.0;
const TARGETS: f32 = 1.0;
const OUTPUTS: f32 = 1.0;

const SIZE: u32 = ELEMENTS / SETS;
const CHUNKS: u32 = (SIZE + CHUNK - 1u) / CHUNK;
const EPSILON: f32 = f32(1e-7);
// What marks padding in `order`.
const NONE: u32 = ~0u;

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
@group(0) @binding(1) var<storage, read> y: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> parts: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> sums: array<vec4f>;
@group(0) @binding(4) var<storage, read_write> losses: array<vec4f>;
@group(0) @binding(5) var<storage, read_write> dx: array<vec4f>;
@group(0) @binding(6) var<storage, read> steps: array<Step>;
@group(0) @binding(7) var<storage, read_write> state: array<u32>;
@group(0) @binding(8) var<storage, read_write> totals: array<vec4f>;
@group(0) @binding(9) var<storage, read> order: array<vec4u>;
@group(0) @binding(10) var<storage, read_write> joined: array<vec4f>;

@compute @workgroup_size(WORKGROUP)
fn chunks(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
    let quads = arrayLength(&y) / ELEMENTS;
    let index = id.y * groups.x * WORKGROUP + id.x;
    if (index >= SETS * CHUNKS * quads) {
        return;
    }
    let part = index / quads;
    let quad = index % quads;
    let of_set = part / CHUNKS;
    let first = of_set * SIZE + part % CHUNKS * CHUNK;
    let last = min(first + CHUNK, (of_set + 1u) * SIZE);
    var both = vec4f();
    var wanted = vec4f();
    var made = vec4f();
    for (var e = first; e < last; e++) {
        let v = x[e * quads + quad];
        let goal = y[e * quads + quad];
        both += v * goal;
        wanted += goal;
        made += v;
    }
    parts[part * quads + quad] = both;
    parts[(SETS * CHUNKS + part) * quads + quad] = wanted;
    parts[(2u * SETS * CHUNKS + part) * quads + quad] = made;
}

@compute @workgroup_size(WORKGROUP)
fn total(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
    let quads = arrayLength(&sums) / (3u * SETS);
    let index = id.y * groups.x * WORKGROUP + id.x;
    if (index >= 3u * SETS * quads) {
        return;
    }
    let first = index / quads * CHUNKS;
    var sum = vec4f();
    for (var chunk = 0u; chunk < CHUNKS; chunk++) {
        sum += parts[(first + chunk) * quads + index % quads];
    }
    sums[index] = sum;
}

@compute @workgroup_size(WORKGROUP)
fn join(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
    let quads = arrayLength(&sums) / (3u * SETS);
    let row = id.y * groups.x * WORKGROUP + id.x;
    if (row >= 3u * SETS) {
        return;
    }
    var sum = vec4f();
    for (var quad = 0u; quad < quads; quad++) {
        let real = order[state[0] * quads + quad] != vec4u(NONE);
        sum += select(vec4f(), sums[row * quads + quad], real);
    }
    let all = dot(sum, vec4f(1.0));
    for (var quad = 0u; quad < quads; quad++) {
        joined[row * quads + quad] = vec4f(all);
    }
}

// A fraction of a set.
struct Fraction {
    above: vec4f,
    below: vec4f,
}

fn fraction(of_set: u32, quad: u32, quads: u32) -> Fraction {
    let both = sums[of_set * quads + quad];
    let wanted = sums[(SETS + of_set) * quads + quad];
    let made = sums[(2u * SETS + of_set) * quads + quad];
    return Fraction(FACTOR * both, BOTH * both + TARGETS * wanted + OUTPUTS * made + EPSILON);
}

@compute @workgroup_size(WORKGROUP)
fn gradient(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
    let quads = arrayLength(&y) / ELEMENTS;
    let index = id.y * groups.x * WORKGROUP + id.x;
    if (index >= ELEMENTS * quads) {
        return;
    }
    let quad = index % quads;
    let share = fraction(index / quads / SIZE, quad, quads);
    let step = steps[state[0]];
    let goal = y[index];
    let slope = (share.above / share.below * (BOTH * goal + OUTPUTS) - FACTOR * goal) / share.below;
    let real = vec4u(quad * 4u) + vec4u(0u, 1u, 2u, 3u) < vec4u(step.batch);
    dx[index] = select(vec4f(), slope * (select(step.inverse_batch, 1.0, JOINT) / f32(SETS)), real);
}

@compute @workgroup_size(WORKGROUP)
fn loss(@builtin(global_invocation_id) id: vec3u) {
    let quads = arrayLength(&losses);
    let quad = id.x;
    if (quad >= quads) {
        return;
    }
    var loss = vec4f();
    for (var of_set = 0u; of_set < SETS; of_set++) {
        let share = fraction(of_set, quad, quads);
        loss += 1.0 - share.above / share.below;
    }
    loss /= f32(SETS);
    losses[quad] = loss;
    let real = order[state[0] * quads + quad] != vec4u(NONE);
    totals[quad].x += dot(select(vec4f(), loss, real), vec4f(1.0));
    if (quad == 0u) {
        state[1] = state[0] + 1u;
    }
}
