#!/bin/sh
# Builds the wheel, installs it into a fresh virtual environment and uses the program from there. `tests/wheel.sh dev` takes the
# dev profile, which builds sooner; `tests/wheel.sh WHEEL` tries a wheel that is there already.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

case "${1:-release}" in
*.whl) wheel=$1 ;;
*)
    if ! command -v maturin >/dev/null; then
        echo "not tried: maturin is not installed"
        exit 0
    fi
    (cd "$root" && maturin build --profile "${1:-release}" --out "$folder")
    wheel=$(ls "$folder"/cnnc-*.whl)
    ;;
esac
if ! python3 -m venv "$folder/venv"; then
    echo "not tried: this Python makes no virtual environments"
    exit 0
fi
bin=$folder/venv/bin
[ -d "$bin" ] || bin=$folder/venv/Scripts
# The wheel alone: nothing is looked up.
"$bin/python" -m pip install --quiet --no-index --no-deps "$wheel"

version=$(sed -n 's/^version = "\(.*\)"/\1/p' "$root/Cargo.toml" | head -1)
said=$("$bin/cnnc" --version)
[ "$said" = "cnnc $version" ] || { echo "cnnc --version says $said, not cnnc $version"; exit 1; }
held=$("$bin/python" -c 'import importlib.metadata as m; print(m.version("cnnc"), m.metadata("cnnc")["License-Expression"] or m.metadata("cnnc")["License"])')
[ "$held" = "$version MIT OR Apache-2.0" ] || { echo "pip has $held"; exit 1; }

# It checks, trains, predicts and exports, from a folder that is not the project's.
cd "$folder"
cat >small.cnn <<'DESCRIPTION'
model small {
    Input(shape=(4, 4, 1))
    Conv2D(2, 3, activation="relu")
    Flatten()
    Dense(2)
}
compile(optimizer="adam", loss=SparseCategoricalCrossentropy(from_logits=True), metrics=["accuracy"])
fit(data="./small.npz", epochs=2)
DESCRIPTION
"$bin/python" - <<'SAMPLES'
import io, struct, zipfile
def npy(kind, shape, data):
    head = ("{'descr': '%s', 'fortran_order': False, 'shape': %r, }" % (kind, shape)).encode()
    head += b" " * (63 - (10 + len(head)) % 64) + b"\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(head)) + head + data
with zipfile.ZipFile("small.npz", "w") as archive:
    for part, count in (("train", 64), ("test", 16)):
        labels = [index % 2 for index in range(count)]
        pixels = b"".join(bytes([200 * label + index % 50] * 16) for index, label in enumerate(labels))
        archive.writestr("x_%s.npy" % part, npy("|u1", (count, 4, 4, 1), pixels))
        archive.writestr("y_%s.npy" % part, npy("|u1", (count,), bytes(labels)))
SAMPLES
"$bin/cnnc" check small.cnn >/dev/null
"$bin/cnnc" run small.cnn --device cpu --out run --quiet
"$bin/cnnc" eval small.cnn --weights run/weights.safetensors --device cpu
"$bin/cnnc" export small.cnn --weights run/weights.safetensors --to c --out small.c
echo "the wheel works: $(basename "$wheel")"
