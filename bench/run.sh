#!/usr/bin/env bash
# Times cnnc and its peers side by side, one after another in one run, and prints the results as Markdown.
#
#   bench/run.sh FOLDER [--peers LIST] [--growth yes|no] [OPTION of bench/measure.py]...  > results.md
#
# FOLDER takes a virtual environment with the Python peers (6 GB with what PyTorch brings along; PYTHON=... uses one that
# exists), the build of Burn (3 GB; BURN=... takes a program that exists), the run directories, what each program said
# (logs/) and every number (results.jsonl). LIST is any of keras,torch,burn,tinygrad, or none. `bench/measure.py --help`
# has the rest: where the data sets are, which networks and devices, how many epochs, and --samples for trying it all out.
set -euo pipefail

usage() {
    sed -n '2,10s/^# \{0,1\}//p' "$0" >&2
    exit 2
}
[ $# -ge 1 ] && [ "${1#-}" = "$1" ] || usage
mkdir -p "$1"
folder=$(cd "$1" && pwd)
shift
peers=keras,torch,burn,tinygrad growth=yes more=()
while [ $# -gt 0 ]; do
    [ $# -ge 2 ] || usage
    case $1 in
    --peers) peers=$2 ;;
    --growth) growth=$2 ;;
    # Relative to where this was called.
    --fashion | --cifar) more+=("$1" "$(cd "$2" && pwd)") ;;
    *) more+=("$1" "$2") ;;
    esac
    shift 2
done
case $growth in yes | no) ;; *) usage ;; esac
[ "$peers" != none ] || peers=''
IFS=, read -ra programs <<<"$peers"
cd "$(dirname "$0")/.."

# A peer that cannot be installed or built fails in its rows; the rest is measured.
for program in "${programs[@]}"; do
    case $program in
    keras | torch | tinygrad)
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
echo "building cnnc" >&2
cargo build --release --quiet
cnnc=$(cd "${CARGO_TARGET_DIR:-target}" && pwd)/release/cnnc

python3 bench/measure.py "$folder" --cnnc "$cnnc" --peers "$peers" --python "${PYTHON:-$folder/venv/bin/python}" \
    --burn "${BURN:-$folder/burn/release/burn-train}" "${more[@]}"
python3 bench/table.py "$folder/results.jsonl"
if [ "$growth" = yes ]; then
    python3 bench/growth.py "$cnnc"
fi
