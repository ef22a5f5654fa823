// Sparse categorical cross-entropy: the loss, its gradient, and the sums for the report.
//
//   x, dx    [CLASSES][quad]: logits or probabilities, a vec4 = four samples
//   order    [step][4 quads]: which sample of the data set each sample of a batch is; NONE for padding
//   labels   [sample of the data set]
//   steps    [step]: its record, see `Step`
//   state    [0] the step under way, [1] the next one
//   totals   [quad]: x += loss, y += right answers; all else is written with `=`
// One invocation: one quad.

// Geometry. The compiler rewrites these values for each layer; the defaults keep this file valid by itself.
const WORKGROUP: u32 = 64u;
const CLASSES: u32 = 10u;
const FROM_LOGITS: bool = true;

// What a training step is given (`compiler/src/host/step.rs`); the same text in every file that reads it.
struct Step {
    learning_rate: f32,
    step_size: f32,
    inverse_batch: f32,
    batch: u32,
    key: vec2u,
}

@group(0) @binding(0) var<storage, read> x: array<vec4f>;
@group(0) @binding(1) var<storage, read> order: array<vec4u>;
@group(0) @binding(2) var<storage, read> labels: array<u32>;
@group(0) @binding(3) var<storage, read> steps: array<Step>;
@group(0) @binding(4) var<storage, read_write> state: array<u32>;
@group(0) @binding(5) var<storage, read_write> totals: array<vec4f>;
@group(0) @binding(6) var<storage, read_write> dx: array<vec4f>;

// What marks padding in `order`, and a label that no class has.
const NONE: u32 = ~0u;

// Where the batch's four samples point, and what they are.
struct Quad {
    label: vec4u,
    real: vec4<bool>,
}

fn quad_of(quad: u32, quads: u32) -> Quad {
    let samples = order[state[0] * quads + quad];
    let real = samples != vec4u(NONE);
    let safe = select(vec4u(), samples, real);
    let label = vec4u(labels[safe.x], labels[safe.y], labels[safe.z], labels[safe.w]);
    return Quad(select(vec4u(NONE), label, real), real);
}

// A class's share in the softmax is exp(score - top) / sum; for probabilities the score is log(clipped), as in
// keras/src/backend/tensorflow/nn.py, which takes their logarithms for logits.
fn score(c: u32, quad: u32, quads: u32) -> vec4f {
    let v = x[c * quads + quad];
    if (FROM_LOGITS) {
        return v;
    }
    return log(clamp(v, vec4f(1e-7), vec4f(1.0 - 1e-7)));
}

struct Softmax {
    top: vec4f,
    sum: vec4f,
}

// Adds the quad to the totals.
fn account(quad: u32, quads: u32, q: Quad) -> Softmax {
    var top = score(0u, quad, quads);
    // The answer is taken from the values themselves: clipping would make equals of them. The first maximum wins.
    var best = x[quad];
    var answer = vec4u();
    var of_label = select(vec4f(), top, q.label == vec4u());
    for (var c = 1u; c < CLASSES; c++) {
        let s = score(c, quad, quads);
        let v = x[c * quads + quad];
        let higher = v > best;
        best = select(best, v, higher);
        answer = select(answer, vec4u(c), higher);
        top = max(top, s);
        of_label = select(of_label, s, q.label == vec4u(c));
    }
    var sum = vec4f();
    for (var c = 0u; c < CLASSES; c++) {
        sum += exp(score(c, quad, quads) - top);
    }
    let loss = select(vec4f(), log(sum) + top - of_label, q.real);
    let right = select(vec4f(), vec4f(1.0), q.label == answer);
    totals[quad] += vec4f(dot(loss, vec4f(1.0)), dot(right, vec4f(1.0)), 0.0, 0.0);
    return Softmax(top, sum);
}

fn advance(quad: u32) {
    if (quad == 0u) {
        state[1] = state[0] + 1u;
    }
}

// Validation: the sums alone.
@compute @workgroup_size(WORKGROUP)
fn evaluate(@builtin(global_invocation_id) id: vec3u) {
    let quads = arrayLength(&x) / CLASSES;
    if (id.x < quads) {
        account(id.x, quads, quad_of(id.x, quads));
        advance(id.x);
    }
}

// Training: the sums, and dx = (softmax - onehot) / real samples, through the logarithm and the clipping where x are
// probabilities.
@compute @workgroup_size(WORKGROUP)
fn train(@builtin(global_invocation_id) id: vec3u) {
    let quads = arrayLength(&x) / CLASSES;
    let quad = id.x;
    if (quad >= quads) {
        return;
    }
    let q = quad_of(quad, quads);
    let softmax = account(quad, quads, q);
    let weight = select(vec4f(), vec4f(steps[state[0]].inverse_batch), q.real);
    for (var c = 0u; c < CLASSES; c++) {
        let share = exp(score(c, quad, quads) - softmax.top) / softmax.sum;
        var d = (share - select(vec4f(), vec4f(1.0), q.label == vec4u(c))) * weight;
        if (!FROM_LOGITS) {
            let v = x[c * quads + quad];
            let clipped = (v < vec4f(1e-7)) | (v > vec4f(1.0 - 1e-7));
            d = select(d / v, vec4f(), clipped);
        }
        dx[c * quads + quad] = d;
    }
    advance(quad);
}
