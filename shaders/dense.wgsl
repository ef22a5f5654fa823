// Dense layer (a matrix product over the channels, pixel by pixel): forward, and the gradients of kernel, bias and input.
//
// A `column` is four samples of one pixel: columns = pixels x quads.
//   x, dx, mask   [INPUTS][column], a vec4 = four samples
//   y, dy         [UNITS][column]
//   kernel        parameters[KERNEL_AT..]: [INPUTS][UNITS4], a vec4 = four units
//   bias          parameters[BIAS_AT..]: [UNITS4]
//   gradients     [split][as the kernel] at DKERNEL_AT, [split][as the bias] at DBIAS_AT; the optimizer adds the splits
// Everything is written with `=`.

// Geometry. The compiler rewrites these values for each layer; the defaults keep this file valid by itself.
const WORKGROUP: u32 = 64u;
const INPUTS: u32 = 320u;
const UNITS: u32 = 10u;
const HAS_BIAS: bool = true;
const RELU: bool = false;
// Whether dx is zero where mask is not positive: the gradient step of the relu that made x.
const MASKED: bool = false;
// In vec4s from the start of the parameters and of the gradients.
const KERNEL_AT: u32 = 0u;
const BIAS_AT: u32 = 960u;
const DKERNEL_AT: u32 = 0u;
const DBIAS_AT: u32 = 960u;
// Tiles: what one invocation keeps in registers.
const TILE_C4: u32 = 3u;
const TILE_I: u32 = 8u;
const TILE_X4: u32 = 2u;
// Columns of an invocation of forward and dinput: a weight is read once for all of them.
const TILE_N: u32 = 2u;
// How many invocations share the inputs of one output (forward), and the columns (dkernel).
const SPLIT_INPUTS: u32 = 16u;
const SPLIT_COLUMNS: u32 = 1u;
// Invocations side by side in a workgroup of forward, for as many times TILE_N columns.
const LANES: u32 = 2u;

const UNITS4: u32 = (UNITS + 3u) / 4u;
const TILES_C: u32 = (UNITS4 + TILE_C4 - 1u) / TILE_C4;
const KERNEL_SIZE: u32 = INPUTS * UNITS4;

@group(0) @binding(0) var<storage, read> x: array<vec4f>;
@group(0) @binding(1) var<storage, read> parameters: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> y: array<vec4f>;
@group(0) @binding(3) var<storage, read> dy: array<vec4f>;
@group(0) @binding(4) var<storage, read> mask: array<vec4f>;
@group(0) @binding(5) var<storage, read_write> dx: array<vec4f>;
@group(0) @binding(6) var<storage, read_write> gradients: array<vec4f>;

// Reads, of which a tile's overhang may lie beyond the end. Where a driver reads textures faster than buffers, the compiler
// puts a texture with the same contents in a buffer's place (`src/textures.rs`).

fn read_x(at: u32) -> vec4f {
    return x[min(at, arrayLength(&x) - 1u)];
}

fn parameter(at: u32) -> vec4f {
    return parameters[min(at, arrayLength(&parameters) - 1u)];
}

fn read_dy(at: u32) -> vec4f {
    return dy[min(at, arrayLength(&dy) - 1u)];
}

fn read_mask(at: u32) -> vec4f {
    return mask[min(at, arrayLength(&mask) - 1u)];
}

fn cell(input: u32, column: u32, columns: u32) -> vec4f {
    return read_x(input * columns + column);
}

alias Sums = array<array<mat4x4f, TILE_C4>, TILE_N>;

const OUTPUTS: u32 = LANES * TILE_N * TILE_C4 * 4u;
const INVOCATIONS: u32 = LANES * SPLIT_INPUTS;
var<workgroup> partial: array<vec4f, OUTPUTS * SPLIT_INPUTS>;

// A workgroup: LANES x TILE_N columns of 4 TILE_C4 units. The inputs are dealt out to SPLIT_INPUTS invocations a column, and
// their sums added, in order, by as many invocations as there are outputs.
@compute @workgroup_size(INVOCATIONS)
fn forward(
    @builtin(workgroup_id) group: vec3u,
    @builtin(num_workgroups) groups: vec3u,
    @builtin(local_invocation_index) local: u32,
) {
    let columns = arrayLength(&x) / INPUTS;
    let index = group.y * groups.x + group.x;
    let strips = (columns + LANES * TILE_N - 1u) / (LANES * TILE_N);
    let strip = index % strips * LANES * TILE_N;
    let c4 = index / strips * TILE_C4;
    let column = strip + local % LANES * TILE_N;
    let split = local / LANES;
    var sums: Sums;
    let first = split * INPUTS / SPLIT_INPUTS;
    let last = (split + 1u) * INPUTS / SPLIT_INPUTS;
    for (var i = first; i < last; i++) {
        var v: array<vec4f, TILE_N>;
        for (var n = 0u; n < TILE_N; n++) {
            v[n] = cell(i, column + n, columns);
        }
        for (var g = 0u; g < TILE_C4; g++) {
            let w = parameter(KERNEL_AT + i * UNITS4 + c4 + g);
            for (var n = 0u; n < TILE_N; n++) {
                sums[n][g] += mat4x4f(v[n] * w.x, v[n] * w.y, v[n] * w.z, v[n] * w.w);
            }
        }
    }
    for (var n = 0u; n < TILE_N; n++) {
        for (var g = 0u; g < TILE_C4; g++) {
            for (var j = 0u; j < 4u; j++) {
                let output = ((local % LANES * TILE_N + n) * TILE_C4 + g) * 4u + j;
                partial[split * OUTPUTS + output] = sums[n][g][j];
            }
        }
    }
    workgroupBarrier();
    for (var output = local; output < OUTPUTS; output += INVOCATIONS) {
        let at = strip + output / (TILE_C4 * 4u);
        let unit = c4 * 4u + output % (TILE_C4 * 4u);
        if (at < columns && unit < UNITS) {
            var v = vec4f();
            for (var k = 0u; k < SPLIT_INPUTS; k++) {
                v += partial[k * OUTPUTS + output];
            }
            if (HAS_BIAS) {
                v += parameter(BIAS_AT + unit / 4u)[unit % 4u];
            }
            if (RELU) {
                v = max(v, vec4f());
            }
            y[unit * columns + at] = v;
        }
    }
}

// The gradient of a unit; zero beyond the last, so that what pads the kernel stays zero.
fn gradient(unit: u32, column: u32, columns: u32) -> vec4f {
    return select(vec4f(), read_dy(unit * columns + column), unit < UNITS && column < columns);
}

// Four units' gradients of a column, a matrix column each.
fn gradients_of(c4: u32, column: u32, columns: u32) -> mat4x4f {
    return mat4x4f(
        gradient(c4 * 4u, column, columns),
        gradient(c4 * 4u + 1u, column, columns),
        gradient(c4 * 4u + 2u, column, columns),
        gradient(c4 * 4u + 3u, column, columns),
    );
}

// dkernel[i][u] = sum over columns of x[i] dy[u], and dbias[u] = sum of dy[u].
// One invocation: TILE_I inputs x 4 TILE_C4 units, one split of the columns; input INPUTS, one past the last, stands for the
// bias, as if it were always 1.
@compute @workgroup_size(WORKGROUP)
fn dkernel(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
    let columns = arrayLength(&x) / INPUTS;
    let index = id.y * groups.x * WORKGROUP + id.x;
    let split = index % SPLIT_COLUMNS;
    let c4 = index / SPLIT_COLUMNS % TILES_C * TILE_C4;
    let i0 = index / (SPLIT_COLUMNS * TILES_C) * TILE_I;
    if (i0 > INPUTS) {
        return;
    }
    var sums: array<array<vec4f, TILE_C4>, TILE_I>;
    let first = split * columns / SPLIT_COLUMNS;
    let last = (split + 1u) * columns / SPLIT_COLUMNS;
    for (var column = first; column < last; column++) {
        var d: array<mat4x4f, TILE_C4>;
        for (var g = 0u; g < TILE_C4; g++) {
            d[g] = gradients_of(c4 + g, column, columns);
        }
        for (var i = 0u; i < TILE_I; i++) {
            let v = select(vec4f(1.0), cell(i0 + i, column, columns), i0 + i < INPUTS);
            for (var g = 0u; g < TILE_C4; g++) {
                sums[i][g] += v * d[g];
            }
        }
    }
    for (var i = 0u; i < TILE_I; i++) {
        for (var g = 0u; g < TILE_C4; g++) {
            if (c4 + g < UNITS4) {
                if (i0 + i < INPUTS) {
                    gradients[DKERNEL_AT + split * KERNEL_SIZE + (i0 + i) * UNITS4 + c4 + g] = sums[i][g];
                } else if (HAS_BIAS && i0 + i == INPUTS) {
                    gradients[DBIAS_AT + split * UNITS4 + c4 + g] = sums[i][g];
                }
            }
        }
    }
}

// dx[i] = sum over u of kernel[i][u] dy[u]. One invocation: 4 TILE_X4 inputs of TILE_N columns.
@compute @workgroup_size(WORKGROUP)
fn dinput(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
    let columns = arrayLength(&dx) / INPUTS;
    let index = id.y * groups.x * WORKGROUP + id.x;
    let strips = (columns + TILE_N - 1u) / TILE_N;
    let column = index % strips * TILE_N;
    let i0 = index / strips * 4u * TILE_X4;
    if (i0 >= INPUTS) {
        return;
    }
    var sums: array<array<mat4x4f, TILE_X4>, TILE_N>;
    for (var c4 = 0u; c4 < UNITS4; c4++) {
        var d: array<mat4x4f, TILE_N>;
        for (var n = 0u; n < TILE_N; n++) {
            d[n] = gradients_of(c4, column + n, columns);
        }
        for (var g = 0u; g < TILE_X4; g++) {
            let at = KERNEL_AT + (i0 + g * 4u) * UNITS4 + c4;
            let w = mat4x4f(
                parameter(at),
                parameter(at + UNITS4),
                parameter(at + 2u * UNITS4),
                parameter(at + 3u * UNITS4),
            );
            for (var n = 0u; n < TILE_N; n++) {
                sums[n][g] += d[n] * w;
            }
        }
    }
    for (var n = 0u; n < TILE_N; n++) {
        for (var g = 0u; g < TILE_X4; g++) {
            for (var j = 0u; j < 4u; j++) {
                let i = i0 + g * 4u + j;
                if (i < INPUTS && column + n < columns) {
                    let at = i * columns + column + n;
                    if (MASKED) {
                        dx[at] = select(vec4f(), sums[n][g][j], read_mask(at) > vec4f());
                    } else {
                        dx[at] = sums[n][g][j];
                    }
                }
            }
        }
    }
}
