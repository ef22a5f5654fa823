// Training on: gradients of what engine.js computes, and Adam. Weights change in place, so that whoever holds them sees it.
const training = (() => {
    const { map, size } = engine;
    // The slope of a function of one number; that of a rectifier is known, others are smooth enough for a difference.
    const slope = (node, f) => {
        if (node.name === "relu") {
            const { slope, ceiling, threshold } = node;
            return x => (x > threshold ? (ceiling !== null && x >= ceiling ? 0 : 1) : slope);
        }
        return x => {
            const step = 1e-4 * Math.max(1, Math.abs(x));
            return (f(x + step) - f(x - step)) / (2 * step);
        };
    };

    // Each adds to the gradients of its inputs, `dx`, and to those of its weights, `grow(index)`; `dy` is its output's.
    const gradients = {
        convolution(node, [x], [[h, w, c]], y, [oh, ow, oc], dy, [dx], weight, grow) {
            const { k, b, window: [kh, kw], strides: [sh, sw], dilation: [dh, dw], groups, pads: [top, left] } = node;
            const kernel = weight(k), dk = grow(k), cg = c / groups, og = oc / groups;
            for (let i = 0, at = 0; i < oh; i++)
                for (let j = 0; j < ow; j++, at += oc) {
                    for (let u = 0; u < kh; u++) {
                        const r = i * sh + u * dh - top;
                        if (r < 0 || r >= h) continue;
                        for (let v = 0; v < kw; v++) {
                            const s = j * sw + v * dw - left;
                            if (s < 0 || s >= w) continue;
                            const from = (r * w + s) * c, taps = (u * kw + v) * cg * oc;
                            for (let g = 0; g < groups; g++)
                                for (let m = 0; m < cg; m++) {
                                    const place = from + g * cg + m, row = taps + m * oc + g * og, a = x[place];
                                    let sum = 0;
                                    for (let o = 0; o < og; o++) {
                                        const d = dy[at + g * og + o];
                                        sum += d * kernel[row + o];
                                        dk[row + o] += d * a;
                                    }
                                    dx[place] += sum;
                                }
                        }
                    }
                }
            biased(b, dy, oc, grow);
        },
        transposed(node, [x], [[h, w, c]], y, [oh, ow, oc], dy, [dx], weight, grow) {
            const { k, b, window: [kh, kw], strides: [sh, sw], dilation: [dh, dw], before: [top, left] } = node;
            const kernel = weight(k), dk = grow(k);
            for (let i = 0; i < h; i++)
                for (let j = 0; j < w; j++)
                    for (let u = 0; u < kh; u++)
                        for (let v = 0; v < kw; v++) {
                            const r = i * sh + u * dh - top, s = j * sw + v * dw - left;
                            if (r < 0 || r >= oh || s < 0 || s >= ow) continue;
                            for (let o = 0; o < oc; o++) {
                                const row = ((u * kw + v) * oc + o) * c, d = dy[(r * ow + s) * oc + o];
                                for (let m = 0; m < c; m++) {
                                    dx[(i * w + j) * c + m] += d * kernel[row + m];
                                    dk[row + m] += d * x[(i * w + j) * c + m];
                                }
                            }
                        }
            biased(b, dy, oc, grow);
        },
        dense(node, [x], [[h, w, c]], y, [, , oc], dy, [dx], weight, grow) {
            const kernel = weight(node.k), dk = grow(node.k);
            for (let r = 0; r < h * w; r++)
                for (let i = 0; i < c; i++) {
                    const a = x[r * c + i];
                    let sum = 0;
                    for (let o = 0; o < oc; o++) {
                        const d = dy[r * oc + o];
                        sum += d * kernel[i * oc + o];
                        dk[i * oc + o] += d * a;
                    }
                    dx[r * c + i] += sum;
                }
            biased(node.b, dy, oc, grow);
        },
        pool({ mean, window: [kh, kw], strides: [sh, sw], pads: [top, left] }, [x], [[h, w, c]], y, [oh, ow], dy, [dx]) {
            for (let i = 0, at = 0; i < oh; i++)
                for (let j = 0; j < ow; j++)
                    for (let o = 0; o < c; o++, at++) {
                        const cells = [];
                        for (let u = 0; u < kh; u++)
                            for (let v = 0; v < kw; v++) {
                                const r = i * sh + u - top, s = j * sw + v - left;
                                if (r >= 0 && r < h && s >= 0 && s < w) cells.push((r * w + s) * c + o);
                            }
                        if (mean) for (const cell of cells) dx[cell] += dy[at] / cells.length;
                        else dx[cells.find(cell => x[cell] === y[at])] += dy[at];
                    }
        },
        global_pool({ mean }, [x], [[h, w, c]], y, _, dy, [dx]) {
            for (let o = 0; o < c; o++) {
                if (mean) for (let i = 0; i < h * w; i++) dx[i * c + o] += dy[o] / (h * w);
                else {
                    let i = 0;
                    while (x[i * c + o] !== y[o]) i++;
                    dx[i * c + o] += dy[o];
                }
            }
        },
        affine({ scale }, [x], [[, , c]], y, _, dy, [dx], weight) {
            const factors = weight(scale);
            for (let i = 0; i < dy.length; i++) dx[i] += dy[i] * factors[i % c];
        },
        normalize({ groups, epsilon, gamma, beta }, [x], [[h, w, c]], y, _, dy, [dx], weight, grow) {
            const factors = weight(gamma), [dg, db] = [grow(gamma), grow(beta)], positions = h * w;
            const sets = groups === null ? positions : groups, width = c / (groups ?? 1);
            for (let set = 0; set < sets; set++) {
                const places = [];
                for (let i = groups === null ? set : 0; i < (groups === null ? set + 1 : positions); i++)
                    for (let o = 0; o < width; o++) places.push(i * c + (groups === null ? 0 : set * width) + o);
                const n = places.length, mean = places.reduce((sum, at) => sum + x[at], 0) / n;
                const variance = places.reduce((sum, at) => sum + (x[at] - mean) ** 2, 0) / n;
                const factor = 1 / Math.sqrt(variance + epsilon);
                let [sum, along] = [0, 0];
                for (const at of places) {
                    const normal = (x[at] - mean) * factor, d = dy[at] * factors[at % c];
                    sum += d;
                    along += d * normal;
                    dg[at % c] += dy[at] * normal;
                    db[at % c] += dy[at];
                }
                for (const at of places) {
                    const normal = (x[at] - mean) * factor;
                    dx[at] += factor * (dy[at] * factors[at % c] - sum / n - (normal * along) / n);
                }
            }
        },
        activation(node, [x], _, y, __, dy, [dx]) {
            const f = slope(node, engine.functions[node.name](node));
            for (let i = 0; i < dy.length; i++) dx[i] += dy[i] * f(x[i]);
        },
        prelu({ alpha, slopes }, [x], [[h, w, c]], y, _, dy, [dx], weight, grow) {
            const values = weight(alpha), da = grow(alpha), [sh, sw, sc] = engine.shared(slopes);
            for (let i = 0; i < dy.length; i++) {
                const at = Math.floor(i / (w * c)) * sh + (Math.floor(i / c) % w) * sw + (i % c) * sc;
                dx[i] += x[i] > 0 ? dy[i] : dy[i] * values[at];
                if (x[i] <= 0) da[at] += dy[i] * x[i];
            }
        },
        softmax(_, [x], [[h, w, c]], y, __, dy, [dx]) {
            for (let r = 0; r < h * w; r++) {
                let sum = 0;
                for (let o = r * c; o < (r + 1) * c; o++) sum += dy[o] * y[o];
                for (let o = r * c; o < (r + 1) * c; o++) dx[o] += y[o] * (dy[o] - sum);
            }
        },
        shift({ by: [top, left] }, [x], [[h, w, c]], y, [oh, ow], dy, [dx]) {
            for (let i = 0, at = 0; i < oh; i++)
                for (let j = 0; j < ow; j++)
                    for (let o = 0; o < c; o++, at++) {
                        const r = i - top, s = j - left;
                        if (r >= 0 && r < h && s >= 0 && s < w) dx[(r * w + s) * c + o] += dy[at];
                    }
        },
        reshape(_, __, ___, y, ____, dy, [dx]) {
            for (let i = 0; i < dy.length; i++) dx[i] += dy[i];
        },
        permute({ along: [sh, sw, sc] }, _, __, y, [oh, ow, oc], dy, [dx]) {
            for (let i = 0, at = 0; i < oh; i++)
                for (let j = 0; j < ow; j++) for (let o = 0; o < oc; o++) dx[i * sh + j * sw + o * sc] += dy[at++];
        },
        concatenate({ before, parts }, inputs, _, y, __, dy, dxs) {
            const stride = parts.reduce((sum, part) => sum + part, 0);
            let offset = 0;
            dxs.forEach((dx, n) => {
                for (let i = 0; i < before; i++)
                    for (let j = 0; j < parts[n]; j++) dx[i * parts[n] + j] += dy[i * stride + offset + j];
                offset += parts[n];
            });
        },
        merge({ name }, [a, b], shapes, y, [oh, ow, oc], dy, [da, db]) {
            const [[ah, aw, ac], [bh, bw, bc]] = shapes.map(engine.shared);
            for (let i = 0, at = 0; i < oh; i++)
                for (let j = 0; j < ow; j++)
                    for (let o = 0; o < oc; o++, at++) {
                        const p = i * ah + j * aw + o * ac, q = i * bh + j * bw + o * bc, d = dy[at];
                        const first = name === "maximum" ? a[p] >= b[q] : a[p] <= b[q];
                        const [left, right] = {
                            add: [d, d], subtract: [d, -d], multiply: [d * b[q], d * a[p]],
                        }[name] ?? (first ? [d, 0] : [0, d]);
                        da[p] += left;
                        db[q] += right;
                    }
        },
        resize({ factors: [fh, fw], bilinear }, _, [[h, w, c]], y, [oh, ow], dy, [dx]) {
            for (let i = 0, at = 0; i < oh; i++)
                for (let j = 0; j < ow; j++) {
                    const r = bilinear ? Math.max((i + 0.5) / fh - 0.5, 0) : Math.floor(i / fh);
                    const s = bilinear ? Math.max((j + 0.5) / fw - 0.5, 0) : Math.floor(j / fw);
                    const r0 = Math.floor(r), s0 = Math.floor(s);
                    const r1 = Math.min(r0 + 1, h - 1), s1 = Math.min(s0 + 1, w - 1), a = r - r0, b = s - s0;
                    for (let o = 0; o < c; o++, at++) {
                        dx[(r0 * w + s0) * c + o] += (1 - a) * (1 - b) * dy[at];
                        dx[(r0 * w + s1) * c + o] += (1 - a) * b * dy[at];
                        dx[(r1 * w + s0) * c + o] += a * (1 - b) * dy[at];
                        dx[(r1 * w + s1) * c + o] += a * b * dy[at];
                    }
                }
        },
    };
    const biased = (index, dy, outputs, grow) => {
        if (index === null) return;
        const db = grow(index);
        for (let i = 0; i < dy.length; i++) db[i % outputs] += dy[i];
    };

    // The probabilities of the classes, of a network's output.
    const shares = (answer, output) => {
        const sigmoid = value => 1 / (1 + Math.exp(-value)), pair = second => [1 - second, second];
        if (answer === "shares") return Array.from(output);
        if (answer === "binary") return pair(output[0]);
        if (answer === "binary_logit") return pair(sigmoid(output[0]));
        const most = Math.max(...output), powers = Array.from(output, value => Math.exp(value - most));
        const sum = powers.reduce((a, b) => a + b, 0);
        return powers.map(power => power / sum);
    };
    // The cross-entropy of an output with the chances that it should give, and its gradient.
    const loss = (answer, output, target) => {
        const odds = shares(answer, output), small = 1e-7;
        const value = -target.reduce((sum, wanted, i) => sum + (wanted > 0 ? wanted * Math.log(Math.max(odds[i], small)) : 0), 0);
        const slope = {
            logits: () => odds.map((share, i) => share - target[i]),
            shares: () => odds.map((share, i) => -target[i] / Math.max(share, small)),
            binary: () => [target[0] / Math.max(odds[0], small) - target[1] / Math.max(odds[1], small)],
            binary_logit: () => [odds[1] - target[1]],
        }[answer]();
        return [value, Float64Array.from(slope)];
    };

    // What a network's own drawings teach it. `network` is what engine.load gave.
    const start = (data, network, rate = 0.001) => {
        const state = new Map();
        let steps = 0;
        const weightsOf = node => ["k", "b", "gamma", "beta", "alpha"].map(name => node[name]).filter(Number.isInteger);
        const moved = [...new Set(data.nodes.flatMap(weightsOf))].filter(index => data.trainable[index]);
        // The gradient of each weight, summed over samples, and their mean loss.
        const slopes = samples => {
            const grown = new Map();
            const grow = index => {
                if (!grown.has(index)) grown.set(index, new Float64Array(network.weight(index).length));
                return grown.get(index);
            };
            let total = 0;
            for (const { input, target } of samples) {
                const tensors = network.run(input), backward = {};
                const gradient = value => (backward[value] ??= new Float64Array(tensors[value].length));
                const [value, slope] = loss(data.answer, tensors[data.output], target);
                total += value / samples.length;
                gradient(data.output).set(slope.map(number => number / samples.length));
                for (const node of data.nodes.slice().reverse()) {
                    if (!backward[node.output]) continue;
                    const shapes = node.inputs.map(input => map(data.values[input]));
                    gradients[node.op](node, node.inputs.map(input => tensors[input]), shapes, tensors[node.output],
                        map(data.values[node.output]), backward[node.output], node.inputs.map(gradient), network.weight, grow);
                }
            }
            return [total, grown];
        };
        // A step of Adam; gives the loss before it.
        const step = samples => {
            const [total, grown] = slopes(samples);
            steps++;
            const factor = (rate * Math.sqrt(1 - 0.999 ** steps)) / (1 - 0.9 ** steps);
            for (const index of moved) {
                const values = network.weight(index), gradient = grown.get(index);
                if (!gradient) continue;
                if (!state.has(index)) state.set(index, [new Float64Array(values.length), new Float64Array(values.length)]);
                const [mean, square] = state.get(index);
                for (let i = 0; i < values.length; i++) {
                    mean[i] += 0.1 * (gradient[i] - mean[i]);
                    square[i] += 0.001 * (gradient[i] ** 2 - square[i]);
                    values[i] -= (factor * mean[i]) / (Math.sqrt(square[i]) + 1e-7);
                }
            }
            return total;
        };
        return { step, slopes, moved };
    };

    return { start, shares, loss, teaches: data => data.inputs.length === 1 && data.outputs.length === 1 && data.answer !== "values" && data.values[data.output].length === 1 };
})();
if (typeof module !== "undefined") module.exports = training;
