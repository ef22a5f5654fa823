"""The results of measure.py as Markdown: seconds and memory, predictions, and the ratios beside what is aimed at."""

import json
import statistics
import sys

# At least, and aimed at; for each network or for all.
TARGETS = {
    "cpu epoch": ("`--device cpu` against the fastest peer on the CPU, an epoch", {"onelayer": (6, 10), "": (5, 8)}),
    "cpu whole": ("the same, the whole process", {"": (6, 10)}),
    "peak": ("share of the measured peak over an epoch", {"pyramid": (0.45, 0.7), "lenet": (0.45, 0.7)}),
    "threads": ("two threads against one", {"": (1.7, 1.9)}),
    "gpu keras": ("`--device gpu` against Keras on the CPU, an epoch", {"": (0.65, 1.1)}),
    "gpu tinygrad": ("against tinygrad's WEBGPU on the same driver", {"": (10, 25)}),
    "gpu burn": ("against Burn's wgpu on the same driver", {"": (10, 25)}),
    "memory": ("peak memory of `cnnc run` (MB)", {"lenet": (400, 250)}),
    "check": ("`cnnc check`, the whole process (ms)", {"pyramid": (10, 5)}),
}
# Less is better.
LESS = {"memory", "check"}
UNITS = {"peak": "{:.0%}", "memory": "{:.0f}", "check": "{:.1f}"}


class Row:
    """A program's numbers for one network."""

    def __init__(self, record):
        self.error = record.get("error")
        self.on = record["on"]
        self.whole_seconds = self.share = self.version = None
        self.accuracy = record.get("accuracy")
        self.memory = record.get("peak_memory_bytes")
        if self.error:
            return
        if "bench" in record:
            report = record["bench"]
            training = report["devices"][0]["training"][0]
            self.version = f"cnnc {report['cnnc']}, {record['row'].removeprefix('cnnc ')}"
            samples, self.samples = report["data"]["samples"], report["data"]["samples"]
            whole = {"onelayer": 60_000, "pyramid": 60_000, "lenet": 50_000}[record["network"]]
            epochs = training["epochs"]
            self.memory = self.memory or training["peak_memory_bytes"]
            flops = report["training_flop"] * samples / fastest(epochs)
            if training["peak_share"] is not None:
                self.share = flops / report["machine"]["peak_flops"]
        else:
            report = record["peer"]
            self.version, self.samples, whole, epochs = (report[k] for k in ("version", "samples", "whole", "epochs"))
            self.accuracy = report["accuracy"]
        self.scaled = self.samples < whole
        self.epoch = fastest(epochs) * whole / self.samples
        self.first = epochs[0]
        if not self.scaled:
            self.whole_seconds = record.get("seconds")

    def cell(self):
        if self.error:
            return "failed"
        digits = 3 if self.epoch < 10 else 1
        text = f"{'about ' if self.scaled else ''}{self.epoch:.{digits}f}"
        if self.whole_seconds:
            text += f" ({self.whole_seconds:.1f})"
        if self.share:
            text += f", {self.share:.0%} of peak"
        return text + (f", {self.memory / 1e6:.0f} MB" if self.memory else "")


def fastest(epochs):
    """The best epoch after the first, which pays for tracing, compiling and warming up."""
    return min(epochs[1:] or epochs)


def table(head, rows):
    print("| " + " | ".join(head) + " |")
    print("|---" * len(head) + "|")
    for row in rows:
        print("| " + " | ".join(row) + " |")
    print()


def header(benches, run):
    report = benches[0]
    machine = report["machine"]
    cpu = machine["cpu"]
    devices = {d["device"]["name"]: d["device"]["driver"] for b in benches for d in b["devices"] if d["asked"] != "cpu"}
    print(f"{run['date']}, cnnc {report['cnnc']}, batch 32, {run['epochs']} epochs.\n")
    print(f"- {cpu['name']}, {cpu['driver']}; {machine['system']}, {machine['architecture']}")
    peaks = [b["machine"]["peak_flops"] / 1e9 for b in benches]
    print(f"- measured peak: {min(peaks):.0f} to {max(peaks):.0f} GFLOP/s in the processes of this run")
    for name, driver in devices.items():
        print(f"- gpu: {name}, {driver}")
    before, after = run["load"]
    print(f"- load average {before:.1f} before and {after:.1f} after, {run['cores']} cores; {run['minutes']:.1f} minutes\n")


def seconds(networks, rows):
    names = list(dict.fromkeys(name for name, _ in rows))
    versions = {name: row.version for (name, _), row in rows.items() if row.version}
    cell = lambda name, network: rows[name, network].cell() if (name, network) in rows else ""
    head = ["seconds per epoch (whole process), peak memory", *networks]
    table(head, [[versions.get(name, name), *(cell(name, network) for network in networks)] for name in names])
    scaled = {row.samples for row in rows.values() if not row.error and row.scaled}
    if scaled:
        counts = " or ".join(str(count) for count in sorted(scaled))
        print(f'"about": epochs of {counts} samples, scaled to the whole training set.')
    compiled = {}
    for (name, network), row in rows.items():
        if usable(row) and row.scaled and row.on == "gpu" and not name.startswith("cnnc"):
            compiled.setdefault(row.version, []).append(f"{row.first:.0f}")
    if compiled:
        took = "; ".join(f"{version} {', '.join(firsts)}" for version, firsts in compiled.items())
        print(f"Their first epochs, which compile, took in seconds, unscaled: {took}.")
    if scaled:
        print()
    failures = [f"- {name}, {network}: {row.error}" for (name, network), row in rows.items() if row.error]
    if failures:
        print("Failed:\n\n" + "\n".join(failures) + "\n")


def usable(row):
    return row is not None and not row.error


def predictions(networks, records):
    rows = {}
    for record in records:
        if "bench" not in record or record["on"] == "one":
            continue
        on = record["bench"]["devices"][0]
        found = on["prediction"]
        text = f"{found['one_sample_seconds'] * 1e6:.0f} us, {found['samples_per_second']:,.0f} a second"
        rows.setdefault(f"cnnc --device {on['asked']}", {})[record["network"]] = text
    head = ["prediction: one picture alone, and of 10,000", *networks]
    table(head, [[name, *(cells.get(network, "") for network in networks)] for name, cells in rows.items()])


def accuracies(networks, rows, epochs):
    """Of what saw the whole training set: that they all learn the same."""
    found = {}
    for (name, network), row in rows.items():
        if usable(row) and not row.scaled and row.accuracy is not None:
            found.setdefault(row.version, {})[network] = f"{row.accuracy:.3f}"
    if found:
        head = [f"test accuracy after {epochs} epochs", *networks]
        table(head, [[name, *(cells.get(network, "") for network in networks)] for name, cells in found.items()])


def ratios(networks, rows, check):
    """Each target's value for each network."""
    values = {name: {} for name in TARGETS}
    if check and "pyramid" in networks:
        values["check"]["pyramid"] = check["check"] * 1e3
    for network in networks:
        found = {name: row for (name, of), row in rows.items() if of == network and usable(row)}
        cpu, gpu = found.get("cnnc cpu"), found.get("cnnc gpu")
        peers = [row for name, row in found.items() if row.on == "cpu" and not name.startswith("cnnc")]
        if cpu and peers:
            values["cpu epoch"][network] = min(row.epoch for row in peers) / cpu.epoch
            whole = [row.whole_seconds for row in peers if row.whole_seconds]
            if cpu.whole_seconds and whole:
                values["cpu whole"][network] = min(whole) / cpu.whole_seconds
        if cpu:
            values["peak"][network] = cpu.share
            # Of `cnnc bench` where nothing was run whole.
            values["memory"][network] = cpu.memory / 1e6
            if one := found.get("cnnc cpu, one thread"):
                values["threads"][network] = one.epoch / cpu.epoch
        for target, name in (("gpu keras", "keras"), ("gpu tinygrad", "tinygrad webgpu"), ("gpu burn", "burn wgpu")):
            if gpu and name in found:
                values[target][network] = found[name].epoch / gpu.epoch
    return values


def verdicts(networks, values):
    lines = []
    for name, (text, targets) in TARGETS.items():
        if not values[name]:
            continue
        unit = UNITS.get(name, "{:.3g}x")
        wanted = {network: targets.get(network, targets.get("")) for network in networks}
        listed = lambda which: ", ".join(dict.fromkeys(unit.format(pair[which]) for pair in wanted.values() if pair))
        cells = []
        for network in networks:
            value, pair = values[name].get(network), wanted[network]
            cell = "" if value is None else unit.format(value)
            if value is not None and pair and (value > pair[0] if name in LESS else value < pair[0]):
                cell += " **missed**"
            cells.append(cell)
        lines.append([text, listed(0), listed(1), *cells])
    table(["", "at least", "aim", *networks], lines)


def main():
    with open(sys.argv[1]) as file:
        records = [json.loads(line) for line in file]
    trained = [record for record in records if "network" in record]
    networks = list(dict.fromkeys(record["network"] for record in trained))
    rows = {(record["row"], record["network"]): Row(record) for record in trained}
    check = next((record for record in records if record["row"] == "check"), None)
    run = next(record for record in records if record["row"] == "run")
    benches = [record["bench"] for record in trained if "bench" in record and record["on"] != "one"]
    if benches:
        header(benches, run)
    seconds(networks, rows)
    accuracies(networks, rows, run["epochs"])
    predictions(networks, trained)
    verdicts(networks, ratios(networks, rows, check))
    if check:
        nothing = check["nothing"] * 1e3
        print(f"`cnnc check`: the median of 50 whole processes; starting a program that does nothing takes {nothing:.1f} ms.")
    ones = [record["bench"]["machine"]["peak_flops"] for record in trained if record["on"] == "one" and "bench" in record]
    if ones and benches:
        two = statistics.median(b["machine"]["peak_flops"] for b in benches)
        print(f"Two threads' arithmetic peak is {two / statistics.median(ones):.2f}x one's on this machine.\n")


if __name__ == "__main__":
    main()
