"""
Queries as people would write them, made from the table's own rows, with the row that is meant.

They are what the confidence is fitted to: the same table, the same names that resemble each other, the same
numbers. Kinds and shares follow what was counted on 14,927 real addresses (NAACL-19) and on hotline texts: areas
left out, kinds of building, digits and numerals, homophones and slips, words around the address, numbers that are
none of it, wrong communities and streets; and places that the table does not have, by hiding some of its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from gridplan.address.gazetteer import Gazetteer, Word
from gridplan.address.index import Index
from gridplan.address.phrases import AFTER, BEFORE, CHATTER, FAR, NOISE
from gridplan.address.slips import counted, slip
from gridplan.address.variants import PHASE, STEM, variants

Expected = Literal["unique", "ambiguous", "compound", "none"]

_WIDE = {code: code + 0xFEE0 for code in range(0x21, 0x7F)}


@dataclass(frozen=True)
class Sample:
    """
    One made query.

    Parameters
    ----------
    query
        The text.
    expected
        ``unique``: ``row`` is meant and nothing else fits; ``ambiguous``: several rows fit; ``compound``: the
        building is not said or does not exist and ``row`` is the compound's; ``none``: nothing in the table.
    row
        The row meant, -1 for none.
    hidden
        Spots to take as absent from the table.
    kind
        What was done to it.
    """

    query: str
    expected: Expected
    row: int
    hidden: frozenset[int] = frozenset()
    kind: str = "plain"


class Perturber:
    """
    A source of made queries over one table.

    Parameters
    ----------
    index, gazetteer
        The table.
    rng
        Source of chance.
    """

    def __init__(self, index: Index, gazetteer: Gazetteer, rng: np.random.Generator) -> None:
        self.index, self.gazetteer, self.rng = index, gazetteer, rng
        self._standard = [
            spot for spot in self._drawn(len(index.spot_alias)) if not index.spot_alias[spot] and index.records(spot)
        ]
        self._named = [spot for spot in self._standard if index.spot_name[spot] >= 0]
        self._estates = [spot for spot in self._named if index.has_buildings(spot)]

    def _drawn(self, count: int, most: int = 40_000) -> list[int]:
        """Draw spots without order from a large table, all of a small one."""
        every = np.arange(count) if count <= most else self.rng.choice(count, most, replace=False)
        values: list[int] = every.tolist()
        return values

    def samples(self, count: int) -> list[Sample]:
        """
        Make queries: about 72 % unique or ambiguous, 10 % with no building, 18 % that the table does not have.

        Parameters
        ----------
        count
            Number of queries.
        """
        if not self._standard:
            return []
        return [self._sample() for _ in range(count)]

    def _chance(self, share: float) -> bool:
        return bool(self.rng.random() < share)

    def _pick(self, options: list[int] | tuple[str, ...] | list[str] | str) -> str:
        return str(options[int(self.rng.integers(len(options)))])

    def _spot(self, *, named: bool) -> int:
        """Draw a spot; of those with a name, estates are asked for more often than schools and shops."""
        spots = self._named if named and self._named else self._standard
        if named and self._estates and self._chance(0.7):
            spots = self._estates
        return spots[int(self.rng.integers(len(spots)))]

    def _sample(self) -> Sample:
        draw = self.rng.random()
        if draw < 0.66:
            return self._meant(self._spot(named=self._chance(0.75)))
        if draw < 0.74:
            return self._meant(self._shared_spot(), bare=True)
        if draw < 0.82:
            return self._no_building()
        if draw < 0.94:
            return self._unknown()
        return self._elsewhere()

    def _shared_spot(self) -> int:
        """Draw a spot whose name, in full or in short, others have too."""
        for _ in range(20):
            spot = self._spot(named=True)
            name = self.index.spot_name[spot]
            if name < 0:
                break
            forms = variants(self.index.names.texts[name])
            if any(
                len(word.meaning | {name}) > 1 or word.meaning != {name}
                for form, _ in forms
                for word in self._words(form)
            ):
                break
            if len(self.index.by_name.get(name)) > 1:
                break
        return spot

    def _words(self, form: str) -> list[Word]:
        return [word for word in self.gazetteer.words.get(form, []) if word.kind == "name"]

    def _meant(self, spot: int, *, bare: bool = False) -> Sample:
        """Write one record as somebody would, and count what else its plain form fits."""
        building, unit, room, row = self._record(spot)
        area, nodes = ("", []) if bare else self._area_words(spot)
        place, form = self._place_words(spot)
        query = area + place + self._tail_words(spot, building, unit, room)
        rivals = self._rivals(spot, form, nodes, building)
        expected: Expected = "ambiguous" if rivals else "unique"
        return Sample(self._dressed(query), expected, row, kind="meant")

    def _record(self, spot: int) -> tuple[int, int, int, int]:
        records = self.index.records(spot)
        return records[int(self.rng.integers(len(records)))]

    def _no_building(self) -> Sample:
        """Name a compound without a building, or with one that it does not have."""
        spot = self._spot(named=True)
        whole = self.index.records_in(spot, -1)
        if not whole or not self.index.has_buildings(spot):
            return self._meant(spot)
        area, nodes = self._area_words(spot)
        form = self.index.names.texts[self.index.spot_name[spot]]
        building = f"{int(self.rng.integers(60, 99))}号楼" if self._chance(0.5) else ""
        ambiguous = self._rivals(spot, form, nodes, -1)
        return Sample(
            self._dressed(area + form + building), "ambiguous" if ambiguous else "compound", whole[0][3], kind="whole"
        )

    def _unknown(self) -> Sample:
        """Ask for a place that is then hidden, with all that goes by its name or stands at its door."""
        spot = self._spot(named=self._chance(0.85))
        name, road, door = self.index.spot_name[spot], self.index.spot_road[spot], self.index.spot_door[spot]
        hidden = set(self.index.by_name.get(name)) | set(self.index.by_door.get(self.index.door_key(road, door)))
        for each in list(hidden):
            hidden |= set(self.index.by_name.get(self.index.spot_name[each]))
        area, _ = self._area_words(spot)
        building, *_ = self._record(spot)
        place = self._slip(self.index.names.texts[name], 0.15) if name >= 0 else self._door_words(spot)
        query = area + place + (self._tail_words(spot, building) if self._chance(0.7) else "")
        return Sample(self._dressed(query), "none", -1, frozenset(hidden), kind="unknown")

    def _elsewhere(self) -> Sample:
        """Ask for another city, for a road alone, or for nothing at all."""
        draw = self.rng.random()
        spot = self._spot(named=self._chance(0.6))
        if draw < 0.2:
            return Sample(self._pick(CHATTER), "none", -1, kind="chatter")
        if draw < 0.6 and self.index.spot_road[spot] >= 0:
            return Sample(
                self.index.roads.texts[self.index.spot_road[spot]] + self._pick(AFTER), "none", -1, kind="road"
            )
        place, _ = self._place_words(spot)
        return Sample(self._pick(FAR) + place + self._tail_words(spot, self._record(spot)[0]), "none", -1, kind="far")

    def _area_words(self, spot: int) -> tuple[str, list[int]]:
        """Return the areas as somebody would say them, and the nodes said in earnest."""
        names = self.index.areas[self.index.spot_area[spot]]
        path = self.gazetteer.paths[self.index.spot_area[spot]]
        style = self.rng.random()
        keep = [True] * 5 if style < 0.3 else [False] * 5
        if 0.3 <= style < 0.75:
            keep[int(self.rng.choice([2, 2, 2, 3, 4]))] = True
            keep[0] = keep[1] = self._chance(0.3)
        earnest = list(keep)
        if keep[3] and self._chance(0.06):
            names, earnest[3] = self._other_street(names), False
        said = [name for name, kept in zip(names, keep, strict=True) if kept]
        nodes = [node for node, kept in zip(path[:4], earnest[:4], strict=True) if kept and node >= 0]
        if keep[4] and self.index.roads.texts[self.index.spot_road[spot]].startswith(names[4] or "-"):
            said.pop()
        elif keep[4] and said and self._chance(0.1):
            said[-1] = self._other_community()
        if said and self._chance(0.1):
            short = ("省", "市", "区", "县", "镇")
            said = [
                name[:-1] if len(name) > 2 and name.endswith(short) and not name.endswith("社区") else name
                for name in said
            ]
        return "".join(said), nodes

    def _other_street(self, names: tuple[str, ...]) -> tuple[str, ...]:
        """Return the areas with the street office of another address, as people get it wrong within a district."""
        other = self.index.areas[int(self.rng.integers(len(self.index.areas)))]
        return (*names[:3], other[3], names[4]) if other[2] == names[2] else names

    def _other_community(self) -> str:
        """Return another community of the table or, one time in three, one that it never heard of."""
        one, two = (self.index.areas[int(k)][4] for k in self.rng.integers(len(self.index.areas), size=2))
        return f"{one[:1]}{two[1:2]}社区" if self._chance(0.35) else one

    def _door_words(self, spot: int) -> str:
        road, door = self.index.spot_road[spot], self.index.spot_door[spot]
        if road < 0:
            return ""
        label = self.index.labels.texts[door] if door >= 0 else ""
        words = self._slip(self.index.roads.texts[road], 0.15)
        if not label:
            return words
        return words + (
            label[:-1] + "号院" if label.endswith("院") else label if label.endswith("弄") else label + "号"
        )

    def _place_words(self, spot: int) -> tuple[str, str]:
        """Return road, door and name as somebody would say them, and the plain form of the name ("" for none)."""
        number = self.index.spot_name[spot]
        door = self._door_words(spot)
        if number < 0:
            return door, ""
        name = self.index.names.texts[number]
        draw = self.rng.random()
        if door and draw < 0.08:
            return door, ""
        form = name
        if draw > 0.8:
            shorter = [text for text, how in variants(name) if how in {PHASE, STEM}]
            form = shorter[int(self.rng.integers(len(shorter)))] if shorter else name
        said = self._slip(form, 0.3 if form == name else 0.1)
        return (door if draw < 0.35 else "") + said, form + "@" * bool(door and draw < 0.35)

    def _rivals(self, spot: int, form: str, nodes: list[int], building: int) -> bool:
        """Return whether what was said, without slips, fits another place too."""
        row = self._rows(spot, building)
        if form.endswith("@"):
            return False
        if form:
            spots = {each for word in self._words(form) for k in word.meaning for each in self.index.by_name.get(k)}
        else:
            key = self.index.door_key(self.index.spot_road[spot], self.index.spot_door[spot])
            spots = set(self.index.by_door.get(key))
        return any(
            set(nodes) <= set(self.gazetteer.paths[self.index.spot_area[each]]) and not self._rows(each, building) & row
            and (building < 0 or self._rows(each, building))
            for each in spots - {spot}
        )  # fmt: skip

    def _rows(self, spot: int, building: int) -> set[int]:
        return {record[3] for record in self.index.records_in(spot, building)}

    def _tail_words(self, spot: int, building: int, unit: int = -1, room: int = -1) -> str:
        """Return building, entrance and room; behind a place without buildings a floor or a room alone."""
        if building >= 0:
            return self._building_words(spot, building, unit, room)
        if self.index.has_buildings(spot):
            return ""
        return self._pick(("", "", "2单元301", "4楼", "3单元212室"))

    def _building_words(self, spot: int, building: int, unit: int, room: int) -> str:
        """Return a building, with an entrance and a room: the record's own, or any where the table has none."""
        label = self.index.labels.texts[building]
        draw = self.rng.random()
        inside = self._inside(spot, building, unit, room)
        if draw < 0.2 and "-" not in label and inside is not None and inside[0] and inside[1]:
            return f"{label}{'' if self._chance(0.7) else '#'}-{inside[0]}-{inside[1]}"
        kinds = ("号楼", "栋", "幢", "号楼", "座", "#", "#楼", "号") if label.isdigit() else ("号楼", "栋", "座")
        word = self._pick(kinds)
        if label.isdigit() and self._chance(0.15):
            label, word = counted(int(label)), "号楼"
        if inside is None:
            return label + word
        entrance = f"{inside[0]}{self._pick(('单元', '单元', '门'))}" if inside[0] else ""
        return label + word + entrance + (f"{inside[1]}室" if inside[1] else "")

    def _inside(self, spot: int, building: int, unit: int, room: int) -> tuple[str, str] | None:
        """Return entrance and room to say; None where saying one that the table has would mean another row."""
        labels = self.index.labels.texts
        if unit >= 0 or room >= 0:
            return labels[unit] if unit >= 0 else "", labels[room] if room >= 0 else ""
        if any(record[1] >= 0 or record[2] >= 0 for record in self.index.records_in(spot, building)):
            return None
        draw = self.rng.random()
        entrance = str(int(self.rng.integers(1, 5))) if draw < 0.7 else ""
        number = str(int(self.rng.integers(1, 19)) * 100 + int(self.rng.integers(1, 5)))
        return entrance, number if 0.2 < draw < 0.9 else ""

    def _slip(self, text: str, share: float) -> str:
        return slip(text, self.rng) if self._chance(share) else text

    def _dressed(self, query: str) -> str:
        if self._chance(0.25):
            query = self._pick(BEFORE) + query
        if self._chance(0.25):
            query = query + self._pick(AFTER)
        if self._chance(0.05):
            query = query + self._pick(NOISE)
        return query.translate(_WIDE) if self._chance(0.08) else query
