#!/usr/bin/env python3
"""Prints the licence texts of every crate that the binary for a target is built from: `notices.py TARGET > NOTICES.txt`.

Most of these licences ask that their text goes with the binary. Crates whose package has no such file are listed with the
licence that they declare.
"""

import json
import pathlib
import re
import subprocess
import sys

LICENCE = re.compile(r"^(licen[cs]e|copying|copyright|notice|unlicense)", re.IGNORECASE)


def linked(metadata):
    """The ids of the packages that end up in the binary: what it depends on, build scripts' and tests' own needs left out."""
    nodes = {node["id"]: node for node in metadata["resolve"]["nodes"]}
    pending, found = [metadata["resolve"]["root"]], set()
    while pending:
        package = pending.pop()
        if package in found:
            continue
        found.add(package)
        for dependency in nodes[package]["deps"]:
            if any(kind["kind"] is None for kind in dependency["dep_kinds"]):
                pending.append(dependency["pkg"])
    return found


def main():
    command = ["cargo", "metadata", "--locked", "--format-version", "1", "--filter-platform", sys.argv[1]]
    metadata = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)
    ids = linked(metadata)
    crates = [package for package in metadata["packages"] if package["id"] in ids and package["source"]]
    texts = {}
    for crate in sorted(crates, key=lambda crate: (crate["name"], crate["version"])):
        name = f"{crate['name']} {crate['version']} ({crate['license'] or 'see its file'})"
        folder = pathlib.Path(crate["manifest_path"]).parent
        files = [path for path in sorted(folder.iterdir()) if path.is_file() and LICENCE.match(path.name)]
        if not files:
            texts.setdefault("(the package has no licence file)", []).append(name)
        for path in files:
            texts.setdefault(path.read_text(encoding="utf-8", errors="replace").strip(), []).append(name)
    for text, names in texts.items():
        print("=" * 80, *dict.fromkeys(names), "-" * 80, text, "", sep="\n")


main()
