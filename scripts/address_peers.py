"""
Stock methods that answer addresses, for ``measure_address.py``: each takes a table and returns what is asked.

They know no grammar: rapidfuzz over all rows, SQLite FTS5 trigram and tantivy 1-2-grams, both with their best rows put
in order by rapidfuzz. Needs the extra ``bench``.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence

import pandas as pd

#: Id of the best row, its score (0 to 1), and whether the method itself accepts it.
Answer = tuple[str | None, float, bool]
Ask = Callable[[str], Answer]
_TOP = 50


def rapidfuzz_all(frame: pd.DataFrame, prepare: Callable[[str], str]) -> Ask:
    """Compare with every row."""
    from rapidfuzz import fuzz, process

    ids, texts = frame["address_id"].tolist(), [prepare(text) for text in frame["address"]]

    def ask(query: str) -> Answer:
        found = process.extractOne(prepare(query), texts, scorer=fuzz.ratio)
        return (ids[found[2]], found[1] / 100, False) if found else (None, 0.0, False)

    return ask


def _best(query: str, rows: Sequence[tuple[str, str]]) -> Answer:
    from rapidfuzz import fuzz

    if not rows:
        return None, 0.0, False
    score, address_id = max(
        ((fuzz.ratio(query, text), address_id) for address_id, text in rows), key=lambda each: each[0]
    )
    return address_id, score / 100, False


def fts5(frame: pd.DataFrame, prepare: Callable[[str], str]) -> Ask:
    """Ask SQLite's full text search for trigrams, and rerank."""
    base = sqlite3.connect(":memory:")
    base.execute("create virtual table a using fts5(id unindexed, text, tokenize='trigram')")
    base.executemany(
        "insert into a values (?, ?)", zip(frame["address_id"], map(prepare, frame["address"]), strict=True)
    )

    def ask(query: str) -> Answer:
        text = prepare(query).replace('"', " ")
        grams = {text[k : k + 3] for k in range(len(text) - 2)}
        wanted = " OR ".join(f'"{gram}"' for gram in sorted(grams) if "\0" not in gram)
        if not wanted:
            return None, 0.0, False
        found = base.execute("select id, text from a where a match ? order by rank limit ?", (wanted, _TOP)).fetchall()
        return _best(text, found)

    return ask


def tantivy_grams(frame: pd.DataFrame, prepare: Callable[[str], str]) -> Ask:
    """Ask tantivy for 1-2-grams by BM25, and rerank."""
    import tantivy

    builder = tantivy.SchemaBuilder()
    builder.add_text_field("id", stored=True, tokenizer_name="raw")
    builder.add_text_field("text", stored=True, tokenizer_name="grams")
    schema = builder.build()
    index = tantivy.Index(schema)
    grams = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.ngram(1, 2, prefix_only=False)).build()
    index.register_tokenizer("grams", grams)
    writer = index.writer()
    for address_id, text in zip(frame["address_id"], map(prepare, frame["address"]), strict=True):
        writer.add_document(tantivy.Document(id=address_id, text=text))
    writer.commit()
    index.reload()
    searcher = index.searcher()

    def ask(query: str) -> Answer:
        text = prepare(query)
        grams = {text[k : k + size] for size in (1, 2) for k in range(len(text) - size + 1)}
        should = [(tantivy.Occur.Should, tantivy.Query.term_query(schema, "text", gram)) for gram in sorted(grams)]
        if not should:
            return None, 0.0, False
        hits = searcher.search(tantivy.Query.boolean_query(should), _TOP).hits
        documents = [searcher.doc(address) for _, address in hits]
        return _best(text, [(each["id"][0], each["text"][0]) for each in documents])

    return ask
