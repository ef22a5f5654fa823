#!/usr/bin/env bash
# Fuzzes the readers of strangers' bytes.
#
#   fuzz/run.sh [--install] SECONDS [TARGET [FILE]...]
#
# Every target, or one, for so many seconds each; with files, these alone, once each. FUZZ_JOBS: processes a target (1).
# FUZZ_SEED: draws the same inputs again (0: others every time). FUZZ_TIMEOUT: the seconds that one input may take (10; a finding is what takes more than 1 on an idle machine).
# Stable Rust, a C++ compiler and Python are enough: libFuzzer comes with its crate, coverage with the compiler. --install
# gets a missing g++ or python3 with apt-get.
set -euo pipefail
cd "$(dirname "$0")"

install=no
if [ "${1:-}" = --install ]; then
    install=yes
    shift
fi
seconds=${1:?usage: fuzz/run.sh [--install] SECONDS [TARGET [FILE]...]}
shift

packages=()
command -v c++ >/dev/null || packages+=(g++)
command -v python3 >/dev/null || packages+=(python3)
if [ ${#packages[@]} -gt 0 ]; then
    if [ $install = no ] || ! command -v apt-get >/dev/null; then
        echo "missing: ${packages[*]} (Debian's names); --install gets them with apt-get" >&2
        exit 1
    fi
    sudo=''
    [ "$(id -u)" = 0 ] || sudo=sudo
    $sudo apt-get update -qq
    $sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq "${packages[@]}" >/dev/null
fi

targets=(text arrays pictures archives records imports)
files=()
if [ $# -gt 0 ]; then
    targets=("$1")
    shift
    files=("$@")
fi

# What cargo-fuzz passes too, but for the sanitizer, which stable Rust has not. With --target, build scripts and macros are
# built without.
host=$(rustc -vV | sed -n 's/^host: //p')
export RUSTFLAGS="-Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
-Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table \
-Cllvm-args=-sanitizer-coverage-trace-compares --cfg fuzzing ${RUSTFLAGS:-}"
cargo build --release --bins --target "$host"
programs=${CARGO_TARGET_DIR:-target}/$host/release

python3 seeds.py corpus

failed=()
for target in "${targets[@]}"; do
    mkdir -p "corpus/$target" "artifacts/$target"
    options=(-timeout="${FUZZ_TIMEOUT:-10}" -rss_limit_mb=2048 -malloc_limit_mb=0 -artifact_prefix="artifacts/$target/")
    log=artifacts/$target.log
    if [ ${#files[@]} -gt 0 ]; then
        "$programs/$target" "${options[@]}" "${files[@]}"
        continue
    fi
    options+=(-max_total_time="$seconds" -seed="${FUZZ_SEED:-0}" -max_len=131072 -print_final_stats=1 -reload=10 -use_value_profile=0)
    [ "$target" != text ] || options+=(-dict=corpus/text.dict -max_len=4096)
    [ "${FUZZ_JOBS:-1}" = 1 ] || options+=(-fork="$FUZZ_JOBS")
    if "$programs/$target" "${options[@]}" "corpus/$target" >"$log" 2>&1; then
        executions=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log" | tail -n 1)
        [ -n "$executions" ] || executions=$(sed -n 's/^#\([0-9]*\):.*/\1/p' "$log" | tail -n 1)
        echo "$target: ${executions:-?} executions, nothing found"
    else
        failed+=("$target")
        echo "$target: a finding; from fuzz/$log:"
        # Where it panicked, and the end; the input itself, as it may be lost with this machine.
        grep -m 1 -A 30 'panicked at' "$log" || true
        tail -n 20 "$log"
        for file in "artifacts/$target"/*; do
            [ -f "$file" ] || continue
            echo "$file, in base64:"
            head -c 65536 "$file" | base64
        done
    fi
done
rm -rf /dev/shm/cnnc-fuzz.*
[ ${#failed[@]} = 0 ]
