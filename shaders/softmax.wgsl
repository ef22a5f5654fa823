// Softmax over the channels, forward and backward.
//
//   x, y, dy, dx   [CHANNELS][column], a vec4 = four samples of one pixel
// Everything is written with `=`. One invocation: one column.
//
// Channels are taken eight a turn: Mesa's software driver ends an invocation after 65,535 turns of all its loops together.

// Geometry. The compiler rewrites these values for each layer; the defaults keep this file valid by itself.
const WORKGROUP: u32 = 64u;
const CHANNELS: u32 = 10u;

@group(0) @binding(0) var<storage, read> x: array<vec4f>;
@group(0) @binding(1) var<storage, read_write> y: array<vec4f>;
@group(0) @binding(2) var<storage, read> output: array<vec4f>;
@group(0) @binding(3) var<storage, read> dy: array<vec4f>;
@group(0) @binding(4) var<storage, read_write> dx: array<vec4f>;

// Blocks of eight channels, and where the rest begins.
const BLOCKS: u32 = CHANNELS / 8u;
const REST: u32 = BLOCKS * 8u;

fn read_x(c: u32, column: u32, columns: u32) -> vec4f {
    return x[c * columns + column];
}

fn higher_of_eight(highest: vec4f, c: u32, column: u32, columns: u32) -> vec4f {
    let left = max(max(read_x(c, column, columns), read_x(c + 1u, column, columns)), max(read_x(c + 2u, column, columns), read_x(c + 3u, column, columns)));
    let right = max(max(read_x(c + 4u, column, columns), read_x(c + 5u, column, columns)), max(read_x(c + 6u, column, columns), read_x(c + 7u, column, columns)));
    return max(highest, max(left, right));
}

fn power(c: u32, column: u32, columns: u32, highest: vec4f) -> vec4f {
    return exp(read_x(c, column, columns) - highest);
}

fn write_y(c: u32, column: u32, columns: u32, highest: vec4f, sum: vec4f) {
    y[c * columns + column] = power(c, column, columns, highest) / sum;
}

// y = exp(x - max) / sum of exp(x - max)
@compute @workgroup_size(WORKGROUP)
fn forward(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
    let columns = arrayLength(&x) / CHANNELS;
    let column = id.y * groups.x * WORKGROUP + id.x;
    if (column >= columns) {
        return;
    }
    var highest = x[column];
    for (var block = 0u; block < BLOCKS; block++) {
        highest = higher_of_eight(highest, block * 8u, column, columns);
    }
    for (var c = REST; c < CHANNELS; c++) {
        highest = max(highest, read_x(c, column, columns));
    }
    var sum = vec4f();
    for (var block = 0u; block < BLOCKS; block++) {
        let c = block * 8u;
        sum += power(c, column, columns, highest);
        sum += power(c + 1u, column, columns, highest);
        sum += power(c + 2u, column, columns, highest);
        sum += power(c + 3u, column, columns, highest);
        sum += power(c + 4u, column, columns, highest);
        sum += power(c + 5u, column, columns, highest);
        sum += power(c + 6u, column, columns, highest);
        sum += power(c + 7u, column, columns, highest);
    }
    for (var c = REST; c < CHANNELS; c++) {
        sum += power(c, column, columns, highest);
    }
    for (var block = 0u; block < BLOCKS; block++) {
        let c = block * 8u;
        write_y(c, column, columns, highest, sum);
        write_y(c + 1u, column, columns, highest, sum);
        write_y(c + 2u, column, columns, highest, sum);
        write_y(c + 3u, column, columns, highest, sum);
        write_y(c + 4u, column, columns, highest, sum);
        write_y(c + 5u, column, columns, highest, sum);
        write_y(c + 6u, column, columns, highest, sum);
        write_y(c + 7u, column, columns, highest, sum);
    }
    for (var c = REST; c < CHANNELS; c++) {
        write_y(c, column, columns, highest, sum);
    }
}

fn product(c: u32, column: u32, columns: u32) -> vec4f {
    return output[c * columns + column] * dy[c * columns + column];
}

fn write_dx(c: u32, column: u32, columns: u32, sum: vec4f) {
    dx[c * columns + column] = output[c * columns + column] * (dy[c * columns + column] - sum);
}

// dx = y (dy - sum over channels of y dy)
@compute @workgroup_size(WORKGROUP)
fn backward(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
    let columns = arrayLength(&dy) / CHANNELS;
    let column = id.y * groups.x * WORKGROUP + id.x;
    if (column >= columns) {
        return;
    }
    var sum = vec4f();
    for (var block = 0u; block < BLOCKS; block++) {
        let c = block * 8u;
        sum += product(c, column, columns);
        sum += product(c + 1u, column, columns);
        sum += product(c + 2u, column, columns);
        sum += product(c + 3u, column, columns);
        sum += product(c + 4u, column, columns);
        sum += product(c + 5u, column, columns);
        sum += product(c + 6u, column, columns);
        sum += product(c + 7u, column, columns);
    }
    for (var c = REST; c < CHANNELS; c++) {
        sum += product(c, column, columns);
    }
    for (var block = 0u; block < BLOCKS; block++) {
        let c = block * 8u;
        write_dx(c, column, columns, sum);
        write_dx(c + 1u, column, columns, sum);
        write_dx(c + 2u, column, columns, sum);
        write_dx(c + 3u, column, columns, sum);
        write_dx(c + 4u, column, columns, sum);
        write_dx(c + 5u, column, columns, sum);
        write_dx(c + 6u, column, columns, sum);
        write_dx(c + 7u, column, columns, sum);
    }
    for (var c = REST; c < CHANNELS; c++) {
        write_dx(c, column, columns, sum);
    }
}
