// Two tensors value by value: `Multiply`, `Subtract`, `Maximum`, `Minimum`, and the gradients of the last two.
//
//   left, right, y, dy, dx   any tensor, a vec4 = four samples of one element
// Everything is written with `=`. One invocation: one vec4.

// Geometry. The compiler rewrites these values for each layer; the defaults keep this file valid by itself.
const WORKGROUP: u32 = 64u;
// 0 multiply, 1 subtract, 2 maximum, 3 minimum
const FUNCTION: u32 = 0u;
// Whose gradient `backward` makes.
const OF_LEFT: bool = true;

@group(0) @binding(0) var<storage, read> left: array<vec4f>;
@group(0) @binding(1) var<storage, read> right: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> y: array<vec4f>;
@group(0) @binding(3) var<storage, read> dy: array<vec4f>;
@group(0) @binding(4) var<storage, read_write> dx: array<vec4f>;

@compute @workgroup_size(WORKGROUP)
fn forward(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
    let index = id.y * groups.x * WORKGROUP + id.x;
    if (index >= arrayLength(&y)) {
        return;
    }
    let a = left[index];
    let b = right[index];
    switch FUNCTION {
        case 0u: {
            y[index] = a * b;
        }
        case 1u: {
            y[index] = a - b;
        }
        case 2u: {
            y[index] = select(b, a, a >= b);
        }
        default: {
            y[index] = select(b, a, a <= b);
        }
    }
}

// The gradient goes to the tensor whose value was taken, of equals to the left one (as TensorFlow's maximum and minimum).
@compute @workgroup_size(WORKGROUP)
fn backward(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
    let index = id.y * groups.x * WORKGROUP + id.x;
    if (index >= arrayLength(&dx)) {
        return;
    }
    let a = left[index];
    let b = right[index];
    var taken = a >= b;
    if (FUNCTION == 3u) {
        taken = a <= b;
    }
    if (!OF_LEFT) {
        taken = !taken;
    }
    dx[index] = select(vec4f(), dy[index], taken);
}
