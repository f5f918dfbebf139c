#!/usr/bin/env bash
# Prove a bundle where there is no network at all: a namespace without any route. Installs it, runs the demo's plan,
# serves a lookup, upgrades to a made-up next version and rolls back.
#
#   scripts/try_bundle.sh ARCHIVE
set -euo pipefail
archive=$(realpath "$1")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# Root, or user namespaces, are needed for a network of one's own.
namespace=(unshare --net)
[ "$(id -u)" = 0 ] || namespace=(unshare --net --map-root-user)

"${namespace[@]}" env -i PATH="$PATH" HOME="$work" LANG=C.UTF-8 PYTHON="${PYTHON:-python3}" bash -euo pipefail -s -- "$archive" "$work" <<'INSIDE'
archive=$1 work=$2
ip link set lo up 2>/dev/null || python3 - <<'PY'
import fcntl, socket, struct  # SIOCSIFFLAGS: up and running, where there is no `ip`
with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
    fcntl.ioctl(control, 0x8914, struct.pack("16sh", b"lo", 0x41))
PY
if timeout 5 bash -c 'exec 3<>/dev/tcp/1.1.1.1/53' 2>/dev/null; then echo "there is a network here" >&2; exit 1; fi
cd "$work"
tar -xzf "$archive"
cd gridplan-*/
./install.sh "$work/opt"
gridplan=$work/opt/current/bin/gridplan
cd "$work"
"$work/opt/current/bin/python" -c 'import gridplan; gridplan.example("yudu", ".")'
"$gridplan" plan yudu.gpkg -o plan.gpkg --map map.html --lang zh
"$gridplan" export plan.gpkg --source yudu.gpkg --ledger ledger.xlsx --sheets sheets --lang zh
export GRIDPLAN_DATABASE_URL=sqlite:///$work/store.sqlite
"$gridplan" publish plan.gpkg --by 王强 --lang zh
key=$("$gridplan" keys create --role viewer --name 试 | grep -oE 'gp_[A-Za-z0-9_-]+' | head -1)
"$gridplan" serve --port 8765 >serve.log 2>&1 &
server=$!
"$work/opt/current/bin/python" - "$key" <<'PY'
import json, sys, time, urllib.request
begin = time.monotonic()
while True:
    try:
        urllib.request.urlopen("http://127.0.0.1:8765/health/ready", timeout=5)
        break
    except OSError:
        if time.monotonic() - begin > 60:
            raise
        time.sleep(0.5)
asked = urllib.request.Request("http://127.0.0.1:8765/v1/grids", headers={"X-API-Key": sys.argv[1]})
answer = json.load(urllib.request.urlopen(asked, timeout=10))
print("served", len(answer["features"]), "grids without a network")
assert answer["features"]
PY
kill -TERM $server
wait $server || true
# The same archive under another number stands for the next version.
cd gridplan-*/
before=$(cat VERSION)
echo 99.0 >VERSION
sed -i "s|^[0-9a-f]*  ./VERSION\$|$(sha256sum ./VERSION)|" SHA256SUMS
./install.sh "$work/opt"
[ "$(readlink "$work/opt/current")" = versions/99.0 ]
./install.sh --rollback "$work/opt"
[ "$(readlink "$work/opt/current")" = "versions/$before" ]
"$gridplan" --version
echo damaged >>requirements-bundle.lock
if ./install.sh "$work/other" 2>/dev/null; then echo "a damaged archive was installed" >&2; exit 1; fi
[ ! -e "$work/other" ]
echo "installed, ran, upgraded, rolled back and refused a damaged archive, all without a network"
INSIDE
