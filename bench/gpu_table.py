"""What gpu.py found, as Markdown."""

import json
import sys

from table import table


def milliseconds(value):
    return f"{value:.3f}" if value < 10 else f"{value:.1f}"


def checks(found):
    print(f"{found['date']}, {found['system']}, {found['cores']} cores; {found.get('minutes', 0):.1f} minutes.\n")
    if found.get("nvidia"):
        print(f"nvidia-smi: {found['nvidia']}\n")
    if "found" in found.get("devices", {}):
        print(f"```\n{found['devices']['found'].rstrip()}\n```\n")
    rows = []
    verify = found.get("verify", {})
    if "found" in verify:
        rows.append(["`cnnc verify`", "all right" if verify["found"]["status"] == 0 else "**wrong**"])
    oracle = found.get("oracle", {})
    if "found" in oracle:
        cases, wrong = oracle["found"]["cases"], oracle["found"]["wrong"]
        worst = {
            kind: max((case[kind] for case in cases.values() if kind in case), default=0.0)
            for kind in ("outputs", "history", "weights")
        }
        text = f"{len(cases) - len(wrong)} of {len(cases)} agree; worst: " + ", ".join(f"{k} {v:.1e}" for k, v in worst.items())
        said = (f"{name} ({cases[name]['error']})" if "error" in cases[name] else name for name in wrong)
        text += f"; **wrong**: {', '.join(said)}" if wrong else ""
        left = oracle["found"]["without time"]
        rows.append(["the oracle's cases", text + (f"; {left} had no time" if left else "")])
    for name, said in found.get("tests", {}).get("found", {}).items():
        rows.append([f"tests, `{name}`", said])
    for name, part in found.items():
        if isinstance(part, dict) and "error" in part:
            rows.append([name, f"failed: {part['error']}"])
    table(["checked", ""], rows)


def trainings(found):
    benched = found.get("bench", {}).get("found", {})
    beside = found.get("torch", {}).get("found", {})
    peers = beside.get("networks", {})
    device = next((one["device"] for one in benched.values() if "device" in one), None)
    if device:
        print(f"cnnc on {device['name']}, {device['driver']}" + (f"; PyTorch on {beside['device']}\n" if "device" in beside else "\n"))
    if "missing" in beside:
        print(f"{beside['missing']}\n")
    lines = []
    for name, one in benched.items():
        if "error" in one:
            lines.append([name, "", f"failed: {one['error']}", "", "", "", ""])
            continue
        for batch, row in one["training"].items():
            others = peers.get(name, {})
            theirs = others.get(batch, {}).get("step_ms")
            lines.append(
                [
                    name,
                    batch,
                    milliseconds(row["step_ms"]),
                    f"{row['gflops']:,.0f}",
                    f"{row['first_step_seconds']:.2f}",
                    milliseconds(theirs) if theirs else "",
                    f"{theirs / row['step_ms']:.2f}x" if theirs else "",
                ]
            )
    head = ["a step of training", "batch", "ms", "GFLOP/s", "first step, s", "PyTorch, ms"]
    table([*head, "against PyTorch"], lines)
    lines = []
    for name, one in benched.items():
        if "error" not in one:
            lines.append([name, f"{one['one_sample_seconds'] * 1e6:,.0f}", f"{one['samples_per_second']:,.0f}"])
    table(["prediction", "one picture alone, us", "of many, a second"], lines)


def operations(found, count=4):
    """The longest operations of the largest batch's step."""
    lines = []
    for name, one in found.get("bench", {}).get("found", {}).items():
        if "error" in one:
            continue
        batch, row = list(one["training"].items())[-1]
        longest = sorted(row["operations"], key=lambda operation: -operation["seconds"])[:count]
        said = (f"{o['layer']} {o['operation']} {o['seconds'] * 1e6:.0f} us ({o['share']:.0%})" for o in longest)
        lines.append([f"{name}, batch {batch}", "; ".join(said)])
    table(["the longest operations of a step", ""], lines)


def tiles(found):
    swept = found.get("tiles", {}).get("found", {})
    if "discrete" not in swept:
        return
    base = swept["discrete"]
    names = list(base)
    lines = []
    for change, steps in swept.items():
        cells = []
        for name in names:
            value, first = steps.get(name), base[name]
            if not isinstance(value, float):
                cells.append("failed")
            elif isinstance(first, float):
                cells.append(f"{milliseconds(value)}, {first / value:.2f}x")
            else:
                cells.append(milliseconds(value))
        lines.append([f"`{change}`", *cells])
    table(["tiles of the discrete class, ms a step", *names], lines)


def main():
    with open(sys.argv[1]) as file:
        found = json.load(file)
    checks(found)
    trainings(found)
    operations(found)
    tiles(found)


if __name__ == "__main__":
    main()
