#!/usr/bin/env bash
# Runs every test of the project. Some need a Vulkan driver, some a browser; where there is none (and apt-get and the right
# to use it are there) Mesa's software driver and Chromium are installed first.
set -euo pipefail
cd "$(dirname "$0")/.."

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

# What is missing, by Debian's names.
packages=()
if [ "$(uname -s)" = Linux ] && ! { has_vulkan_driver && has_vulkan_loader; }; then
    packages+=(libvulkan1 mesa-vulkan-drivers)
fi
if [ "$(uname -s)" = Linux ] && ! has_browser; then
    packages+=(chromium chromium-driver)
fi
if [ ${#packages[@]} -gt 0 ]; then
    if ! command -v apt-get >/dev/null; then
        echo "missing: ${packages[*]} (Debian's names): install a Vulkan driver (Mesa's lavapipe does) and Chromium with" \
            "chromedriver, and run this again" >&2
        exit 1
    fi
    sudo=''
    [ "$(id -u)" = 0 ] || sudo=sudo
    $sudo apt-get update -qq
    DEBIAN_FRONTEND=noninteractive $sudo apt-get install -y -qq "${packages[@]}" >/dev/null
fi

# Snapshots are compared, never rewritten.
INSTA_UPDATE="${INSTA_UPDATE:-no}" cargo test --workspace "$@"
