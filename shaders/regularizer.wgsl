// What a variable's regularizer adds to its gradient and, summed over the samples of the batch, to the loss.
//
//   parameters   the variable at VARIABLE_AT, vec4 by vec4
//   gradients    [VEC4S] at GRADIENT_AT: a partial gradient, l1 sign(w) + 2 l2 w; at SUMS_AT a vec4 for each workgroup of
//                `weights`, whose x is the sum of its penalties
//   steps        [step]: its record, see `Step`
//   state        [0] the step under way
//   totals       [0]: x += samples times the penalty; all else is written with `=`
// `weights`, then `total`. One workgroup of `weights`: WORKGROUP * TILE vec4s; `total` is one workgroup.
// Source: keras/src/regularizers/regularizers.py.

// Constants. The compiler rewrites these values; the defaults keep this file valid by itself.
const WORKGROUP: u32 = 64u;
// Vec4s of an invocation.
const TILE: u32 = 1u;
// In vec4s from the start of the parameters and of the gradients.
const VARIABLE_AT: u32 = 0u;
const VEC4S: u32 = 16u;
const GRADIENT_AT: u32 = 0u;
const SUMS_AT: u32 = 16u;
const SUMS: u32 = 1u;
const L1: f32 = 0.0;
const L2: f32 = 0.01;

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

@group(0) @binding(0) var<storage, read> parameters: array<vec4f>;
@group(0) @binding(1) var<storage, read_write> gradients: array<vec4f>;
@group(0) @binding(2) var<storage, read> steps: array<Step>;
@group(0) @binding(3) var<storage, read_write> state: array<u32>;
@group(0) @binding(4) var<storage, read_write> totals: array<vec4f>;

var<workgroup> sums: array<f32, WORKGROUP>;

// The sum of what the invocations have, in one order.
fn sum_of(local: u32, mine: f32) -> f32 {
    sums[local] = mine;
    workgroupBarrier();
    var sum = 0.0;
    for (var k = 0u; k < WORKGROUP; k++) {
        sum += sums[k];
    }
    return sum;
}

@compute @workgroup_size(WORKGROUP)
fn weights(
    @builtin(workgroup_id) group: vec3u,
    @builtin(num_workgroups) groups: vec3u,
    @builtin(local_invocation_index) local: u32,
) {
    let index = group.y * groups.x + group.x;
    var mine = 0.0;
    for (var k = 0u; k < TILE; k++) {
        let vec4 = (index * TILE + k) * WORKGROUP + local;
        if (vec4 < VEC4S) {
            let w = parameters[VARIABLE_AT + vec4];
            gradients[GRADIENT_AT + vec4] = L1 * sign(w) + 2.0 * L2 * w;
            mine += dot(L1 * abs(w) + L2 * w * w, vec4f(1.0));
        }
    }
    let sum = sum_of(local, mine);
    // The last row of workgroups may be longer than the sums.
    if (local == 0u && index < SUMS) {
        gradients[SUMS_AT + index] = vec4f(sum, 0.0, 0.0, 0.0);
    }
}

@compute @workgroup_size(WORKGROUP)
fn total(@builtin(local_invocation_index) local: u32) {
    var mine = 0.0;
    for (var k = local; k < SUMS; k += WORKGROUP) {
        mine += gradients[SUMS_AT + k].x;
    }
    let sum = sum_of(local, mine);
    if (local == 0u) {
        totals[0].x += sum * f32(steps[state[0]].batch);
    }
}
