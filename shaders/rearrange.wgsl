// Elements in another order: `Permute` and its gradient.
//
//   x, y   any tensor, a vec4 = four samples of one element
// Everything is written with `=`. One invocation: one element of a quad.

// Geometry. The compiler rewrites these values for each layer; the defaults keep this file valid by itself.
const WORKGROUP: u32 = 64u;
// The sizes of y's axes as they lie in memory, and the elements of x from one index of each to the next.
const SIZE_0: u32 = 3u;
const SIZE_1: u32 = 4u;
const SIZE_2: u32 = 5u;
const STEP_0: u32 = 20u;
const STEP_1: u32 = 1u;
const STEP_2: u32 = 4u;

@group(0) @binding(0) var<storage, read> x: array<vec4f>;
@group(0) @binding(1) var<storage, read_write> y: array<vec4f>;

@compute @workgroup_size(WORKGROUP)
fn permute(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
    let quads = arrayLength(&x) / (SIZE_0 * SIZE_1 * SIZE_2);
    let index = id.y * groups.x * WORKGROUP + id.x;
    let element = index / quads;
    if (element >= SIZE_0 * SIZE_1 * SIZE_2) {
        return;
    }
    let from_element = element / (SIZE_1 * SIZE_2) * STEP_0 + element / SIZE_2 % SIZE_1 * STEP_1 + element % SIZE_2 * STEP_2;
    y[index] = x[from_element * quads + index % quads];
}
