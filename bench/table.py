"""The results of run.sh as a Markdown table."""

import json
import os
import sys

with open(sys.argv[1]) as file:
    lines = [json.loads(line) for line in file]
networks = list(dict.fromkeys(line["network"] for line in lines))
rows, machine = {}, None
for line in lines:
    if "cnnc" in line:
        report = line["cnnc"]
        on = report["devices"][0]
        training = on["training"][0]
        name = f"cnnc {report['cnnc']}, --device {on['asked']}"
        epochs, memory = training["epochs"], training["peak_memory_bytes"]
        # The best epoch after the first, as for the peers.
        seconds = min(epochs[1:] or epochs)
        flops = report["training_flop"] * report["data"]["samples"] / seconds
        share = f", {flops / report['machine']['peak_flops']:.0%} of peak" if training["peak_share"] else ""
        machine = report["machine"]
    else:
        peer = line["peer"]
        name, seconds, share, memory = peer["version"], peer["seconds_per_epoch"], "", peer["peak_memory_bytes"]
    whole = line["seconds"]
    whole = "" if whole is None else f" ({whole:.1f})"
    memory = "" if memory is None else f", {memory / 1e6:.0f} MB"
    rows.setdefault(name, {})[line["network"]] = f"{seconds:.3f}{whole}{share}{memory}"

cpu = machine["cpu"]
print(f"{cpu['name']}; {cpu['driver']}; measured peak {machine['peak_flops'] / 1e9:.0f} GFLOP/s; {machine['system']}")
print(f"load average at the end: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores\n")
print("| seconds per epoch (whole process), peak memory | " + " | ".join(networks) + " |")
print("|---" * (len(networks) + 1) + "|")
for name, cells in rows.items():
    print(f"| {name} | " + " | ".join(cells.get(network, "") for network in networks) + " |")
