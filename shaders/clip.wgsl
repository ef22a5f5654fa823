// Clips gradients before the optimizer sees them. Each gradient is put together first: the sum of its splits goes into the
// first of them, and zeros into the others, so that what reads them adds up the same as ever.
//
//   gradients   as in optimizer.wgsl: per variable [split][as the variable]; updated in place
//   runs        as in optimizer.wgsl
//   groups      [run]: x the first run whose gradients are clipped together with it, y the end of these runs
//   norms       [run]: the sum of the squares of its gradients
// One workgroup: one run. `squares`, then `clip`: by norm. `clip_value`: by value. Source: keras/src/optimizers/base_optimizer.py.

// Constants. The compiler rewrites these values; the defaults keep this file valid by itself.
const WORKGROUP: u32 = 64u;
// Vec4s of an invocation.
const TILE: u32 = 1u;
// The longest gradient, or the largest number of one.
const LIMIT: f32 = 1.0;

@group(0) @binding(0) var<storage, read_write> gradients: array<vec4f>;
@group(0) @binding(1) var<storage, read> runs: array<vec4u>;
@group(0) @binding(2) var<storage, read> groups_of: array<vec2u>;
@group(0) @binding(3) var<storage, read_write> norms: array<f32>;

var<workgroup> sums: array<f32, WORKGROUP>;

struct Run {
    // Among the runs; the end of the table where there is nothing to do.
    index: u32,
    // Vec4s from the first of its gradient.
    count: u32,
    // Its first gradient.
    at: u32,
    splits: u32,
    stride: u32,
}

fn run_of(group: vec3u, groups: vec3u) -> Run {
    let index = group.y * groups.x + group.x;
    // The last row of workgroups may be longer than the table.
    if (index + 1u >= arrayLength(&runs)) {
        return Run(arrayLength(&runs), 0u, 0u, 0u, 0u);
    }
    let run = runs[index];
    // What does not train has no gradients.
    let count = select(runs[index + 1u].x - run.x, 0u, run.z == 0u);
    return Run(index, count, run.y, run.z, run.w);
}

fn whole(run: Run, vec4: u32) -> vec4f {
    var sum = vec4f();
    for (var split = 0u; split < run.splits; split++) {
        sum += gradients[run.at + split * run.stride + vec4];
    }
    return sum;
}

fn put(run: Run, vec4: u32, value: vec4f) {
    gradients[run.at + vec4] = value;
    for (var split = 1u; split < run.splits; split++) {
        gradients[run.at + split * run.stride + vec4] = vec4f();
    }
}

// The sum of what the invocations have, in one order.
fn total(local: u32, mine: f32) -> f32 {
    sums[local] = mine;
    workgroupBarrier();
    var sum = 0.0;
    for (var k = 0u; k < WORKGROUP; k++) {
        sum += sums[k];
    }
    return sum;
}

@compute @workgroup_size(WORKGROUP)
fn squares(
    @builtin(workgroup_id) group: vec3u,
    @builtin(num_workgroups) groups: vec3u,
    @builtin(local_invocation_index) local: u32,
) {
    let run = run_of(group, groups);
    var mine = 0.0;
    for (var k = 0u; k < TILE; k++) {
        let vec4 = k * WORKGROUP + local;
        if (vec4 < run.count) {
            let g = whole(run, vec4);
            mine += dot(g, g);
        }
    }
    let sum = total(local, mine);
    if (local == 0u && run.index < arrayLength(&norms)) {
        norms[run.index] = sum;
    }
}

@compute @workgroup_size(WORKGROUP)
fn clip(
    @builtin(workgroup_id) group: vec3u,
    @builtin(num_workgroups) groups: vec3u,
    @builtin(local_invocation_index) local: u32,
) {
    let run = run_of(group, groups);
    var mine = 0.0;
    if (run.index < arrayLength(&groups_of)) {
        let together = groups_of[run.index];
        for (var k = together.x + local; k < together.y; k += WORKGROUP) {
            mine += norms[k];
        }
    }
    let norm = sqrt(total(local, mine));
    let scale = LIMIT / max(norm, LIMIT);
    for (var k = 0u; k < TILE; k++) {
        let vec4 = k * WORKGROUP + local;
        if (vec4 < run.count) {
            put(run, vec4, whole(run, vec4) * scale);
        }
    }
}

@compute @workgroup_size(WORKGROUP)
fn clip_value(
    @builtin(workgroup_id) group: vec3u,
    @builtin(num_workgroups) groups: vec3u,
    @builtin(local_invocation_index) local: u32,
) {
    let run = run_of(group, groups);
    for (var k = 0u; k < TILE; k++) {
        let vec4 = k * WORKGROUP + local;
        if (vec4 < run.count) {
            put(run, vec4, clamp(whole(run, vec4), vec4f(-LIMIT), vec4f(LIMIT)));
        }
    }
}
