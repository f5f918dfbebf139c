"""One edit from what was asked to the new plan: coded, judged, refused or kept, recorded."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypedDict

import numpy as np

from gridplan.editing import errors
from gridplan.editing.assemble import Named, finished, keeping_ground, polygons_of, rows_of, with_grids
from gridplan.editing.coding import Today, codes_of_parts, names_of_parts
from gridplan.editing.difference import delta_of, effects_of
from gridplan.editing.effects import Effects
from gridplan.editing.reasons import judged, prior_of
from gridplan.editing.record import Delta, EditRecord, utc
from gridplan.editing.state import Redraw, State
from gridplan.errors import EditRefused
from gridplan.site import Numbers
from gridplan.words import word

if TYPE_CHECKING:
    from gridplan.plan import Plan

DRAFT = "draft"
_ID_DIGITS = 8


class Signature(TypedDict, total=False):
    """
    What every edit may say beside its own parameters.

    Attributes
    ----------
    reason
        Why; shown in the history.
    author
        Who; ``plan.by(NAME)`` sets it once for all.
    force
        Keep the edit though it breaks a rule; the breach becomes a named violation.
    at
        When, with offset from UTC; now where it is not given.
    base
        ``edit_id`` of the edit that the author saw last; another one since is an error.
    """

    reason: str
    author: str
    force: bool
    at: datetime
    base: str


@dataclass(frozen=True)
class Signed:
    """A signature with all that was left out filled in."""

    reason: str
    author: str
    force: bool
    at: datetime


def signed(plan: Plan, signature: Signature) -> Signed:
    """
    Check that a plan can be changed, and by whom and on what base it is.

    Parameters
    ----------
    plan
        The plan before.
    signature
        As given by the planner.

    Raises
    ------
    EditError
        If the plan is no draft, its base is another one, the time says no offset or the signature has unknown words.
    """
    extra = sorted(set(signature) - set(Signature.__annotations__))
    if extra:
        raise errors.impossible("unknown_signature", extra=extra, known=", ".join(Signature.__annotations__))
    if plan.status != DRAFT:
        raise errors.no_draft(plan.status)
    last = plan.edits[-1].edit_id if plan.edits else ""
    if signature.get("base", last) != last:
        raise errors.stale(signature["base"], last)
    author = signature.get("author", str(plan.report.get("author", "")))
    return Signed(signature.get("reason", ""), author, signature.get("force", False), utc(signature.get("at")))


def edited(
    plan: Plan, action: str, parameters: Mapping[str, Any], ask: Callable[[State], Redraw], signature: Signature
) -> Plan:
    """
    Make one edit.

    Parameters
    ----------
    plan
        The plan before; it stays as it is.
    action, parameters
        As the record keeps them.
    ask
        Says what is to be drawn anew.
    signature
        Who, when, why, and whether to insist.

    Raises
    ------
    EditRefused
        If the edit adds to the breaches of some rule, and nobody insists.
    EditError
        If it cannot be made at all.
    """
    who = signed(plan, signature)
    state = plan.state
    redraw = ask(state)
    after = _drawn(plan, state, redraw)
    delta = delta_of(plan, state, after, redraw)
    effects = effects_of(plan, after, delta)
    _refuse(effects, who.force)
    record = _record(plan, action, parameters, who, effects, delta)
    return keeping_ground(plan, replace(after, edits=(*plan.edits, record)))


def _drawn(plan: Plan, state: State, redraw: Redraw) -> Plan:
    polygons = polygons_of(plan, state, redraw.grids, redraw.parts)
    today = today_of(plan)
    if redraw.rules is not None:
        state = replace(state, rules=redraw.rules)
    codes = codes_of_parts(state, redraw.grids, redraw.parts, polygons, today, used_codes(plan))
    names = names_of_parts(state, redraw.parts, codes, today)
    named = [Named(*each) for each in zip(redraw.parts, codes, names, polygons, strict=True)]
    drawn = with_grids(plan, state, redraw.grids, named, redraw.rules)
    proven = {codes[place]: reason for place, reason in redraw.proven.items()}
    return _judged(plan, drawn, state, redraw, proven)


def _judged(plan: Plan, drawn: Plan, state: State, redraw: Redraw, proven: Mapping[str, str]) -> Plan:
    """Judge the communities touched; all of them where the rules are new."""
    touched = np.unique(state.community[redraw.grids])
    if redraw.rules is not None:
        touched = np.arange(len(state.ground.communities))
    staying = frozenset(np.delete(state.codes, redraw.grids).tolist())
    prior = prior_of(plan.violations, staying, redraw.reason, proven)
    rows = judged(drawn.state, touched, prior)
    return finished(drawn, plan, [*_elsewhere(plan, state, touched), *rows], staying)


def _elsewhere(plan: Plan, state: State, communities: Numbers) -> list[dict[str, Any]]:
    """Return the violations that judging some communities does not renew."""
    ground = state.ground
    here = np.isin(ground.community[ground.unit_of_row], communities)
    shared = {
        str(name)
        for member, names in ((ground.compound, ground.compounds), (ground.group, ground.groups))
        for name in names[np.unique(member[here & (member >= 0)])]
    }
    mine = set(state.codes[np.isin(state.community, communities)])
    return [row for row in rows_of(plan.violations) if row["grid_code"] not in mine and row["subject"] not in shared]


def today_of(plan: Plan) -> Today:
    """Return what codes need to know of today's grids."""
    today = plan.grids_before
    if today is None:
        return Today({}, {})
    named = today[today["name"].notna()]
    return Today(
        dict(zip(today["grid_code"], today["community_code"], strict=True)),
        dict(zip(named["grid_code"], named["name"], strict=True)),
    )


def used_codes(plan: Plan) -> set[str]:
    """
    Return every code that was ever used: in force, today's, given and taken back by edits, retired before.

    Parameters
    ----------
    plan
        The plan.
    """
    used = {*plan.grids["grid_code"], *plan.lineage["old_code"].dropna(), *plan.report.get("retired_codes", ())}
    used |= set(plan.grids["last_code"].dropna())
    used |= set() if plan.grids_before is None else set(plan.grids_before["grid_code"])
    return used.union(*(record.delta.codes for record in plan.edits))


def _refuse(effects: Effects, force: bool) -> None:
    """Refuse an edit under which the breaches of some rule add up to more than before."""
    excess = [_excess(rows) for rows in (effects.lost, effects.gained)]
    worse = {rule for rule, amount in excess[1].items() if amount > excess[0].get(rule, 0)}
    if not worse or force:
        return
    rows = [dict(row) for row in effects.gained if row["rule"] in worse]
    raise EditRefused(
        f"refused, since it would break a rule: {'; '.join(_told(row, 'en', ' against ') for row in rows)}. "
        "With force=True it is kept and named",
        rows,
        f"不予执行，将违反规则：{'；'.join(_told(row, 'zh', '，限值 ') for row in rows)}。"
        "如仍要执行，请用 force=True（命令行 --force），并作为例外记入方案",
    )


def _told(row: Mapping[str, Any], lang: str, against: str) -> str:
    subject = f" {row['subject']}" if row["subject"] else ""
    return f"{row['grid_code']} {word('rule.' + row['rule'], lang)}{subject} {row['value']}{against}{row['limit']}"


def _excess(rows: Iterable[Mapping[str, Any]]) -> dict[str, int]:
    """Return by rule how far in all the rows are beyond their limits; a split counts once, not for each grid."""
    seen: set[tuple[Any, ...]] = set()
    total: dict[str, int] = {}
    for row in rows:
        key = (row["rule"], row["subject"]) if row["subject"] else (row["rule"], row["grid_code"], len(seen))
        if key not in seen:
            seen.add(key)
            total[row["rule"]] = total.get(row["rule"], 0) + abs(row["value"] - row["limit"])
    return total


def _record(
    plan: Plan, action: str, parameters: Mapping[str, Any], who: Signed, effects: Effects, delta: Delta
) -> EditRecord:
    base = plan.edits[-1].edit_id if plan.edits else ""
    content = json.dumps(
        [base, action, parameters, who.author, who.at.isoformat(), plan.report.get("name")], default=str
    )
    digest = hashlib.sha256(content.encode()).hexdigest()[:_ID_DIGITS]
    edit_id = f"{len(plan.edits) + 1:04d}-{digest}"
    insisted = who.force and bool(effects.gained)
    return EditRecord(edit_id, action, dict(parameters), who.author, who.at, who.reason, insisted, effects, delta, base)


def recorded(plan: Plan, after: Plan, action: str, parameters: Mapping[str, Any], who: Signed, delta: Delta) -> Plan:
    """
    Add the record of an edit that needs no judgement: taking back, making again.

    Parameters
    ----------
    plan, after
        The plan before, and with the difference.
    action, parameters, who
        As the record keeps them.
    delta
        The difference.
    """
    record = _record(plan, action, parameters, who, effects_of(plan, after, delta), delta)
    return keeping_ground(plan, replace(after, edits=(*plan.edits, record)))
