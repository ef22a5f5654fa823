// One optimizer step over all parameters of the network.
//
//   parameters, slot0..2   the flat buffer, and what the optimizer keeps beside it, vec4 by vec4; updated in place
//   gradients              per variable [split][as the variable]: partial sums, added here in order
//   runs                   [workgroup]: x its first vec4, y where the gradient of that begins, z how many splits, w the vec4s
//                          from one split to the next. A run lies within one variable and ends where the next begins; one
//                          more entry marks the end of the last
//   steps                  [step]: its record, see `Step`
//   state                  [0] the step under way
// One workgroup: one run; an invocation takes every WORKGROUP-th vec4 of it, TILE at most, so that neighbours read neighbours
// and what a run costs to look up is shared. Update rules: keras/src/optimizers/*.py.

// Constants. The compiler rewrites these values; the defaults keep this file valid by itself.
const WORKGROUP: u32 = 64u;
// Vec4s of an invocation.
const TILE: u32 = 1u;
const MOMENTUM: f32 = 0.0;
const NESTEROV: bool = false;
const RHO: f32 = 0.9;
const EPSILON: f32 = 1e-7;
const CENTERED: bool = false;
const BETA_1: f32 = 0.9;
const BETA_2: f32 = 0.999;
const WEIGHT_DECAY: f32 = 0.0;
// Ftrl.
const POWER: f32 = 0.5;
const L1: f32 = 0.0;
const L2: f32 = 0.0;
const L2_SHRINKAGE: f32 = 0.0;
const BETA: f32 = 0.0;

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

@group(0) @binding(0) var<storage, read_write> parameters: array<vec4f>;
@group(0) @binding(1) var<storage, read> gradients: array<vec4f>;
@group(0) @binding(2) var<storage, read> runs: array<vec4u>;
@group(0) @binding(3) var<storage, read> steps: array<Step>;
@group(0) @binding(4) var<storage, read_write> state: array<u32>;
@group(0) @binding(5) var<storage, read_write> slot0: array<vec4f>;
@group(0) @binding(6) var<storage, read_write> slot1: array<vec4f>;
@group(0) @binding(7) var<storage, read_write> slot2: array<vec4f>;

// What an invocation updates, and with what.
struct Run {
    first: u32,
    end: u32,
    // Where the gradient of vec4 0 would lie, were the variable so long; wraps around where it lies before the first.
    gradient: u32,
    splits: u32,
    stride: u32,
    step: Step,
}

fn run_of(group: vec3u, groups: vec3u, local: u32) -> Run {
    let step = steps[state[0]];
    let index = group.y * groups.x + group.x;
    // The last row of workgroups may be longer than the table.
    if (index + 1u >= arrayLength(&runs)) {
        return Run(0u, 0u, 0u, 0u, 0u, step);
    }
    let run = runs[index];
    // What does not train has no gradients.
    if (run.z == 0u) {
        return Run(0u, 0u, 0u, 0u, 0u, step);
    }
    return Run(run.x + local, runs[index + 1u].x, run.y - run.x, run.z, run.w, step);
}

// The whole gradient of vec4 `index`.
fn gradient(run: Run, index: u32) -> vec4f {
    var sum = vec4f();
    for (var split = 0u; split < run.splits; split++) {
        sum += gradients[run.gradient + split * run.stride + index];
    }
    return sum;
}

// The parameter, after its decay.
fn decayed(index: u32, step: Step) -> vec4f {
    let w = parameters[index];
    return w - w * WEIGHT_DECAY * step.learning_rate;
}

fn sgd_step(index: u32, g: vec4f, step: Step) {
    parameters[index] = decayed(index, step) - step.learning_rate * g;
}

@compute @workgroup_size(WORKGROUP)
fn sgd(
    @builtin(workgroup_id) group: vec3u,
    @builtin(num_workgroups) groups: vec3u,
    @builtin(local_invocation_index) local: u32,
) {
    let run = run_of(group, groups, local);
    for (var k = 0u; k < TILE; k++) {
        let index = run.first + k * WORKGROUP;
        if (index < run.end) {
            sgd_step(index, gradient(run, index), run.step);
        }
    }
}

fn sgd_momentum_step(index: u32, g: vec4f, step: Step) {
    let change = step.learning_rate * g;
    let m = MOMENTUM * slot0[index] - change;
    slot0[index] = m;
    parameters[index] = decayed(index, step) + select(m, MOMENTUM * m - change, NESTEROV);
}

@compute @workgroup_size(WORKGROUP)
fn sgd_momentum(
    @builtin(workgroup_id) group: vec3u,
    @builtin(num_workgroups) groups: vec3u,
    @builtin(local_invocation_index) local: u32,
) {
    let run = run_of(group, groups, local);
    for (var k = 0u; k < TILE; k++) {
        let index = run.first + k * WORKGROUP;
        if (index < run.end) {
            sgd_momentum_step(index, gradient(run, index), run.step);
        }
    }
}

fn root_mean_square(index: u32, g: vec4f) -> vec4f {
    let v = RHO * slot0[index] + (1.0 - RHO) * g * g;
    slot0[index] = v;
    return v;
}

fn rmsprop_step(index: u32, g: vec4f, step: Step) {
    let v = root_mean_square(index, g);
    parameters[index] = decayed(index, step) - step.learning_rate * g / sqrt(v + EPSILON);
}

@compute @workgroup_size(WORKGROUP)
fn rmsprop(
    @builtin(workgroup_id) group: vec3u,
    @builtin(num_workgroups) groups: vec3u,
    @builtin(local_invocation_index) local: u32,
) {
    let run = run_of(group, groups, local);
    for (var k = 0u; k < TILE; k++) {
        let index = run.first + k * WORKGROUP;
        if (index < run.end) {
            rmsprop_step(index, gradient(run, index), run.step);
        }
    }
}

// With one more slot: either a momentum, or the mean gradient that centers the square.
fn rmsprop_one_more_step(index: u32, g: vec4f, step: Step) {
    var v = root_mean_square(index, g);
    if (CENTERED) {
        let mean = RHO * slot1[index] + (1.0 - RHO) * g;
        slot1[index] = mean;
        v -= mean * mean;
        parameters[index] = decayed(index, step) - step.learning_rate * g / sqrt(v + EPSILON);
    } else {
        let m = MOMENTUM * slot1[index] + step.learning_rate * g / sqrt(v + EPSILON);
        slot1[index] = m;
        parameters[index] = decayed(index, step) - m;
    }
}

@compute @workgroup_size(WORKGROUP)
fn rmsprop_one_more(
    @builtin(workgroup_id) group: vec3u,
    @builtin(num_workgroups) groups: vec3u,
    @builtin(local_invocation_index) local: u32,
) {
    let run = run_of(group, groups, local);
    for (var k = 0u; k < TILE; k++) {
        let index = run.first + k * WORKGROUP;
        if (index < run.end) {
            rmsprop_one_more_step(index, gradient(run, index), run.step);
        }
    }
}

// With both: slot1 the momentum, slot2 the mean gradient.
fn rmsprop_two_more_step(index: u32, g: vec4f, step: Step) {
    let mean = RHO * slot2[index] + (1.0 - RHO) * g;
    slot2[index] = mean;
    let v = root_mean_square(index, g) - mean * mean;
    let m = MOMENTUM * slot1[index] + step.learning_rate * g / sqrt(v + EPSILON);
    slot1[index] = m;
    parameters[index] = decayed(index, step) - m;
}

@compute @workgroup_size(WORKGROUP)
fn rmsprop_two_more(
    @builtin(workgroup_id) group: vec3u,
    @builtin(num_workgroups) groups: vec3u,
    @builtin(local_invocation_index) local: u32,
) {
    let run = run_of(group, groups, local);
    for (var k = 0u; k < TILE; k++) {
        let index = run.first + k * WORKGROUP;
        if (index < run.end) {
            rmsprop_two_more_step(index, gradient(run, index), run.step);
        }
    }
}

// The running means of the gradient and of its square.
struct Moments {
    first: vec4f,
    second: vec4f,
}

fn moments(index: u32, g: vec4f) -> Moments {
    let m = slot0[index];
    let v = slot1[index];
    let now = Moments(m + (g - m) * (1.0 - BETA_1), v + (g * g - v) * (1.0 - BETA_2));
    slot0[index] = now.first;
    slot1[index] = now.second;
    return now;
}

fn adam_move(index: u32, m: vec4f, v: vec4f, step: Step) {
    parameters[index] = decayed(index, step) - m * step.step_size / (sqrt(v) + EPSILON);
}

fn adam_step(index: u32, g: vec4f, step: Step) {
    let now = moments(index, g);
    adam_move(index, now.first, now.second, step);
}

@compute @workgroup_size(WORKGROUP)
fn adam(
    @builtin(workgroup_id) group: vec3u,
    @builtin(num_workgroups) groups: vec3u,
    @builtin(local_invocation_index) local: u32,
) {
    let run = run_of(group, groups, local);
    for (var k = 0u; k < TILE; k++) {
        let index = run.first + k * WORKGROUP;
        if (index < run.end) {
            adam_step(index, gradient(run, index), run.step);
        }
    }
}

// Divides by the largest second moment so far.
fn adam_amsgrad_step(index: u32, g: vec4f, step: Step) {
    let now = moments(index, g);
    let largest = max(slot2[index], now.second);
    slot2[index] = largest;
    adam_move(index, now.first, largest, step);
}

@compute @workgroup_size(WORKGROUP)
fn adam_amsgrad(
    @builtin(workgroup_id) group: vec3u,
    @builtin(num_workgroups) groups: vec3u,
    @builtin(local_invocation_index) local: u32,
) {
    let run = run_of(group, groups, local);
    for (var k = 0u; k < TILE; k++) {
        let index = run.first + k * WORKGROUP;
        if (index < run.end) {
            adam_amsgrad_step(index, gradient(run, index), run.step);
        }
    }
}

// Adam's means, with the gradient of this step once more.
fn nadam_step(index: u32, g: vec4f, step: Step) {
    let now = moments(index, g);
    let direction = step.step_size * now.first + step.gradient_size * g;
    parameters[index] = decayed(index, step) - direction / (sqrt(step.square_scale * now.second) + EPSILON);
}

@compute @workgroup_size(WORKGROUP)
fn nadam(
    @builtin(workgroup_id) group: vec3u,
    @builtin(num_workgroups) groups: vec3u,
    @builtin(local_invocation_index) local: u32,
) {
    let run = run_of(group, groups, local);
    for (var k = 0u; k < TILE; k++) {
        let index = run.first + k * WORKGROUP;
        if (index < run.end) {
            nadam_step(index, gradient(run, index), run.step);
        }
    }
}

fn adagrad_step(index: u32, g: vec4f, step: Step) {
    let sum = slot0[index] + g * g;
    slot0[index] = sum;
    parameters[index] = decayed(index, step) - step.learning_rate * g / sqrt(sum + EPSILON);
}

@compute @workgroup_size(WORKGROUP)
fn adagrad(
    @builtin(workgroup_id) group: vec3u,
    @builtin(num_workgroups) groups: vec3u,
    @builtin(local_invocation_index) local: u32,
) {
    let run = run_of(group, groups, local);
    for (var k = 0u; k < TILE; k++) {
        let index = run.first + k * WORKGROUP;
        if (index < run.end) {
            adagrad_step(index, gradient(run, index), run.step);
        }
    }
}

fn adadelta_step(index: u32, g: vec4f, step: Step) {
    let squares = RHO * slot0[index] + (1.0 - RHO) * g * g;
    slot0[index] = squares;
    let last = slot1[index];
    let change = sqrt(last + EPSILON) * g / sqrt(squares + EPSILON);
    slot1[index] = RHO * last + (1.0 - RHO) * change * change;
    parameters[index] = decayed(index, step) - step.learning_rate * change;
}

@compute @workgroup_size(WORKGROUP)
fn adadelta(
    @builtin(workgroup_id) group: vec3u,
    @builtin(num_workgroups) groups: vec3u,
    @builtin(local_invocation_index) local: u32,
) {
    let run = run_of(group, groups, local);
    for (var k = 0u; k < TILE; k++) {
        let index = run.first + k * WORKGROUP;
        if (index < run.end) {
            adadelta_step(index, gradient(run, index), run.step);
        }
    }
}

fn adamax_step(index: u32, g: vec4f, step: Step) {
    let m = slot0[index];
    let mean = m + (g - m) * (1.0 - BETA_1);
    slot0[index] = mean;
    let largest = max(BETA_2 * slot1[index], abs(g));
    slot1[index] = largest;
    parameters[index] = decayed(index, step) - step.step_size * mean / (largest + EPSILON);
}

@compute @workgroup_size(WORKGROUP)
fn adamax(
    @builtin(workgroup_id) group: vec3u,
    @builtin(num_workgroups) groups: vec3u,
    @builtin(local_invocation_index) local: u32,
) {
    let run = run_of(group, groups, local);
    for (var k = 0u; k < TILE; k++) {
        let index = run.first + k * WORKGROUP;
        if (index < run.end) {
            adamax_step(index, gradient(run, index), run.step);
        }
    }
}

fn lion_step(index: u32, g: vec4f, step: Step) {
    let m = slot0[index];
    let direction = sign(m * BETA_1 + g * (1.0 - BETA_1));
    slot0[index] = m * BETA_2 + g * (1.0 - BETA_2);
    parameters[index] = decayed(index, step) - step.learning_rate * direction;
}

@compute @workgroup_size(WORKGROUP)
fn lion(
    @builtin(workgroup_id) group: vec3u,
    @builtin(num_workgroups) groups: vec3u,
    @builtin(local_invocation_index) local: u32,
) {
    let run = run_of(group, groups, local);
    for (var k = 0u; k < TILE; k++) {
        let index = run.first + k * WORKGROUP;
        if (index < run.end) {
            lion_step(index, gradient(run, index), run.step);
        }
    }
}

// A sum of squares to the power that steps shrink by.
fn shrinking(sum: vec4f) -> vec4f {
    if (POWER == 0.5) {
        return sqrt(sum);
    }
    return pow(sum, vec4f(POWER));
}

fn ftrl_step(index: u32, g: vec4f, step: Step) {
    let w = decayed(index, step);
    let before = slot0[index];
    let sum = before + g * g;
    slot0[index] = sum;
    let shrunk = shrinking(sum);
    let pushed = g + 2.0 * L2_SHRINKAGE * w - (shrunk - shrinking(before)) / step.learning_rate * w;
    let linear = slot1[index] + pushed;
    slot1[index] = linear;
    let held = (shrunk + BETA) / step.learning_rate + 2.0 * L2;
    // Nothing holds and nothing pushes what has had no gradient yet, padding among it.
    let found = (clamp(linear, vec4f(-L1), vec4f(L1)) - linear) / held;
    parameters[index] = select(found, vec4f(), held == vec4f());
}

@compute @workgroup_size(WORKGROUP)
fn ftrl(
    @builtin(workgroup_id) group: vec3u,
    @builtin(num_workgroups) groups: vec3u,
    @builtin(local_invocation_index) local: u32,
) {
    let run = run_of(group, groups, local);
    for (var k = 0u; k < TILE; k++) {
        let index = run.first + k * WORKGROUP;
        if (index < run.end) {
            ftrl_step(index, gradient(run, index), run.step);
        }
    }
}

// Running averages of the parameters, in slot0; now and then they take their place.
fn average_step(index: u32, step: Step) {
    let w = parameters[index];
    let mean = step.ema_momentum * slot0[index] + (1.0 - step.ema_momentum) * w;
    slot0[index] = mean;
    parameters[index] = select(w, mean, step.ema_overwrite != 0u);
}

@compute @workgroup_size(WORKGROUP)
fn average(
    @builtin(workgroup_id) group: vec3u,
    @builtin(num_workgroups) groups: vec3u,
    @builtin(local_invocation_index) local: u32,
) {
    let run = run_of(group, groups, local);
    for (var k = 0u; k < TILE; k++) {
        let index = run.first + k * WORKGROUP;
        if (index < run.end) {
            average_step(index, run.step);
        }
    }
}
