#!/usr/bin/env bash
# Kills or stops runs at random moments, goes on with them, and compares the weights and the history with those of a run that
# nobody disturbed.
#
#   tests/kill_rounds.sh [--binary target/release/cnnc] [--file specs/mnist_pyramid.cnn] [--device cpu] [--epochs 10]
#                        [--rounds 100] [--signals 'KILL INT TERM'] [--times 4] [--seed 1]
#
# Each round is a run that gets --times signals and is then let end. Each signal waits for a random part of 2 / (times + 1) of the
# time that a whole run takes, so that most of them meet a program that still trains.
# A table of the rounds by what the signals met; exit status 1 where a round ended with other bits.
set -euo pipefail
cd "$(dirname "$0")/.."

binary=target/release/cnnc file=specs/mnist_pyramid.cnn device=cpu epochs=10 rounds=100 signals='KILL INT TERM' times=4 seed=1
while [ $# -gt 0 ]; do
    case $1 in
        --binary | --file | --device | --epochs | --rounds | --signals | --times | --seed)
            printf -v "${1#--}" %s "${2:?a value for $1}"
            shift 2
            ;;
        *)
            sed -n '2,13s/^# \{0,1\}//p' "$0" >&2
            exit 2
            ;;
    esac
done
RANDOM=$seed
read -ra names <<<"$signals"
home=$(mktemp -d)
# A child that a signal meets before it is the program still has this trap.
trap '[ "$BASHPID" != $$ ] || rm -rf "$home"' EXIT

run() {
    local out=$1 resume=()
    [ ! -e "$home/$out/run.yaml" ] || resume=(--resume)
    exec "$binary" run "$file" --quiet --device "$device" --epochs "$epochs" --out "$home/$out" ${resume[@]+"${resume[@]}"}
}
# Everything but what says when and how often it was committed: what callbacks write too, and what was left behind.
bits() {
    (cd "$home/$1" && find . -type f ! -name run.yaml ! -name report.html ! -name 'state-*' -print0 | sort -z | xargs -0 sha256sum)
}
milliseconds() {
    echo $(($(date +%s%N) / 1000000))
}

start=$(milliseconds)
(run whole)
took=$(($(milliseconds) - start))
echo "$file on $device, $epochs epochs: $took ms, weights $(sha256sum <"$home/whole/weights.safetensors" | head -c 16)"

wrong=0 hit=0 early=0 late=0
for ((round = 1; round <= rounds; round++)); do
    for ((part = 0; part < times; part++)); do
        name=${names[RANDOM % ${#names[@]}]}
        (run out) 2>/dev/null &
        child=$!
        sleep "$(printf '%d.%03d' $((wait_for = (RANDOM * 32768 + RANDOM) % (2 * took / (times + 1) + 1), wait_for / 1000)) $((wait_for % 1000)))"
        committed=no
        [ ! -e "$home/out/run.yaml" ] || committed=yes
        if kill -s "$name" "$child" 2>/dev/null; then
            if [ $committed = yes ]; then hit=$((hit + 1)); else early=$((early + 1)); fi
        else
            late=$((late + 1))
        fi
        status=0
        wait "$child" 2>/dev/null || status=$?
        case $status in
            0 | 129 | 130 | 137 | 143) ;;
            *)
                echo "round $round: exit status $status after SIG$name" >&2
                wrong=$((wrong + 1))
                ;;
        esac
    done
    (run out)
    if [ "$(bits out)" != "$(bits whole)" ]; then
        echo "round $round ended with other bits, or left files behind:" >&2
        diff <(bits whole) <(bits out) >&2 || true
        wrong=$((wrong + 1))
    fi
    if [ "$(find "$home/out" -name 'state-*' | wc -l)" != 1 ]; then
        echo "round $round left states behind" >&2
        wrong=$((wrong + 1))
    fi
    rm -rf "$home/out"
done
echo "$rounds rounds of $times signals ($signals): $hit after a commit, $early before the first, $late after the end; $wrong wrong"
[ "$wrong" = 0 ]
