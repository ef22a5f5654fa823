// 2-D convolution in groups of channels: `DepthwiseConv2D` (a group is one input channel) and `Conv2D` with groups; forward,
// and the gradients of kernel, bias and input.
//
// Layouts, innermost last; a `quad` is four samples of the batch, one vec4:
//   x, dx       [IN_C][IN_H][IN_W][quad]
//   y, dy       [OUT_C][OUT_H][OUT_W][quad]
//   kernel      parameters[KERNEL_AT..]: [IN_C / GROUPS][KERNEL_H][KERNEL_W][OUT_C4], a vec4 = four output channels
//   bias        parameters[BIAS_AT..]: [OUT_C4]
//   gradients   [split][as the kernel] at DKERNEL_AT, [split][as the bias] at DBIAS_AT; the optimizer adds the splits
// Output channel o takes the input channels of group o / (OUT_C / GROUPS). Everything is written with `=`.

// Geometry. The compiler rewrites these values for each layer; the defaults keep this file valid by itself.
const WORKGROUP: u32 = 64u;
const GROUPS: u32 = 8u;
const IN_C: u32 = 8u;
const IN_H: u32 = 12u;
const IN_W: u32 = 12u;
const OUT_C: u32 = 8u;
const OUT_H: u32 = 10u;
const OUT_W: u32 = 10u;
const KERNEL_H: u32 = 3u;
const KERNEL_W: u32 = 3u;
const STRIDE_H: u32 = 1u;
const STRIDE_W: u32 = 1u;
const DILATION_H: u32 = 1u;
const DILATION_W: u32 = 1u;
const PAD_TOP: u32 = 0u;
const PAD_LEFT: u32 = 0u;
const HAS_BIAS: bool = true;
// In vec4s from the start of the parameters and of the gradients.
const KERNEL_AT: u32 = 0u;
const BIAS_AT: u32 = 18u;
const DKERNEL_AT: u32 = 0u;
const DBIAS_AT: u32 = 18u;
const SPLIT_ROWS: u32 = 1u;
const SPLIT_QUADS: u32 = 1u;

const OUT_C4: u32 = (OUT_C + 3u) / 4u;
const GROUP_IN: u32 = IN_C / GROUPS;
const GROUP_OUT: u32 = OUT_C / GROUPS;
const KERNEL_SIZE: u32 = GROUP_IN * KERNEL_H * KERNEL_W * OUT_C4;
const SPLITS: u32 = SPLIT_ROWS * SPLIT_QUADS;

@group(0) @binding(0) var<storage, read> x: array<vec4f>;
@group(0) @binding(1) var<storage, read> parameters: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> y: array<vec4f>;
@group(0) @binding(3) var<storage, read> dy: array<vec4f>;
@group(0) @binding(4) var<storage, read_write> dx: array<vec4f>;
@group(0) @binding(5) var<storage, read_write> gradients: array<vec4f>;

// Rows and columns are unsigned, so that what lies before the first cell has wrapped around.
fn x_at(channel: u32, row: u32, column: u32, quad: u32, quads: u32) -> vec4f {
    if (row < IN_H && column < IN_W) {
        return x[((channel * IN_H + row) * IN_W + column) * quads + quad];
    }
    return vec4f();
}

fn dy_at(channel: u32, row: u32, column: u32, quad: u32, quads: u32) -> vec4f {
    return dy[((channel * OUT_H + row) * OUT_W + column) * quads + quad];
}

// The weight of input channel i of the group at one tap for output channel o.
fn weight(i: u32, ky: u32, kx: u32, o: u32) -> f32 {
    return parameters[KERNEL_AT + ((i * KERNEL_H + ky) * KERNEL_W + kx) * OUT_C4 + o / 4u][o % 4u];
}

// One invocation: one pixel of a channel of a quad.
@compute @workgroup_size(WORKGROUP)
fn forward(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
    let quads = arrayLength(&x) / (IN_C * IN_H * IN_W);
    let index = id.y * groups.x * WORKGROUP + id.x;
    let quad = index % quads;
    let cell = index / quads;
    let o = cell / (OUT_H * OUT_W);
    if (o >= OUT_C) {
        return;
    }
    let top = cell / OUT_W % OUT_H * STRIDE_H - PAD_TOP;
    let left = cell % OUT_W * STRIDE_W - PAD_LEFT;
    let first = o / GROUP_OUT * GROUP_IN;
    var sum = vec4f();
    if (HAS_BIAS) {
        sum = vec4f(parameters[BIAS_AT + o / 4u][o % 4u]);
    }
    for (var i = 0u; i < GROUP_IN; i++) {
        for (var ky = 0u; ky < KERNEL_H; ky++) {
            for (var kx = 0u; kx < KERNEL_W; kx++) {
                let v = x_at(first + i, top + ky * DILATION_H, left + kx * DILATION_W, quad, quads);
                sum += v * weight(i, ky, kx, o);
            }
        }
    }
    y[index] = sum;
}

// dx[i] = sum over the group's o and the taps of dy[o] kernel[i][ky][kx][o]. One invocation: one pixel of a channel of a
// quad, which asks every window that it lies in.
@compute @workgroup_size(WORKGROUP)
fn dinput(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
    let quads = arrayLength(&dx) / (IN_C * IN_H * IN_W);
    let index = id.y * groups.x * WORKGROUP + id.x;
    let quad = index % quads;
    let cell = index / quads;
    let i = cell / (IN_H * IN_W);
    if (i >= IN_C) {
        return;
    }
    let first = i / GROUP_IN * GROUP_OUT;
    var sum = vec4f();
    for (var ky = 0u; ky < KERNEL_H; ky++) {
        let from_top = cell / IN_W % IN_H + PAD_TOP - ky * DILATION_H;
        let row = from_top / STRIDE_H;
        if (from_top % STRIDE_H == 0u && row < OUT_H) {
            for (var kx = 0u; kx < KERNEL_W; kx++) {
                let from_left = cell % IN_W + PAD_LEFT - kx * DILATION_W;
                let column = from_left / STRIDE_W;
                if (from_left % STRIDE_W == 0u && column < OUT_W) {
                    for (var o = first; o < first + GROUP_OUT; o++) {
                        sum += dy_at(o, row, column, quad, quads) * weight(i % GROUP_IN, ky, kx, o);
                    }
                }
            }
        }
    }
    dx[index] = sum;
}

// dkernel[i][ky][kx][o] = sum over rows, columns, samples of dy[o][row][column] x[i][row + ky][column + kx], and dbias.
// One invocation: four output channels at one tap of one input channel of their groups, one split of the rows and quads;
// that of the first tap also sums the bias. No sum crosses an invocation.
@compute @workgroup_size(WORKGROUP)
fn dkernel(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
    let quads = arrayLength(&x) / (IN_C * IN_H * IN_W);
    let index = id.y * groups.x * WORKGROUP + id.x;
    let split = index % SPLITS;
    let at = index / SPLITS;
    if (at >= KERNEL_SIZE) {
        return;
    }
    let c4 = at % OUT_C4;
    let kx = at / OUT_C4 % KERNEL_W;
    let ky = at / (OUT_C4 * KERNEL_W) % KERNEL_H;
    let i = at / (OUT_C4 * KERNEL_W * KERNEL_H);
    let first_row = split % SPLIT_ROWS * OUT_H / SPLIT_ROWS;
    let last_row = (split % SPLIT_ROWS + 1u) * OUT_H / SPLIT_ROWS;
    let first_quad = split / SPLIT_ROWS * quads / SPLIT_QUADS;
    let last_quad = (split / SPLIT_ROWS + 1u) * quads / SPLIT_QUADS;
    var sum = vec4f();
    var bias = vec4f();
    for (var row = first_row; row < last_row; row++) {
        let in_row = row * STRIDE_H + ky * DILATION_H - PAD_TOP;
        // A row is added up by itself, as a sum of many small numbers loses the bits of each.
        var part = vec4f();
        for (var column = 0u; column < OUT_W; column++) {
            let in_column = column * STRIDE_W + kx * DILATION_W - PAD_LEFT;
            for (var quad = first_quad; quad < last_quad; quad++) {
                var taken: vec4f;
                var given: vec4f;
                for (var j = 0u; j < 4u; j++) {
                    let o = min(c4 * 4u + j, OUT_C - 1u);
                    let d = dy_at(o, row, column, quad, quads);
                    taken[j] = dot(d, x_at(o / GROUP_OUT * GROUP_IN + i, in_row, in_column, quad, quads));
                    given[j] = dot(d, vec4f(1.0));
                }
                sum += taken;
                part += given;
            }
        }
        bias += part;
    }
    // The last vec4 may be wider than the channels: a padding weight gets no gradient.
    let real = c4 * 4u + vec4u(0u, 1u, 2u, 3u) < vec4u(OUT_C);
    gradients[DKERNEL_AT + split * KERNEL_SIZE + at] = select(vec4f(), sum, real);
    if (HAS_BIAS && at < OUT_C4) {
        gradients[DBIAS_AT + split * OUT_C4 + c4] = select(vec4f(), bias, real);
    }
}
