"""What an edit is refused with: each message names what was found and what to do."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from gridplan.errors import EditError, NotADraftError, StaleEditError, UnknownCodeError
from gridplan.schema import nearest

SHOWN = 5


def some(names: Iterable[str]) -> str:
    """
    Return the first few names and how many there are.

    Parameters
    ----------
    names
        Codes or ids.
    """
    listed = sorted(names)
    more = f" and {len(listed) - SHOWN} more" if len(listed) > SHOWN else ""
    return ", ".join(listed[:SHOWN]) + more


def unknown(what: str, names: Collection[str], known: Collection[str]) -> UnknownCodeError:
    """Return the error for names that the plan does not have; the nearest known one is offered."""
    near = [match for name in sorted(names)[:SHOWN] if (match := nearest(name, known))]
    hint = f"; did you mean {', '.join(near)}?" if near else ""
    return UnknownCodeError(f"the plan has no {what} {some(names)}{hint}")


def locked(codes: Iterable[str]) -> EditError:
    """Return the error for locked grids."""
    return EditError(f"locked: {some(codes)}; unlock first, a locked grid stays as it is")


def exclusive(codes: Iterable[str]) -> EditError:
    """Return the error for exclusive areas mixed with other grids."""
    return EditError(f"exclusive areas are grids of their own: {some(codes)}; change their kind first")


def two_communities(communities: Iterable[str]) -> EditError:
    """Return the error for ground of several communities."""
    return EditError(f"a grid lies in one community; these lie in several: {some(communities)}")


def no_draft(status: str) -> NotADraftError:
    """Return the error for a plan that is no draft."""
    return NotADraftError(f"the plan is {status} and no longer changes; make a draft of it with plan.branch(NAME)")


def stale(expected: str, found: str) -> StaleEditError:
    """Return the error for an edit that was meant for another state."""
    return StaleEditError(
        f"the edit was made on {expected or 'the plan without edits'}, and the plan is at {found or 'no edit'} by now; "
        "look at what changed and make it again"
    )


def no_borders() -> EditError:
    """Return the error for a plan file without the layer that edits need."""
    return EditError("the plan's file has no layer borders (an older gridplan wrote it); make the plan anew to edit it")


def wrong_parameters(action: str, parameters: Iterable[str]) -> EditError:
    """Return the error for parameters that an action does not take, or lacks."""
    return EditError(f"{action} does not take these parameters, or lacks one: {', '.join(parameters) or 'none'}")
