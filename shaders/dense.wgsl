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
// How many invocations share the inputs of one output (forward), and the columns (dkernel).
const SPLIT_INPUTS: u32 = 8u;
const SPLIT_COLUMNS: u32 = 1u;
// Columns that a workgroup of `forward` takes: as many as a batch of 32 has.
const LANES: u32 = 8u;

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

var<workgroup> partial: array<array<mat4x4f, TILE_C4>, LANES * SPLIT_INPUTS>;

// A workgroup: LANES columns of 4 TILE_C4 units, the inputs dealt out to SPLIT_INPUTS invocations a column, whose sums
// the first adds in order.
@compute @workgroup_size(LANES, SPLIT_INPUTS)
fn forward(
    @builtin(workgroup_id) group: vec3u,
    @builtin(num_workgroups) groups: vec3u,
    @builtin(local_invocation_id) local: vec3u,
) {
    let columns = arrayLength(&x) / INPUTS;
    let index = group.y * groups.x + group.x;
    let strips = (columns + LANES - 1u) / LANES;
    let column = index % strips * LANES + local.x;
    let c4 = index / strips * TILE_C4;
    var sums: array<mat4x4f, TILE_C4>;
    let first = local.y * INPUTS / SPLIT_INPUTS;
    let last = (local.y + 1u) * INPUTS / SPLIT_INPUTS;
    for (var i = first; i < last; i++) {
        let v = x[i * columns + column];
        for (var g = 0u; g < TILE_C4; g++) {
            let w = parameters[KERNEL_AT + i * UNITS4 + c4 + g];
            sums[g] += mat4x4f(v * w.x, v * w.y, v * w.z, v * w.w);
        }
    }
    if (SPLIT_INPUTS > 1u) {
        partial[local.y * LANES + local.x] = sums;
        workgroupBarrier();
    }
    if (local.y != 0u || column >= columns) {
        return;
    }
    for (var g = 0u; g < TILE_C4; g++) {
        var total = sums[g];
        for (var split = 1u; split < SPLIT_INPUTS; split++) {
            total += partial[split * LANES + local.x][g];
        }
        for (var j = 0u; j < 4u; j++) {
            let unit = (c4 + g) * 4u + j;
            if (unit < UNITS) {
                var v = total[j];
                if (HAS_BIAS) {
                    v += parameters[BIAS_AT + c4 + g][j];
                }
                if (RELU) {
                    v = max(v, vec4f());
                }
                y[unit * columns + column] = v;
            }
        }
    }
}

// Four units' gradients of a column, a matrix column each.
fn gradients_of(c4: u32, column: u32, columns: u32) -> mat4x4f {
    let at = c4 * 4u * columns + column;
    return mat4x4f(dy[at], dy[at + columns], dy[at + 2u * columns], dy[at + 3u * columns]);
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
    var sums: array<vec4f, TILE_I * TILE_C4>;
    let first = split * columns / SPLIT_COLUMNS;
    let last = (split + 1u) * columns / SPLIT_COLUMNS;
    for (var column = first; column < last; column++) {
        var d: array<mat4x4f, TILE_C4>;
        for (var g = 0u; g < TILE_C4; g++) {
            d[g] = gradients_of(c4 + g, column, columns);
        }
        for (var i = 0u; i < TILE_I; i++) {
            var v = vec4f(1.0);
            if (i0 + i < INPUTS) {
                v = x[(i0 + i) * columns + column];
            }
            for (var g = 0u; g < TILE_C4; g++) {
                sums[i * TILE_C4 + g] += v * d[g];
            }
        }
    }
    for (var i = 0u; i < TILE_I; i++) {
        for (var g = 0u; g < TILE_C4; g++) {
            if (c4 + g < UNITS4) {
                if (i0 + i < INPUTS) {
                    gradients[DKERNEL_AT + split * KERNEL_SIZE + (i0 + i) * UNITS4 + c4 + g] = sums[i * TILE_C4 + g];
                } else if (HAS_BIAS && i0 + i == INPUTS) {
                    gradients[DBIAS_AT + split * UNITS4 + c4 + g] = sums[i * TILE_C4 + g];
                }
            }
        }
    }
}

// dx[i] = sum over u of kernel[i][u] dy[u]. One invocation: 4 TILE_X4 inputs of a column.
@compute @workgroup_size(WORKGROUP)
fn dinput(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
    let columns = arrayLength(&dx) / INPUTS;
    let index = id.y * groups.x * WORKGROUP + id.x;
    let column = index % columns;
    let i0 = index / columns * 4u * TILE_X4;
    if (i0 >= INPUTS) {
        return;
    }
    var sums: array<mat4x4f, TILE_X4>;
    for (var c4 = 0u; c4 < UNITS4; c4++) {
        let d = gradients_of(c4, column, columns);
        for (var g = 0u; g < TILE_X4; g++) {
            let at = KERNEL_AT + (i0 + g * 4u) * UNITS4 + c4;
            let w = mat4x4f(
                parameters[at],
                parameters[at + UNITS4],
                parameters[at + 2u * UNITS4],
                parameters[at + 3u * UNITS4],
            );
            sums[g] += d * w;
        }
    }
    for (var g = 0u; g < TILE_X4; g++) {
        for (var j = 0u; j < 4u; j++) {
            let i = i0 + g * 4u + j;
            if (i < INPUTS) {
                let at = i * columns + column;
                if (MASKED) {
                    dx[at] = select(vec4f(), sums[g][j], mask[at] > vec4f());
                } else {
                    dx[at] = sums[g][j];
                }
            }
        }
    }
}
