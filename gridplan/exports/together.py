"""Several files written together: all of them complete, or none."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from gridplan.errors import ExportError
from gridplan.output import move_together


class Together:
    """
    Drafts of files that appear at once.

    Parameters
    ----------
    stack
        Holds the drafts' folders until all is moved.
    """

    def __init__(self, stack: ExitStack) -> None:
        self._stack = stack
        self._folders: dict[Path, Path] = {}
        self.drafts: dict[Path, Path] = {}

    def draft(self, target: Path) -> Path:
        """
        Return where to write what shall stand at a place.

        Parameters
        ----------
        target
            File; its folder must exist.

        Raises
        ------
        ExportError
            If the folder does not exist, or two files would have one name.
        """
        target = target.absolute()
        if target in self.drafts:
            raise ExportError(f"{target}: two deliverables would be written there; give each a name of its own")
        if not target.parent.is_dir():
            raise ExportError(f"{target}: the folder {target.parent} does not exist; make it first")
        if target.parent not in self._folders:
            folder = tempfile.TemporaryDirectory(prefix=".gridplan-", dir=target.parent)
            self._folders[target.parent] = Path(self._stack.enter_context(folder))
        self.drafts[target] = self._folders[target.parent] / target.name
        return self.drafts[target]

    def folder(self, target: Path) -> Path:
        """
        Return a folder for many files, made where it is missing; one that stays empty is removed at the end.

        Parameters
        ----------
        target
            Folder; the one above it must exist.

        Raises
        ------
        ExportError
            If the folder above does not exist, or a file stands in its place.
        """
        target = target.absolute()
        if not target.is_dir():
            if target.exists() or not target.parent.is_dir():
                raise ExportError(
                    f"{target}: cannot be made a folder; {target.parent} must exist and hold no such file"
                )
            target.mkdir()
            self._stack.callback(_remove_empty, target)
        return target


def _remove_empty(folder: Path) -> None:
    if not any(folder.iterdir()):
        folder.rmdir()


@contextmanager
def together() -> Iterator[Together]:
    """Yield a `Together`; at the end all its drafts are moved into place, and after an error none is."""
    with ExitStack() as stack:
        files = Together(stack)
        yield files
        move_together(files.drafts)
