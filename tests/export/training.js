// Checks what a page teaches its network: gradients beside differences of the loss, and a loss that falls. node training.js PAGE...
const fs = require("fs");

for (const file of process.argv.slice(2)) {
    const text = fs.readFileSync(file, "utf8");
    const part = id => text.split(new RegExp(`<script[^>]*id="${id}">`))[1].split("</script>")[0];
    const engine = new Function("module", `${part("engine")}; return engine;`)({});
    const training = new Function("module", "engine", `${part("training")}; return training;`)({}, engine);
    const data = JSON.parse(part("network")), network = engine.load(data);
    if (!training.teaches(data)) throw new Error(`${file} teaches nothing`);
    const bytes = engine.from64(data.samples.inputs), n = engine.size(data.values[data.inputs[0].value]);
    const classes = training.shares(data.answer, network.predict(new Float32Array(n))).length;
    const samples = [0, 1, 2].map(sample => ({
        input: Float32Array.from(bytes.subarray(sample * n, (sample + 1) * n), byte => byte / 255),
        target: Array.from({ length: classes }, (_, index) => +(index === sample % classes)),
    }));
    const run = training.start(data, network), [, grown] = run.slopes(samples);
    let checked = 0;
    for (const index of run.moved) {
        const values = network.weight(index), gradient = grown.get(index);
        const largest = Math.max(...Array.from(gradient, Math.abs));
        for (let part = 0; part < 3; part++) {
            const place = Math.floor((part * values.length) / 3), old = values[place];
            const loss = value => ((values[place] = value), run.slopes(samples)[0]);
            const [high, low] = [old + 1e-3, old - 1e-3].map(Math.fround);
            const slope = (loss(high) - loss(low)) / (high - low);
            // A second difference tells where a rectifier or a pool has its corner.
            const bent = Math.abs(loss(high) + loss(low) - 2 * loss(old)) / (high - low);
            values[place] = old;
            const off = Math.abs(slope - gradient[place]);
            if (off > 0.02 * largest + 2 * bent + 2e-3) throw new Error(`${file}: weight ${index}[${place}]: ${slope}, not ${gradient[place]}`);
            checked++;
        }
    }
    const before = run.slopes(samples)[0];
    for (let step = 0; step < 40; step++) run.step(samples);
    const after = run.slopes(samples)[0];
    if (!(after < before - 0.02)) throw new Error(`${file}: the loss stays at ${before}: ${after}`);
    console.log(`${file}: ${checked} gradients, loss ${before.toFixed(3)} to ${after.toFixed(3)}`);
}
