#!/usr/bin/env bash
# Times cnnc and its peers side by side, one after another in one run, and prints the results as Markdown.
#
#   bench/run.sh FOLDER [--peers LIST] [--devices cpu,gpu] [--growth yes|no] [OPTION of bench/measure.py]... > results.md
#
# FOLDER takes a virtual environment with the Python peers (6 GB with what PyTorch brings along; PYTHON=... uses one that
# exists), the build of Burn (3 GB; BURN=... takes a program that exists; so does CNNC=...), the run directories, what each program said
# (logs/) and every number (results.jsonl). LIST is any of keras,torch,burn,tinygrad, or none. `bench/measure.py --help`
# has the rest: where the data sets are, which networks and devices, how many epochs, and --samples for trying it all out.
set -euo pipefail
# shellcheck source=bench/set_up.sh
. "$(dirname "$0")/set_up.sh"

usage() {
    sed -n '2,10s/^# \{0,1\}//p' "$0" >&2
    exit 2
}
[ $# -ge 1 ] && [ "${1#-}" = "$1" ] || usage
folder=$(folder_of "$1")
shift
peers=keras,torch,burn,tinygrad growth=yes devices=cpu more=()
while [ $# -gt 0 ]; do
    [ $# -ge 2 ] || usage
    case $1 in
    --peers) peers=$2 ;;
    --growth) growth=$2 ;;
    --devices) devices=$2 ;;
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

set_up "$folder" "${programs[@]}"
build_cnnc

python3 bench/measure.py "$folder" --cnnc "$CNNC" --peers "$peers" --python "${PYTHON:-$folder/venv/bin/python}" \
    --burn "${BURN:-$folder/burn/release/burn-train}" --devices "$devices" "${more[@]}"
python3 bench/table.py "$folder/results.jsonl"
if [ "$growth" = yes ]; then
    python3 bench/growth.py "$CNNC" --device "$devices"
fi
