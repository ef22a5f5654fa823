"""The results of wild.py as Markdown: a step of training and predictions beside the peers', and the ratios that are aimed at."""

import json
import statistics
import sys

from table import table

# At least, and aimed at.
TRAINING, MEDIAN, ONE = (1.5, 2.5), (3.0, 4.0), (1.0, 2.0)


class Results:
    """What was measured, by row and network."""

    def __init__(self, records):
        self.networks = {r["network"]: r for r in records if r["row"] == "network"}
        self.run = next(r for r in records if r["row"] == "run")
        measured = [r for r in records if "round" in r or "error" in r]
        self.rows = list(dict.fromkeys(r["row"] for r in measured))
        self.found, self.errors, self.loads = {}, {}, []
        for record in measured:
            key = record["row"], record["network"]
            if "error" in record:
                self.errors[key] = record["error"]
            else:
                self.found.setdefault(key, []).append(record)
                self.loads.append(record["load"])

    def version(self, row):
        """What a row's program calls itself; its way of lying in memory, if the row has one."""
        said = next((rs[0]["version"] for (of, _), rs in self.found.items() if of == row), row)
        return said + (f", {row.split()[1]}" if " " in row else "")

    def step(self, row, network):
        """Seconds: the fastest window of steps of all rounds, the first one of each process left out where there are others."""
        windows = [r["step_seconds"] for r in self.found.get((row, network), []) if r.get("step_seconds")]
        return min((min(w[1:] or w) for w in windows), default=None)

    def least(self, row, network, key):
        return min((r[key] for r in self.found.get((row, network), []) if r.get(key)), default=None)

    def memory(self, row, network):
        return max((r["peak_memory_bytes"] or 0 for r in self.found.get((row, network), [])), default=0)


def number(value, unit):
    """Three digits."""
    if value is None:
        return ""
    value *= unit
    return f"{value:,.0f}" if value >= 99.95 else f"{value:.{1 if value >= 9.995 else 2}f}"


def ratio(value, targets):
    return "" if value is None else f"{value:.3g}x" + (" **missed**" if value < targets[0] else "")


def wanted(value, targets):
    return f"{ratio(value, targets)} (at least {targets[0]:g}x, aim {targets[1]:g}x)"


def header(results):
    run = results.run
    machine = next((r["machine"] for rs in results.found.values() for r in rs if "machine" in r), None)
    rounds = "one round" if run["rounds"] == 1 else f"{run['rounds']} rounds"
    print(f"{run['date']}, batch {run['batch_size']}, {rounds} of {run['seconds']:g} s a network and program.\n")
    if machine:
        print(f"- {machine['cpu']['name']}, {machine['cpu']['driver']}; {machine['system']}, {machine['architecture']}")
        peaks = [r["machine"]["peak_flops"] / 1e9 for rs in results.found.values() for r in rs if "machine" in r]
        print(f"- measured peak: {min(peaks):.0f} to {max(peaks):.0f} GFLOP/s in the processes of this run")
    (before, after), loads = run["load"], results.loads
    print(f"- load average {before:.1f} before and {after:.1f} after, {run['cores']} cores; {run['minutes']:.1f} minutes")
    if loads:
        print(f"- load average before each measurement: {min(loads):.1f} to {max(loads):.1f}, median {statistics.median(loads):.1f}")
    print()


def training(results):
    rows = [row for row in results.rows if row != "onnxruntime"]
    peers = [row for row in rows if row != "cnnc"]
    lines, ratios = [], []
    for name, known in results.networks.items():
        ours, shape = results.step("cnnc", name), "x".join(map(str, known["shape"]))
        theirs = [step for step in (results.step(row, name) for row in peers) if step]
        flop = known["flop"] * results.run["batch_size"]
        cells = [f"{name}, {shape}", f"{known['parameters']:,}", number(flop, 1e-9)]
        for row in rows:
            text = "failed" if (row, name) in results.errors else number(results.step(row, name), 1e3)
            cells.append(text)
        faster = min(theirs) / ours if ours and theirs else None
        ratios += [faster] if faster else []
        rate = flop / ours / 1e9 if ours else None
        lines.append([*cells, number(rate, 1), ratio(faster, TRAINING)])
    head = ["a step of training, ms", "parameters", "GFLOP", *map(results.version, rows), "GFLOP/s of cnnc"]
    table([*head, "against the fastest peer"], lines)
    if ratios:
        print(f"Against the fastest peer: median {wanted(statistics.median(ratios), MEDIAN)}, least {wanted(min(ratios), TRAINING)}.\n")


def predictions(results):
    lines, ones = [], []
    for name in results.networks:
        cells = [number(results.least(row, name, "one_seconds"), 1e6) for row in results.rows]
        ours, theirs = (results.least(row, name, "one_seconds") for row in ("cnnc", "onnxruntime"))
        one = theirs / ours if ours and theirs else None
        ones += [one] if one else []
        many = [results.least(row, name, "each_of_many_seconds") for row in ("cnnc", "onnxruntime")]
        each = many[1] / many[0] if all(many) else None
        cells += [ratio(one, ONE), *(number(value, 1e6) for value in many), "" if each is None else f"{each:.3g}x"]
        lines.append([name, *cells])
    head = ["one picture alone, us", *map(results.version, results.rows), "against onnxruntime"]
    table([*head, "cnnc, each of many", "onnxruntime, each of many", "against onnxruntime"], lines)
    if ones:
        print(f"One picture against onnxruntime: median {statistics.median(ones):.3g}x, least {wanted(min(ones), ONE)}.\n")


def memory(results):
    shares = []
    for name in results.networks:
        ours, theirs = results.memory("cnnc", name), results.memory("keras", name)
        if ours and theirs:
            shares.append(ours / theirs)
    if shares:
        print(f"Peak memory, as a share of Keras's: median {statistics.median(shares):.2f}, most {max(shares):.2f}.\n")


def main():
    with open(sys.argv[1]) as file:
        results = Results([json.loads(line) for line in file])
    header(results)
    training(results)
    predictions(results)
    memory(results)
    if results.errors:
        print("Failed:\n")
        for (row, network), error in results.errors.items():
            print(f"- {row}, {network}: {error}")


if __name__ == "__main__":
    main()
