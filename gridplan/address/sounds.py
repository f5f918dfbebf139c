"""How characters sound, coarsely: what a caller says and a recogniser writes down, so that homophones are one."""

from __future__ import annotations

from functools import cache

# Sounds that many speakers of Mandarin do not tell apart.
_INITIALS = (("zh", "z"), ("ch", "c"), ("sh", "s"))
_FINALS = (("ang", "an"), ("eng", "en"), ("ing", "in"))
_TONES = str.maketrans("āáǎàōóǒòēéěèīíǐìūúǔùǖǘǚǜüńňǹḿ", "aaaaooooeeeeiiiiuuuuvvvvvnnnm")
# Sounds are coded as private characters, so that a text of sounds is a text again.
_FIRST_CODE = 0xE000


def _coarse(reading: str) -> str:
    plain = "".join(char for char in reading.translate(_TONES) if char.isascii() and char.isalpha())
    for old, new in _INITIALS:
        if plain.startswith(old):
            plain = new + plain[len(old) :]
    for old, new in _FINALS:
        if plain.endswith(old):
            plain = plain[: -len(old)] + new
    return plain


@cache
def _readings() -> dict[str, tuple[str, ...]]:
    """Return the coarse readings of each character, the usual one first."""
    from pypinyin.constants import PINYIN_DICT

    coarse: dict[str, str] = {}
    found = {}
    for code, joined in PINYIN_DICT.items():
        if 0x3400 <= code < 0xA000:
            parts = [coarse.get(part) or coarse.setdefault(part, _coarse(part)) for part in joined.split(",")]
            found[chr(code)] = tuple(dict.fromkeys(parts))
    return found


@cache
def _codes() -> dict[int, str]:
    table = _readings()
    names = sorted({parts[0] for parts in table.values()})
    code = {name: chr(_FIRST_CODE + k) for k, name in enumerate(names)}
    return {ord(char): code[parts[0]] for char, parts in table.items()}


def sound(text: str) -> str:
    """
    Return a text with each Chinese character replaced by the code of its usual coarse sound.

    Parameters
    ----------
    text
        Normalised text; digits and letters stay.

    Examples
    --------
    >>> sound("校区") == sound("小衢"), sound("海悦") == sound("每悦")
    (True, False)
    """
    return text.translate(_codes())


@cache
def alike(one: str, other: str) -> bool:
    """
    Return whether two characters share any coarse reading.

    Parameters
    ----------
    one, other
        Single characters.
    """
    table = _readings()
    return one == other or bool(set(table.get(one, ())) & set(table.get(other, ())))


@cache
def homophones(char: str) -> str:
    """
    Return the characters of everyday use that sound like one, itself not among them.

    Parameters
    ----------
    char
        A Chinese character.
    """
    usual = _readings().get(char, ("",))[0]
    return "".join(each for each in _everyday().get(usual, "") if each != char)


@cache
def _everyday() -> dict[str, str]:
    """Return the characters of GB 2312's first level, which is ordered by use, by their usual sound."""
    groups: dict[str, list[str]] = {}
    for char, parts in _readings().items():
        try:
            first = char.encode("gb2312")[0]
        except UnicodeEncodeError:
            continue
        if 0xB0 <= first <= 0xD7:
            groups.setdefault(parts[0], []).append(char)
    return {name: "".join(sorted(chars)) for name, chars in groups.items()}
