#!/usr/bin/env bash
# See to it that Debian's Chromium and a Chinese font are there for the tests that look at maps.
set -euo pipefail

[ ! -x /usr/bin/chromium ] || exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    echo "Installing Chromium for the browser tests ..."
    if { apt-get update -qq && DEBIAN_FRONTEND=noninteractive \
        apt-get install -y -qq --no-install-recommends chromium fonts-noto-cjk; } >/dev/null; then
        exit 0
    fi
fi
echo "/usr/bin/chromium is missing; the browser tests need it: sudo apt-get install chromium fonts-noto-cjk" >&2
[ "${CI:-}" != true ] || exit 1
echo "Going on without them." >&2
