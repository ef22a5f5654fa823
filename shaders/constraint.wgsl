// What a variable is held to after an update: numbers of at least 0, or norms within a range.
//
//   parameters   the variable at VARIABLE_AT, float by float; updated in place
// Numbers that differ in the axes WITHIN alone have one norm. One invocation: one norm. Source: keras/src/constraints.

// Constants. The compiler rewrites these values; the defaults keep this file valid by itself.
const WORKGROUP: u32 = 64u;
// In floats from the start of the parameters.
const VARIABLE_AT: u32 = 0u;
const NORMS: u32 = 1u;
const NON_NEGATIVE: bool = false;
// The range, the share of the way to it, and what is added to a norm before something is divided by it.
const LEAST: f32 = 0.0;
const MOST: f32 = 2.0;
const RATE: f32 = 1.0;
const EPSILON: f32 = 1e-7;
// Sizes and strides, in floats, of the axes that a norm is taken over and of the others.
const WITHIN_SIZE_0: u32 = 1u;
const WITHIN_STRIDE_0: u32 = 0u;
const WITHIN_SIZE_1: u32 = 1u;
const WITHIN_STRIDE_1: u32 = 0u;
const WITHIN_SIZE_2: u32 = 1u;
const WITHIN_STRIDE_2: u32 = 0u;
const WITHIN_SIZE_3: u32 = 1u;
const WITHIN_STRIDE_3: u32 = 0u;
const WITHIN_SIZE_4: u32 = 1u;
const WITHIN_STRIDE_4: u32 = 0u;
const ACROSS_SIZE_0: u32 = 1u;
const ACROSS_STRIDE_0: u32 = 0u;
const ACROSS_SIZE_1: u32 = 1u;
const ACROSS_STRIDE_1: u32 = 0u;
const ACROSS_SIZE_2: u32 = 1u;
const ACROSS_STRIDE_2: u32 = 0u;
const ACROSS_SIZE_3: u32 = 1u;
const ACROSS_STRIDE_3: u32 = 0u;
const ACROSS_SIZE_4: u32 = 1u;
const ACROSS_STRIDE_4: u32 = 0u;

const COUNT: u32 = WITHIN_SIZE_0 * WITHIN_SIZE_1 * WITHIN_SIZE_2 * WITHIN_SIZE_3 * WITHIN_SIZE_4;

@group(0) @binding(0) var<storage, read_write> parameters: array<f32>;

fn within(index: u32) -> u32 {
    var rest = index;
    var at = 0u;
    at += rest % WITHIN_SIZE_4 * WITHIN_STRIDE_4;
    rest /= WITHIN_SIZE_4;
    at += rest % WITHIN_SIZE_3 * WITHIN_STRIDE_3;
    rest /= WITHIN_SIZE_3;
    at += rest % WITHIN_SIZE_2 * WITHIN_STRIDE_2;
    rest /= WITHIN_SIZE_2;
    at += rest % WITHIN_SIZE_1 * WITHIN_STRIDE_1;
    rest /= WITHIN_SIZE_1;
    at += rest % WITHIN_SIZE_0 * WITHIN_STRIDE_0;
    return at;
}

fn across(index: u32) -> u32 {
    var rest = index;
    var at = 0u;
    at += rest % ACROSS_SIZE_4 * ACROSS_STRIDE_4;
    rest /= ACROSS_SIZE_4;
    at += rest % ACROSS_SIZE_3 * ACROSS_STRIDE_3;
    rest /= ACROSS_SIZE_3;
    at += rest % ACROSS_SIZE_2 * ACROSS_STRIDE_2;
    rest /= ACROSS_SIZE_2;
    at += rest % ACROSS_SIZE_1 * ACROSS_STRIDE_1;
    rest /= ACROSS_SIZE_1;
    at += rest % ACROSS_SIZE_0 * ACROSS_STRIDE_0;
    return at;
}

@compute @workgroup_size(WORKGROUP)
fn constrain(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
    let index = id.y * groups.x * WORKGROUP + id.x;
    if (index >= NORMS) {
        return;
    }
    let first = VARIABLE_AT + across(index);
    if (NON_NEGATIVE) {
        // What is no number stays so, as in Keras: a divergence is not to be hidden.
        if (parameters[first] < 0.0) {
            parameters[first] = 0.0;
        }
        return;
    }
    var squares = 0.0;
    for (var k = 0u; k < COUNT; k++) {
        let w = parameters[first + within(k)];
        squares += w * w;
    }
    let norm = sqrt(squares);
    let wanted = RATE * clamp(norm, LEAST, MOST) + (1.0 - RATE) * norm;
    let factor = wanted / (EPSILON + norm);
    for (var k = 0u; k < COUNT; k++) {
        let at = first + within(k);
        parameters[at] = parameters[at] * factor;
    }
}
