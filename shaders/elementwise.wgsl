// Sums, copies and transposes: `Add`, `Concatenate`, `Flatten` and their gradients.
//
//   left, right, sum   any tensor, a vec4 = four samples of one element
//   input, result      tensors of other shapes; see each entry point
// Everything is written with `=`.

// Geometry. The compiler rewrites these values for each layer; the defaults keep this file valid by itself.
const WORKGROUP: u32 = 64u;
// Of `copy`, in elements of a sample: BLOCKS blocks of BLOCK elements, from and to strided places.
const BLOCKS: u32 = 1u;
const BLOCK: u32 = 16u;
const INPUT_ELEMENTS: u32 = 16u;
const INPUT_STRIDE: u32 = 16u;
const INPUT_OFFSET: u32 = 0u;
const RESULT_STRIDE: u32 = 32u;
const RESULT_OFFSET: u32 = 0u;
// Of `transpose`.
const ROWS: u32 = 8u;
const COLUMNS: u32 = 16u;

@group(0) @binding(0) var<storage, read> left: array<vec4f>;
@group(0) @binding(1) var<storage, read> right: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> sum: array<vec4f>;
@group(0) @binding(3) var<storage, read> input: array<vec4f>;
@group(0) @binding(4) var<storage, read_write> result: array<vec4f>;

// sum = left + right. One invocation: one vec4.
@compute @workgroup_size(WORKGROUP)
fn add(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
    let index = id.y * groups.x * WORKGROUP + id.x;
    if (index < arrayLength(&sum)) {
        sum[index] = left[index] + right[index];
    }
}

// result[o RESULT_STRIDE + RESULT_OFFSET + i] = input[o INPUT_STRIDE + INPUT_OFFSET + i] for o < BLOCKS, i < BLOCK.
// One invocation: one element of a quad.
@compute @workgroup_size(WORKGROUP)
fn copy(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
    let quads = arrayLength(&input) / INPUT_ELEMENTS;
    let index = id.y * groups.x * WORKGROUP + id.x;
    let quad = index % quads;
    let element = index / quads;
    let block = element / BLOCK;
    if (block >= BLOCKS) {
        return;
    }
    let from_element = block * INPUT_STRIDE + INPUT_OFFSET + element % BLOCK;
    let to_element = block * RESULT_STRIDE + RESULT_OFFSET + element % BLOCK;
    result[to_element * quads + quad] = input[from_element * quads + quad];
}

// result[column ROWS + row] = input[row COLUMNS + column]. One invocation: one element of a quad.
@compute @workgroup_size(WORKGROUP)
fn transpose_map(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
    let quads = arrayLength(&input) / (ROWS * COLUMNS);
    let index = id.y * groups.x * WORKGROUP + id.x;
    let quad = index % quads;
    let element = index / quads;
    if (element < ROWS * COLUMNS) {
        result[(element % COLUMNS * ROWS + element / COLUMNS) * quads + quad] = input[index];
    }
}
