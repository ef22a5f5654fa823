// One optimizer step over all parameters of the network.
//
//   parameters, slot0..2   the flat buffer, and what the optimizer keeps beside it, vec4 by vec4; updated in place
//   gradients              per variable [split][as the variable]: partial sums, added here in order
//   segments               per variable: x its first vec4, y where its gradient begins, z how many splits, w its vec4s
//   steps                  [step]: x the learning rate, y the size of the step (see `Optimizer::rates`)
//   state                  [0] the step under way
// One invocation: one vec4. Update rules: keras/src/optimizers/{sgd,rmsprop,adam,adamw}.py.

// Constants. The compiler rewrites these values; the defaults keep this file valid by itself.
const WORKGROUP: u32 = 64u;
const SEGMENTS: u32 = 4u;
const MOMENTUM: f32 = 0.0;
const NESTEROV: bool = false;
const RHO: f32 = 0.9;
const EPSILON: f32 = 1e-7;
const CENTERED: bool = false;
const BETA_1: f32 = 0.9;
const BETA_2: f32 = 0.999;
const WEIGHT_DECAY: f32 = 0.0;

@group(0) @binding(0) var<storage, read_write> parameters: array<vec4f>;
@group(0) @binding(1) var<storage, read> gradients: array<vec4f>;
@group(0) @binding(2) var<storage, read> segments: array<vec4u>;
@group(0) @binding(3) var<storage, read> steps: array<vec4f>;
@group(0) @binding(4) var<storage, read_write> state: array<u32>;
@group(0) @binding(5) var<storage, read_write> slot0: array<vec4f>;
@group(0) @binding(6) var<storage, read_write> slot1: array<vec4f>;
@group(0) @binding(7) var<storage, read_write> slot2: array<vec4f>;

// The whole gradient of vec4 `index`.
fn gradient(index: u32) -> vec4f {
    // Segments are in order: the one that holds the index is the last that begins at or before it.
    var found = 0u;
    for (var s = 1u; s < SEGMENTS; s++) {
        found = select(found, s, segments[s].x <= index);
    }
    let segment = segments[found];
    var sum = vec4f();
    for (var split = 0u; split < segment.z; split++) {
        sum += gradients[segment.y + split * segment.w + index - segment.x];
    }
    return sum;
}

@compute @workgroup_size(WORKGROUP)
fn sgd(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
    let index = id.y * groups.x * WORKGROUP + id.x;
    if (index < arrayLength(&parameters)) {
        parameters[index] -= steps[state[0]].x * gradient(index);
    }
}

@compute @workgroup_size(WORKGROUP)
fn sgd_momentum(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
    let index = id.y * groups.x * WORKGROUP + id.x;
    if (index >= arrayLength(&parameters)) {
        return;
    }
    let step = steps[state[0]].x * gradient(index);
    let m = MOMENTUM * slot0[index] - step;
    slot0[index] = m;
    parameters[index] += select(m, MOMENTUM * m - step, NESTEROV);
}

fn root_mean_square(index: u32, g: vec4f) -> vec4f {
    let v = RHO * slot0[index] + (1.0 - RHO) * g * g;
    slot0[index] = v;
    return v;
}

@compute @workgroup_size(WORKGROUP)
fn rmsprop(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
    let index = id.y * groups.x * WORKGROUP + id.x;
    if (index >= arrayLength(&parameters)) {
        return;
    }
    let g = gradient(index);
    let v = root_mean_square(index, g);
    parameters[index] -= steps[state[0]].x * g / sqrt(v + EPSILON);
}

// With one more slot: either a momentum, or the mean gradient that centers the square.
@compute @workgroup_size(WORKGROUP)
fn rmsprop_one_more(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
    let index = id.y * groups.x * WORKGROUP + id.x;
    if (index >= arrayLength(&parameters)) {
        return;
    }
    let g = gradient(index);
    var v = root_mean_square(index, g);
    if (CENTERED) {
        let mean = RHO * slot1[index] + (1.0 - RHO) * g;
        slot1[index] = mean;
        v -= mean * mean;
        parameters[index] -= steps[state[0]].x * g / sqrt(v + EPSILON);
    } else {
        let m = MOMENTUM * slot1[index] + steps[state[0]].x * g / sqrt(v + EPSILON);
        slot1[index] = m;
        parameters[index] -= m;
    }
}

// With both: slot1 the momentum, slot2 the mean gradient.
@compute @workgroup_size(WORKGROUP)
fn rmsprop_two_more(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
    let index = id.y * groups.x * WORKGROUP + id.x;
    if (index >= arrayLength(&parameters)) {
        return;
    }
    let g = gradient(index);
    let mean = RHO * slot2[index] + (1.0 - RHO) * g;
    slot2[index] = mean;
    let v = root_mean_square(index, g) - mean * mean;
    let m = MOMENTUM * slot1[index] + steps[state[0]].x * g / sqrt(v + EPSILON);
    slot1[index] = m;
    parameters[index] -= m;
}

// The running means of the gradient and of its square.
struct Moments {
    first: vec4f,
    second: vec4f,
}

fn moments(index: u32) -> Moments {
    let g = gradient(index);
    let m = slot0[index] + (g - slot0[index]) * (1.0 - BETA_1);
    let v = slot1[index] + (g * g - slot1[index]) * (1.0 - BETA_2);
    slot0[index] = m;
    slot1[index] = v;
    return Moments(m, v);
}

// AdamW decays the weight before the step.
fn adam_step(index: u32, m: vec4f, v: vec4f) {
    let rates = steps[state[0]];
    let decayed = parameters[index] - parameters[index] * WEIGHT_DECAY * rates.x;
    parameters[index] = decayed - m * rates.y / (sqrt(v) + EPSILON);
}

@compute @workgroup_size(WORKGROUP)
fn adam(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
    let index = id.y * groups.x * WORKGROUP + id.x;
    if (index < arrayLength(&parameters)) {
        let now = moments(index);
        adam_step(index, now.first, now.second);
    }
}

// Divides by the largest second moment so far.
@compute @workgroup_size(WORKGROUP)
fn adam_amsgrad(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
    let index = id.y * groups.x * WORKGROUP + id.x;
    if (index < arrayLength(&parameters)) {
        let now = moments(index);
        slot2[index] = max(slot2[index], now.second);
        adam_step(index, now.first, slot2[index]);
    }
}
