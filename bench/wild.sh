#!/usr/bin/env bash
# Times cnnc and its peers on twenty networks of the sizes that people bring, side by side in one run: a step of training, one
# picture alone, and many. Prints Markdown.
#
#   bench/wild.sh FOLDER [--peers LIST] [OPTION of bench/wild.py]... > wild.md
#
# FOLDER takes what bench/run.sh's does, and may be the same: a virtual environment with the Python peers (PYTHON=... uses one
# that exists), the build of Burn (BURN=... takes a program that exists), logs/, and every number (results.jsonl). CNNC=... takes
# a program that exists. LIST is any of keras,torch,burn,onnxruntime, or none. `--networks LIST`, `--seconds S` and `--rounds N`
# choose how much is measured: as it stands, some 30 minutes on two idle cores.
set -euo pipefail

usage() {
    sed -n '2,12s/^# \{0,1\}//p' "$0" >&2
    exit 2
}
[ $# -ge 1 ] && [ "${1#-}" = "$1" ] || usage
mkdir -p "$1"
folder=$(cd "$1" && pwd)
shift
peers=keras,torch,burn,onnxruntime more=()
while [ $# -gt 0 ]; do
    [ $# -ge 2 ] || usage
    case $1 in
    --peers) peers=$2 ;;
    *) more+=("$1" "$2") ;;
    esac
    shift 2
done
[ "$peers" != none ] || peers=''
IFS=, read -ra programs <<<"$peers"
cd "$(dirname "$0")/.."

# A peer that cannot be installed or built fails in its rows; the rest is measured.
for program in "${programs[@]}"; do
    case $program in
    keras | torch | onnxruntime)
        [ -z "${PYTHON:-}" ] || continue
        venv=$folder/venv
        [ -x "$venv/bin/python" ] || python3 -m venv "$venv"
        echo "setting up $program" >&2
        "$venv/bin/python" -m pip install --quiet --disable-pip-version-check \
            --requirement "bench/requirements/$program.txt" >&2 || echo "$program could not be installed" >&2
        ;;
    burn)
        [ -z "${BURN:-}" ] || continue
        echo "building Burn" >&2
        CARGO_TARGET_DIR=$folder/burn cargo build --release --quiet --locked --manifest-path bench/peers/burn/Cargo.toml ||
            echo "Burn could not be built" >&2
        ;;
    *) usage ;;
    esac
done
if [ -z "${CNNC:-}" ]; then
    echo "building cnnc" >&2
    cargo build --release --quiet
    CNNC=$(cd "${CARGO_TARGET_DIR:-target}" && pwd)/release/cnnc
fi

python3 bench/wild.py "$folder" --cnnc "$CNNC" --peers "$peers" --python "${PYTHON:-$folder/venv/bin/python}" \
    --burn "${BURN:-$folder/burn/release/burn-wild}" "${more[@]}"
python3 bench/wild_table.py "$folder/results.jsonl"
