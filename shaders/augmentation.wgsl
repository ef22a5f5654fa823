// What training does to its samples at random: matrices to move them by, brightness, contrast, rectangles taken away, noise,
// samples mixed with one another.
//
//   x, y         [ELEMENTS][quad], a vec4 = four samples; for `transforms` y is [a0, a1, a2, b0, b1, b2][quad]
//   statistics   [channel][mean, 1 / deviation][quad]
//   steps        [step]: its record, see `Step`
//   state        [0] the step under way
// Number i of a quad's samples: the four words of a Philox4x32-10 block (Salmon et al., "Parallel random numbers: as easy as
// 1, 2, 3", 2011) of the counter [i, quad, stream] and the step's key, the same on every executor. Everything is written with
// `=`. One invocation: one element of a quad; of `transforms` and `mixtures` one quad. What `mixtures` writes,
// [partner, share, left, right, top, bottom][quad], `mixed` reads as `statistics`; see `compiler/src/ops/mixing.rs`.
// Sources: keras/src/layers/preprocessing/image_preprocessing, keras/src/layers/regularization/gaussian_noise.py.

// Geometry. The compiler rewrites these values for each layer; the defaults keep this file valid by itself.
const WORKGROUP: u32 = 64u;
const ELEMENTS: u32 = 16u;
// Elements of a channel.
const POSITIONS: u32 = 16u;
const HEIGHT: u32 = 4u;
const WIDTH: u32 = 4u;
const OUT_HEIGHT: u32 = 4u;
const OUT_WIDTH: u32 = 4u;
const STREAM_LOW: u32 = 0u;
const STREAM_HIGH: u32 = 0u;
// 0 flip, 1 translation, 2 rotation, 3 zoom, 4 shear, 5 crop, 6 window.
const MOTION: u32 = 0u;
// Flip: left and right change places. Zoom: the width has a number of its own. Adjust: the contrast. Erase: with normal values.
// Mixtures, mixed: a rectangle is the other sample's.
const FIRST: bool = false;
// Flip: above and below change places.
const SECOND: bool = false;
// Ranges that are drawn from.
const LOW_0: f32 = 0.0;
const HIGH_0: f32 = 1.0;
const LOW_1: f32 = 0.0;
const HIGH_1: f32 = 1.0;
// What results are cut to.
const LEAST: f32 = 0.0;
const MOST: f32 = 255.0;
// What fills the channels, or the deviation of noise.
const FILL_0: f32 = 0.0;
const FILL_1: f32 = 0.0;
const FILL_2: f32 = 0.0;

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
@group(0) @binding(1) var<storage, read> steps: array<Step>;
@group(0) @binding(2) var<storage, read_write> state: array<u32>;
@group(0) @binding(3) var<storage, read_write> y: array<vec4f>;
@group(0) @binding(4) var<storage, read> statistics: array<vec4f>;

// The high word of a product, from products of half words: there are no 64 bits.
fn high(a: u32, b: u32) -> u32 {
    let low_a = a & 0xffffu;
    let high_a = a >> 16u;
    let low_b = b & 0xffffu;
    let high_b = b >> 16u;
    let middle = high_a * low_b + ((low_a * low_b) >> 16u);
    let other = low_a * high_b + (middle & 0xffffu);
    return high_a * high_b + (middle >> 16u) + (other >> 16u);
}

fn philox(counter: vec4u, key: vec2u) -> vec4u {
    var c = counter;
    var k = key;
    for (var round = 0u; round < 10u; round++) {
        let first = high(0xD2511F53u, c.x);
        let second = high(0xCD9E8D57u, c.z);
        c = vec4u(second ^ c.y ^ k.x, 0xCD9E8D57u * c.z, first ^ c.w ^ k.y, 0xD2511F53u * c.x);
        k += vec2u(0x9E3779B9u, 0xBB67AE85u);
    }
    return c;
}

// 2^-24.
const TO_ONE: f32 = 1.0 / 16777216.0;

// Number i of a quad's samples, each from 0 to below 1.
fn uniforms(i: u32, quad: u32) -> vec4f {
    let words = philox(vec4u(i, quad, STREAM_LOW, STREAM_HIGH), steps[state[0]].key);
    return vec4f(words >> vec4u(8u)) * TO_ONE;
}

// Of a mean of 0 and a deviation of 1, from the numbers i and i + 1 (Box and Muller).
fn normals(i: u32, quad: u32) -> vec4f {
    let radius = sqrt(-2.0 * log(uniforms(i, quad) + 0.5 * TO_ONE));
    return radius * cos(6.283185307179586 * uniforms(i + 1u, quad));
}

fn between(low: f32, high: f32, u: vec4f) -> vec4f {
    return low + (high - low) * u;
}

fn put(quad: u32, quads: u32, a0: vec4f, a1: vec4f, a2: vec4f, b0: vec4f, b1: vec4f, b2: vec4f) {
    y[quad] = a0;
    y[quads + quad] = a1;
    y[2u * quads + quad] = a2;
    y[3u * quads + quad] = b0;
    y[4u * quads + quad] = b1;
    y[5u * quads + quad] = b2;
}

@compute @workgroup_size(WORKGROUP)
fn transforms(@builtin(global_invocation_id) id: vec3u) {
    let quads = arrayLength(&y) / 6u;
    let quad = id.x;
    if (quad >= quads) {
        return;
    }
    let zero = vec4f();
    let one = vec4f(1.0);
    let last_row = f32(HEIGHT) - 1.0;
    let last_column = f32(WIDTH) - 1.0;
    if (MOTION == 0u) {
        let flips = uniforms(0u, quad) <= vec4f(0.5);
        let across = select(vec4<bool>(), flips, FIRST);
        let down = select(vec4<bool>(), flips, SECOND);
        put(
            quad, quads,
            select(one, -one, across), zero, select(zero, vec4f(last_column), across),
            zero, select(one, -one, down), select(zero, vec4f(last_row), down),
        );
    } else if (MOTION == 1u) {
        let down = between(LOW_0, HIGH_0, uniforms(0u, quad)) * f32(HEIGHT);
        let across = between(LOW_1, HIGH_1, uniforms(1u, quad)) * f32(WIDTH);
        put(quad, quads, one, zero, -across, zero, one, -down);
    } else if (MOTION == 2u) {
        let angle = between(LOW_0 * 6.283185307179586, HIGH_0 * 6.283185307179586, uniforms(0u, quad));
        let c = cos(angle);
        let s = sin(angle);
        let cx = 0.5 * last_column;
        let cy = 0.5 * last_row;
        put(quad, quads, c, -s, cx - cx * c + cy * s, s, c, cy - cx * s - cy * c);
    } else if (MOTION == 3u) {
        let down = between(LOW_0, HIGH_0, uniforms(0u, quad));
        let across = select(down, between(LOW_1, HIGH_1, uniforms(1u, quad)), vec4<bool>(FIRST));
        put(
            quad, quads,
            across, zero, 0.5 * last_column * (1.0 - across),
            zero, down, 0.5 * last_row * (1.0 - down),
        );
    } else if (MOTION == 4u) {
        let way = select(one, -one, uniforms(0u, quad) > vec4f(0.5));
        let rows = between(LOW_1, HIGH_1, uniforms(1u, quad)) * way;
        let columns = between(LOW_0, HIGH_0, uniforms(2u, quad)) * way;
        put(quad, quads, one, columns, zero, rows, one, zero);
    } else if (MOTION == 5u) {
        let down = floor(uniforms(0u, 0u).x * f32(HEIGHT - OUT_HEIGHT + 1u));
        let across = floor(uniforms(1u, 0u).x * f32(WIDTH - OUT_WIDTH + 1u));
        put(quad, quads, one, zero, vec4f(across), zero, one, vec4f(down));
    } else {
        let down = LOW_0 / f32(OUT_HEIGHT);
        let across = LOW_1 / f32(OUT_WIDTH);
        let top = floor((f32(HEIGHT) - LOW_0) * 0.5);
        let left = floor((f32(WIDTH) - LOW_1) * 0.5);
        put(
            quad, quads,
            vec4f(across), zero, vec4f(left + 0.5 * across - 0.5),
            zero, vec4f(down), vec4f(top + 0.5 * down - 0.5),
        );
    }
}

@compute @workgroup_size(WORKGROUP)
fn adjust(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
    let quads = arrayLength(&y) / ELEMENTS;
    let index = id.y * groups.x * WORKGROUP + id.x;
    let element = index / quads;
    if (element >= ELEMENTS) {
        return;
    }
    let quad = index % quads;
    let drawn = between(LOW_0, HIGH_0, uniforms(0u, quad));
    var made = x[index] + drawn;
    if (FIRST) {
        let mean = statistics[element / POSITIONS * 2u * quads + quad];
        made = (x[index] - mean) * drawn + mean;
    }
    y[index] = clamp(made, vec4f(LEAST), vec4f(MOST));
}

// Which of a quad's samples lose the place.
fn erased(place: u32, quad: u32) -> vec4<bool> {
    let width = sqrt(between(LOW_0, HIGH_0, uniforms(0u, quad))) * f32(WIDTH);
    let height = sqrt(between(LOW_0, HIGH_0, uniforms(1u, quad))) * f32(HEIGHT);
    let left = uniforms(2u, quad) * (f32(WIDTH) - width);
    let top = uniforms(3u, quad) * (f32(HEIGHT) - height);
    let column = vec4f(f32(place % WIDTH));
    let row = vec4f(f32(place / WIDTH));
    let inside = (column >= left) & (column < left + width) & (row >= top) & (row < top + height);
    return inside & (uniforms(5u, quad) < between(LOW_1, HIGH_1, uniforms(4u, quad)));
}

@compute @workgroup_size(WORKGROUP)
fn erase(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
    let quads = arrayLength(&y) / ELEMENTS;
    let index = id.y * groups.x * WORKGROUP + id.x;
    let element = index / quads;
    if (element >= ELEMENTS) {
        return;
    }
    let quad = index % quads;
    let channel = element / POSITIONS;
    var fill = vec4f(select(select(FILL_2, FILL_1, channel == 1u), FILL_0, channel == 0u));
    if (FIRST) {
        fill = normals(8u + 2u * element, quad) * FILL_0;
    }
    fill = clamp(fill, vec4f(LEAST), vec4f(MOST));
    y[index] = select(x[index], fill, erased(element % POSITIONS, quad));
}

@compute @workgroup_size(WORKGROUP)
fn noise(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
    let quads = arrayLength(&y) / ELEMENTS;
    let index = id.y * groups.x * WORKGROUP + id.x;
    let element = index / quads;
    if (element >= ELEMENTS) {
        return;
    }
    y[index] = x[index] + FILL_0 * normals(2u * element, index % quads);
}

// Numbers of the beta distribution whose parameters are both `alpha`, up to 1 (Jöhnk 1964), by logarithms: powers of small
// parameters would be 0.
fn beta(alpha: f32, quad: u32) -> vec4f {
    var made = vec4f(0.5);
    var open = vec4<bool>(true, true, true, true);
    for (var attempt = 0u; attempt < 32u; attempt++) {
        if (any(open)) {
            let own = log(uniforms(4u + 2u * attempt, quad) + 0.5 * TO_ONE) / alpha;
            let other = log(uniforms(5u + 2u * attempt, quad) + 0.5 * TO_ONE) / alpha;
            let holds = open & (exp(own) + exp(other) <= vec4f(1.0));
            made = select(made, 1.0 / (1.0 + exp(clamp(other - own, vec4f(-80.0), vec4f(80.0)))), holds);
            open = open & !holds;
        }
    }
    return made;
}

// How many samples of the batch have a smaller number 3, each another count; what fills the last quad is left out.
fn partners(quad: u32, quads: u32) -> vec4u {
    let step = steps[state[0]];
    let lanes = vec4u(0u, 1u, 2u, 3u);
    let own = philox(vec4u(3u, quad, STREAM_LOW, STREAM_HIGH), step.key);
    let places = 4u * quad + lanes;
    var smaller = vec4u();
    for (var other = 0u; other < quads; other++) {
        let words = philox(vec4u(3u, other, STREAM_LOW, STREAM_HIGH), step.key);
        for (var lane = 0u; lane < 4u; lane++) {
            let word = vec4u(words[lane]);
            let place = vec4u(4u * other + lane);
            let before = (word < own) | ((word == own) & (place < places));
            smaller += select(vec4u(), vec4u(1u), before & (place < vec4u(step.batch)));
        }
    }
    return select(places, smaller, places < vec4u(step.batch));
}

@compute @workgroup_size(WORKGROUP)
fn mixtures(@builtin(global_invocation_id) id: vec3u) {
    let quads = arrayLength(&y) / 6u;
    let quad = id.x;
    if (quad >= quads) {
        return;
    }
    let alpha = LOW_0 + (HIGH_0 - LOW_0) * uniforms(0u, 0u).x;
    let partner = vec4f(partners(quad, quads));
    let share = beta(alpha, quad);
    let zero = vec4f();
    if (FIRST) {
        let side = sqrt(1.0 - share);
        let width = side * f32(WIDTH);
        let height = side * f32(HEIGHT);
        let left = uniforms(1u, quad) * (f32(WIDTH) - width);
        let top = uniforms(2u, quad) * (f32(HEIGHT) - height);
        let right = left + width;
        let bottom = top + height;
        let kept = 1.0 - (right - left) * (bottom - top) / f32(WIDTH * HEIGHT);
        put(quad, quads, partner, kept, left, right, top, bottom);
    } else {
        put(quad, quads, partner, share, zero, zero, zero, zero);
    }
}

@compute @workgroup_size(WORKGROUP)
fn mixed(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
    let quads = arrayLength(&y) / ELEMENTS;
    let index = id.y * groups.x * WORKGROUP + id.x;
    let element = index / quads;
    if (element >= ELEMENTS) {
        return;
    }
    let quad = index % quads;
    let partners = vec4u(statistics[quad]);
    let first = element * quads;
    let other = vec4f(
        x[first + partners.x / 4u][partners.x % 4u],
        x[first + partners.y / 4u][partners.y % 4u],
        x[first + partners.z / 4u][partners.z % 4u],
        x[first + partners.w / 4u][partners.w % 4u],
    );
    if (FIRST) {
        let column = vec4f(f32(element % POSITIONS % WIDTH));
        let row = vec4f(f32(element % POSITIONS / WIDTH));
        let across = (column >= statistics[2u * quads + quad]) & (column < statistics[3u * quads + quad]);
        let down = (row >= statistics[4u * quads + quad]) & (row < statistics[5u * quads + quad]);
        y[index] = select(x[index], other, across & down);
    } else {
        let share = statistics[quads + quad];
        y[index] = share * x[index] + (1.0 - share) * other;
    }
}
