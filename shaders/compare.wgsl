// Losses that compare outputs with targets, value by value or row by row, their gradients, and the sums for the report.
//
//   x, y, dx   [CHANNELS][POSITIONS][quad], a vec4 = four samples: outputs or logits, targets, the gradient of the former
//   verdict    [2][POSITIONS][quad]: the loss of each position's row, and the share of it that is right
//   steps      [step]: its record, see `Step`
//   state      [0] the step under way, [1] the next one
//   order      [step][4 quads]: which sample of the data set each sample of a batch is; NONE for padding
//   totals     [quad]: x += loss, y += right answers; all else is written with `=`
// `train` and `evaluate`: one invocation a position of a quad; then `total`, one a quad.
// Source: keras/src/losses/losses.py, keras/src/backend/tensorflow/nn.py.

// Geometry. The compiler rewrites these values for each layer; the defaults keep this file valid by itself.
const WORKGROUP: u32 = 64u;
const CHANNELS: u32 = 10u;
const POSITIONS: u32 = 1u;
// 0 squared error, 1 absolute error, 2 Huber, 3 Kullback-Leibler, 4 binary crossentropy, 5 the same, focal, 6 categorical
// crossentropy, 7 the same, focal
const FUNCTION: u32 = 0u;
const FROM_LOGITS: bool = false;
const SMOOTHING: f32 = 0.0;
const SMOOTHED_TO: f32 = 0.5;
// Of Huber: delta. Of focal crossentropies: alpha (none where it is negative) and gamma.
const FIRST: f32 = 1.0;
const SECOND: f32 = 2.0;
// What the terms of a row are multiplied by.
const SCALE: f32 = 1.0;
// What the loss is multiplied by where it is minimised and added to the totals.
const WEIGHT: f32 = 1.0;
// What counts as right: where the largest value is, or each value's side of the threshold.
const LARGEST: bool = false;
const THRESHOLD: f32 = 0.5;

const ELEMENTS: u32 = CHANNELS * POSITIONS;
const LEAST: f32 = f32(1e-7);
const MOST: f32 = f32(1.0 - 1e-7);
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
@group(0) @binding(2) var<storage, read_write> verdict: array<vec4f>;
@group(0) @binding(3) var<storage, read> steps: array<Step>;
@group(0) @binding(4) var<storage, read_write> state: array<u32>;
@group(0) @binding(5) var<storage, read_write> totals: array<vec4f>;
@group(0) @binding(6) var<storage, read_write> dx: array<vec4f>;
@group(0) @binding(7) var<storage, read> order: array<vec4u>;

// A value's part of the loss, and its slope.
struct Term {
    loss: vec4f,
    slope: vec4f,
}

fn smoothed(v: vec4f) -> vec4f {
    return v * (1.0 - SMOOTHING) + SMOOTHING * SMOOTHED_TO;
}

fn sigmoid(v: vec4f) -> vec4f {
    return 1.0 / (1.0 + exp(clamp(-v, vec4f(-87.0), vec4f(88.0))));
}

// What is no number stays none.
fn clipped(v: vec4f) -> vec4f {
    return select(v, clamp(v, vec4f(LEAST), vec4f(MOST)), v == v);
}

fn inside(v: vec4f, slope: vec4f) -> vec4f {
    return select(slope, vec4f(), (v < vec4f(LEAST)) | (v > vec4f(MOST)));
}

// A base of 0 to 1 to a power: the builtin is not exact at 0.
fn power(base: vec4f, exponent: f32) -> vec4f {
    // Of these three a negative base has a power as well: an output beyond 0..1.
    if (exponent == 0.0) {
        return vec4f(1.0);
    }
    if (exponent == 1.0) {
        return base;
    }
    if (exponent == 2.0) {
        return base * base;
    }
    return select(vec4f(), exp(exponent * log(max(base, vec4f(1e-30)))), base > vec4f(1e-30));
}

fn binary(v: vec4f, goal: vec4f) -> Term {
    if (FROM_LOGITS) {
        let loss = max(v, vec4f()) - v * goal + log(1.0 + exp(-abs(v)));
        return Term(loss, sigmoid(v) - goal);
    }
    let p = clipped(v);
    let loss = -(goal * log(p) + (1.0 - goal) * log(1.0 - p));
    return Term(loss, inside(v, (p - goal) / (p * (1.0 - p))));
}

// `1 - p_t`, and the sign of what `p` adds to `p_t`.
fn focal(v: vec4f, goal: vec4f) -> Term {
    let plain = binary(v, goal);
    var p = v;
    var dp = vec4f(1.0);
    if (FROM_LOGITS) {
        p = sigmoid(v);
        dp = p * (1.0 - p);
    }
    let rest = 1.0 - (goal * p + (1.0 - goal) * (1.0 - p));
    let factor = power(rest, SECOND);
    var dfactor = vec4f();
    if (SECOND != 0.0) {
        dfactor = -SECOND * power(rest, SECOND - 1.0) * (2.0 * goal - 1.0) * dp;
    }
    var weight = vec4f(1.0);
    if (FIRST >= 0.0) {
        weight = goal * FIRST + (1.0 - goal) * (1.0 - FIRST);
    }
    return Term(weight * factor * plain.loss, weight * (dfactor * plain.loss + factor * plain.slope));
}

fn term(v: vec4f, goal: vec4f) -> Term {
    let e = v - goal;
    switch FUNCTION {
        case 0u: {
            return Term(e * e, 2.0 * e);
        }
        case 1u: {
            return Term(abs(e), sign(e));
        }
        case 2u: {
            let far = abs(e) > vec4f(FIRST);
            let loss = select(0.5 * e * e, FIRST * abs(e) - 0.5 * FIRST * FIRST, far);
            return Term(loss, select(e, FIRST * sign(e), far));
        }
        case 3u: {
            let p = clamp(v, vec4f(LEAST), vec4f(1.0));
            let q = clamp(goal, vec4f(LEAST), vec4f(1.0));
            let outside = (v < vec4f(LEAST)) | (v > vec4f(1.0));
            return Term(q * log(q / p), select(-q / p, vec4f(), outside));
        }
        case 4u: {
            return binary(v, goal);
        }
        default: {
            return focal(v, goal);
        }
    }
}

// What a row of shares needs: the largest logit, and the sum of the powers; or the sum of the values.
struct Row {
    top: vec4f,
    sum: vec4f,
}

fn share(v: vec4f, row: Row) -> vec4f {
    if (FROM_LOGITS) {
        return exp(v - row.top) / row.sum;
    }
    return v / row.sum;
}

// The slope of a row's loss by a share.
fn slope_of_share(q: vec4f, goal: vec4f) -> vec4f {
    let c = clipped(q);
    if (FUNCTION == 6u) {
        return inside(q, -goal / c);
    }
    let rest = 1.0 - c;
    var slope = -power(rest, SECOND) / c;
    if (SECOND != 0.0) {
        slope += SECOND * power(rest, SECOND - 1.0) * log(c);
    }
    return inside(q, FIRST * goal * slope);
}

fn loss_of_share(v: vec4f, goal: vec4f, row: Row) -> vec4f {
    if (FUNCTION == 6u && FROM_LOGITS) {
        return goal * (log(row.sum) + row.top - v);
    }
    let c = clipped(share(v, row));
    if (FUNCTION == 6u) {
        return -goal * log(c);
    }
    return -FIRST * power(1.0 - c, SECOND) * goal * log(c);
}

fn row_of(position: u32, quad: u32, quads: u32) -> Row {
    var row = Row(vec4f(), vec4f());
    if (FUNCTION < 6u) {
        return row;
    }
    if (FROM_LOGITS) {
        row.top = x[position * quads + quad];
        for (var c = 1u; c < CHANNELS; c++) {
            row.top = max(row.top, x[(c * POSITIONS + position) * quads + quad]);
        }
    }
    for (var c = 0u; c < CHANNELS; c++) {
        let v = x[(c * POSITIONS + position) * quads + quad];
        row.sum += select(v, exp(v - row.top), FROM_LOGITS);
    }
    return row;
}

// Writes the verdict on a position.
fn judge(position: u32, quad: u32, quads: u32, row: Row) {
    var loss = vec4f();
    var right = vec4f();
    let first = position * quads + quad;
    var best = x[first];
    var wanted = y[first];
    var answer = vec4u();
    var label = vec4u();
    for (var c = 0u; c < CHANNELS; c++) {
        let at = (c * POSITIONS + position) * quads + quad;
        let v = x[at];
        let goal = y[at];
        if (FUNCTION < 6u) {
            loss += term(v, smoothed(goal)).loss;
        } else {
            loss += loss_of_share(v, smoothed(goal), row);
        }
        if (LARGEST) {
            answer = select(answer, vec4u(c), v > best);
            best = max(best, v);
            label = select(label, vec4u(c), goal > wanted);
            wanted = max(wanted, goal);
        } else {
            right += select(vec4f(), vec4f(1.0), select(vec4f(), vec4f(1.0), v > vec4f(THRESHOLD)) == goal);
        }
    }
    if (LARGEST) {
        right = select(vec4f(), vec4f(1.0), answer == label);
    } else {
        right /= f32(CHANNELS);
    }
    verdict[first] = loss * SCALE;
    verdict[(POSITIONS + position) * quads + quad] = right;
}

// Validation: the verdict alone.
@compute @workgroup_size(WORKGROUP)
fn evaluate(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
    let quads = arrayLength(&x) / ELEMENTS;
    let index = id.y * groups.x * WORKGROUP + id.x;
    if (index >= POSITIONS * quads) {
        return;
    }
    judge(index / quads, index % quads, quads, row_of(index / quads, index % quads, quads));
}

// Training: the verdict, and the gradient of the mean over positions and real samples.
@compute @workgroup_size(WORKGROUP)
fn train(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
    let quads = arrayLength(&x) / ELEMENTS;
    let index = id.y * groups.x * WORKGROUP + id.x;
    if (index >= POSITIONS * quads) {
        return;
    }
    let position = index / quads;
    let quad = index % quads;
    let row = row_of(position, quad, quads);
    judge(position, quad, quads, row);
    let step = steps[state[0]];
    let real = vec4u(quad * 4u) + vec4u(0u, 1u, 2u, 3u) < vec4u(step.batch);
    let weight = select(vec4f(), vec4f(SCALE * WEIGHT / f32(POSITIONS) * step.inverse_batch), real);
    // Of rows of shares that are not logits of a plain crossentropy: the slopes of all shares meet in their sum.
    var meet = vec4f();
    if (FUNCTION == 7u || (FUNCTION == 6u && !FROM_LOGITS)) {
        for (var c = 0u; c < CHANNELS; c++) {
            let at = (c * POSITIONS + position) * quads + quad;
            let q = share(x[at], row);
            meet += slope_of_share(q, smoothed(y[at])) * q;
        }
    }
    for (var c = 0u; c < CHANNELS; c++) {
        let at = (c * POSITIONS + position) * quads + quad;
        let v = x[at];
        let goal = smoothed(y[at]);
        var slope = vec4f();
        if (FUNCTION < 6u) {
            slope = term(v, goal).slope;
        } else if (FUNCTION == 6u && FROM_LOGITS) {
            slope = share(v, row) - goal;
        } else {
            let q = share(v, row);
            slope = slope_of_share(q, goal) - meet;
            slope *= select(1.0 / row.sum, q, FROM_LOGITS);
        }
        dx[at] = select(vec4f(), slope * weight, real);
    }
}

// Adds a quad's verdicts to the totals.
@compute @workgroup_size(WORKGROUP)
fn total(@builtin(global_invocation_id) id: vec3u) {
    let quads = arrayLength(&verdict) / (2u * POSITIONS);
    let quad = id.x;
    if (quad >= quads) {
        return;
    }
    var loss = vec4f();
    var right = vec4f();
    for (var position = 0u; position < POSITIONS; position++) {
        loss += verdict[position * quads + quad];
        right += verdict[(POSITIONS + position) * quads + quad];
    }
    let real = order[state[0] * quads + quad] != vec4u(NONE);
    let losses = dot(select(vec4f(), loss, real), vec4f(1.0));
    let rights = dot(select(vec4f(), right, real), vec4f(1.0));
    totals[quad] += vec4f(losses * WEIGHT, rights, 0.0, 0.0) / f32(POSITIONS);
    if (quad == 0u) {
        state[1] = state[0] + 1u;
    }
}
