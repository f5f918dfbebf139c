#!/usr/bin/env bash
# Make the virtual environment named by the first argument and install the locked packages into it.
set -euo pipefail

venv=$1

# The newest wanted Python that this machine has; PYTHON=... overrides.
find_python() {
    local candidate
    for candidate in "${PYTHON:-}" python3.11 python3.12 python3.13 python3; do
        [ -n "$candidate" ] || continue
        if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            echo "$candidate"
            return
        fi
    done
    echo "gridplan needs Python 3.11 or newer; none was found. Install it, or say where it is: make PYTHON=/path/to/python3.11" >&2
    return 1
}

# Debian ships venv apart from Python; only root can add it.
make_venv() {
    local python=$1
    [ ! -x "$venv/bin/python" ] || return 0
    if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
        if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
            echo "$python has no venv module. On Debian or Ubuntu: sudo apt-get install python3-venv" >&2
            return 1
        fi
        apt-get update -qq && apt-get install -y -qq python3-venv
    fi
    "$python" -m venv "$venv"
}

install_locked() {
    "$venv/bin/python" -m pip install --quiet --disable-pip-version-check \
        --require-hashes --only-binary :all: --requirement "$1"
}

python=$(find_python)
make_venv "$python"
echo "Installing the locked packages into $venv ..."
install_locked requirements.lock
# The map's JavaScript is fetched with npm when the project is built; Node comes as a package where it is missing.
command -v npm >/dev/null || install_locked requirements-node.lock
