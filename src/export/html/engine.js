// Predicts in plain JavaScript what the portable graph says. Tensors are Float32Array, channels last.
const engine = (() => {
    const from64 = text => Uint8Array.from(atob(text), letter => letter.charCodeAt(0));
    const floats = text => new Float32Array(from64(text).buffer);
    const size = shape => shape.reduce((product, axis) => product * axis, 1);
    const map = shape => [1, 1, ...shape].slice(-3);

    // Functions of one number.
    const erf = x => {
        // Series near 0, continued fraction beyond: double precision suffices for float32.
        const a = Math.abs(x);
        if (a < 3) {
            let sum = a, term = a;
            for (let n = 1; n < 60; n++) {
                term *= -a * a / n;
                sum += term / (2 * n + 1);
            }
            return Math.sign(x) * 2 / Math.sqrt(Math.PI) * sum;
        }
        let fraction = 0;
        for (let n = 40; n > 0; n--) fraction = n / 2 / (a + fraction);
        return Math.sign(x) * (1 - Math.exp(-a * a) / Math.sqrt(Math.PI) / (a + fraction));
    };
    const functions = {
        relu: ({ slope, ceiling, threshold }) => x =>
            x > threshold ? (ceiling !== null && x >= ceiling ? ceiling : x) : slope * (x - threshold),
        sigmoid: () => x => 1 / (1 + Math.exp(-x)),
        tanh: () => Math.tanh,
        elu: ({ alpha }) => x => (x > 0 ? x : alpha * Math.expm1(x)),
        selu: () => x => 1.0507009873554805 * (x > 0 ? x : 1.6732632423543772 * Math.expm1(x)),
        softplus: () => x => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x))),
        softsign: () => x => x / (1 + Math.abs(x)),
        silu: () => x => x / (1 + Math.exp(-x)),
        gelu: () => x => 0.5 * x * (1 + erf(x / Math.SQRT2)),
        hard_sigmoid: () => x => Math.min(Math.max(x / 6 + 0.5, 0), 1),
        exponential: () => Math.exp,
    };
    const merges = {
        add: (a, b) => a + b,
        multiply: (a, b) => a * b,
        subtract: (a, b) => a - b,
        maximum: Math.max,
        minimum: Math.min,
    };
    // Strides along height, width and channels, 0 where there is a single one.
    const shared = shape => {
        const [h, w, c] = map(shape);
        return [h === 1 ? 0 : w * c, w === 1 ? 0 : c, c === 1 ? 0 : 1];
    };

    const operations = {
        convolution(node, [x], [[h, w, c]], y, [oh, ow, oc], weight) {
            const { k, b, window: [kh, kw], strides: [sh, sw], dilation: [dh, dw], groups, pads: [top, left] } = node;
            const kernel = weight(k), bias = b === null ? null : weight(b), cg = c / groups, og = oc / groups;
            let at = 0;
            for (let i = 0; i < oh; i++)
                for (let j = 0; j < ow; j++, at += oc) {
                    const sums = new Float64Array(oc);
                    if (bias) sums.set(bias);
                    for (let u = 0; u < kh; u++) {
                        const r = i * sh + u * dh - top;
                        if (r < 0 || r >= h) continue;
                        for (let v = 0; v < kw; v++) {
                            const s = j * sw + v * dw - left;
                            if (s < 0 || s >= w) continue;
                            const from = (r * w + s) * c, taps = (u * kw + v) * cg * oc;
                            for (let g = 0; g < groups; g++)
                                for (let m = 0; m < cg; m++) {
                                    const a = x[from + g * cg + m], row = taps + m * oc + g * og;
                                    for (let o = 0; o < og; o++) sums[g * og + o] += a * kernel[row + o];
                                }
                        }
                    }
                    y.set(sums, at);
                }
        },
        transposed(node, [x], [[h, w, c]], y, [oh, ow, oc], weight) {
            const { k, b, window: [kh, kw], strides: [sh, sw], dilation: [dh, dw], before: [top, left] } = node;
            const kernel = weight(k), sums = new Float64Array(oh * ow * oc);
            if (b !== null) for (let i = 0; i < oh * ow; i++) sums.set(weight(b), i * oc);
            for (let i = 0; i < h; i++)
                for (let j = 0; j < w; j++)
                    for (let u = 0; u < kh; u++)
                        for (let v = 0; v < kw; v++) {
                            const r = i * sh + u * dh - top, s = j * sw + v * dw - left;
                            if (r < 0 || r >= oh || s < 0 || s >= ow) continue;
                            for (let o = 0; o < oc; o++) {
                                const row = ((u * kw + v) * oc + o) * c;
                                let sum = 0;
                                for (let m = 0; m < c; m++) sum += x[(i * w + j) * c + m] * kernel[row + m];
                                sums[(r * ow + s) * oc + o] += sum;
                            }
                        }
            y.set(sums);
        },
        dense(node, [x], [[h, w, c]], y, [, , oc], weight) {
            const kernel = weight(node.k), bias = node.b === null ? null : weight(node.b);
            for (let r = 0; r < h * w; r++) {
                const sums = new Float64Array(oc);
                if (bias) sums.set(bias);
                for (let i = 0; i < c; i++) {
                    const a = x[r * c + i];
                    if (a !== 0) for (let o = 0; o < oc; o++) sums[o] += a * kernel[i * oc + o];
                }
                y.set(sums, r * oc);
            }
        },
        pool({ mean, window: [kh, kw], strides: [sh, sw], pads: [top, left] }, [x], [[h, w, c]], y, [oh, ow]) {
            for (let i = 0, at = 0; i < oh; i++)
                for (let j = 0; j < ow; j++)
                    for (let o = 0; o < c; o++) {
                        let sum = 0, most = -Infinity, n = 0;
                        for (let u = 0; u < kh; u++)
                            for (let v = 0; v < kw; v++) {
                                const r = i * sh + u - top, s = j * sw + v - left;
                                if (r < 0 || r >= h || s < 0 || s >= w) continue;
                                const a = x[(r * w + s) * c + o];
                                sum += a;
                                most = Math.max(most, a);
                                n++;
                            }
                        y[at++] = mean ? sum / n : most;
                    }
        },
        global_pool({ mean }, [x], [[h, w, c]], y) {
            for (let o = 0; o < c; o++) {
                let sum = 0, most = -Infinity;
                for (let i = 0; i < h * w; i++) {
                    sum += x[i * c + o];
                    most = Math.max(most, x[i * c + o]);
                }
                y[o] = mean ? sum / (h * w) : most;
            }
        },
        affine({ scale, shift }, [x], [[, , c]], y, _, weight) {
            const factors = weight(scale), summands = weight(shift);
            for (let i = 0; i < y.length; i++) y[i] = x[i] * factors[i % c] + summands[i % c];
        },
        normalize({ groups, epsilon, gamma, beta }, [x], [[h, w, c]], y, _, weight) {
            const factors = weight(gamma), summands = weight(beta), positions = h * w;
            const sets = groups === null ? positions : groups, size = c / (groups ?? 1);
            for (let set = 0; set < sets; set++) {
                const places = [];
                for (let i = groups === null ? set : 0; i < (groups === null ? set + 1 : positions); i++)
                    for (let o = 0; o < size; o++) places.push(i * c + (groups === null ? 0 : set * size) + o);
                const mean = places.reduce((sum, at) => sum + x[at], 0) / places.length;
                const variance = places.reduce((sum, at) => sum + (x[at] - mean) ** 2, 0) / places.length;
                const factor = 1 / Math.sqrt(variance + epsilon);
                for (const at of places) y[at] = (x[at] - mean) * factor * factors[at % c] + summands[at % c];
            }
        },
        activation(node, [x], _, y) {
            const f = functions[node.name](node);
            for (let i = 0; i < y.length; i++) y[i] = f(x[i]);
        },
        prelu({ alpha, slopes }, [x], [[h, w, c]], y, _, weight) {
            const values = weight(alpha), [sh, sw, sc] = shared(slopes);
            for (let i = 0; i < y.length; i++) {
                const at = Math.floor(i / (w * c)) * sh + (Math.floor(i / c) % w) * sw + (i % c) * sc;
                y[i] = x[i] > 0 ? x[i] : x[i] * values[at];
            }
        },
        softmax(_, [x], [[h, w, c]], y) {
            for (let r = 0; r < h * w; r++) {
                const row = Array.from(x.subarray(r * c, (r + 1) * c)), most = Math.max(...row);
                const powers = row.map(a => Math.exp(a - most)), sum = powers.reduce((a, b) => a + b, 0);
                y.set(powers.map(a => a / sum), r * c);
            }
        },
        shift({ by: [top, left] }, [x], [[h, w, c]], y, [oh, ow]) {
            for (let i = 0, at = 0; i < oh; i++)
                for (let j = 0; j < ow; j++)
                    for (let o = 0; o < c; o++, at++) {
                        const r = i - top, s = j - left;
                        y[at] = r < 0 || r >= h || s < 0 || s >= w ? 0 : x[(r * w + s) * c + o];
                    }
        },
        reshape(_, [x], __, y) {
            y.set(x);
        },
        permute({ along: [sh, sw, sc] }, [x], _, y, [oh, ow, oc]) {
            for (let i = 0, at = 0; i < oh; i++)
                for (let j = 0; j < ow; j++) for (let o = 0; o < oc; o++) y[at++] = x[i * sh + j * sw + o * sc];
        },
        concatenate({ before, parts }, inputs, _, y) {
            const stride = parts.reduce((sum, part) => sum + part, 0);
            let offset = 0;
            inputs.forEach((x, n) => {
                for (let i = 0; i < before; i++)
                    y.set(x.subarray(i * parts[n], (i + 1) * parts[n]), i * stride + offset);
                offset += parts[n];
            });
        },
        merge({ name }, [a, b], shapes, y, [oh, ow, oc]) {
            const f = merges[name], [[ah, aw, ac], [bh, bw, bc]] = shapes.map(shared);
            for (let i = 0, at = 0; i < oh; i++)
                for (let j = 0; j < ow; j++)
                    for (let o = 0; o < oc; o++)
                        y[at++] = f(a[i * ah + j * aw + o * ac], b[i * bh + j * bw + o * bc]);
        },
        resize({ factors: [fh, fw], bilinear }, [x], [[h, w, c]], y, [oh, ow]) {
            for (let i = 0, at = 0; i < oh; i++)
                for (let j = 0; j < ow; j++) {
                    const r = bilinear ? Math.max((i + 0.5) / fh - 0.5, 0) : Math.floor(i / fh);
                    const s = bilinear ? Math.max((j + 0.5) / fw - 0.5, 0) : Math.floor(j / fw);
                    const r0 = Math.floor(r), s0 = Math.floor(s);
                    const r1 = Math.min(r0 + 1, h - 1), s1 = Math.min(s0 + 1, w - 1), a = r - r0, b = s - s0;
                    for (let o = 0; o < c; o++) {
                        const value = (row, column) => x[(row * w + column) * c + o];
                        y[at++] = (1 - a) * ((1 - b) * value(r0, s0) + b * value(r0, s1)) +
                            a * ((1 - b) * value(r1, s0) + b * value(r1, s1));
                    }
                }
        },
    };

    // A network from its data; `run` gives the tensors of one sample by their numbers. Of several inputs, the sample has one after another.
    const load = data => {
        const numbers = floats(data.weights);
        const weight = index => {
            const [start, length] = data.places[index];
            return numbers.subarray(start, start + length);
        };
        const run = input => {
            const tensors = {};
            data.inputs.reduce((at, { value }) => {
                const end = at + size(data.values[value]);
                tensors[value] = input.subarray(at, end);
                return end;
            }, 0);
            for (const node of data.nodes) {
                const shape = data.values[node.output], output = new Float32Array(size(shape));
                const shapes = node.inputs.map(value => map(data.values[value]));
                operations[node.op](node, node.inputs.map(value => tensors[value]), shapes, output, map(shape), weight);
                tensors[node.output] = output;
            }
            return tensors;
        };
        // The outputs of a run, one after another.
        const outputs = tensors => {
            if (data.outputs.length === 1) return tensors[data.output];
            const all = data.outputs.map(({ value }) => tensors[value]);
            const joined = new Float32Array(all.reduce((sum, { length }) => sum + length, 0));
            all.reduce((at, output) => (joined.set(output, at), at + output.length), 0);
            return joined;
        };
        return { run, outputs, weight, numbers, predict: input => outputs(run(input)) };
    };

    // The samples, each as the network takes it.
    const samples = data => {
        const bytes = from64(data.samples.inputs), n = bytes.length / data.samples.count;
        const sample = place => Float32Array.from(bytes.subarray(place * n, (place + 1) * n), byte => byte / data.divisor);
        return Array.from({ length: data.samples.count }, (_, place) => sample(place));
    };

    // The largest difference between the samples' outputs and those that a predictor gives.
    const check = async (data, predict) => {
        const outputs = floats(data.samples.outputs), m = outputs.length / data.samples.count;
        let most = 0;
        for (const [sample, input] of samples(data).entries()) {
            const output = await predict(input);
            output.forEach((value, i) => {
                const difference = Math.abs(value - outputs[sample * m + i]);
                if (!(difference <= most)) most = difference;
            });
        }
        return most;
    };

    return { load, check, samples, floats, from64, map, size, shared, functions };
})();
if (typeof module !== "undefined") module.exports = engine;
