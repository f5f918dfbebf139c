"""Which grammar a table of addresses is written in: the Taiwanese, the Western, or neither (the Chinese standard)."""

from __future__ import annotations

import re
from collections.abc import Sequence

from gridplan.address.street import Grammar
from gridplan.address.street_taiwan import Taiwan
from gridplan.address.street_western import Western

# Addresses looked at, evenly spread over the table.
_SAMPLE = 500
_MOST_OF_THEM = 0.6
_LATIN = re.compile(r"[A-Za-z]{2,}")
_HAN = re.compile(r"[一-鿿]")
_COUNTIES = (
    "臺台北|新北|桃園|臺台中|臺台南|高雄|基隆|新竹|嘉義|苗栗|彰化|南投|雲林|屏東|宜蘭|花蓮|臺台東|澎湖|金門|連江"
)
_COUNTY = "|".join(f"[{name[:-1]}]{name[-1]}" if len(name) > 2 else name for name in _COUNTIES.split("|"))
# What Taiwanese addresses have and others do not: their cities, neighbourhoods (鄰), alleys (弄) in lanes (巷), and a
# number in traditional script.
_TAIWAN = re.compile(
    rf"^(?:[0-9]{{3,6}})?(?:{_COUNTY})[縣市县]|[里村][0-9０-９]+[鄰邻]|[0-9０-９]巷[0-9０-９]+弄"
    r"|[路街段巷弄][0-9０-９之-]+號"
)


def street_grammar(addresses: Sequence[str]) -> Grammar | None:
    """
    Return the grammar of a table's addresses, or None where they are not written by street and number.

    Parameters
    ----------
    addresses
        Standard addresses of the table.

    Examples
    --------
    >>> street_grammar(["12-16 Main St", "5 Elm Ave #2"]).name
    'western'
    >>> street_grammar(["臺南市東區裕農里5鄰裕農路123巷4弄5號"]).name
    'taiwan'
    >>> street_grammar(["黑龙江省伊春市乌翠区龙方路289号永乐家园1号楼"]) is None
    True
    """
    texts = [text for text in addresses[:: max(1, len(addresses) // _SAMPLE)] if text]
    if not texts:
        return None
    if sum(bool(_LATIN.search(text)) and not _HAN.search(text) for text in texts) >= _MOST_OF_THEM * len(texts):
        return Western()
    return Taiwan() if sum(bool(_TAIWAN.search(text)) for text in texts) >= _MOST_OF_THEM * len(texts) else None
