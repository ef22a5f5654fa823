// Predicts with the project's own kernels. A tensor is [channel][position][sample], four samples a vec4; the first is used.
const webgpu = async (data, network) => {
    const program = data.webgpu;
    if (!program || typeof navigator === "undefined" || !navigator.gpu) return null;
    const adapter = await navigator.gpu.requestAdapter();
    if (!adapter) return null;
    const device = await adapter.requestDevice();
    const { STORAGE, COPY_DST, COPY_SRC, MAP_READ } = GPUBufferUsage;
    const make = bytes => device.createBuffer({ size: Math.max(16, bytes), usage: STORAGE | COPY_DST | COPY_SRC });
    const slots = program.slots.map(make);
    // Keras's order of each variable, then the kernels' own: `order` says where each number goes.
    const numbers = network.numbers, packed = new Float32Array(program.floats);
    const parameters = make(program.floats * 4), nothing = make(16);
    const pack = () => program.parameters.forEach(({ weight, offset, layout, shape }) => {
        const [start, length] = data.places[weight];
        const last = layout.name === "depthwise" ? shape.slice(-2).reduce((a, b) => a * b) : shape[shape.length - 1] ?? 1;
        const row = Math.ceil(last / 4) * 4, rows = length / last, inputs = shape[shape.length - 2] ?? 1;
        for (let i = 0; i < rows; i++) {
            const at = layout.name === "convolution" ? (i % inputs) * (rows / inputs) + Math.floor(i / inputs)
                : layout.name === "dense" ? (i % layout.channels) * layout.positions + Math.floor(i / layout.channels)
                : i;
            packed.set(numbers.subarray(start + i * last, start + (i + 1) * last), offset + at * row);
        }
    });
    // Again after each training, which changes the numbers.
    const refresh = () => (pack(), device.queue.writeBuffer(parameters, 0, packed));
    refresh();
    // Kernels take the size of the batch from the size of what is bound.
    const bound = ([kind, index]) => {
        if (kind !== "tensor") return { buffer: kind === "parameters" ? parameters : nothing };
        const [slot, size] = program.tensors[index];
        return { buffer: slots[slot], size };
    };
    device.pushErrorScope("validation");
    const modules = program.sources.map(code => device.createShaderModule({ code }));
    const launches = await Promise.all(program.launches.map(async ({ source, entry, bindings, workgroups }) => {
        const writes = binding =>
            new RegExp(`@binding\\(${binding}\\)\\s*var<storage,\\s*read_write>`).test(program.sources[source]);
        const layout = device.createBindGroupLayout({
            entries: bindings.map(([binding]) => ({
                binding,
                visibility: GPUShaderStage.COMPUTE,
                buffer: { type: writes(binding) ? "storage" : "read-only-storage" },
            })),
        });
        const pipeline = await device.createComputePipelineAsync({
            layout: device.createPipelineLayout({ bindGroupLayouts: [layout] }),
            compute: { module: modules[source], entryPoint: entry },
        });
        const entries = bindings.map(([binding, resource]) => ({ binding, resource: bound(resource) }));
        return { pipeline, workgroups, group: device.createBindGroup({ layout, entries }) };
    }));
    const refused = await device.popErrorScope();
    if (refused) throw new Error(refused.message);
    const [h, w, c] = engine.map(data.values[data.inputs[0].value]), [oh, ow, oc] = engine.map(data.values[data.output]);
    const read = device.createBuffer({ size: oh * ow * oc * 16, usage: MAP_READ | COPY_DST });
    const one = async input => {
        const quads = new Float32Array(h * w * c * 4);
        for (let i = 0; i < h * w; i++) for (let o = 0; o < c; o++) quads[(o * h * w + i) * 4] = input[i * c + o];
        device.queue.writeBuffer(slots[program.tensors[program.input][0]], 0, quads);
        const encoder = device.createCommandEncoder(), pass = encoder.beginComputePass();
        for (const { pipeline, workgroups, group } of launches) {
            pass.setPipeline(pipeline);
            pass.setBindGroup(0, group);
            pass.dispatchWorkgroups(...workgroups);
        }
        pass.end();
        encoder.copyBufferToBuffer(slots[program.tensors[program.output][0]], 0, read, 0, oh * ow * oc * 16);
        device.queue.submit([encoder.finish()]);
        await read.mapAsync(GPUMapMode.READ);
        const made = new Float32Array(read.getMappedRange()), output = new Float32Array(oh * ow * oc);
        for (let i = 0; i < oh * ow; i++) for (let o = 0; o < oc; o++) output[i * oc + o] = made[(o * oh * ow + i) * 4];
        read.unmap();
        return output;
    };
    // One after another: there is one set of buffers.
    let before = Promise.resolve();
    const predict = input => (before = before.catch(() => {}).then(() => one(input)));
    return { predict, refresh };
};
