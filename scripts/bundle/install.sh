#!/usr/bin/env bash
# Install gridplan from this folder, without any network. 不联网安装。
#
#   ./install.sh [TARGET]             install or upgrade (default /opt/gridplan)      安装或升级
#   ./install.sh --rollback [TARGET]  go back to the version installed before         退回上一版本
#
# Each version has an environment of its own under TARGET/versions; TARGET/current points to the one in use and is
# changed last, in one step. PYTHON=/path/to/python3 chooses the Python.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

point() { # the link to a version, in one step: there is no moment without it
    ln -s "versions/$2" "$1/current.new"
    mv -T "$1/current.new" "$1/current"
}

if [ "${1:-}" = --rollback ]; then
    target=${2:-/opt/gridplan}
    [ -f "$target/previous" ] || { echo "error: $target holds no earlier version / 没有可退回的版本" >&2; exit 2; }
    now=$(basename "$(readlink "$target/current")")
    before=$(cat "$target/previous")
    [ -x "$target/versions/$before/bin/gridplan" ] || { echo "error: version $before is gone from $target/versions" >&2; exit 2; }
    point "$target" "$before"
    echo "$now" >"$target/previous"
    echo "gridplan $before is in use again; restart the service. A database that $now migrated needs its backup back:"
    echo "  $target/current/bin/gridplan db restore BACKUP"
    exit 0
fi

target=${1:-/opt/gridplan}
version=$(cat "$here/VERSION")
wanted=$(cat "$here/PLATFORM")
python=${PYTHON:-python3}
if ! command -v "$python" >/dev/null; then
    echo "error: no $python; install Python 3, or say where it is: PYTHON=/path/to/python3 ./install.sh" >&2
    exit 2
fi
found=$("$python" -c 'import sys, sysconfig; v = sys.version_info
print(f"cp{v.major}{v.minor}-" + sysconfig.get_platform().replace("-", "_").replace(".", "_"))')
if [ "$found" != "$wanted" ]; then
    echo "error: this archive is for $wanted, $python is $found; choose another with PYTHON=..., or make an archive there" >&2
    exit 2
fi
if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
    echo "error: $python has no venv module; install the package python3-venv of your system" >&2
    exit 2
fi
(cd "$here" && sha256sum --quiet --check SHA256SUMS) || { echo "error: the archive is damaged; copy it again / 安装包已损坏" >&2; exit 2; }

mkdir -p "$target/versions"
place=$target/versions/$version
if [ -e "$place/complete" ]; then
    echo "gridplan $version is installed already."
else
    rm -rf "$place"
    "$python" -m venv "$place"
    "$place/bin/python" -m pip install --quiet --disable-pip-version-check --no-index --find-links "$here/wheels" \
        --require-hashes --requirement "$here/requirements-bundle.lock"
    "$place/bin/python" -m pip install --quiet --disable-pip-version-check --no-index --no-deps "$here"/gridplan-*.whl
    if [ -d "$here/fonts" ]; then
        # Where matplotlib looks for fonts, in this environment alone.
        cp "$here"/fonts/*.tt? "$("$place/bin/python" -c 'import matplotlib; print(matplotlib.get_data_path())')/fonts/ttf/"
    fi
    cp -r "$here/docs" "$here/licences" "$place/"
    "$place/bin/python" -m gridplan.partition.warm
    touch "$place/complete"
fi
now=$(basename "$(readlink "$target/current" 2>/dev/null || true)")
if [ "$now" != "$version" ]; then
    [ -z "$now" ] || echo "$now" >"$target/previous"
    point "$target" "$version"
fi
echo "$("$target/current/bin/gridplan" --version) is in use: $target/current/bin/gridplan"
if [ -n "$now" ] && [ "$now" != "$version" ]; then
    echo "Upgraded from $now. Next: gridplan db backup FILE; gridplan db migrate; restart the service."
    echo "升级自 $now。接下来：备份数据库，迁移，重启服务。退回：./install.sh --rollback $target"
fi
