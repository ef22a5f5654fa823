#!/usr/bin/env bash
# Runs every test of the project.
#
#   tests/run.sh [--install] [ARGUMENT of cargo test]...
#
# Some tests need a Vulkan driver, a browser or Python. What is missing is listed, and no test runs; with --install it is
# installed first, by apt-get: Mesa's software driver, Chromium, Python.
set -euo pipefail
cd "$(dirname "$0")/.."

install=no
if [ "${1:-}" = --install ]; then
    install=yes
    shift
fi

has_vulkan_driver() {
    compgen -G '/usr/share/vulkan/icd.d/*.json' >/dev/null || compgen -G '/etc/vulkan/icd.d/*.json' >/dev/null ||
        [ -n "${VK_DRIVER_FILES:-}${VK_ICD_FILENAMES:-}" ]
}
has_vulkan_loader() {
    ldconfig -p 2>/dev/null | grep -q 'libvulkan\.so\.1'
}
has_browser() {
    command -v chromedriver >/dev/null && { command -v chromium || command -v google-chrome || command -v chromium-browser; } >/dev/null
}

# What is missing, in words and by Debian's names. Elsewhere than on Linux the system has a GPU's driver or none is to be had.
missing=()
packages=()
if [ "$(uname -s)" = Linux ] && ! { has_vulkan_driver && has_vulkan_loader; }; then
    missing+=("a Vulkan driver, for the tests of the GPU's kernels; Mesa's software driver will do")
    packages+=(libvulkan1 mesa-vulkan-drivers)
fi
if ! has_browser; then
    missing+=("Chromium or Chrome with chromedriver, for the tests of report.html")
    packages+=(chromium chromium-driver)
fi

if ! command -v python3 >/dev/null; then
    missing+=("python3, for the tests of bench/")
    packages+=(python3)
fi

if [ ${#missing[@]} -gt 0 ] && [ $install = no ]; then
    {
        printf 'missing: %s\n' "${missing[@]}"
        if command -v apt-get >/dev/null; then
            echo "to install: apt-get install ${packages[*]}"
            echo "or:         bash tests/run.sh --install, which does that"
        else
            echo "to install: what your system calls these packages of Debian's: ${packages[*]}"
        fi
        echo "without:    cargo test --workspace runs all tests, and those that need them fail"
    } >&2
    exit 1
fi
if [ ${#missing[@]} -gt 0 ]; then
    if ! command -v apt-get >/dev/null; then
        printf 'missing: %s\n' "${missing[@]}" >&2
        echo "--install needs apt-get; install what your system calls these packages of Debian's: ${packages[*]}" >&2
        exit 1
    fi
    sudo=''
    [ "$(id -u)" = 0 ] || sudo=sudo
    $sudo apt-get update -qq
    $sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq "${packages[@]}" >/dev/null
fi

# Snapshots are compared, never rewritten.
INSTA_UPDATE="${INSTA_UPDATE:-no}" cargo test --workspace "$@"
