#!/usr/bin/env bash
# Write the lock files: names, versions and hashes for every platform, and no address of any index.
set -euo pipefail

uv=.cache/lock/bin/uv
if [ ! -x "$uv" ]; then
    python3 -m venv .cache/lock
    .cache/lock/bin/python -m pip install --quiet uv==0.13.9
fi

# lock FILE ARGUMENT...: resolve what the arguments name into FILE.
lock() {
    local file=$1
    shift
    "$uv" pip compile "$@" --upgrade --universal --python-version 3.11 --generate-hashes \
        --no-header --no-config --quiet --output-file "$file" >/dev/null
}

lock requirements.lock pyproject.toml --extra test --group build
# What a server without a network is given: no test tools, at the versions just locked.
lock requirements-bundle.lock pyproject.toml --extra dask --extra demo --extra notebook --extra prove \
    --constraint requirements.lock
lock requirements-node.lock --group node
# The benchmark's peers, beside the packages just locked and at the same versions.
lock requirements-bench.lock pyproject.toml --extra bench --constraint requirements.lock
if grep -nE '://|^--' requirements.lock requirements-node.lock requirements-bench.lock requirements-bundle.lock; then
    echo "The lock files hold an address or an option; see above." >&2
    exit 1
fi
