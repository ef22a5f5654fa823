// The head of a classifier: a small dense layer and sparse categorical cross-entropy on its outputs, in one launch. What is
// computed is what dense.wgsl's `forward` and then loss.wgsl compute, number for number.
//
//   x        [INPUTS][quad], a vec4 = four samples
//   kernel   parameters[KERNEL_AT..]: [INPUTS][UNITS4], a vec4 = four units
//   bias     parameters[BIAS_AT..]: [UNITS4]
//   order    [step][4 quads]: which sample of the data set each sample of a batch is; NONE for padding
//   labels   [sample of the data set]
//   steps    [step]: its record, see `Step`
//   state    [0] the step under way, [1] the next one
//   totals   [quad]: x += loss, y += right answers; all else is written with `=`
//   dy       [UNITS][quad]: the gradient of the dense layer's outputs
// Those outputs, y (logits or probabilities), stay within the workgroup: nothing else takes them, and to write them would
// be the ninth buffer of a training step, where WebGPU grants eight.
// A workgroup: LANES x TILE_N quads of all units.

// Geometry. The compiler rewrites these values for each layer; the defaults keep this file valid by itself.
const INPUTS: u32 = 320u;
const UNITS: u32 = 10u;
const HAS_BIAS: bool = true;
const FROM_LOGITS: bool = true;
// In vec4s from the start of the parameters.
const KERNEL_AT: u32 = 0u;
const BIAS_AT: u32 = 960u;
// Quads of an invocation: a weight is read once for all of them.
const TILE_N: u32 = 2u;
// How many invocations share the inputs of one output.
const SPLIT_INPUTS: u32 = 16u;
// Invocations side by side, for as many times TILE_N quads.
const LANES: u32 = 2u;

const UNITS4: u32 = (UNITS + 3u) / 4u;
const QUADS: u32 = LANES * TILE_N;
const INVOCATIONS: u32 = LANES * SPLIT_INPUTS;
// Of a workgroup: for each quad its units, and what pads them.
const OUTPUTS: u32 = QUADS * UNITS4 * 4u;
// Each quad finds an invocation for its loss.
const_assert QUADS <= INVOCATIONS;

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
@group(0) @binding(1) var<storage, read> parameters: array<vec4f>;
@group(0) @binding(2) var<storage, read> order: array<vec4u>;
@group(0) @binding(3) var<storage, read> labels: array<u32>;
@group(0) @binding(4) var<storage, read> steps: array<Step>;
@group(0) @binding(5) var<storage, read_write> state: array<u32>;
@group(0) @binding(6) var<storage, read_write> totals: array<vec4f>;
@group(0) @binding(7) var<storage, read_write> dy: array<vec4f>;

// What marks padding in `order`, and a label that no class has.
const NONE: u32 = ~0u;

// Reads, of which a tile's overhang may lie beyond the end. Where a driver reads textures faster than buffers, the compiler
// puts a texture with the same contents in a buffer's place (`src/textures.rs`).

fn read_x(at: u32) -> vec4f {
    return x[min(at, arrayLength(&x) - 1u)];
}

fn parameter(at: u32) -> vec4f {
    return parameters[min(at, arrayLength(&parameters) - 1u)];
}

alias Sums = array<array<mat4x4f, UNITS4>, TILE_N>;

var<workgroup> partial: array<vec4f, OUTPUTS * SPLIT_INPUTS>;
var<workgroup> y: array<vec4f, OUTPUTS>;

// Fills y for the quads from `first` on. The inputs are dealt out to SPLIT_INPUTS invocations a quad, and their sums added,
// in order, by as many invocations as there are outputs.
fn product(first: u32, quads: u32, local: u32) {
    let quad = first + local % LANES * TILE_N;
    let split = local / LANES;
    var sums: Sums;
    let begin = split * INPUTS / SPLIT_INPUTS;
    let end = (split + 1u) * INPUTS / SPLIT_INPUTS;
    for (var i = begin; i < end; i++) {
        var v: array<vec4f, TILE_N>;
        for (var n = 0u; n < TILE_N; n++) {
            v[n] = read_x(i * quads + quad + n);
        }
        for (var g = 0u; g < UNITS4; g++) {
            let w = parameter(KERNEL_AT + i * UNITS4 + g);
            for (var n = 0u; n < TILE_N; n++) {
                sums[n][g] += mat4x4f(v[n] * w.x, v[n] * w.y, v[n] * w.z, v[n] * w.w);
            }
        }
    }
    for (var n = 0u; n < TILE_N; n++) {
        for (var g = 0u; g < UNITS4; g++) {
            for (var j = 0u; j < 4u; j++) {
                let output = ((local % LANES * TILE_N + n) * UNITS4 + g) * 4u + j;
                partial[split * OUTPUTS + output] = sums[n][g][j];
            }
        }
    }
    workgroupBarrier();
    for (var output = local; output < OUTPUTS; output += INVOCATIONS) {
        let unit = output % (UNITS4 * 4u);
        var v = vec4f();
        for (var k = 0u; k < SPLIT_INPUTS; k++) {
            v += partial[k * OUTPUTS + output];
        }
        if (HAS_BIAS) {
            v += parameter(BIAS_AT + unit / 4u)[unit % 4u];
        }
        y[output] = v;
    }
    workgroupBarrier();
}

// Where the batch's four samples point, and what they are.
struct Quad {
    label: vec4u,
    real: vec4<bool>,
}

fn quad_of(quad: u32, quads: u32) -> Quad {
    let samples = order[min(state[0] * quads + quad, arrayLength(&order) - 1u)];
    let real = samples != vec4u(NONE);
    let safe = min(select(vec4u(), samples, real), vec4u(arrayLength(&labels) - 1u));
    let label = vec4u(labels[safe.x], labels[safe.y], labels[safe.z], labels[safe.w]);
    return Quad(select(vec4u(NONE), label, real), real);
}

// A quad's outputs, class by class.
alias Classes = array<vec4f, UNITS>;

// A class's share in the softmax is exp(score - top) / sum; for probabilities the score is log(clipped), as in
// keras/src/backend/tensorflow/nn.py, which takes their logarithms for logits.
fn score(v: vec4f) -> vec4f {
    if (FROM_LOGITS) {
        return v;
    }
    return log(clamp(v, vec4f(1e-7), vec4f(1.0 - 1e-7)));
}

struct Softmax {
    values: Classes,
    scores: Classes,
    top: vec4f,
    sum: vec4f,
}

// Adds the workgroup's quad `local`, which is `quad` of the batch, to the totals.
fn account(local: u32, quad: u32, q: Quad) -> Softmax {
    var softmax: Softmax;
    for (var c = 0u; c < UNITS; c++) {
        softmax.values[c] = y[local * UNITS4 * 4u + c];
        softmax.scores[c] = score(softmax.values[c]);
    }
    var top = softmax.scores[0];
    // The answer is taken from the values themselves: clipping would make equals of them. The first maximum wins.
    var best = softmax.values[0];
    var answer = vec4u();
    var of_label = select(vec4f(), top, q.label == vec4u());
    for (var c = 1u; c < UNITS; c++) {
        let higher = softmax.values[c] > best;
        best = select(best, softmax.values[c], higher);
        answer = select(answer, vec4u(c), higher);
        top = max(top, softmax.scores[c]);
        of_label = select(of_label, softmax.scores[c], q.label == vec4u(c));
    }
    var sum = vec4f();
    for (var c = 0u; c < UNITS; c++) {
        sum += exp(softmax.scores[c] - top);
    }
    let loss = select(vec4f(), log(sum) + top - of_label, q.real);
    let right = select(vec4f(), vec4f(1.0), q.label == answer);
    totals[quad] += vec4f(dot(loss, vec4f(1.0)), dot(right, vec4f(1.0)), 0.0, 0.0);
    softmax.top = top;
    softmax.sum = sum;
    return softmax;
}

fn advance(quad: u32) {
    if (quad == 0u) {
        state[1] = state[0] + 1u;
    }
}

// Validation: the sums alone.
@compute @workgroup_size(INVOCATIONS)
fn evaluate(
    @builtin(workgroup_id) group: vec3u,
    @builtin(num_workgroups) groups: vec3u,
    @builtin(local_invocation_index) local: u32,
) {
    let quads = arrayLength(&x) / INPUTS;
    let first = (group.y * groups.x + group.x) * QUADS;
    product(first, quads, local);
    let quad = first + local;
    if (local < QUADS && quad < quads) {
        account(local, quad, quad_of(quad, quads));
        advance(quad);
    }
}

// Training: the sums, and dy = (softmax - onehot) / real samples, through the logarithm and the clipping where y are
// probabilities.
@compute @workgroup_size(INVOCATIONS)
fn train(
    @builtin(workgroup_id) group: vec3u,
    @builtin(num_workgroups) groups: vec3u,
    @builtin(local_invocation_index) local: u32,
) {
    let quads = arrayLength(&x) / INPUTS;
    let first = (group.y * groups.x + group.x) * QUADS;
    product(first, quads, local);
    let quad = first + local;
    if (local >= QUADS || quad >= quads) {
        return;
    }
    let q = quad_of(quad, quads);
    var softmax = account(local, quad, q);
    let weight = select(vec4f(), vec4f(steps[min(state[0], arrayLength(&steps) - 1u)].inverse_batch), q.real);
    for (var c = 0u; c < UNITS; c++) {
        let share = exp(softmax.scores[c] - softmax.top) / softmax.sum;
        var d = (share - select(vec4f(), vec4f(1.0), q.label == vec4u(c))) * weight;
        if (!FROM_LOGITS) {
            let v = softmax.values[c];
            let clipped = (v < vec4f(1e-7)) | (v > vec4f(1.0 - 1e-7));
            d = select(d / v, vec4f(), clipped);
        }
        dy[c * quads + quad] = d;
    }
    advance(quad);
}
