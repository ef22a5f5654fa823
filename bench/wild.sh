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
# shellcheck source=bench/set_up.sh
. "$(dirname "$0")/set_up.sh"

usage() {
    sed -n '2,11s/^# \{0,1\}//p' "$0" >&2
    exit 2
}
[ $# -ge 1 ] && [ "${1#-}" = "$1" ] || usage
folder=$(folder_of "$1")
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

set_up "$folder" "${programs[@]}"
build_cnnc

python3 bench/wild.py "$folder" --cnnc "$CNNC" --peers "$peers" --python "${PYTHON:-$folder/venv/bin/python}" \
    --burn "${BURN:-$folder/burn/release/burn-wild}" "${more[@]}"
python3 bench/wild_table.py "$folder/results.jsonl"
