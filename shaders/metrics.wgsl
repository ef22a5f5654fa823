// What metrics count of outputs and targets, added to the sums of an epoch.
//
//   x, y       [CHANNELS][POSITIONS][quad], a vec4 = four samples: outputs and targets
//   state      [0] the step under way
//   totals     [1 + sum][quad][4 words]: behind the losses of all quads come the sums of metrics. A sum is word 0, a float,
//              and words 1 and 2, a whole number with its lower half first
//   order      [step][4 quads]: which sample of the data set each sample of a batch is; NONE for padding
//   weights    [sample of the data set]: how much each counts in training
// `count`: one invocation a float sum of a quad, which owns its words. `weigh` is the same of samples that count by their
// weights, and its last sum is that of the weights. `tally`: one a position of a quad; whole numbers are
// added atomically, so that their order does not matter.
// Source: keras/src/metrics.

// Geometry. The compiler rewrites these values for each metric; the defaults keep this file valid by itself.
const WORKGROUP: u32 = 64u;
const CHANNELS: u32 = 10u;
const POSITIONS: u32 = 1u;
// The first sum among those of all metrics, and how many there are.
const FIRST: u32 = 0u;
const COUNTERS: u32 = 3u;
// 0 squared error, 1 absolute error, 2 classes, 3 top k, 7 the mean of channel FROM, 8 right; 4 decisions, 5 buckets, 6 confusion
const KIND: u32 = 4u;
// Whether the largest value of a row is the answer, in the place of what is above the threshold.
const LARGEST: bool = false;
const THRESHOLD: f32 = 0.5;
// The channels that decide.
const FROM: u32 = 0u;
const TO: u32 = 10u;
// Of buckets, classes or answers how many.
const NUMBER: u32 = 10u;
// What a quad's float sum is multiplied by.
const SCALE: f32 = 1.0;
// Whether each channel has buckets of its own.
const APART: bool = false;

const ELEMENTS: u32 = CHANNELS * POSITIONS;
const LOWEST: f32 = f32(-3.0e38);
// What marks padding in `order`.
const NONE: u32 = ~0u;

@group(0) @binding(0) var<storage, read> x: array<vec4f>;
@group(0) @binding(1) var<storage, read> y: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> state: array<u32>;
@group(0) @binding(3) var<storage, read_write> totals: array<atomic<u32>>;
@group(0) @binding(4) var<storage, read> order: array<vec4u>;
@group(0) @binding(5) var<storage, read> weights: array<f32>;

fn one(condition: vec4<bool>) -> vec4f {
    return select(vec4f(), vec4f(1.0), condition);
}

fn made(c: u32, position: u32, quad: u32, quads: u32) -> vec4f {
    return x[(c * POSITIONS + position) * quads + quad];
}

fn wanted(c: u32, position: u32, quad: u32, quads: u32) -> vec4f {
    return y[(c * POSITIONS + position) * quads + quad];
}

// The largest value of a row of outputs, and the first channel that has it.
struct Best {
    value: vec4f,
    channel: vec4u,
}

fn best_output(position: u32, quad: u32, quads: u32) -> Best {
    var best = Best(vec4f(LOWEST), vec4u());
    for (var c = 0u; c < CHANNELS; c++) {
        let v = made(c, position, quad, quads);
        best.channel = select(best.channel, vec4u(c), v > best.value);
        best.value = max(best.value, v);
    }
    return best;
}

// The first channel of a row of targets that has its largest value.
fn best_target(position: u32, quad: u32, quads: u32) -> vec4u {
    var channel = vec4u();
    var largest = vec4f(LOWEST);
    for (var c = 0u; c < CHANNELS; c++) {
        let v = wanted(c, position, quad, quads);
        channel = select(channel, vec4u(c), v > largest);
        largest = max(largest, v);
    }
    return channel;
}

// The bucket of each output.
fn bucket_of(v: vec4f) -> vec4u {
    return vec4u(max(ceil(clamp(v, vec4f(), vec4f(1.0)) * f32(NUMBER - 1u)) - 1.0, vec4f()));
}

// What a row adds to one of the sums that are whole numbers where samples weigh the same.
fn tallied(sum: u32, position: u32, quad: u32, quads: u32) -> vec4f {
    if (KIND == 6u && LARGEST) {
        let cell = best_target(position, quad, quads) * NUMBER + best_output(position, quad, quads).channel;
        return one(cell == vec4u(sum));
    }
    var found = vec4f();
    for (var c = FROM; c < TO; c++) {
        let v = made(c, position, quad, quads);
        let goal = wanted(c, position, quad, quads);
        if (KIND == 4u) {
            let yes = v > vec4f(THRESHOLD);
            let is_one = goal != vec4f();
            found += one((yes == vec4<bool>(sum < 2u)) & (is_one == vec4<bool>(sum != 1u)));
        } else if (KIND == 5u) {
            let place = select(bucket_of(v) + NUMBER, bucket_of(v), goal != vec4f());
            found += one(place + select(0u, c * 2u * NUMBER, APART) == vec4u(sum));
        } else {
            let goal_class = vec4i(clamp(goal, vec4f(-2.0), vec4f(2.0)));
            let cell = vec4u(max(goal_class, vec4i())) * NUMBER + select(vec4u(), vec4u(1u), v >= vec4f(THRESHOLD));
            found += one((cell == vec4u(sum)) & (goal_class >= vec4i()) & (goal_class < vec4i(2)));
        }
    }
    return found;
}

// What a row adds to a float sum.
fn counted(sum: u32, position: u32, quad: u32, quads: u32) -> vec4f {
    var found = vec4f();
    if (KIND < 2u) {
        for (var c = 0u; c < CHANNELS; c++) {
            let off = made(c, position, quad, quads) - wanted(c, position, quad, quads);
            found += select(off * off, abs(off), KIND == 1u);
        }
        return found;
    }
    if (KIND == 2u) {
        let c = sum % CHANNELS;
        let v = made(c, position, quad, quads);
        let goal = wanted(c, position, quad, quads);
        var yes = one(v > vec4f(THRESHOLD));
        if (LARGEST) {
            yes = one(v >= best_output(position, quad, quads).value) * one(abs(v) > vec4f(1e-9));
        }
        if (sum < CHANNELS) {
            return yes * goal;
        }
        if (sum < 2u * CHANNELS) {
            return yes * (1.0 - goal);
        }
        return (1.0 - yes) * goal;
    }
    if (KIND == 7u) {
        return made(FROM, position, quad, quads);
    }
    if (KIND == 8u && !LARGEST) {
        for (var c = 0u; c < CHANNELS; c++) {
            let yes = one(made(c, position, quad, quads) > vec4f(THRESHOLD));
            found += one(yes == wanted(c, position, quad, quads));
        }
        return found;
    }
    let right = best_target(position, quad, quads);
    if (KIND == 8u) {
        return one(best_output(position, quad, quads).channel == right);
    }
    var value = vec4f();
    for (var c = 0u; c < CHANNELS; c++) {
        value = select(value, made(c, position, quad, quads), right == vec4u(c));
    }
    var above = vec4f();
    for (var c = 0u; c < CHANNELS; c++) {
        above += one(made(c, position, quad, quads) > value);
    }
    return one(above < vec4f(f32(NUMBER)));
}

// Adds what the rows of a quad come to.
@compute @workgroup_size(WORKGROUP)
fn count(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
    let quads = arrayLength(&x) / ELEMENTS;
    let index = id.y * groups.x * WORKGROUP + id.x;
    if (index >= COUNTERS * quads) {
        return;
    }
    let sum = index / quads;
    let quad = index % quads;
    var found = vec4f();
    for (var position = 0u; position < POSITIONS; position++) {
        found += counted(sum, position, quad, quads);
    }
    let real = order[state[0] * quads + quad] != vec4u(NONE);
    let added = dot(select(vec4f(), found, real), vec4f(1.0)) * SCALE;
    let at = ((1u + FIRST + sum) * quads + quad) * 4u;
    atomicStore(&totals[at], bitcast<u32>(bitcast<f32>(atomicLoad(&totals[at])) + added));
}

// Padding weighs nothing.
fn weight(sample: u32) -> f32 {
    if (sample == NONE) {
        return 0.0;
    }
    return select(weights[sample], trunc(weights[sample]), KIND == 6u);
}

// Adds what the rows of a quad come to, times what its samples weigh.
@compute @workgroup_size(WORKGROUP)
fn weigh(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
    let quads = arrayLength(&x) / ELEMENTS;
    let index = id.y * groups.x * WORKGROUP + id.x;
    if (index >= COUNTERS * quads) {
        return;
    }
    let sum = index / quads;
    let quad = index % quads;
    let samples = order[state[0] * quads + quad];
    let weighs = vec4f(weight(samples.x), weight(samples.y), weight(samples.z), weight(samples.w));
    var found = vec4f();
    if (sum + 1u == COUNTERS) {
        found = vec4f(1.0);
    } else {
        for (var position = 0u; position < POSITIONS; position++) {
            if (KIND >= 4u && KIND <= 6u) {
                found += tallied(sum, position, quad, quads);
            } else {
                found += counted(sum, position, quad, quads);
            }
        }
        found = found * SCALE;
    }
    let added = dot(select(vec4f(), found, samples != vec4u(NONE)), weighs);
    let at = ((1u + FIRST + sum) * quads + quad) * 4u;
    atomicStore(&totals[at], bitcast<u32>(bitcast<f32>(atomicLoad(&totals[at])) + added));
}

fn add(sum: u32, quad: u32, quads: u32, number: u32) {
    if (number == 0u || sum >= COUNTERS) {
        return;
    }
    let at = ((1u + FIRST + sum) * quads + quad) * 4u;
    let before = atomicAdd(&totals[at + 1u], number);
    if (before > NONE - number) {
        atomicAdd(&totals[at + 2u], 1u);
    }
}

fn number_of(condition: vec4<bool>) -> u32 {
    return u32(dot(one(condition), vec4f(1.0)));
}

fn add_each(sums: vec4u, quad: u32, quads: u32, counts: vec4<bool>) {
    add(sums.x, quad, quads, u32(counts.x));
    add(sums.y, quad, quads, u32(counts.y));
    add(sums.z, quad, quads, u32(counts.z));
    add(sums.w, quad, quads, u32(counts.w));
}

// Adds what a row comes to.
@compute @workgroup_size(WORKGROUP)
fn tally(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
    let quads = arrayLength(&x) / ELEMENTS;
    let index = id.y * groups.x * WORKGROUP + id.x;
    if (index >= POSITIONS * quads) {
        return;
    }
    let position = index / quads;
    let quad = index % quads;
    let real = order[state[0] * quads + quad] != vec4u(NONE);
    if (KIND == 6u && LARGEST) {
        let cell = best_target(position, quad, quads) * NUMBER + best_output(position, quad, quads).channel;
        add_each(cell, quad, quads, real);
        return;
    }
    var right = 0u;
    var wrong = 0u;
    var missed = 0u;
    for (var c = FROM; c < TO; c++) {
        let v = made(c, position, quad, quads);
        let goal = wanted(c, position, quad, quads);
        if (KIND == 4u) {
            let yes = (v > vec4f(THRESHOLD)) & real;
            let no = !(v > vec4f(THRESHOLD)) & real;
            let is_one = goal != vec4f();
            right += number_of(yes & is_one);
            wrong += number_of(yes & !is_one);
            missed += number_of(no & is_one);
        } else if (KIND == 5u) {
            let bucket = bucket_of(v) + select(0u, c * 2u * NUMBER, APART);
            add_each(select(bucket + NUMBER, bucket, goal != vec4f()), quad, quads, real);
        } else {
            let goal_class = vec4i(clamp(goal, vec4f(-2.0), vec4f(2.0)));
            let cell = vec4u(max(goal_class, vec4i())) * NUMBER + select(vec4u(), vec4u(1u), v >= vec4f(THRESHOLD));
            add_each(cell, quad, quads, real & (goal_class >= vec4i()) & (goal_class < vec4i(2)));
        }
    }
    if (KIND == 4u) {
        add(0u, quad, quads, right);
        add(1u, quad, quads, wrong);
        add(2u, quad, quads, missed);
    }
}
