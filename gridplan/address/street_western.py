"""
The grammar of Western addresses: 12-16A Main St #3, Cambridge, MA 02139.

Words are brought to capitals without accents and dots, the words for kinds of streets to their usual abbreviations
(USPS Publication 28, appendix C1), numbered streets to digits, in the table and in queries alike.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import cache
from itertools import islice

from gridplan.address.street import LONGEST, MOST_READINGS, Number, Piece, Place, Roads, WayKey

_TYPES_TEXT = """
ALY ALLEY ALLEE ALLY; AVE AV AVEN AVENU AVENUE AVN AVNUE; BLVD BOUL BOULEVARD BOULV; BR BRDGE BRIDGE; CIR CIRC CIRCL
CIRCLE CRCL; CT COURT; CTR CENTER CENTRE CNTR; CRES CRESCENT CRSENT; DR DRIV DRIVE DRV; EXPY EXPRESSWAY EXPR; EXT
EXTENSION; GDNS GARDENS GDNS; GDN GARDEN; GRN GREEN; GRV GROVE; HTS HEIGHTS; HWY HIGHWAY HIWAY; LN LANE; LOOP; MALL;
MEWS; PARK PK PRK; PASS; PATH; PIKE; PKWY PARKWAY PKY; PL PLACE; PLZ PLAZA PLZA; QUAY; RD ROAD; ROW; SQ SQUARE SQR;
ST STREET STR STRT; TER TERR TERRACE; TPKE TPK TURNPIKE; TRL TRAIL; WALK; WAY; WHARF; YARD
"""
_TYPES = {word: group.split()[0] for group in _TYPES_TEXT.split(";") for word in group.split()}
_KINDS = frozenset(_TYPES.values())
_SIDES = {"NORTH": "N", "SOUTH": "S", "EAST": "E", "WEST": "W", "NORTHEAST": "NE", "NORTHWEST": "NW"}
_SIDES |= {"SOUTHEAST": "SE", "SOUTHWEST": "SW"}
_SIDE_WORDS = {*_SIDES, *_SIDES.values()}
_WORDS = {"SAINT": "ST", "MOUNT": "MT", "FORT": "FT", "MONSIGNOR": "MSGR", "DOCTOR": "DR", "AND": "&"}
_ORDINAL_WORDS = ("FIRST", "SECOND", "THIRD", "FOURTH", "FIFTH", "SIXTH", "SEVENTH", "EIGHTH", "NINTH", "TENTH")
_ORDINALS = {word: str(number) for number, word in enumerate((*_ORDINAL_WORDS, "ELEVENTH", "TWELFTH"), 1)}
_ORDINAL = re.compile(r"^([0-9]+)(?:ST|ND|RD|TH)$")
_HALF = r"(?: ?1/2|\.5|½)"
_NUMBER = re.compile(
    rf"(?<![A-Z0-9#])(?P<low>[0-9]{{1,5}})(?P<tail>{_HALF}|[A-Z](?![A-Z0-9])| [A-DF-MO-RT-VX-Z](?= [A-Z]{{2}}))?"
    rf"(?: ?[-–—] ?(?P<high>[0-9]{{1,5}})(?:{_HALF}|[A-Z](?![A-Z0-9]))?)?(?![0-9/])[ ,]+(?=[A-Z0-9])"
)
_UNIT = re.compile(
    r"(?:(?:#|\b(?:APARTMENT|APT|UNIT|SUITE|STE|ROOM|RM|FLOOR|FL|BUILDING|BLDG|PENTHOUSE|PH)\b[ .]*#?) ?"
    r"(?P<id>[A-Z0-9][A-Z0-9/.\-]*)|(?P<floor>[0-9]+)(?:ST|ND|RD|TH) (?:FL|FLOOR)\b)"
)
_STOP = re.compile(r"[,;()|\n]|(?<= )(?:NEAR|AT|BEHIND|OPPOSITE|AND|&)(?= )")
_TOKEN = re.compile(r"[^ ]+")
_POSTCODE = re.compile(r"\b[0-9]{5}(?:-[0-9]{4})?\b")
_PHONE = re.compile(r"\(?\b[0-9]{3}\)?[ .-]+[0-9]{3}[ .-][0-9]{4}\b")
_MOST_WORDS = 6
# Words among which a street without a number is looked for.
_MOST_TOKENS = 40


class Western:
    """The grammar of Western addresses; see :class:`gridplan.address.street.Grammar`."""

    name = "western"
    # 12A and 12B, or 12 and 16 of 12-16, are doors of one house.
    tail_is_unit = True

    def row(self, address: str) -> Place | None:
        """
        Take a standard address of the table apart.

        Parameters
        ----------
        address
            E.g. ``12-16A Main St #3``.
        """
        text = _folded(address)
        hit = _NUMBER.search(text)
        if hit is None:
            return None
        tokens = _street_tokens(text, hit.end())
        words = [token.group() for token in tokens]
        length = _street_end(words)
        road = _road(words[:length])
        return _place(text, hit, tokens[:length], road) if road else None

    def readings(self, text: str, roads: Roads) -> Iterator[Place]:
        """
        Yield the ways to read a query: for each number the longest known name of a street after it.

        Parameters
        ----------
        text
            What was typed.
        roads
            The table's streets.
        """
        chars = _folded(text)
        found = 0
        # Numbers of flats and postcodes are no house numbers.
        numbers = _NUMBER.finditer(_POSTCODE.sub(_blank, _UNIT.sub(_blank, chars)))
        for hit in islice(numbers, MOST_READINGS):
            tokens = _street_tokens(chars, hit.end())[:_MOST_WORDS]
            words = [token.group() for token in tokens]
            lengths = [n for n in range(len(words), 0, -1) if _road(words[:n]) in roads]
            length = lengths[0] if lengths else _street_end(words)
            road = _road(words[:length])
            if road:
                found += 1
                yield _place(chars, hit, tokens[:length], road)
        if not found:
            yield from _street_alone(chars, roads)

    def stem(self, road: str) -> str:
        """
        Return the name of a street without the word for its kind.

        Parameters
        ----------
        road
            E.g. ``MAIN ST``.
        """
        words = road.split(" ")
        return " ".join(words[:-1]) if len(words) > 1 and words[-1] in _KINDS else road


def _folded(raw: str) -> str:
    """Return capitals without accents, dots and apostrophes; one character for one, so that places are kept."""
    text = "".join(map(_letter, raw[:LONGEST]))
    return _PHONE.sub(lambda hit: ";" * len(hit.group()), text)


def _blank(hit: re.Match[str]) -> str:
    return " " * len(hit.group())


@cache
def _letter(char: str) -> str:
    plain = unicodedata.normalize("NFKD", char)[:1].upper()[:1] or " "
    if plain in "'’‘`":
        return "'"
    return plain if plain.isalnum() or plain in "#-–—/.,;()½&|" else (char if char == "½" else " ")


def _street_tokens(text: str, begin: int) -> list[re.Match[str]]:
    """Return the words after a number, up to a comma or to what names a unit."""
    end = len(text)
    for pattern in (_STOP, _UNIT):
        hit = pattern.search(text, begin)
        end = min(end, hit.start()) if hit else end
    return list(_TOKEN.finditer(text, begin, end))


def _street_end(words: list[str]) -> int:
    """Return how many words are the street's: up to the last word for a kind of street, and a side after it."""
    kinds = [at for at, word in enumerate(words) if at and _word(word) in _KINDS | {"ST"}]
    if not kinds:
        return len(words)
    end = kinds[-1] + 1
    return end + 1 if end < len(words) and _word(words[end]) in _SIDE_WORDS else end


def _word(word: str) -> str:
    return word.replace("'", "").replace(".", "")


def _road(words: list[str]) -> str:
    """Return the name of a street in one form; "" for no words."""
    words = [each for word in words if (each := _word(word))]
    out = []
    for at, word in enumerate(words):
        number = _ORDINAL.match(word)
        if number or word in _ORDINALS:
            out.append(number[1] if number else _ORDINALS[word])
        elif at and at >= len(words) - 2 and word in _TYPES:
            out.append(_TYPES[word])
        elif word in _SIDES and (at in (0, len(words) - 1)) and len(words) > 2:
            out.append(_SIDES[word])
        else:
            out.append(_WORDS.get(word, word))
    return " ".join(out)


def _street_alone(chars: str, roads: Roads) -> Iterator[Place]:
    """Yield a reading where a known street is named without a number."""
    tokens = list(islice(_TOKEN.finditer(_STOP.sub(_blank, chars)), _MOST_TOKENS))
    for begin in range(len(tokens)):
        for end in range(min(len(tokens), begin + _MOST_WORDS), begin, -1):
            road = _road([token.group() for token in tokens[begin:end]])
            if road in roads:
                piece = Piece("road", tokens[begin].start(), tokens[end - 1].end(), road)
                yield Place((road, "", "", "", ""), areas=_areas(chars, tokens[end - 1].end()), pieces=(piece,))
                return


def _place(text: str, hit: re.Match[str], tokens: list[re.Match[str]], road: str) -> Place:
    way: WayKey = (road, "", "", "", "")
    end = tokens[-1].end()
    unit = _UNIT.search(text, end)
    pieces = [
        Piece("door", hit.start(), len(text[: hit.end()].rstrip(" ,")), hit.group().strip(" ,")),
        Piece("road", tokens[0].start(), end, road),
    ]
    if unit:
        pieces.append(Piece("unit", *unit.span(), unit["id"] or unit["floor"]))
    rest = sum(1 for _ in _NUMBER.finditer(_POSTCODE.sub(" ", _UNIT.sub(" ", text[end:]))))
    name = (unit["id"] or f"FL{unit['floor']}") if unit else ""
    return Place(way, (_number(hit),), name, _areas(text, end), rest, tuple(pieces))


def _number(hit: re.Match[str]) -> Number:
    low = int(hit["low"])
    high = int(hit["high"] or low)
    if high > low:
        return Number(low, high)
    tail = re.sub(_HALF, "1/2", hit["tail"] or "").strip()
    return Number(low, low, tail)


def _areas(text: str, begin: int) -> dict[str, str]:
    """Return city and postcode after the street."""
    rest = _UNIT.sub(" ", text[begin:])
    code = _POSTCODE.search(rest)
    parts = [part.strip(" .") for part in _STOP.split(_POSTCODE.sub(" ", rest))]
    city = next((part for part in parts if len(part) > 2 and re.fullmatch(r"[A-Z][A-Z .'\-]+", part)), "")
    areas = {"city": city} if city else {}
    return areas | ({"postcode": code.group()} if code else {})
