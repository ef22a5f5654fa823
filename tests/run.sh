#!/usr/bin/env bash
# Runs every test of the project. Some need a Vulkan driver; where there is none (and apt-get and the right to use it are
# there) Mesa's software one is installed first.
set -euo pipefail
cd "$(dirname "$0")/.."

has_vulkan_driver() {
    compgen -G '/usr/share/vulkan/icd.d/*.json' >/dev/null || compgen -G '/etc/vulkan/icd.d/*.json' >/dev/null ||
        [ -n "${VK_DRIVER_FILES:-}${VK_ICD_FILENAMES:-}" ]
}
has_vulkan_loader() {
    ldconfig -p 2>/dev/null | grep -q 'libvulkan\.so\.1'
}

if [ "$(uname -s)" = Linux ] && ! { has_vulkan_driver && has_vulkan_loader; }; then
    if ! command -v apt-get >/dev/null; then
        echo "no Vulkan driver found: install one (Mesa's lavapipe does) and run this again" >&2
        exit 1
    fi
    sudo=''
    [ "$(id -u)" = 0 ] || sudo=sudo
    $sudo apt-get update -qq
    DEBIAN_FRONTEND=noninteractive $sudo apt-get install -y -qq libvulkan1 mesa-vulkan-drivers >/dev/null
fi

# Snapshots are compared, never rewritten.
INSTA_UPDATE="${INSTA_UPDATE:-no}" cargo test --workspace "$@"
