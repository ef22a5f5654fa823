// Normalization: sets of elements less their mean, divided by their standard deviation, times gamma, plus beta; forward and
// backward. A set is a group of channels over all positions, or all channels of a position, of one sample; in batch
// normalization a channel of all samples, whose statistics and means come from `batch_normalization.wgsl`.
//
//   x, y, dy, dx   [CHANNELS][POSITIONS][quad], a vec4 = four samples
//   moments        [SETS][CHUNKS][mean, spread][quad], of `moments.wgsl`
//   statistics     [SETS][mean, 1 / deviation][quad]
//   sums           [SETS][CHUNKS][g, g xhat][quad]: sums over a chunk; g = dy gamma, xhat = (x - mean) / deviation
//   means          [SETS][g, g xhat][quad]: the means over a set
//   parameters     gamma, beta, each [CHANNELS / 4, rounded up], a vec4 = four channels
//   gradients      [split][as gamma] at DGAMMA_AT, [split][as beta] at DBETA_AT; the optimizer adds the splits
// Everything is written with `=`.

// Geometry. The compiler rewrites these values for each layer; the defaults keep this file valid by itself.
const WORKGROUP: u32 = 64u;
const CHANNELS: u32 = 8u;
const POSITIONS: u32 = 100u;
// Whether a set is a position; else a group of channels.
const BY_POSITION: bool = false;
const GROUPS: u32 = 2u;
const CHUNK: u32 = 64u;
const EPSILON: f32 = 0.001;
const HAS_GAMMA: bool = true;
const HAS_BETA: bool = true;
// In vec4s from the start of the parameters and of the gradients.
const GAMMA_AT: u32 = 0u;
const BETA_AT: u32 = 2u;
const DGAMMA_AT: u32 = 0u;
const DBETA_AT: u32 = 2u;
const SPLIT_POSITIONS: u32 = 1u;
const SPLIT_QUADS: u32 = 1u;

const GROUP_SIZE: u32 = CHANNELS / GROUPS;
const SETS: u32 = select(GROUPS, POSITIONS, BY_POSITION);
// Elements of a set, and from one set and one element to the next.
const COUNT: u32 = select(GROUP_SIZE * POSITIONS, CHANNELS, BY_POSITION);
const SET_STEP: u32 = select(GROUP_SIZE * POSITIONS, 1u, BY_POSITION);
const STEP: u32 = select(1u, POSITIONS, BY_POSITION);
const CHUNKS: u32 = (COUNT + CHUNK - 1u) / CHUNK;
const C4: u32 = (CHANNELS + 3u) / 4u;
const SPLITS: u32 = SPLIT_POSITIONS * SPLIT_QUADS;
// The positions that are added up by themselves.
const PART: u32 = 16u * 16u;

@group(0) @binding(0) var<storage, read> x: array<vec4f>;
@group(0) @binding(1) var<storage, read> parameters: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> y: array<vec4f>;
@group(0) @binding(3) var<storage, read> dy: array<vec4f>;
@group(0) @binding(4) var<storage, read_write> dx: array<vec4f>;
@group(0) @binding(5) var<storage, read> moments: array<vec4f>;
@group(0) @binding(6) var<storage, read_write> statistics: array<vec4f>;
@group(0) @binding(7) var<storage, read_write> sums: array<vec4f>;
@group(0) @binding(8) var<storage, read_write> means: array<vec4f>;
@group(0) @binding(9) var<storage, read_write> gradients: array<vec4f>;

fn gamma(c: u32) -> f32 {
    if (HAS_GAMMA) {
        return parameters[GAMMA_AT + c / 4u][c % 4u];
    }
    return 1.0;
}

fn beta(c: u32) -> f32 {
    if (HAS_BETA) {
        return parameters[BETA_AT + c / 4u][c % 4u];
    }
    return 0.0;
}

// The set of an element.
fn set_of(element: u32) -> u32 {
    return select(element / (GROUP_SIZE * POSITIONS), element % POSITIONS, BY_POSITION);
}

// Puts a set's chunks together. One invocation: one set of a quad.
@compute @workgroup_size(WORKGROUP)
fn set_statistics(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
    let quads = arrayLength(&moments) / (SETS * CHUNKS * 2u);
    let index = id.y * groups.x * WORKGROUP + id.x;
    let quad = index % quads;
    let s = index / quads;
    if (s >= SETS) {
        return;
    }
    var mean = vec4f();
    var spread = vec4f();
    for (var chunk = 0u; chunk < CHUNKS; chunk++) {
        let at = (s * CHUNKS + chunk) * 2u * quads + quad;
        let before = f32(chunk * CHUNK);
        let share = f32(min(CHUNK, COUNT - chunk * CHUNK)) / f32(min((chunk + 1u) * CHUNK, COUNT));
        let d = moments[at] - mean;
        mean += d * share;
        spread += moments[at + quads] + d * d * (before * share);
    }
    statistics[s * 2u * quads + quad] = mean;
    statistics[(s * 2u + 1u) * quads + quad] = inverseSqrt(spread / f32(COUNT) + EPSILON);
}

// One invocation: one element of a quad.
@compute @workgroup_size(WORKGROUP)
fn forward(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
    let quads = arrayLength(&x) / (CHANNELS * POSITIONS);
    let index = id.y * groups.x * WORKGROUP + id.x;
    let element = index / quads;
    let c = element / POSITIONS;
    if (c >= CHANNELS) {
        return;
    }
    let at = set_of(element) * 2u * quads + index % quads;
    y[index] = (x[index] - statistics[at]) * statistics[at + quads] * gamma(c) + beta(c);
}

// The sums of g and of g xhat. One invocation: one chunk of a set of a quad.
@compute @workgroup_size(WORKGROUP)
fn backward_sums(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
    let quads = arrayLength(&x) / (CHANNELS * POSITIONS);
    let index = id.y * groups.x * WORKGROUP + id.x;
    let quad = index % quads;
    let chunk = index / quads % CHUNKS;
    let s = index / (quads * CHUNKS);
    if (s >= SETS) {
        return;
    }
    let mean = statistics[s * 2u * quads + quad];
    let last = min((chunk + 1u) * CHUNK, COUNT);
    var sum = vec4f();
    var product = vec4f();
    for (var k = chunk * CHUNK; k < last; k++) {
        let element = s * SET_STEP + k * STEP;
        let at = element * quads + quad;
        let g = dy[at] * gamma(element / POSITIONS);
        sum += g;
        product += g * (x[at] - mean);
    }
    let at = (s * CHUNKS + chunk) * 2u * quads + quad;
    sums[at] = sum;
    sums[at + quads] = product * statistics[(s * 2u + 1u) * quads + quad];
}

// Their means. One invocation: one set of a quad.
@compute @workgroup_size(WORKGROUP)
fn set_means(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
    let quads = arrayLength(&sums) / (SETS * CHUNKS * 2u);
    let index = id.y * groups.x * WORKGROUP + id.x;
    let quad = index % quads;
    let s = index / quads;
    if (s >= SETS) {
        return;
    }
    var sum = vec4f();
    var product = vec4f();
    for (var chunk = 0u; chunk < CHUNKS; chunk++) {
        let at = (s * CHUNKS + chunk) * 2u * quads + quad;
        sum += sums[at];
        product += sums[at + quads];
    }
    means[s * 2u * quads + quad] = sum / f32(COUNT);
    means[(s * 2u + 1u) * quads + quad] = product / f32(COUNT);
}

// dx = (g - mean of g - xhat mean of g xhat) / deviation. One invocation: one element of a quad.
@compute @workgroup_size(WORKGROUP)
fn backward(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
    let quads = arrayLength(&x) / (CHANNELS * POSITIONS);
    let index = id.y * groups.x * WORKGROUP + id.x;
    let element = index / quads;
    if (element >= CHANNELS * POSITIONS) {
        return;
    }
    let at = set_of(element) * 2u * quads + index % quads;
    let inverse = statistics[at + quads];
    let xhat = (x[index] - statistics[at]) * inverse;
    let g = dy[index] * gamma(element / POSITIONS);
    dx[index] = (g - means[at] - xhat * means[at + quads]) * inverse;
}

// dgamma = sum of dy xhat, dbeta = sum of dy. One invocation: four channels, one split of the positions and quads.
@compute @workgroup_size(WORKGROUP)
fn dgamma(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
    let quads = arrayLength(&x) / (CHANNELS * POSITIONS);
    let index = id.y * groups.x * WORKGROUP + id.x;
    let split = index % SPLITS;
    let c4 = index / SPLITS;
    if (c4 >= C4) {
        return;
    }
    let first = split % SPLIT_POSITIONS * POSITIONS / SPLIT_POSITIONS;
    let last = (split % SPLIT_POSITIONS + 1u) * POSITIONS / SPLIT_POSITIONS;
    let first_quad = split / SPLIT_POSITIONS * quads / SPLIT_QUADS;
    let last_quad = (split / SPLIT_POSITIONS + 1u) * quads / SPLIT_QUADS;
    var product = vec4f();
    var sum = vec4f();
    // Some positions are added up by themselves, as a sum of many small numbers loses the bits of each.
    for (var begin = first; begin < last; begin += PART) {
        var product_part = vec4f();
        var sum_part = vec4f();
        for (var p = begin; p < min(begin + PART, last); p++) {
            for (var quad = first_quad; quad < last_quad; quad++) {
                for (var j = 0u; j < 4u; j++) {
                    let c = c4 * 4u + j;
                    if (c < CHANNELS) {
                        let element = c * POSITIONS + p;
                        let at = element * quads + quad;
                        let statistic = set_of(element) * 2u * quads + quad;
                        let xhat = (x[at] - statistics[statistic]) * statistics[statistic + quads];
                        product_part[j] += dot(dy[at], xhat);
                        sum_part[j] += dot(dy[at], vec4f(1.0));
                    }
                }
            }
        }
        product += product_part;
        sum += sum_part;
    }
    if (HAS_GAMMA) {
        gradients[DGAMMA_AT + split * C4 + c4] = product;
    }
    if (HAS_BETA) {
        gradients[DBETA_AT + split * C4 + c4] = sum;
    }
}
