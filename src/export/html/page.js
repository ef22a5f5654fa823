// The page: what is drawn or dropped goes into the network, and what comes out is shown.
const data = JSON.parse(document.getElementById("network").textContent);
// Controls and marks of direction in a name are shown, not obeyed.
const visible = (text) =>
    text.replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, (mark) =>
        `\\u{${mark.charCodeAt(0).toString(16)}}`);
const byId = id => document.getElementById(id);
const network = engine.load(data);
let gpu = null, asked = 0, sampled = 0, entry = null;

const whole = document.querySelector(".slot"), spare = whole.cloneNode(true);

// What goes into an input: a picture that is drawn or dropped, or numbers that are typed.
const makeSlot = ({ name, value }, place, all) => {
    const block = place ? spare.cloneNode(true) : whole;
    const shape = data.values[value], isPicture = shape.length === 3 && [1, 3].includes(shape[2]);
    const [height, width, channels] = engine.map(shape), count = engine.size(shape);
    if (place) {
        block.querySelector("#sample").remove();
        block.querySelectorAll("[id]").forEach(part => part.removeAttribute("id"));
        byId("hint").before(block);
    }
    const [canvas, field] = ["canvas", "textarea"].map(kind => block.querySelector(kind));
    const pen = canvas.getContext("2d", { willReadFrequently: true });
    const slot = { block, name, shape, isPicture, height, width, channels, count, canvas, pen, field, values: new Float32Array(count) };
    if (all.length > 1) {
        const called = block.querySelector(".called");
        [called.hidden, called.textContent] = [false, `${visible(name)}: ${shape.join(" × ")}`];
        canvas.setAttribute("aria-label", `Draw ${visible(name)} here`);
    }
    if (!isPicture) {
        canvas.remove();
        block.querySelector(".clear").remove();
        block.querySelector(".file").remove();
        [field.hidden, field.value] = [all.length === 1, Array.from(slot.values).join(", ")];
    }
    return slot;
};

// The canvas as the network takes it: each cell the mean of its pixels, 0 to 1 or, where a picture's bytes are not divided, to 255.
const drawn = ({ canvas, pen, height, width, channels }) => {
    const n = canvas.width, pixels = pen.getImageData(0, 0, n, n).data, input = new Float32Array(height * width * channels);
    const edge = (index, cells) => Math.floor((index * n) / cells);
    for (let i = 0; i < height; i++)
        for (let j = 0; j < width; j++) {
            const sums = [0, 0, 0];
            const [r0, r1, s0, s1] = [edge(i, height), Math.max(edge(i + 1, height), edge(i, height) + 1),
                edge(j, width), Math.max(edge(j + 1, width), edge(j, width) + 1)];
            for (let r = r0; r < r1; r++)
                for (let s = s0; s < s1; s++) for (let k = 0; k < 3; k++) sums[k] += pixels[(r * n + s) * 4 + k];
            const cells = (r1 - r0) * (s1 - s0), mean = sums.map(sum => sum / cells);
            const values = channels === 1 ? [0.299 * mean[0] + 0.587 * mean[1] + 0.114 * mean[2]] : mean;
            values.forEach((value, k) => (input[(i * width + j) * channels + k] = Math.round(value) / data.divisor));
        }
    return input;
};

// All inputs, one after another.
const entered = () => {
    const joined = new Float32Array(slots.reduce((sum, { count }) => sum + count, 0));
    slots.reduce((at, { values, count }) => (joined.set(values, at), at + count), 0);
    return joined;
};

// What an output says: rows for its classes, and words.
const said = ({ name, value, answer }, output) => {
    const shape = data.values[value], names = data.outputs.length === 1 ? data.class_names : [];
    if (shape.length !== 1) {
        return [[], `The output is ${shape.join(" × ")} numbers; the picture of ${visible(name)} below shows it.`];
    }
    if (answer === "values") {
        const numbers = Array.from(output.slice(0, 12), value => value.toFixed(4)).join(", ");
        return [[], `The output: ${numbers}${output.length > 12 ? ", …" : ""}`];
    }
    const odds = training.shares(answer, output);
    const ranked = odds.map((value, index) => [value, index]).sort((a, b) => b[0] - a[0]);
    const shown = (odds.length > 12 ? ranked.slice(0, 12) : ranked.slice().sort((a, b) => a[1] - b[1]));
    const rows = shown.map(([value, index]) => {
        const row = document.createElement("div");
        row.className = index === ranked[0][1] ? "class best" : "class";
        const [name, track, fill, number] = ["span", "div", "div", "span"].map(kind => document.createElement(kind));
        name.textContent = visible(names[index] ?? String(index));
        [track.className, fill.className, number.className] = ["track", "fill", "number"];
        fill.style.width = `${100 * value}%`;
        number.textContent = value.toFixed(4);
        track.append(fill);
        row.append(name, track, number);
        return row;
    });
    return [rows, odds.length > 12 ? `the 12 largest of ${odds.length}` : ""];
};

// All outputs, one under another; of several each has its name above it.
const showOutputs = joined => {
    let at = 0;
    const parts = data.outputs.map(output => {
        const size = engine.size(data.values[output.value]), own = joined.slice(at, at + size);
        at += size;
        return [output.name, ...said(output, own)];
    });
    if (parts.length === 1) {
        byId("classes").replaceChildren(...parts[0][1]);
        byId("more").textContent = parts[0][2];
        return;
    }
    byId("classes").replaceChildren(...parts.flatMap(([called, rows, words]) => {
        const title = document.createElement("h2"), note = document.createElement("p");
        [title.textContent, note.textContent, note.className] = [visible(called), words, "note"];
        return [title, ...rows, note];
    }));
};

// One channel as a grey picture from its smallest to its largest number.
const picture = (values, rows, columns, channel, count) => {
    const own = document.createElement("canvas"), scale = Math.max(1, Math.floor(56 / Math.max(rows, columns)));
    [own.width, own.height] = [columns, rows];
    own.style.width = `${columns * scale}px`;
    const image = own.getContext("2d").createImageData(columns, rows);
    let low = Infinity, high = -Infinity;
    for (let i = channel; i < values.length; i += count) {
        low = Math.min(low, values[i]);
        high = Math.max(high, values[i]);
    }
    for (let i = 0; i < rows * columns; i++) {
        const grey = high > low ? (255 * (values[i * count + channel] - low)) / (high - low) : 0;
        image.data.set([grey, grey, grey, 255], i * 4);
    }
    own.getContext("2d").putImageData(image, 0, 0);
    return own;
};

const showLayers = tensors => {
    byId("layers").replaceChildren(...data.layers.map(([name, value]) => {
        const figure = document.createElement("figure"), caption = document.createElement("figcaption");
        const shape = data.values[value], values = tensors[value], maps = document.createElement("div");
        caption.textContent = `${name}: ${shape.join(" × ")}`;
        maps.className = "maps";
        if (shape.length === 3) {
            const shown = Math.min(shape[2], 32);
            for (let k = 0; k < shown; k++) maps.append(picture(values, shape[0], shape[1], k, shape[2]));
            if (shape[2] > shown) caption.textContent += ` (the first ${shown})`;
        } else {
            const columns = Math.min(values.length, 64), rows = Math.floor(values.length / columns);
            maps.append(picture(values.subarray(0, rows * columns), rows, columns, 0, 1));
        }
        figure.append(caption, maps);
        return figure;
    }));
};

// The kernels say the classes where there is WebGPU; the feature maps are the plain engine's.
const predict = async input => {
    entry = input;
    const turn = ++asked, tensors = network.run(input);
    const output = gpu ? await gpu.predict(input) : network.outputs(tensors);
    if (turn !== asked) return;
    showOutputs(output);
    showLayers(tensors);
};

const clear = slot => {
    slot.pen.fillStyle = "#000";
    slot.pen.fillRect(0, 0, slot.canvas.width, slot.canvas.height);
    slot.values = drawn(slot);
};

const drop = async (slot, file) => {
    if (!file || !slot.isPicture) return;
    const { pen, canvas } = slot;
    try {
        const bitmap = await createImageBitmap(file), side = Math.min(bitmap.width, bitmap.height);
        pen.imageSmoothingQuality = "high";
        pen.drawImage(bitmap, (bitmap.width - side) / 2, (bitmap.height - side) / 2, side, side, 0, 0, canvas.width, canvas.height);
        slot.values = drawn(slot);
        await predict(entered());
    } catch {
        byId("hint").textContent = `${file.name} is no picture that this browser reads`;
    }
};

const draw = slot => {
    const { pen, canvas } = slot;
    let last = null;
    const at = event => {
        const box = canvas.getBoundingClientRect();
        return [((event.clientX - box.left) / box.width) * canvas.width, ((event.clientY - box.top) / box.height) * canvas.height];
    };
    const line = event => {
        if (!last) return;
        const next = at(event);
        pen.strokeStyle = "#fff";
        pen.lineWidth = canvas.width / 12;
        pen.lineCap = pen.lineJoin = "round";
        pen.beginPath();
        pen.moveTo(...last);
        pen.lineTo(...next);
        pen.stroke();
        last = next;
        slot.values = drawn(slot);
        predict(entered());
    };
    canvas.addEventListener("pointerdown", event => {
        last = at(event);
        canvas.setPointerCapture(event.pointerId);
        line(event);
    });
    canvas.addEventListener("pointermove", line);
    for (const end of ["pointerup", "pointercancel"]) canvas.addEventListener(end, () => (last = null));
};

// A sample's numbers where they can be seen: of several inputs each shows its own.
const show = slot => {
    if (!slot.isPicture) slot.field.value = Array.from(slot.values).join(", ");
    else if (slots.length > 1) {
        const small = document.createElement("canvas"), { height, width, channels, values } = slot;
        [small.width, small.height] = [width, height];
        const image = small.getContext("2d").createImageData(width, height);
        for (let i = 0; i < width * height; i++) {
            const colour = k => values[i * channels + (channels === 1 ? 0 : k)] * data.divisor;
            image.data.set([colour(0), colour(1), colour(2), 255], i * 4);
        }
        small.getContext("2d").putImageData(image, 0, 0);
        slot.pen.imageSmoothingEnabled = false;
        slot.pen.drawImage(small, 0, 0, slot.canvas.width, slot.canvas.height);
    }
};

const sample = () => {
    const all = engine.samples(data)[sampled++ % data.samples.count];
    slots.reduce((at, slot) => {
        slot.values = all.slice(at, at + slot.count);
        show(slot);
        return at + slot.count;
    }, 0);
    return predict(entered());
};

// What the network is taught: inputs with their classes. The samples that came with it keep what it knows of them.
const lessons = [], first = network.numbers.slice();
let busy = false;

const className = index => visible(data.class_names[index] ?? String(index));

const showLessons = () => {
    byId("lessons").replaceChildren(...lessons.map(({ input, label }, place) => {
        const figure = document.createElement("figure"), caption = document.createElement("figcaption");
        const gone = document.createElement("button");
        caption.textContent = className(label);
        [gone.type, gone.textContent, gone.title] = ["button", "×", "Leave this one out"];
        gone.onclick = () => (lessons.splice(place, 1), showLessons());
        const { isPicture, height, width, channels } = slots[0];
        if (isPicture) figure.append(picture(input, height, width, 0, channels));
        caption.append(gone);
        figure.append(caption);
        return figure;
    }));
    byId("train").disabled = busy || lessons.length === 0;
    byId("forget").disabled = busy;
};

const again = async () => {
    if (gpu) gpu.refresh();
    await predict(entry);
};

const train = async () => {
    const steps = 40, run = training.start(data, network), classes = training.shares(data.answer, network.predict(entry)).length;
    const samples = engine.samples(data), own = lessons.map(({ input, label }) => ({ input, target: Array.from({ length: classes }, (_, i) => +(i === label)) }));
    const kept = samples.map(input => ({ input, target: training.shares(data.answer, network.predict(input)) }));
    busy = true;
    showLessons();
    const losses = [];
    for (let step = 0; step < steps; step++) {
        // Each lesson as often as all of the rest together, so that few drawings count.
        losses.push(run.step(own));
        run.step([kept[step % kept.length], ...own]);
        byId("taught").textContent = `Step ${step + 1} of ${steps}: loss ${losses[step].toFixed(4)}`;
        await new Promise(done => setTimeout(done));
    }
    const after = run.slopes(own)[0], right = own.filter(({ input, target }) => {
        const odds = training.shares(data.answer, network.predict(input));
        return target[odds.indexOf(Math.max(...odds))] === 1;
    });
    byId("taught").textContent = `Loss ${losses[0].toFixed(4)} → ${after.toFixed(4)}; ${right.length} of ${own.length} right now.`;
    document.body.dataset.losses = JSON.stringify([...losses, after]);
    busy = false;
    showLessons();
    await again();
};

const teach = () => {
    if (!training.teaches(data)) return;
    byId("teach").hidden = false;
    const count = training.shares(data.answer, network.predict(new Float32Array(slots[0].count))).length;
    byId("label").replaceChildren(...Array.from({ length: count }, (_, index) => new Option(className(index), index)));
    byId("add").onclick = () => {
        lessons.push({ input: entry.slice(), label: Number(byId("label").value) });
        showLessons();
    };
    byId("train").onclick = train;
    byId("forget").onclick = async () => {
        network.numbers.set(first);
        byId("taught").textContent = "As it was trained.";
        await again();
    };
    showLessons();
};

const begin = async () => {
    document.title = data.name;
    byId("title").textContent = data.name;
    byId("description").textContent = visible(data.description);
    byId("sample").onclick = sample;
    const slotOf = event => slots.find(({ block }) => block.contains(event.target)) ?? slots[0];
    for (const slot of slots) {
        if (!slot.isPicture) {
            slot.field.oninput = () => {
                const typed = slot.field.value.split(/[\s,]+/).filter(Boolean).map(Number);
                slot.values = Float32Array.from({ length: slot.count }, (_, i) => (Number.isFinite(typed[i]) ? typed[i] : 0));
                predict(entered());
            };
            continue;
        }
        slot.block.querySelector(".clear").onclick = () => (clear(slot), predict(entered()));
        slot.block.querySelector("input").onchange = event => drop(slot, event.target.files[0]);
        clear(slot);
        draw(slot);
    }
    document.addEventListener("dragover", event => (event.preventDefault(), slotOf(event).canvas.classList.add("drop")));
    const dragged = () => slots.forEach(({ canvas }) => canvas.classList.remove("drop"));
    document.addEventListener("dragleave", dragged);
    document.addEventListener("drop", event => {
        event.preventDefault();
        dragged();
        drop(slotOf(event), event.dataTransfer.files[0]);
    });
    const { isPicture, height, width, shape } = slots[0];
    if (slots.length > 1) {
        byId("hint").textContent = [
            slots.some(slot => slot.isPicture) ? "Draw in the squares, or drop pictures on them." : "",
            slots.every(slot => slot.isPicture) ? "" : "Separate numbers by commas.",
        ].join(" ").trim();
    } else if (isPicture) {
        byId("hint").textContent = `Draw, or drop a picture: it is made ${height} × ${width} large.`;
    } else {
        byId("hint").textContent = `This network takes ${shape.join(" × ")} numbers, not a picture.`;
    }
    let why = "in plain JavaScript";
    try {
        gpu = await webgpu(data, network);
        if (gpu) {
            const difference = await engine.check(data, gpu.predict);
            if (difference > 1e-3) throw new Error(`WebGPU differs by ${difference}`);
            why = "with WebGPU";
        }
    } catch (error) {
        gpu = null;
        why = `in plain JavaScript (${error.message})`;
    }
    byId("about").textContent = `${data.parameters.toLocaleString("en")} weights, computed here ${why}. Nothing leaves this page.`;
    await (slots.length === 1 && isPicture ? predict(entered()) : sample());
    const difference = await engine.check(data, gpu ? gpu.predict : async input => network.predict(input));
    byId("checked").textContent = `${data.samples.count} samples replayed: largest difference to cnnc ${difference.toExponential(1)}`;
    teach();
    document.body.dataset.ready = gpu ? "webgpu" : "plain";
};
const slots = data.inputs.map(makeSlot);
begin();
