// y = SCALE x + OFFSET, for all elements or those of one channel: `Rescaling`, `Normalization`, the division of `Average`,
// and the gradients of these and of `Subtract`.
//
//   x, y   any tensor, a vec4 = four samples of one element
// Everything is written with `=`. One invocation: one element of a quad.

// Geometry. The compiler rewrites these values for each layer; the defaults keep this file valid by itself.
const WORKGROUP: u32 = 64u;
// Elements of a sample, and those that are rescaled.
const ELEMENTS: u32 = 300u;
const FIRST: u32 = 0u;
const COUNT: u32 = 300u;
const SCALE: f32 = 0.00392156862745098;
const OFFSET: f32 = 0.0;

@group(0) @binding(0) var<storage, read> x: array<vec4f>;
@group(0) @binding(1) var<storage, read_write> y: array<vec4f>;

@compute @workgroup_size(WORKGROUP)
fn forward(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
    let quads = arrayLength(&y) / ELEMENTS;
    let index = id.y * groups.x * WORKGROUP + id.x;
    if (index < COUNT * quads) {
        let at = FIRST * quads + index;
        y[at] = x[at] * SCALE + OFFSET;
    }
}
