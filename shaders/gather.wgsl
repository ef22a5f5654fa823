// Picks a batch's pictures out of the resident data set.
//
//   data0..3   the data set, sample after sample, in Keras's order [position][channel]; split over up to four buffers since
//              drivers bind limited sizes. As bytes, four to a word, each sample padded to whole words; or as floats.
//   order      [step][4 quads]: which sample each sample of the batch is; NONE for padding, which becomes zero
//   state      [0] the step under way, [1] the next one, [2] samples in each of data0..3
//   x          [CHANNELS][POSITIONS][quad], a vec4 = four samples; written with `=`

// Geometry. The compiler rewrites these values for each layer; the defaults keep this file valid by itself.
const WORKGROUP: u32 = 64u;
const CHANNELS: u32 = 1u;
const POSITIONS: u32 = 784u;

const ELEMENTS: u32 = CHANNELS * POSITIONS;
const WORDS: u32 = (ELEMENTS + 3u) / 4u;
// What marks padding in `order`.
const NONE: u32 = ~0u;

@group(0) @binding(0) var<storage, read> data0: array<u32>;
@group(0) @binding(1) var<storage, read> data1: array<u32>;
@group(0) @binding(2) var<storage, read> data2: array<u32>;
@group(0) @binding(3) var<storage, read> data3: array<u32>;
@group(0) @binding(4) var<storage, read> order: array<vec4u>;
@group(0) @binding(5) var<storage, read_write> state: array<u32>;
@group(0) @binding(6) var<storage, read_write> x: array<vec4f>;

// Comparisons find the piece: integers have no vector division on CPUs.
fn word(sample: u32, per_piece: u32, stride: u32, offset: u32) -> u32 {
    if (sample == NONE) {
        return 0u;
    }
    let piece = u32(sample >= per_piece) + u32(sample >= 2u * per_piece) + u32(sample >= 3u * per_piece);
    let at = (sample - piece * per_piece) * stride + offset;
    switch piece {
        case 0u: {
            return data0[at];
        }
        case 1u: {
            return data1[at];
        }
        case 2u: {
            return data2[at];
        }
        default: {
            return data3[at];
        }
    }
}

fn store(element: u32, quad: u32, quads: u32, v: vec4f) {
    if (element < ELEMENTS) {
        x[(element % CHANNELS * POSITIONS + element / CHANNELS) * quads + quad] = v;
    }
}

// The step that this one is; the loss moves [1] on.
fn begin(index: u32) {
    if (index == 0u) {
        state[0] = state[1];
    }
}

// The words at `offset` of a quad's four samples.
fn words_of(quad: u32, quads: u32, stride: u32, offset: u32) -> vec4u {
    let per_piece = state[2];
    let samples = order[state[1] * quads + quad];
    return vec4u(
        word(samples.x, per_piece, stride, offset),
        word(samples.y, per_piece, stride, offset),
        word(samples.z, per_piece, stride, offset),
        word(samples.w, per_piece, stride, offset),
    );
}

// Four elements of a quad.
fn unpack(index: u32, divisor: f32) {
    let quads = arrayLength(&x) / ELEMENTS;
    begin(index);
    let quad = index % quads;
    let offset = index / quads;
    if (offset >= WORDS) {
        return;
    }
    let words = words_of(quad, quads, WORDS, offset);
    for (var k = 0u; k < 4u; k++) {
        store(offset * 4u + k, quad, quads, vec4f((words >> vec4u(8u * k)) & vec4u(255u)) / divisor);
    }
}

// One invocation: four elements of a quad. Bytes become value / 255.
@compute @workgroup_size(WORKGROUP)
fn bytes(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
    unpack(id.y * groups.x * WORKGROUP + id.x, 255.0);
}

// One invocation: four elements of a quad. Bytes stay 0 to 255.
@compute @workgroup_size(WORKGROUP)
fn levels(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
    unpack(id.y * groups.x * WORKGROUP + id.x, 1.0);
}

// One invocation: one element of a quad.
@compute @workgroup_size(WORKGROUP)
fn floats(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
    let quads = arrayLength(&x) / ELEMENTS;
    let index = id.y * groups.x * WORKGROUP + id.x;
    begin(index);
    let quad = index % quads;
    let offset = index / quads;
    if (offset >= ELEMENTS) {
        return;
    }
    store(offset, quad, quads, bitcast<vec4f>(words_of(quad, quads, ELEMENTS, offset)));
}
