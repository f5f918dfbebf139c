#!/usr/bin/env bash
# See to it that what tests of maps, pages and guides need is there: Debian's Chromium, a Chinese font, pdftoppm, curl.
set -euo pipefail

has_all() {
    [ -x /usr/bin/chromium ] && [ -n "$(fc-list :lang=zh family 2>/dev/null)" ] &&
        command -v pdftoppm >/dev/null && command -v curl >/dev/null
}
! has_all || exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    echo "Installing Chromium, a Chinese font, poppler and curl for the tests ..."
    if { apt-get update -qq && DEBIAN_FRONTEND=noninteractive \
        apt-get install -y -qq --no-install-recommends chromium fontconfig fonts-noto-cjk poppler-utils \
            curl; } >/dev/null; then
        exit 0
    fi
fi
echo "Missing for tests is one of: sudo apt-get install chromium fonts-noto-cjk poppler-utils curl" >&2
[ "${CI:-}" != true ] || exit 1
echo "Going on without them." >&2
