"""The edits of a plan as a planner writes them: one readable line each, a new plan every time."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Self, Unpack, cast

from gridplan.editing import actions, cutting, errors, history, lines
from gridplan.editing.apply import DRAFT, Signature, edited
from gridplan.editing.facts import PlanFacts
from gridplan.editing.record import REDO, UNDO
from gridplan.editing.state import Redraw, State

if TYPE_CHECKING:
    import geopandas as gpd


def _split(state: State, code: str, **how: Any) -> Redraw:
    """Split by search or along a line, whichever is asked for."""
    return lines.split_along(state, code, **how) if "along" in how else cutting.split_into(state, code, **how)


#: What each action asks for, by the names of its parameters; all plain JSON.
ACTIONS: Mapping[str, Callable[..., Redraw]] = {
    "merge": actions.merge,
    "split": _split,
    "move": actions.move,
    "follow": lines.follow,
    "redraw": actions.redraw,
    "lock": actions.lock,
    "unlock": actions.unlock,
    "rename": actions.rename,
    "change_kind": actions.change_kind,
    "replan": cutting.replan,
}


class EditMethods(PlanFacts):
    """
    What every plan can do.

    Each edit takes the words of `gridplan.editing.apply.Signature` beside its own: ``reason``, ``author``, ``force``,
    ``at``, ``base``.
    """

    def edit(self, action: str, parameters: Mapping[str, Any], **signature: Unpack[Signature]) -> Self:
        """
        Make an edit that comes as plain JSON: from a service, a file, a history.

        Parameters
        ----------
        action
            One of `ACTIONS`, ``undo`` or ``redo``.
        parameters
            Parameters of the action by name.
        signature
            Who, when, why, and whether to insist.

        Raises
        ------
        EditRefused
            If it would add to the breaches of a rule, and ``force`` is not said.
        EditError
            If there is no such action or parameter, or it cannot be made.
        """
        if action in (UNDO, REDO):
            return self.undo(**signature) if action == UNDO else self.redo(**signature)
        if action not in ACTIONS:
            raise errors.impossible("unknown_action", action=action, known=", ".join([*ACTIONS, UNDO, REDO]))
        plain = dict(parameters)
        for name in ("along", "street"):
            if name in plain:
                plain[name] = lines.line_to_json(plain[name], self._plan.grids.crs)
        return cast("Self", edited(self._plan, action, plain, _asking(action, plain), signature))

    def merge(self, *codes: str, name: str | None = None, **signature: Unpack[Signature]) -> Self:
        """
        Make one grid of several: ``plan.merge("…001", "…002", reason="…")``.

        Parameters
        ----------
        codes
            Grids of one community.
        name
            Name of the new grid; counted on by default.
        signature
            Who, when, why, and whether to insist.
        """
        return self.edit("merge", _given(codes=list(codes), name=name), **signature)

    def split(self, code: str, *, into: int | None = None, along: Any = None, **signature: Unpack[Signature]) -> Self:
        """
        Split a grid by search, ``plan.split(code, into=3)``, or along a drawn line, ``plan.split(code, along=line)``.

        Parameters
        ----------
        code
            The grid.
        into
            Number of grids; chosen by the band where neither it nor a line is given.
        along
            A LineString in the plan's CRS, a GeoSeries that states its own, or GeoJSON.
        signature
            Who, when, why, and whether to insist.
        """
        if into is not None and along is not None:
            raise errors.impossible("split_twice")
        return self.edit("split", _given(code=code, into=into, along=along), **signature)

    def move(self, units: Sequence[str] | str, *, to: str, **signature: Unpack[Signature]) -> Self:
        """
        Put buildings or units into another grid: ``plan.move(["b12", "b13"], to="…001")``.

        Parameters
        ----------
        units
            Ids of units or buildings; a building brings its whole unit.
        to
            The grid that takes them in.
        signature
            Who, when, why, and whether to insist.
        """
        listed = [units] if isinstance(units, str) else [str(unit) for unit in units]
        return self.edit("move", {"units": listed, "to": to}, **signature)

    def follow(
        self,
        one: str,
        two: str,
        *,
        street: Any,
        streets: gpd.GeoDataFrame | None = None,
        **signature: Unpack[Signature],
    ) -> Self:
        """
        Set the boundary between two grids to follow a street.

        Parameters
        ----------
        one, two
            The grids.
        street
            Its line, as for `split`, or its name.
        streets
            Where a name is looked up: lines with ``name``, as in ``read_source(SOURCE).barriers``.
        signature
            Who, when, why, and whether to insist.
        """
        street = lines.named_street(street, streets) if isinstance(street, str) else street
        return self.edit("follow", {"one": one, "two": two, "street": street}, **signature)

    def redraw(self, grids: Mapping[str, Sequence[str]], **signature: Unpack[Signature]) -> Self:
        """
        Draw several grids anew at once, by the buildings or units of each.

        Parameters
        ----------
        grids
            Ids by code; any word that is no code of the plan stands for a new grid.
        signature
            Who, when, why, and whether to insist.
        """
        plain = {str(word): [str(each) for each in ids] for word, ids in grids.items()}
        return self.edit("redraw", {"grids": plain}, **signature)

    def lock(self, *codes: str, **signature: Unpack[Signature]) -> Self:
        """
        Lock grids: nothing changes them until they are unlocked.

        Parameters
        ----------
        codes
            Grids.
        signature
            Who, when, why.
        """
        return self.edit("lock", {"codes": list(codes)}, **signature)

    def unlock(self, *codes: str, **signature: Unpack[Signature]) -> Self:
        """
        Unlock grids.

        Parameters
        ----------
        codes
            Grids.
        signature
            Who, when, why.
        """
        return self.edit("unlock", {"codes": list(codes)}, **signature)

    def rename(self, code: str, name: str, **signature: Unpack[Signature]) -> Self:
        """
        Give a grid another name; its code stays.

        Parameters
        ----------
        code, name
            The grid and its new name.
        signature
            Who, when, why.
        """
        return self.edit("rename", {"code": code, "name": name}, **signature)

    def change_kind(self, *codes: str, kind: str, **signature: Unpack[Signature]) -> Self:
        """
        Change the kind of grids: ``plan.change_kind("…007", kind="exclusive")``.

        Parameters
        ----------
        codes
            Grids.
        kind
            ``basic``, ``rural``, ``exclusive`` or ``micro``.
        signature
            Who, when, why, and whether to insist.
        """
        return self.edit("change_kind", {"codes": list(codes), "kind": kind}, **signature)

    def replan(
        self,
        codes: Sequence[str] | str = cutting.UNLOCKED,
        *,
        rules: Any = None,
        effort: str = "normal",
        **signature: Unpack[Signature],
    ) -> Self:
        """
        Cut a selection, or everything unlocked, anew: ``plan.replan("unlocked")``.

        Parameters
        ----------
        codes
            Grids, or ``"unlocked"``.
        rules
            New `gridplan.rules.Rules` of the whole plan, or a table of them; None keeps those it has.
        effort
            ``quick``, ``normal`` or ``best``.
        signature
            Who, when, why, and whether to insist.
        """
        listed = codes if isinstance(codes, str) else [str(code) for code in codes]
        table = cutting.rules_table(rules, self._plan.report)
        return self.edit("replan", _given(codes=listed, rules=table, effort=effort), **signature)

    def undo(self, **signature: Unpack[Signature]) -> Self:
        """
        Take back the last edit.

        Parameters
        ----------
        signature
            Who, when, why.
        """
        return cast("Self", history.undo(self._plan, signature))

    def redo(self, **signature: Unpack[Signature]) -> Self:
        """
        Make the edit again that was taken back last.

        Parameters
        ----------
        signature
            Who, when, why.
        """
        return cast("Self", history.redo(self._plan, signature))

    def branch(self, name: str) -> Self:
        """
        Return the same plan under another name, as a draft, to try something out beside it.

        Parameters
        ----------
        name
            Name of the branch, not blank.
        """
        if not name.strip():
            raise errors.impossible("blank_branch")
        return self._reporting(name=name.strip(), status=DRAFT)

    def by(self, author: str) -> Self:
        """
        Return the same plan with an author for the edits to come.

        Parameters
        ----------
        author
            Name of the planner.
        """
        return self._reporting(author=author)

    def _reporting(self, **values: str) -> Self:
        plan = self._plan
        other = replace(plan, report={**plan.report, **values})
        if "ground" in plan.__dict__:
            other.__dict__["ground"] = plan.ground
        return cast("Self", other)


def _given(**parameters: Any) -> dict[str, Any]:
    return {name: value for name, value in parameters.items() if value is not None}


def _asking(action: str, parameters: Mapping[str, Any]) -> Callable[[State], Redraw]:
    def ask(state: State) -> Redraw:
        try:
            return ACTIONS[action](state, **parameters)
        except TypeError as error:
            if "argument" not in str(error):
                raise
            raise errors.impossible("wrong_parameters", action=action, parameters=list(parameters)) from error

    return ask
