// Sparse categorical cross-entropy: the loss, its gradient, and the sums for the report.
//
//   x, dx    [CLASSES][quad]: logits or probabilities, a vec4 = four samples
//   order    [step][4 quads]: which sample of the data set each sample of a batch is; NONE for padding
//   labels   [sample of the data set]
//   steps    [step]: its record, see `Step`
//   state    [0] the step under way, [1] the next one
//   losses   [quad]: the loss of each sample
//   totals   [quad]: x += loss, y += right answers; all else is written with `=`
// One invocation: one quad. Classes are taken eight a turn: Mesa's software driver ends an invocation after 65,535 turns of
// all its loops together.

// Geometry. The compiler rewrites these values for each layer; the defaults keep this file valid by itself.
const WORKGROUP: u32 = 64u;
const CLASSES: u32 = 10u;
const FROM_LOGITS: bool = true;

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
@group(0) @binding(1) var<storage, read> order: array<vec4u>;
@group(0) @binding(2) var<storage, read> labels: array<u32>;
@group(0) @binding(3) var<storage, read> steps: array<Step>;
@group(0) @binding(4) var<storage, read_write> state: array<u32>;
@group(0) @binding(5) var<storage, read_write> totals: array<vec4f>;
@group(0) @binding(6) var<storage, read_write> dx: array<vec4f>;
@group(0) @binding(7) var<storage, read_write> losses: array<vec4f>;

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

// Blocks of eight classes, and where the rest begins.
const BLOCKS: u32 = CLASSES / 8u;
const REST: u32 = BLOCKS * 8u;

struct Softmax {
    top: vec4f,
    sum: vec4f,
    loss: vec4f,
}

// What has been seen of a quad's classes so far.
struct Seen {
    top: vec4f,
    best: vec4f,
    answer: vec4u,
    of_label: vec4f,
}

// The answer is taken from the values themselves: clipping would make equals of them. The first maximum wins.
fn look(seen: Seen, c: u32, quad: u32, quads: u32, label: vec4u) -> Seen {
    let s = score(c, quad, quads);
    let v = x[c * quads + quad];
    let higher = v > seen.best;
    return Seen(
        max(seen.top, s),
        select(seen.best, v, higher),
        select(seen.answer, vec4u(c), higher),
        select(seen.of_label, s, label == vec4u(c)),
    );
}

fn power(c: u32, quad: u32, quads: u32, top: vec4f) -> vec4f {
    return exp(score(c, quad, quads) - top);
}

// Adds the quad to the totals.
fn account(quad: u32, quads: u32, q: Quad) -> Softmax {
    let first = score(0u, quad, quads);
    var seen = Seen(first, x[quad], vec4u(), select(vec4f(), first, q.label == vec4u()));
    for (var block = 0u; block < BLOCKS; block++) {
        let c = block * 8u;
        seen = look(seen, c, quad, quads, q.label);
        seen = look(seen, c + 1u, quad, quads, q.label);
        seen = look(seen, c + 2u, quad, quads, q.label);
        seen = look(seen, c + 3u, quad, quads, q.label);
        seen = look(seen, c + 4u, quad, quads, q.label);
        seen = look(seen, c + 5u, quad, quads, q.label);
        seen = look(seen, c + 6u, quad, quads, q.label);
        seen = look(seen, c + 7u, quad, quads, q.label);
    }
    for (var c = REST; c < CLASSES; c++) {
        seen = look(seen, c, quad, quads, q.label);
    }
    let top = seen.top;
    var sum = vec4f();
    for (var block = 0u; block < BLOCKS; block++) {
        let c = block * 8u;
        sum += power(c, quad, quads, top);
        sum += power(c + 1u, quad, quads, top);
        sum += power(c + 2u, quad, quads, top);
        sum += power(c + 3u, quad, quads, top);
        sum += power(c + 4u, quad, quads, top);
        sum += power(c + 5u, quad, quads, top);
        sum += power(c + 6u, quad, quads, top);
        sum += power(c + 7u, quad, quads, top);
    }
    for (var c = REST; c < CLASSES; c++) {
        sum += power(c, quad, quads, top);
    }
    let loss = select(vec4f(), log(sum) + top - seen.of_label, q.real);
    let right = select(vec4f(), vec4f(1.0), q.label == seen.answer);
    totals[quad] += vec4f(dot(loss, vec4f(1.0)), dot(right, vec4f(1.0)), 0.0, 0.0);
    return Softmax(top, sum, loss);
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

fn write_dx(c: u32, quad: u32, quads: u32, q: Quad, softmax: Softmax, weight: vec4f) {
    let share = exp(score(c, quad, quads) - softmax.top) / softmax.sum;
    var d = (share - select(vec4f(), vec4f(1.0), q.label == vec4u(c))) * weight;
    if (!FROM_LOGITS) {
        let v = x[c * quads + quad];
        let clipped = (v < vec4f(1e-7)) | (v > vec4f(1.0 - 1e-7));
        d = select(d / v, vec4f(), clipped);
    }
    dx[c * quads + quad] = d;
}

// Training: the sums, and dx = (softmax - onehot) / real samples, through the logarithm and the clipping where x are
// probabilities.
fn step(quad: u32, quads: u32) -> vec4f {
    let q = quad_of(quad, quads);
    let softmax = account(quad, quads, q);
    let weight = select(vec4f(), vec4f(steps[state[0]].inverse_batch), q.real);
    for (var block = 0u; block < BLOCKS; block++) {
        let c = block * 8u;
        write_dx(c, quad, quads, q, softmax, weight);
        write_dx(c + 1u, quad, quads, q, softmax, weight);
        write_dx(c + 2u, quad, quads, q, softmax, weight);
        write_dx(c + 3u, quad, quads, q, softmax, weight);
        write_dx(c + 4u, quad, quads, q, softmax, weight);
        write_dx(c + 5u, quad, quads, q, softmax, weight);
        write_dx(c + 6u, quad, quads, q, softmax, weight);
        write_dx(c + 7u, quad, quads, q, softmax, weight);
    }
    for (var c = REST; c < CLASSES; c++) {
        write_dx(c, quad, quads, q, softmax, weight);
    }
    advance(quad);
    return softmax.loss;
}

@compute @workgroup_size(WORKGROUP)
fn train(@builtin(global_invocation_id) id: vec3u) {
    let quads = arrayLength(&x) / CLASSES;
    if (id.x < quads) {
        step(id.x, quads);
    }
}

// The same, and the loss of each sample.
@compute @workgroup_size(WORKGROUP)
fn train_each(@builtin(global_invocation_id) id: vec3u) {
    let quads = arrayLength(&x) / CLASSES;
    if (id.x < quads) {
        losses[id.x] = step(id.x, quads);
    }
}
