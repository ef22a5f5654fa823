// Mean and spread of sets of elements, for each sample by itself: what normalisations begin with.
//
//   x         any tensor, a vec4 = four samples of one element
//   moments   [SETS][CHUNKS][mean, spread][quad]: of each chunk of a set, its mean and the sum of (x - mean)^2
// Element k of a set is x[s SET_STEP + k STEP]. Sets are cut into chunks because a driver may end an invocation's loops
// after 65,535 turns; who reads them puts the chunks together (Chan, Golub, LeVeque 1983), which loses no digits as sums of
// squares would. Everything is written with `=`. One invocation: one chunk of a quad.

// Geometry. The compiler rewrites these values for each layer; the defaults keep this file valid by itself.
const WORKGROUP: u32 = 64u;
const SETS: u32 = 8u;
const COUNT: u32 = 100u;
const SET_STEP: u32 = 100u;
const STEP: u32 = 1u;
const CHUNK: u32 = 64u;
// Elements of a sample of x.
const ELEMENTS: u32 = 800u;

const CHUNKS: u32 = (COUNT + CHUNK - 1u) / CHUNK;

@group(0) @binding(0) var<storage, read> x: array<vec4f>;
@group(0) @binding(1) var<storage, read_write> moments: array<vec4f>;

@compute @workgroup_size(WORKGROUP)
fn forward(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
    let quads = arrayLength(&x) / ELEMENTS;
    let index = id.y * groups.x * WORKGROUP + id.x;
    let quad = index % quads;
    let chunk = index / quads % CHUNKS;
    let s = index / (quads * CHUNKS);
    if (s >= SETS) {
        return;
    }
    let first = chunk * CHUNK;
    let last = min(first + CHUNK, COUNT);
    var sum = vec4f();
    for (var k = first; k < last; k++) {
        sum += x[(s * SET_STEP + k * STEP) * quads + quad];
    }
    let mean = sum / f32(last - first);
    var spread = vec4f();
    for (var k = first; k < last; k++) {
        let d = x[(s * SET_STEP + k * STEP) * quads + quad] - mean;
        spread += d * d;
    }
    let at = (s * CHUNKS + chunk) * 2u * quads + quad;
    moments[at] = mean;
    moments[at + quads] = spread;
}
