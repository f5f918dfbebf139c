"""The matcher of Chinese standard addresses over one table."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from gridplan.address.analysis import analyse
from gridplan.address.answer import Candidate, Field, Level, Match, Status
from gridplan.address.build import Row, build
from gridplan.address.choice import Choice
from gridplan.address.confidence import THRESHOLD, Calibration
from gridplan.address.crowd import Crowd, crowd_of
from gridplan.address.evidence import weight
from gridplan.address.explain import evidence, notes
from gridplan.address.findings import Analysis
from gridplan.address.gazetteer import Gazetteer
from gridplan.address.index import Index
from gridplan.address.limits import barred, is_one, rows_of, tied
from gridplan.address.perturb import Perturber
from gridplan.address.rank import choices
from gridplan.address.standard import Grammar
from gridplan.address.text import LONGEST, Text, fold, normalize
from gridplan.address.variants import EXACT, PHASE, is_place

#: Made queries to which the confidence of a table is fitted, and the seed of the generator.
SAMPLES, SEED = 2000, 20_260_101
# A large table has more kinds of neighbours: one query for so many rows, up to a bound on the time.
_ROWS_EACH, _MOST_SAMPLES = 25, 8_000
_BELOW = 0.01
# A small table has less to ask about: some queries, and so many more for each row.
_FEW, _EACH = 100, 10
_MOST = 20
# Rows of which the names of districts are learned.
LEARNED = 20_000
_FOREIGN = 0.01
# Weights so low that no answer of them is right, though a table's own queries may give none: the scale ends there.
_AGAINST = ((-6.0, False),) * 4


@dataclass
class StandardMatcher:
    """
    Chinese standard addresses matched to the rows of one table.

    Parameters
    ----------
    index, gazetteer
        The table.
    calibration
        From the weight of evidence to a probability, fitted to this table.
    barred
        The same for answers that a hard rule forbids.
    tied
        The same for answers that others equal, which are seldom the one meant.
    threshold
        Confidence from which an answer is accepted.
    districts
        Districts that the table itself taught.
    crowd
        How densely the table's names lie: see :class:`gridplan.address.crowd.Crowd`.
    aliases
        Aliases that users added: name and meaning.
    """

    index: Index
    gazetteer: Gazetteer
    calibration: Calibration
    barred: Calibration
    tied: Calibration
    threshold: float = THRESHOLD
    districts: frozenset[str] = frozenset()
    crowd: Crowd = Crowd()  # noqa: RUF009
    aliases: list[tuple[str, str]] = field(default_factory=list)

    @classmethod
    def of(cls, rows: Sequence[Row], threshold: float = THRESHOLD, samples: int | None = None) -> StandardMatcher:
        """
        Index a table and fit the confidence to it.

        Parameters
        ----------
        rows
            Addresses with different ids.
        threshold
            Confidence from which an answer is accepted.
        samples
            Number of made queries; by default more for a larger table.
        """
        grammar = Grammar.learned(fold(row.address) for row in rows[:LEARNED])
        index = build(rows, grammar)
        made = cls.fitted(index, Gazetteer.of(index), threshold, samples)
        made.districts = frozenset(grammar.districts)
        return made

    @classmethod
    def fitted(
        cls, index: Index, gazetteer: Gazetteer, threshold: float = THRESHOLD, samples: int | None = None
    ) -> StandardMatcher:
        """
        Make a matcher whose confidence is fitted to queries made from the table's own rows.

        Parameters
        ----------
        index, gazetteer
            The table.
        threshold
            Confidence from which an answer is accepted.
        samples
            Number of made queries; by default more for a larger table.
        """
        usual = min(max(SAMPLES, index.n_rows // _ROWS_EACH), _FEW + _EACH * index.n_rows, _MOST_SAMPLES)
        count = usual if samples is None else samples
        crowd = crowd_of(gazetteer)
        made = Perturber(index, gazetteer, np.random.default_rng(SEED)).samples(count)
        answers: tuple[list[tuple[float, bool]], ...] = ([], [], [])
        for sample in made:
            found = analyse(normalize(sample.query).chars, gazetteer, index)
            ranked = choices(found, gazetteer, index, sample.hidden)
            if not ranked or found.foreign:
                continue
            rows = rows_of(ranked[0])
            meant = sample.expected in {"unique", "compound"} and sample.row in rows
            case = (
                2
                if len(tied(ranked)) > 1
                else int(barred(found, ranked[0], index, crowd.slips) or not is_one(rows, index))
            )
            answers[case].append((weight(found, ranked, crowd), meant))
        clear, refused, several = (_fit(each or answers[0]) for each in answers)
        return cls(index, gazetteer, clear, refused, several, threshold, crowd=crowd)

    def refit(self) -> None:
        """Fit the confidence anew, after the table has changed much."""
        fresh = self.fitted(self.index, self.gazetteer, self.threshold)
        self.calibration, self.barred, self.tied = fresh.calibration, fresh.barred, fresh.tied
        self.crowd = fresh.crowd

    def match_many(self, texts: Iterable[str]) -> list[Match]:
        """Answer many queries, in their order."""
        return [self.match(text) for text in texts]

    def match(self, text: str) -> Match:
        """
        Answer one query.

        Parameters
        ----------
        text
            Any text; its first 240 characters are read.
        """
        read = normalize(text if isinstance(text, str) else "")
        found = analyse(read.chars, self.gazetteer, self.index)
        ranked = choices(found, self.gazetteer, self.index)
        if not ranked:
            return self._nothing(text, read, found)
        return self._answer(text, read, found, ranked)

    def _nothing(self, text: str, read: Text, found: Analysis) -> Match:
        level: Level = "road" if found.roads else "community" if found.areas else "none"
        said = evidence(read, found, None, self.index, self.gazetteer)
        return Match(text, level=level, evidence=said, notes=notes(read, found, [], self.index), status="none")

    def _answer(self, text: str, read: Text, found: Analysis, ranked: list[Choice]) -> Match:
        best = ranked[0]
        equals = tied(ranked)
        rows = list(dict.fromkeys(record[3] for choice in equals for record in choice.records))
        own = rows_of(best)
        row = own[0]
        several = len(equals) > 1
        refused = barred(found, best, self.index, self.crowd.slips) or not is_one(own, self.index)
        fitted = self.tied if several else self.barred if refused else self.calibration
        confidence = _FOREIGN if found.foreign else fitted(weight(found, ranked, self.crowd))
        accepted = confidence >= self.threshold and not several and not refused
        trusted = accepted or (len(rows) > 1 and self._trusted(found, best))
        # Who looks at the confidence alone must not act on what a rule forbids.
        confidence = confidence if accepted else min(confidence, self.threshold - _BELOW)
        certain, code = self._grid(best, rows, own, accepted=accepted, trusted=trusted)
        listed = rows if several or len(own) > 1 else [*rows, *_others(ranked, rows)]
        return Match(
            text, self.index.ids[row], round(confidence, 4), accepted,
            status=_status(best, accepted=accepted, several=several), level=self.level(best),
            normalized=self.index.texts[row], grid_code=code, grid_certain=certain,
            candidates=self._candidates(listed[:_MOST], ranked), split_by=self._split(equals, own),
            evidence=evidence(read, found, best, self.index, self.gazetteer),
            notes=notes(read, found, equals, self.index, cut=len(text) > LONGEST, one_grid=certain and len(rows) > 1),
            **self._point(row),
        )  # fmt: skip

    def _trusted(self, found: Analysis, best: Choice) -> bool:
        """Return whether the best of equals would be accepted if it stood alone: one of them is meant then."""
        name = best.name
        if name is not None and name.how == PHASE:
            # That the phase was left out makes the row unsure, not the place: all its phases are candidates.
            best = replace(best, name=replace(name, how=EXACT))
        alone = self.calibration(weight(found, [best], self.crowd))
        return alone >= self.threshold and not barred(found, best, self.index, self.crowd.slips)

    def _grid(
        self, best: Choice, rows: list[int], own: list[int], *, accepted: bool, trusted: bool
    ) -> tuple[bool, str | None]:
        """Return whether the grid is certain, and the grid: the row's own, or the one of all candidates."""
        if best.building == "missing" and self.index.has_buildings(best.spot):
            rows = [record[3] for record in self.index.records(best.spot)]
        codes = {self.index.grid(row) for row in (rows or own)}
        single = codes.pop() if len(codes) == 1 else None
        tie = len(rows) > 1 and not accepted
        certain = single is not None and (accepted or (tie and trusted))
        if accepted and best.building == "missing":
            return certain, single
        return certain, single or (self.index.grid(own[0]) if accepted else None)

    def level(self, choice: Choice) -> Level:
        """Return how much of an address a choice confirms."""
        building, unit, room, _ = choice.records[0]
        spread = len(choice.records) > 1
        if building >= 0 and not (spread and choice.building in {"unsaid", "missing"}):
            if spread:
                return "building" if len({record[1] for record in choice.records}) > 1 else "unit"
            return "room" if room >= 0 else "unit" if unit >= 0 else "building"
        name, buildings = self.index.spot_name[choice.spot], self.index.has_buildings(choice.spot)
        if name >= 0 or buildings:
            return "poi" if not buildings and is_place(self.index.names.texts[name]) else "compound"
        return "door" if self.index.spot_door[choice.spot] >= 0 else "road"

    def _candidates(self, rows: list[int], ranked: list[Choice]) -> tuple[Candidate, ...]:
        best = ranked[0].score
        by_row = {record[3]: choice for choice in reversed(ranked[:60]) for record in choice.records}
        return tuple(
            Candidate(
                self.index.ids[row], self.index.texts[row], self.index.grid(row), self.level(by_row[row]),
                round(min(max(by_row[row].score / max(best, 8.0), 0.0), 1.0), 4),
            )
            for row in rows
            if row in by_row
        )  # fmt: skip

    def _split(self, tied: list[Choice], own: list[int]) -> Field:
        """Return the largest part in which the candidates differ: what a clerk should ask for."""
        if len(tied) == 1:
            return "" if len(own) == 1 else "building" if tied[0].building == "unsaid" else "unit"
        areas = [self.index.areas[self.index.spot_area[choice.spot]] for choice in tied]
        # A community that was said already speaks for the best, though it never decides: asked again it would not.
        said = tied[0].area > max(choice.area for choice in tied[1:])
        fields: tuple[tuple[int, Field], ...] = ((2, "district"), (3, "street"), (4, "community"))
        differing = [name for level, name in fields if len({area[level] for area in areas}) > 1]
        parts = [self.index.parts(choice.spot) for choice in tied]
        others: tuple[tuple[int, Field], ...] = ((3, "phase"), (1, "road"), (2, "door"))
        differing += [name for place, name in others if len({part[place] for part in parts}) > 1]
        if said and differing[0] == "community" and len(differing) > 1:
            return differing[1]
        return differing[0] if differing else "building"

    def _point(self, row: int) -> dict[str, float | None]:
        lon, lat = self.index.lon[row], self.index.lat[row]
        return {"lon": None, "lat": None} if np.isnan(lon) or np.isnan(lat) else {"lon": lon, "lat": lat}


def _fit(answers: list[tuple[float, bool]]) -> Calibration:
    known = [*answers, *_AGAINST]
    return Calibration.fit([evidence for evidence, _ in known], [right for _, right in known])


def _status(best: Choice, *, accepted: bool, several: bool) -> Status:
    if several:
        return "ambiguous"
    if accepted:
        return "partial" if best.building == "missing" else "matched"
    return "partial"


def _others(ranked: list[Choice], rows: list[int]) -> list[int]:
    """Return what else was looked at, so that a clerk may correct an answer; at most four rows."""
    seen = set(rows)
    found = []
    for choice in ranked[1:8]:
        row = choice.records[0][3]
        if row not in seen and ranked[0].score - choice.score < 3.0:
            seen.add(row)
            found.append(row)
    return found[:4]
