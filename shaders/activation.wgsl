// Activation functions, value by value, forward and backward.
//
//   x, y, dy, dx   any tensor, a vec4 = four samples of one element
// Everything is written with `=`. One invocation: one vec4. Formulas: keras/src/activations/activations.py.

// Geometry. The compiler rewrites these values for each layer; the defaults keep this file valid by itself.
const WORKGROUP: u32 = 64u;
// 0 relu, 1 sigmoid, 2 tanh, 3 elu, 4 selu, 5 softplus, 6 softsign, 7 silu, 8 gelu, 9 hard_sigmoid, 10 exponential,
// 11 linear
const FUNCTION: u32 = 0u;
// Of relu: slope below the threshold, the threshold, the ceiling (where there is one). Of elu: alpha.
const SLOPE: f32 = 0.0;
const THRESHOLD: f32 = 0.0;
const HAS_CEILING: bool = false;
const CEILING: f32 = 6.0;
const ALPHA: f32 = 1.0;

@group(0) @binding(0) var<storage, read> x: array<vec4f>;
@group(0) @binding(1) var<storage, read_write> y: array<vec4f>;
@group(0) @binding(2) var<storage, read> output: array<vec4f>;
@group(0) @binding(3) var<storage, read> dy: array<vec4f>;
@group(0) @binding(4) var<storage, read_write> dx: array<vec4f>;

const SELU_SCALE: f32 = f32(1.0507009873554805);
const SELU_ALPHA: f32 = f32(1.6732632423543772);

// exp that cannot overflow: beyond these bounds every use here has long reached its limit.
fn exponential(v: vec4f) -> vec4f {
    return exp(clamp(v, vec4f(-87.0), vec4f(88.0)));
}

fn sigmoid(v: vec4f) -> vec4f {
    return 1.0 / (1.0 + exponential(-v));
}

// The builtin may overflow for large arguments.
fn tanh_of(v: vec4f) -> vec4f {
    let e = exponential(-2.0 * abs(v));
    return sign(v) * (1.0 - e) / (1.0 + e);
}

// The error function: Abramowitz and Stegun 7.1.26, within 1.5e-7.
fn erf(v: vec4f) -> vec4f {
    let a = abs(v);
    let t = 1.0 / (1.0 + 0.3275911 * a);
    let p = ((((1.061405429 * t - 1.453152027) * t + 1.421413741) * t - 0.284496736) * t + 0.254829592) * t;
    return sign(v) * (1.0 - p * exponential(-a * a));
}

fn apply(v: vec4f) -> vec4f {
    switch FUNCTION {
        case 0u: {
            var above = v;
            if (HAS_CEILING) {
                above = select(v, vec4f(CEILING), v >= vec4f(CEILING));
            }
            return select(SLOPE * (v - THRESHOLD), above, v > vec4f(THRESHOLD));
        }
        case 1u: {
            return sigmoid(v);
        }
        case 2u: {
            return tanh_of(v);
        }
        case 3u: {
            return select(ALPHA * (exponential(v) - 1.0), v, v > vec4f());
        }
        case 4u: {
            return SELU_SCALE * select(SELU_ALPHA * (exponential(v) - 1.0), v, v > vec4f());
        }
        case 5u: {
            return max(v, vec4f()) + log(1.0 + exponential(-abs(v)));
        }
        case 6u: {
            return v / (1.0 + abs(v));
        }
        case 7u: {
            return v * sigmoid(v);
        }
        case 8u: {
            return 0.5 * v * (1.0 + erf(v * 0.70710678));
        }
        case 9u: {
            return clamp(v / 6.0 + 0.5, vec4f(), vec4f(1.0));
        }
        case 10u: {
            return exponential(v);
        }
        default: {
            return v;
        }
    }
}

// The derivative, from the output o wherever that is enough, so that the input need not be kept.
fn derivative_from_output(o: vec4f) -> vec4f {
    switch FUNCTION {
        case 0u: {
            var d = select(vec4f(SLOPE), vec4f(1.0), o > vec4f());
            if (HAS_CEILING) {
                d = select(d, vec4f(), (o >= vec4f(CEILING)) | (o == vec4f()));
            }
            return d;
        }
        case 1u: {
            return o * (1.0 - o);
        }
        case 2u: {
            return 1.0 - o * o;
        }
        case 3u: {
            return select(o + ALPHA, vec4f(1.0), o > vec4f());
        }
        case 4u: {
            // At 0 it is TensorFlow's: the slope of what is above.
            return select(vec4f(SELU_SCALE), o + SELU_SCALE * SELU_ALPHA, o < vec4f());
        }
        case 5u: {
            return 1.0 - exponential(-o);
        }
        case 6u: {
            let rest = 1.0 - abs(o);
            return rest * rest;
        }
        case 9u: {
            return select(vec4f(), vec4f(1.0 / 6.0), (o > vec4f()) & (o < vec4f(1.0)));
        }
        case 10u: {
            return o;
        }
        default: {
            return vec4f(1.0);
        }
    }
}

fn derivative_from_input(v: vec4f) -> vec4f {
    switch FUNCTION {
        case 0u: {
            var above = vec4f(1.0);
            if (HAS_CEILING) {
                above = select(above, vec4f(), v >= vec4f(CEILING));
            }
            // At the threshold itself Keras's two parts are both flat, but for the plain one, which is a leaky relu.
            var below = vec4f(SLOPE);
            if (HAS_CEILING || THRESHOLD != 0.0) {
                below = select(below, vec4f(), v == vec4f(THRESHOLD));
            }
            return select(below, above, v > vec4f(THRESHOLD));
        }
        case 7u: {
            let s = sigmoid(v);
            return s * (1.0 + v * (1.0 - s));
        }
        default: {
            // gelu: the normal distribution, and v times its density
            return 0.5 * (1.0 + erf(v * 0.70710678)) + v * 0.39894228 * exponential(-0.5 * v * v);
        }
    }
}

@compute @workgroup_size(WORKGROUP)
fn forward(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
    let index = id.y * groups.x * WORKGROUP + id.x;
    if (index < arrayLength(&x)) {
        y[index] = apply(x[index]);
    }
}

@compute @workgroup_size(WORKGROUP)
fn backward(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
    let index = id.y * groups.x * WORKGROUP + id.x;
    if (index < arrayLength(&dy)) {
        dx[index] = dy[index] * derivative_from_output(output[index]);
    }
}

@compute @workgroup_size(WORKGROUP)
fn backward_from_input(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
    let index = id.y * groups.x * WORKGROUP + id.x;
    if (index < arrayLength(&dy)) {
        dx[index] = dy[index] * derivative_from_input(x[index]);
    }
}
