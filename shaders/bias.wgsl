// A bias for each channel, where the product before it has none of its own: forward, and the bias's gradient.
//
//   x, y, dy    [CHANNELS][POSITIONS][quad], a vec4 = four samples
//   bias        parameters[BIAS_AT..]: [CHANNELS / 4, rounded up], a vec4 = four channels
//   gradients   [split][as the bias] at DBIAS_AT; the optimizer adds the splits
// Everything is written with `=`.

// Geometry. The compiler rewrites these values for each layer; the defaults keep this file valid by itself.
const WORKGROUP: u32 = 64u;
const CHANNELS: u32 = 6u;
const POSITIONS: u32 = 100u;
// In vec4s from the start of the parameters and of the gradients.
const BIAS_AT: u32 = 0u;
const DBIAS_AT: u32 = 0u;
const SPLIT_POSITIONS: u32 = 1u;
const SPLIT_QUADS: u32 = 1u;

const C4: u32 = (CHANNELS + 3u) / 4u;
const SPLITS: u32 = SPLIT_POSITIONS * SPLIT_QUADS;
// The positions that are added up by themselves.
const PART: u32 = 16u * 16u;

@group(0) @binding(0) var<storage, read> x: array<vec4f>;
@group(0) @binding(1) var<storage, read> parameters: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> y: array<vec4f>;
@group(0) @binding(3) var<storage, read> dy: array<vec4f>;
@group(0) @binding(4) var<storage, read_write> gradients: array<vec4f>;

// One invocation: one element of a quad.
@compute @workgroup_size(WORKGROUP)
fn forward(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
    let quads = arrayLength(&x) / (CHANNELS * POSITIONS);
    let index = id.y * groups.x * WORKGROUP + id.x;
    let c = index / (quads * POSITIONS);
    if (c >= CHANNELS) {
        return;
    }
    y[index] = x[index] + parameters[BIAS_AT + c / 4u][c % 4u];
}

// One invocation: four channels, one split of the positions and quads.
@compute @workgroup_size(WORKGROUP)
fn dbias(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
    let quads = arrayLength(&dy) / (CHANNELS * POSITIONS);
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
    var sum = vec4f();
    // Some positions are added up by themselves, as a sum of many small numbers loses the bits of each.
    for (var begin = first; begin < last; begin += PART) {
        var part = vec4f();
        for (var p = begin; p < min(begin + PART, last); p++) {
            for (var quad = first_quad; quad < last_quad; quad++) {
                for (var j = 0u; j < 4u; j++) {
                    if (c4 * 4u + j < CHANNELS) {
                        part[j] += dot(dy[((c4 * 4u + j) * POSITIONS + p) * quads + quad], vec4f(1.0));
                    }
                }
            }
        }
        sum += part;
    }
    gradients[DBIAS_AT + split * C4 + c4] = sum;
}
