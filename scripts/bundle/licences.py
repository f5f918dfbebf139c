"""Put the licences of all wheels of a bundle, and a list of them, into its folder ``licences``."""

from __future__ import annotations

import re
import sys
import zipfile
from email.parser import BytesParser
from pathlib import Path

LICENCE = re.compile(r"\.dist-info/.*(licen[cs]e|copying|notice|authors)[^/]*$", re.IGNORECASE)


def gather(folder: Path) -> None:
    """
    Write the licence files of each wheel and ``licences/LIST.txt``.

    Parameters
    ----------
    folder
        The bundle; its own wheel lies there, all others in ``wheels``.
    """
    lines = []
    for path in sorted([*folder.glob("*.whl"), *(folder / "wheels").glob("*.whl")]):
        with zipfile.ZipFile(path) as wheel:
            names = wheel.namelist()
            (metadata,) = [name for name in names if re.fullmatch(r"[^/]+\.dist-info/METADATA", name)]
            head = BytesParser().parsebytes(wheel.read(metadata))
            lines.append(f"{head['Name']} {head['Version']}: {_licence(head)}")
            for name in names:
                if LICENCE.search(name) and not name.endswith("/"):
                    target = folder / "licences" / str(head["Name"]) / Path(name).name
                    target.parent.mkdir(parents=True, exist_ok=True)
                    target.write_bytes(wheel.read(name))
    (folder / "licences").mkdir(exist_ok=True)
    (folder / "licences" / "LIST.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")


def _licence(head: object) -> str:
    """Return what a wheel says of its licence, in a line."""
    said = head["License-Expression"] or ""  # type: ignore[index]
    classifiers = head.get_all("Classifier") or []  # type: ignore[attr-defined]
    named = [each.rpartition(" :: ")[2] for each in classifiers if each.startswith("License ::")]
    short = str(head["License"] or "").strip().splitlines()  # type: ignore[index]
    return said or "; ".join(named) or (short[0][:80] if short else "see its files")


if __name__ == "__main__":
    gather(Path(sys.argv[1]))
