#!/usr/bin/env bash
# Times cnnc and its peers side by side, one after another in one run, and prints a Markdown table.
#
#   bench/run.sh FOLDER [--fashion DIR] [--cifar DIR] [--epochs N] [--samples N] [--device NAME]...
#
# FOLDER takes a virtual environment with the peers (about 6 GB with what PyTorch brings along; PYTHON=... uses an
# environment that exists) and the run directories. Fashion-MNIST is an IDX folder, CIFAR-10 the folder of its binary
# version; without --cifar, LeNet is left out. --samples is for trying the script, not for numbers.
set -euo pipefail

usage() {
    sed -n '2,8s/^# \{0,1\}//p' "$0" >&2
    exit 2
}
absolute() { (cd "$1" && pwd); }
[ $# -ge 1 ] && [ "${1#-}" = "$1" ] || usage
mkdir -p "$1"
folder=$(absolute "$1")
shift
fashion=/usr/share/datasets/fashion-mnist
cifar='' epochs=3 samples='' devices=()
while [ $# -gt 0 ]; do
    [ $# -ge 2 ] || usage
    case $1 in
    --fashion) fashion=$(absolute "$2") ;;
    --cifar) cifar=$(absolute "$2") ;;
    --epochs) epochs=$2 ;;
    --samples) samples=$2 ;;
    --device) devices+=("$2") ;;
    *) usage ;;
    esac
    shift 2
done
[ ${#devices[@]} -gt 0 ] || devices=(cpu)

cd "$(dirname "$0")/.."
if [ -z "${PYTHON:-}" ]; then
    PYTHON=$folder/venv/bin/python
    [ -x "$PYTHON" ] || python3 -m venv "$folder/venv"
    "$PYTHON" -m pip install --quiet --requirement bench/requirements.txt
fi
cargo build --release --quiet
cnnc=${CARGO_TARGET_DIR:-target}/release/cnnc

results=$folder/results.jsonl
: >"$results"
few=(${samples:+--samples "$samples"})
networks=(onelayer pyramid)
[ -z "$cifar" ] || networks+=(lenet)

# Runs a command, keeps its output, and sets `took` to its seconds.
timed() {
    local start
    start=$(date +%s.%N)
    output=$("$@")
    took=$(awk -v a="$start" -v b="$(date +%s.%N)" 'BEGIN { print b - a }')
}

for network in "${networks[@]}"; do
    spec=specs/mnist_$network.cnn
    data=$fashion
    if [ "$network" = lenet ]; then
        spec=specs/lenet.cnn
        data=$cifar
    fi
    for device in "${devices[@]}"; do
        echo "$network: cnnc --device $device" >&2
        # Whole runs, with validation and files, take all samples.
        took=null
        if [ -z "$samples" ]; then
            timed "$cnnc" run "$spec" --data "$data" --device "$device" --batch-size 32 --epochs "$epochs" --quiet \
                --out "$folder/run"
        fi
        output=$("$cnnc" bench "$spec" --data "$data" --device "$device" --batch-size 32 --epochs "$epochs" \
            "${few[@]}" --format json)
        printf '{"network": "%s", "seconds": %s, "cnnc": %s}\n' "$network" "$took" "$(tr -d '\n' <<<"$output")" \
            >>"$results"
    done
    for peer in keras_fit torch_train; do
        echo "$network: $peer" >&2
        timed "$PYTHON" bench/peers/$peer.py "$network" "$data" --epochs "$epochs" "${few[@]}"
        printf '{"network": "%s", "seconds": %s, "peer": %s}\n' "$network" "$took" "$output" >>"$results"
    done
done
"$PYTHON" bench/table.py "$results"
