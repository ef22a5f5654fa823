// `PReLU`: x above zero, alpha x below, with an alpha for each element or shared along axes; forward, and the gradients of
// input and alpha.
//
//   x, y, dy, dx   [CHANNELS][HEIGHT][WIDTH][quad], a vec4 = four samples
//   alpha          parameters[ALPHA_AT..]: [ALPHA_H][ALPHA_W][ALPHA_C / 4, rounded up], a vec4 = four channels
//   gradients      [split][as alpha] at DALPHA_AT; the optimizer adds the splits
// Everything is written with `=`.

// Geometry. The compiler rewrites these values for each layer; the defaults keep this file valid by itself.
const WORKGROUP: u32 = 64u;
const CHANNELS: u32 = 4u;
const HEIGHT: u32 = 6u;
const WIDTH: u32 = 5u;
// One along a shared axis, else as x.
const ALPHA_C: u32 = 4u;
const ALPHA_H: u32 = 1u;
const ALPHA_W: u32 = 1u;
// In vec4s from the start of the parameters and of the gradients.
const ALPHA_AT: u32 = 0u;
const DALPHA_AT: u32 = 0u;
const SPLIT_ROWS: u32 = 1u;
const SPLIT_QUADS: u32 = 1u;

const ELEMENTS: u32 = CHANNELS * HEIGHT * WIDTH;
const ALPHA_C4: u32 = (ALPHA_C + 3u) / 4u;
const ALPHA_SIZE: u32 = ALPHA_H * ALPHA_W * ALPHA_C4;
// How many rows, columns and channels share an alpha.
const SHARED_C: u32 = CHANNELS / ALPHA_C;
const SHARED_H: u32 = HEIGHT / ALPHA_H;
const SHARED_W: u32 = WIDTH / ALPHA_W;
const SPLITS: u32 = SPLIT_ROWS * SPLIT_QUADS;

@group(0) @binding(0) var<storage, read> x: array<vec4f>;
@group(0) @binding(1) var<storage, read> parameters: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> y: array<vec4f>;
@group(0) @binding(3) var<storage, read> dy: array<vec4f>;
@group(0) @binding(4) var<storage, read_write> dx: array<vec4f>;
@group(0) @binding(5) var<storage, read_write> gradients: array<vec4f>;

fn alpha(element: u32) -> f32 {
    let c = element / (HEIGHT * WIDTH) % ALPHA_C;
    let row = element / WIDTH % HEIGHT % ALPHA_H;
    let column = element % WIDTH % ALPHA_W;
    return parameters[ALPHA_AT + (row * ALPHA_W + column) * ALPHA_C4 + c / 4u][c % 4u];
}

// One invocation: one element of a quad.
@compute @workgroup_size(WORKGROUP)
fn forward(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
    let quads = arrayLength(&x) / ELEMENTS;
    let index = id.y * groups.x * WORKGROUP + id.x;
    if (index < ELEMENTS * quads) {
        let v = x[index];
        y[index] = select(v * alpha(index / quads), v, v > vec4f());
    }
}

// One invocation: one element of a quad.
@compute @workgroup_size(WORKGROUP)
fn backward(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
    let quads = arrayLength(&x) / ELEMENTS;
    let index = id.y * groups.x * WORKGROUP + id.x;
    if (index < ELEMENTS * quads) {
        let d = dy[index];
        // relu(x) - alpha relu(-x): at zero neither relu has a slope.
        let below = select(vec4f(), d * alpha(index / quads), x[index] < vec4f());
        dx[index] = select(below, d, x[index] > vec4f());
    }
}

// dalpha = sum of dy x where x is below zero. One invocation: a vec4 of alphas, one split of the rows that share it and of
// the quads.
@compute @workgroup_size(WORKGROUP)
fn dalpha(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
    let quads = arrayLength(&x) / ELEMENTS;
    let index = id.y * groups.x * WORKGROUP + id.x;
    let split = index % SPLITS;
    let at = index / SPLITS;
    if (at >= ALPHA_SIZE) {
        return;
    }
    let first_row = split % SPLIT_ROWS * SHARED_H / SPLIT_ROWS;
    let last_row = (split % SPLIT_ROWS + 1u) * SHARED_H / SPLIT_ROWS;
    let first_quad = split / SPLIT_ROWS * quads / SPLIT_QUADS;
    let last_quad = (split / SPLIT_ROWS + 1u) * quads / SPLIT_QUADS;
    var sum = vec4f();
    for (var j = 0u; j < 4u; j++) {
        let first_channel = at % ALPHA_C4 * 4u + j;
        if (first_channel < ALPHA_C) {
            for (var c = 0u; c < SHARED_C; c++) {
                for (var r = first_row; r < last_row; r++) {
                    // A row is added up by itself, as a sum of many small numbers loses the bits of each.
                    var part = 0.0;
                    for (var k = 0u; k < SHARED_W; k++) {
                        // A shared axis has one alpha, another one element for each.
                        let row = at / (ALPHA_C4 * ALPHA_W) + r;
                        let column = at / ALPHA_C4 % ALPHA_W + k;
                        let element = ((first_channel + c) * HEIGHT + row) * WIDTH + column;
                        for (var quad = first_quad; quad < last_quad; quad++) {
                            let v = min(x[element * quads + quad], vec4f());
                            part += dot(dy[element * quads + quad], v);
                        }
                    }
                    sum[j] += part;
                }
            }
        }
    }
    gradients[DALPHA_AT + split * ALPHA_SIZE + at] = sum;
}
