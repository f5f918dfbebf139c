"""The words of the table as they are found in a query: areas, roads, names, in all the forms people use."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from gridplan.address import divisions
from gridplan.address.fuzzy import NearIndex
from gridplan.address.index import Index
from gridplan.address.standard import AREA_LEVELS
from gridplan.address.variants import ALIAS, EXACT, variants

_SUFFIX = re.compile(
    r"(?:特别行政区|(?:壮族|回族|维吾尔|[\u4e00-\u9fff]{1,3}族)?自治[区州县旗]|街道办事处|地区办事处|街道办|街道|办事处|地区|新区|[省市盟区县旗镇乡])$"
)
_COMMUNITY_SUFFIX = re.compile(r"(?:社区居民委员会|社区居委会|社区|居民委员会|居委会|村民委员会|村委会|村|嘎查)$")
_SHORTEST_STEM = 2
_DISTRICT = AREA_LEVELS.index("district")
Piece = tuple[int, int]
AREA, ROAD, NAME, FOREIGN = "area", "road", "name", "foreign"
#: How an area was named.
FULL, SHORT, OLD = "exact", "short", "old name"


@dataclass(frozen=True, slots=True)
class Word:
    """
    One meaning of a piece of text.

    Parameters
    ----------
    kind
        ``area``, ``road``, ``name`` or ``foreign`` (a place outside the table).
    meaning
        Numbers of nodes of the tree of areas, of one road, or of one name.
    how
        Areas: ``exact``, ``short``, ``old name``; names: a number of ``variants.HOWS``.
    """

    kind: str
    meaning: frozenset[int]
    how: str | int = FULL


@dataclass(frozen=True)
class Node:
    """
    One area: its level, 0 for provinces to 4 for communities, and its name.

    Parameters
    ----------
    level
        Place in ``AREA_LEVELS``.
    name
        Normalised name.
    """

    level: int
    name: str


@dataclass
class Gazetteer:
    """
    All words of a table.

    Parameters
    ----------
    words
        Meanings of each piece of text.
    lengths
        For the first two characters of a word, the lengths of the words that begin so, longest first.
    nodes
        The tree of areas.
    paths
        Nodes of each area of the index, largest first, -1 where it has none at that level.
    near_names, name_texts, name_meanings
        Names one edit away: the index over ``name_texts``, and (name, how) of each.
    near_roads
        Roads one edit away, over the roads of the index.
    """

    words: dict[str, list[Word]] = field(default_factory=dict)
    lengths: dict[str, tuple[int, ...]] = field(default_factory=dict)
    nodes: list[Node] = field(default_factory=list)
    paths: list[tuple[int, ...]] = field(default_factory=list)
    name_texts: list[str] = field(default_factory=list)
    name_meanings: list[tuple[int, int]] = field(default_factory=list)
    near_names: NearIndex = field(default_factory=lambda: NearIndex.of(()))
    near_roads: NearIndex = field(default_factory=lambda: NearIndex.of(()))
    n_near_names: int = 0
    n_near_roads: int = 0
    road_texts: list[str] = field(default_factory=list)
    _recent: dict[int, NearIndex] = field(default_factory=dict, repr=False)
    _numbers: dict[tuple[str, ...], int] = field(default_factory=dict)

    @classmethod
    def of(
        cls, index: Index, near: tuple[NearIndex, NearIndex] | None = None, counts: tuple[int, int] | None = None
    ) -> Gazetteer:
        """
        Collect the words of an index.

        Parameters
        ----------
        index
            The table.
        near
            Indexes of near names and roads that were saved with it.
        counts
            How many names and roads those hold.
        """
        made = cls()
        for area in index.areas:
            made.add_area(area)
        made._add_area_words()
        for number, road in enumerate(index.roads.texts):
            made.add_road(road, number)
        aliases = _only_aliases(index)
        for number, name in enumerate(index.names.texts):
            made.add_name(name, number, ALIAS if number in aliases else EXACT)
        if near is None or counts is None:
            near = NearIndex.of(made.name_texts), NearIndex.of(made.road_texts)
            counts = len(made.name_texts), len(made.road_texts)
        made.near_names, made.near_roads = near
        made.n_near_names, made.n_near_roads = counts
        return made

    def names_near(self, text: str) -> dict[int, list[Piece]]:
        """Return positions in ``name_texts`` of names at most one edit away from a piece of a text, with the pieces."""
        return self._near(text, self.near_names, self.name_texts, self.n_near_names, suffixes=False)

    def roads_near(self, text: str) -> dict[int, list[Piece]]:
        """Return numbers of roads at most one edit away from an end of a text, with these ends."""
        return self._near(text, self.near_roads, self.road_texts, self.n_near_roads, suffixes=True)

    def _near(
        self, text: str, index: NearIndex, texts: list[str], built: int, *, suffixes: bool
    ) -> dict[int, list[Piece]]:
        """Ask the index, and a small one over the words that came after it was built."""
        found = index.near(text, suffixes=suffixes)
        if built == len(texts):
            return found
        recent = self._recent.get(len(texts))
        if recent is None:
            recent = self._recent[len(texts)] = NearIndex.of(texts[built:])
        later = recent.near(text, suffixes=suffixes)
        return {**found, **{built + place: pieces for place, pieces in later.items()}}

    def add_area(self, area: tuple[str, ...]) -> None:
        """Add the nodes of one area of the index."""
        path = []
        for level, name in enumerate(area):
            path.append(self._node(area[: level + 1], level) if name else -1)
        self.paths.append(tuple(path))

    def _node(self, path: tuple[str, ...], level: int) -> int:
        number = self._numbers.get(path)
        if number is None:
            number = self._numbers[path] = len(self.nodes)
            self.nodes.append(Node(level, path[-1]))
        return number

    def add_road(self, road: str, number: int) -> None:
        """Add a road under its name."""
        self.add(road, Word(ROAD, frozenset((number,))))
        self.road_texts.append(road)

    def add_name(self, name: str, number: int, how: int) -> None:
        """
        Add a name and its shorter forms.

        Parameters
        ----------
        name
            Normalised name.
        number
            The name of the index that is meant.
        how
            ``EXACT`` or ``ALIAS``, for the full form.
        """
        for text, shorter in variants(name):
            kind = max(how, shorter)
            self.add(text, Word(NAME, frozenset((number,)), kind))
            self.name_texts.append(text)
            self.name_meanings.append((number, kind))

    def add(self, text: str, word: Word) -> None:
        """Add one meaning of a piece of text."""
        if len(text) < _SHORTEST_STEM:
            return
        self.words.setdefault(text, []).append(word)
        head = text[:2]
        lengths = self.lengths.get(head, ())
        if len(text) not in lengths:
            self.lengths[head] = tuple(sorted((*lengths, len(text)), reverse=True))

    def refresh_areas(self) -> None:
        """Enter the names of areas anew, after some were added."""
        for text, words in list(self.words.items()):
            kept = [word for word in words if word.kind not in {AREA, FOREIGN}]
            if len(kept) < len(words):
                self.words[text] = kept
        self._add_area_words()

    def _add_area_words(self) -> None:
        """Collect the nodes meant by each form of a name, then enter each form once."""
        forms: dict[tuple[str, str], set[int]] = {}
        for number, node in enumerate(self.nodes):
            for text, how in _forms(node):
                forms.setdefault((text, how), set()).add(number)
        known = {text for text, how in forms if how == FULL}
        cities = {node.name for node in self.nodes if node.level == 1}
        districts = [(k, node.name) for k, node in enumerate(self.nodes) if node.level == _DISTRICT]
        for text, became in divisions.former().items():
            now = {new for city, new in became if not cities or city in cities}
            meant = {k for k, name in districts if name in now}
            if meant and text not in known:
                forms = {key: value for key, value in forms.items() if key != (text, OLD)}
                forms[text, OLD] = meant
        for (text, how), meant in forms.items():
            if how == FULL or text not in known:
                self.add(text, Word(AREA, frozenset(meant), how))
        self._add_foreign(known | {text for text, _ in forms})

    def _named_paths(self) -> list[tuple[str, ...]]:
        """Return province and city of each area, "" where it has none."""
        return [tuple(self.nodes[k].name if k >= 0 else "" for k in path[:2]) for path in self.paths]

    def _add_foreign(self, known: set[str]) -> None:
        """
        Enter the provinces, cities and counties elsewhere; a table that names no city does not know its own.

        Elsewhere are counties of the table's own city too, unless they are no more: people still say old names of
        what has become a part of the table's.
        """
        places = divisions.places()
        home = {(path[0], path[1]) for path in self._named_paths() if path[1]}
        if not home:
            counties = [node.name for node in self.nodes if node.level == 2]
            home = {pair for name in counties for pair in places.get(name, ()) if len(places[name]) == 1}
        if not home:
            return
        home |= {pair for _, city in home for pair in places.get(city, ())}
        cities = {city for _, city in home}
        here = {(old, now) for old, became in divisions.former().items() for city, now in became if city in cities}
        near = {name for pair in home for name in pair} | {old for old, _ in here}
        for name in [*places, *(now for _, now in here)]:
            if name not in known and name not in near:
                self.add(name, Word(FOREIGN, frozenset()))


def _forms(node: Node) -> list[tuple[str, str]]:
    forms = [(node.name, FULL)]
    if AREA_LEVELS[node.level] == "community":
        stem = _COMMUNITY_SUFFIX.sub("", node.name)
        if len(stem) >= _SHORTEST_STEM:
            forms += [(stem + "社区", OLD), (stem + "居委会", OLD), (stem + "村", OLD)]
        return [pair for k, pair in enumerate(forms) if k == 0 or pair[0] != node.name]
    stem = _SUFFIX.sub("", node.name)
    if len(stem) < _SHORTEST_STEM:
        return forms
    forms.append((stem, SHORT))
    if node.level >= 1:
        forms += [(stem + suffix, OLD) for suffix in ("区", "县", "街道", "镇", "乡", "街道办事处")]
    return [pair for k, pair in enumerate(forms) if k == 0 or pair[0] != node.name]


def _only_aliases(index: Index) -> set[int]:
    """Return the names that only aliases have."""
    names, aliases = index.spot_name.base, index.spot_alias.base
    every = set(names[aliases == 1].tolist())
    return every - set(names[aliases == 0].tolist())
