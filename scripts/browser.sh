#!/usr/bin/env bash
# See to it that Debian's Chromium and a Chinese font are there for the tests that look at maps.
set -euo pipefail

has_both() {
    [ -x /usr/bin/chromium ] && [ -n "$(fc-list :lang=zh family 2>/dev/null)" ]
}
! has_both || exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    echo "Installing Chromium and a Chinese font for the tests ..."
    if { apt-get update -qq && DEBIAN_FRONTEND=noninteractive \
        apt-get install -y -qq --no-install-recommends chromium fontconfig fonts-noto-cjk; } >/dev/null; then
        exit 0
    fi
fi
echo "Chromium or a Chinese font is missing; tests need them: sudo apt-get install chromium fonts-noto-cjk" >&2
[ "${CI:-}" != true ] || exit 1
echo "Going on without them." >&2
