// Values dropped at random in training; with gradients in place of the values it is its own gradient step.
//
//   x, y     [ELEMENTS][quad], a vec4 = four samples; y is written with `=`
//   steps    [step]: its record, see `Step`
//   state    [0] the step under way
// What is dropped is a function of the step's key, the stream (a layer's), the element and the quad, the same on every
// executor: the four words of a Philox4x32-10 block (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", 2011).
// One invocation: one element of a quad.

// Geometry. The compiler rewrites these values for each layer; the defaults keep this file valid by itself.
const WORKGROUP: u32 = 64u;
const ELEMENTS: u32 = 16u;
// How many elements in a row are dropped or kept together.
const TOGETHER: u32 = 1u;
// A value is dropped where its word is below this; the others are multiplied by SCALE.
const THRESHOLD: u32 = 2147483648u;
const SCALE: f32 = 2.0;
const STREAM_LOW: u32 = 0u;
const STREAM_HIGH: u32 = 0u;

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

@compute @workgroup_size(WORKGROUP)
fn dropout(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
    let quads = arrayLength(&y) / ELEMENTS;
    let index = id.y * groups.x * WORKGROUP + id.x;
    let element = index / quads;
    if (element >= ELEMENTS) {
        return;
    }
    let words = philox(vec4u(element / TOGETHER, index % quads, STREAM_LOW, STREAM_HIGH), steps[state[0]].key);
    y[index] = select(vec4f(), x[index] * SCALE, words >= vec4u(THRESHOLD));
}
