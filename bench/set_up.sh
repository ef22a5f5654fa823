# What bench/run.sh and bench/wild.sh share; sourced by them. A function `usage` says how the script is called, and ends it.

# Makes the folder, and says where it is.
folder_of() {
    mkdir -p "$1"
    (cd "$1" && pwd)
}

# set_up FOLDER PEER...: installs Python peers into FOLDER/venv, builds Burn in FOLDER/burn. A peer that cannot be had is said,
# and fails in its rows; the rest is measured.
set_up() {
    local folder=$1 program
    shift
    for program in "$@"; do
        case $program in
        keras | torch | tinygrad | onnxruntime)
            [ -z "${PYTHON:-}" ] || continue
            local venv=$folder/venv
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
}

# Builds cnnc where CNNC names none, and sets CNNC.
build_cnnc() {
    [ -z "${CNNC:-}" ] || return 0
    echo "building cnnc" >&2
    cargo build --release --quiet
    CNNC=$(cd "${CARGO_TARGET_DIR:-target}" && pwd)/release/cnnc
}
