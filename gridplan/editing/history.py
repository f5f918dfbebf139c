"""Taking edits back and making them again; nothing is struck from the history, so who looks later sees it all."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gridplan.editing import errors
from gridplan.editing.apply import Signature, recorded, signed
from gridplan.editing.difference import replaced
from gridplan.editing.record import REDO, UNDO, EditRecord

if TYPE_CHECKING:
    from gridplan.plan import Plan


def standing(edits: tuple[EditRecord, ...]) -> tuple[list[EditRecord], list[EditRecord]]:
    """
    Return the edits that stand, oldest first, and those taken back that can be made again, the next one last.

    Parameters
    ----------
    edits
        The whole history.
    """
    stand: list[EditRecord] = []
    back: list[EditRecord] = []
    for record in edits:
        if record.action == UNDO:
            back.append(stand.pop())
        elif record.action == REDO:
            stand.append(back.pop())
        else:
            stand.append(record)
            back = []
    return stand, back


def undo(plan: Plan, signature: Signature) -> Plan:
    """
    Take back the last edit that stands.

    Parameters
    ----------
    plan
        The plan.
    signature
        Who, when, why.

    Raises
    ------
    EditError
        If there is nothing to take back.
    """
    who = signed(plan, signature)
    stand, _ = standing(plan.edits)
    if not stand:
        raise errors.impossible("nothing_back")
    delta = stand[-1].delta.inverse()
    return recorded(plan, replaced(plan, delta), UNDO, {"edit_id": stand[-1].edit_id}, who, delta)


def redo(plan: Plan, signature: Signature) -> Plan:
    """
    Make the edit again that was taken back last; not after another edit.

    Parameters
    ----------
    plan
        The plan.
    signature
        Who, when, why.

    Raises
    ------
    EditError
        If there is nothing to make again.
    """
    who = signed(plan, signature)
    _, back = standing(plan.edits)
    if not back:
        raise errors.impossible("nothing_again")
    delta = back[-1].delta
    return recorded(plan, replaced(plan, delta), REDO, {"edit_id": back[-1].edit_id}, who, delta)
