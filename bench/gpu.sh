#!/usr/bin/env bash
# Measures and checks everything that is worth it on a machine with a GPU, in one call of under ten minutes: `cnnc devices`, `cnnc verify`,
# the oracle's cases and the kernels' tests on the GPU, `cnnc bench` of eight networks at two batch sizes, PyTorch with CUDA beside
# it where python3 has it, and the tiles of the kernels, swept. Writes FOLDER/gpu.json and prints Markdown.
#
#   bench/gpu.sh FOLDER [OPTION of bench/gpu.py]... > gpu.md
#
# CNNC=... and TESTS=... (programs with commas between: the tests `wgpu`, `winograd` and `long_loops` of the runtime) take what was built
# elsewhere, for a machine without cargo; where there is cargo and they are not given, they are built. PYTHON=... is the Python
# that may have PyTorch. `--minutes`, `--device`, `--networks`, `--batch-sizes` and `--skip` choose; `bench/gpu.py --help` has the rest.
set -euo pipefail

usage() {
    sed -n '2,13s/^# \{0,1\}//p' "$0" >&2
    exit 2
}
[ $# -ge 1 ] && [ "${1#-}" = "$1" ] || usage
mkdir -p "$1"
folder=$(cd "$1" && pwd)
shift
# Relative to where this was called.
[ -z "${CNNC:-}" ] || CNNC=$(realpath "$CNNC")
tests=()
if [ -n "${TESTS:-}" ]; then
    IFS=, read -ra given <<<"$TESTS"
    for test in "${given[@]}"; do tests+=("$(realpath "$test")"); done
fi
cd "$(dirname "$0")/.."

if [ -z "${CNNC:-}" ]; then
    command -v cargo >/dev/null || {
        echo "there is no cargo here: CNNC=... takes a program that was built elsewhere" >&2
        exit 2
    }
    echo "building cnnc" >&2
    cargo build --release --quiet
    CNNC=$(cd "${CARGO_TARGET_DIR:-target}" && pwd)/release/cnnc
    if [ ${#tests[@]} -eq 0 ]; then
        echo "building the kernels' tests" >&2
        while IFS= read -r test; do tests+=("$test"); done < <(
            cargo test --release --workspace --no-run --test wgpu --test winograd --test long_loops --message-format json |
                python3 -c 'import json, sys
for line in sys.stdin:
    built = json.loads(line).get("executable")
    if built: print(built)'
        )
    fi
fi
list=$(IFS=, && echo "${tests[*]}")
python3 bench/gpu.py "$folder" --cnnc "$CNNC" --tests "$list" --python "${PYTHON:-python3}" "$@"
python3 bench/gpu_table.py "$folder/gpu.json"
