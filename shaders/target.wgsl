// Picks what a batch's outputs are compared with out of the data set.
//
//   targets    [sample of the data set][POSITIONS][CHANNELS]: floats
//   labels     [sample of the data set]: the number of its class
//   order      [step][4 quads]: which sample of the data set each sample of a batch is; NONE for padding, which becomes zero
//   state      [0] the step under way
//   y          [CHANNELS][POSITIONS][quad], a vec4 = four samples; written with `=`
// One invocation: one element of a quad. `main` copies values, `numbers` makes one-hot rows of class numbers.

// Geometry. The compiler rewrites these values for each layer; the defaults keep this file valid by itself.
const WORKGROUP: u32 = 64u;
const CHANNELS: u32 = 10u;
const POSITIONS: u32 = 1u;

const ELEMENTS: u32 = CHANNELS * POSITIONS;
// What marks padding in `order`.
const NONE: u32 = ~0u;

@group(0) @binding(0) var<storage, read> targets: array<f32>;
@group(0) @binding(1) var<storage, read> order: array<vec4u>;
@group(0) @binding(2) var<storage, read_write> state: array<u32>;
@group(0) @binding(3) var<storage, read_write> y: array<vec4f>;
@group(0) @binding(4) var<storage, read> labels: array<u32>;

fn value(sample: u32, element: u32) -> f32 {
    if (sample == NONE) {
        return 0.0;
    }
    return targets[sample * ELEMENTS + element];
}

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
    let quads = arrayLength(&y) / ELEMENTS;
    let index = id.y * groups.x * WORKGROUP + id.x;
    if (index >= ELEMENTS * quads) {
        return;
    }
    let quad = index % quads;
    let element = index / quads;
    let samples = order[state[0] * quads + quad];
    let v = vec4f(
        value(samples.x, element),
        value(samples.y, element),
        value(samples.z, element),
        value(samples.w, element),
    );
    y[(element % CHANNELS * POSITIONS + element / CHANNELS) * quads + quad] = v;
}

fn is_of(sample: u32, class_number: u32) -> f32 {
    if (sample == NONE) {
        return 0.0;
    }
    return select(0.0, 1.0, labels[sample] == class_number);
}

@compute @workgroup_size(WORKGROUP)
fn numbers(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
    let quads = arrayLength(&y) / ELEMENTS;
    let index = id.y * groups.x * WORKGROUP + id.x;
    if (index >= ELEMENTS * quads) {
        return;
    }
    let quad = index % quads;
    let element = index / quads;
    let samples = order[state[0] * quads + quad];
    let channel = element / POSITIONS;
    y[index] = vec4f(
        is_of(samples.x, channel),
        is_of(samples.y, channel),
        is_of(samples.z, channel),
        is_of(samples.w, channel),
    );
}
