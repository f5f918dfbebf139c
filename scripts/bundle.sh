#!/usr/bin/env bash
# Make one archive from which a server with Python and without any network installs, upgrades and rolls back gridplan:
#
#   scripts/bundle.sh [FOLDER]      write gridplan-VERSION-PLATFORM.tar.gz into FOLDER (default dist/)
#
# It holds all wheels at their locked hashes, the Chinese font of the map sheets where this machine has one that may be
# passed on, the licences of everything, and install.sh. It is for this machine's kind of Python and processor.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

bin=${VENV:-.venv}/bin
target=$(mkdir -p "${1:-dist}" && cd "${1:-dist}" && pwd)
version=$("$bin/python" -c 'import gridplan; print(gridplan.__version__)')
platform=$("$bin/python" -c 'import sys, sysconfig; v = sys.version_info
print(f"cp{v.major}{v.minor}-" + sysconfig.get_platform().replace("-", "_").replace(".", "_"))')
name=gridplan-$version-$platform
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
folder=$work/$name
mkdir -p "$folder/wheels"

echo "Collecting the locked wheels ..."
"$bin/python" -m pip download --quiet --disable-pip-version-check --require-hashes --only-binary :all: \
    --dest "$folder/wheels" --requirement requirements-bundle.lock
"$bin/python" -m pip wheel --quiet --disable-pip-version-check --no-deps --no-build-isolation --no-index \
    --wheel-dir "$folder" .

echo "Collecting fonts and licences ..."
font=/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc
if [ -f "$font" ] && [ -f /usr/share/doc/fonts-noto-cjk/copyright ]; then
    # SIL Open Font License 1.1: may be passed on with its licence.
    mkdir "$folder/fonts"
    cp "$font" "${font/Regular/Bold}" "$folder/fonts/"
    cp /usr/share/doc/fonts-noto-cjk/copyright "$folder/fonts/LICENSE.txt"
else
    echo "No Chinese font is here to pass on (apt-get install fonts-noto-cjk): the archive has none." >&2
fi
"$bin/python" scripts/bundle/licences.py "$folder"
cp LICENSE CHANGELOG.md README.md README.zh-CN.md requirements-bundle.lock "$folder/"
cp scripts/bundle/install.sh scripts/bundle/INSTALL.md "$folder/"
cp -r docs "$folder/docs"
[ ! -d deploy ] || cp -r deploy "$folder/deploy"
echo "$version" >"$folder/VERSION"
echo "$platform" >"$folder/PLATFORM"
(cd "$folder" && find . -type f ! -name SHA256SUMS -print0 | sort -z | xargs -0 sha256sum >SHA256SUMS)

# Moved in place when it is whole.
tar -C "$work" -czf "$work/$name.tar.gz" "$name"
mv "$work/$name.tar.gz" "$target/$name.tar.gz"
du -h "$target/$name.tar.gz"
