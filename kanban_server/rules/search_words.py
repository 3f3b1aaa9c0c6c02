"""The words that search compares, made by one function, so that all databases find the same tickets.

A word is a run of letters, digits and their marks, in lower case and without accents, with the `+` and `#` behind it:
`c++`, `c#`. A query's word is the beginning of a ticket's word. Where a script puts no spaces between words (Chinese,
Japanese, Thai), each pair of neighbouring letters is a word, and the last letter of a run. A symbol that is not ASCII,
such as an emoji, is a word of its own. See docs/decisions/0006-search-words.md.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from itertools import pairwise

WORD_CHARACTERS = 64
"""Only so many characters of a word are compared."""
_UNSPACED = (
    "\u0e00-\u0eff"  # Thai, Lao
    "\u1000-\u109f\u1780-\u17ff\u1950-\u19df\u1a20-\u1aaf\ua9e0-\ua9ff\uaa60-\uaa7f"  # Myanmar, Khmer, Tai
    "\u2e80-\u2fdf\u3005-\u3007\u3021-\u3029\u3038-\u303b\u3040-\u312f\u31a0-\u31bf\u31f0-\u31ff"  # kana, bopomofo
    "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U0001b000-\U0001b16f\U00020000-\U0003fffd"  # kana, Han
    "\U0001f1e6-\U0001f1ff"  # regional indicators: a flag is a pair of them
)
_PARTS = re.compile(rf"([{_UNSPACED}]+)|[^{_UNSPACED}+#\s]+[+#]*")
_ASCII_WORDS = re.compile(r"[a-z0-9]+[+#]*")
_REGIONAL_INDICATORS = range(0x1F1E6, 0x1F200)
_SKIN_TONES = range(0x1F3FB, 0x1F400)
_VARIATION_SELECTORS = (*range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0))
_EMOJI = range(0x1F000, 0x1FB00)
"""Emoji, also those that are newer than this Python."""
_ZERO_WIDTH_SPACE = 0x200B
"""It separates words in Thai and Khmer; other format characters stand within words."""
_POINTS = range(10, 37)
"""Combining classes of Hebrew and Arabic vowels."""
_ACCENT_LEAST = 200
"""The lowest combining class of accents. Marks of lower classes spell other words: か and が, Thai tones."""


def index_words(text: str) -> Iterator[str]:
    """Yield the words by which a text is found, repeated ones too."""
    for word, run in _split(text):
        if run:
            yield from map("".join, pairwise(run))
            yield run[-1][:WORD_CHARACTERS]
        else:
            yield word[:WORD_CHARACTERS]


def query_words(text: str) -> list[str]:
    """The distinct words of a query, each the beginning of a word of every ticket that it finds."""
    words: dict[str, None] = {}
    for word, run in _split(text):
        for one in map("".join, pairwise(run)) if len(run) > 1 else run or [word]:
            words[one[:WORD_CHARACTERS]] = None
    return list(words)


def _split(text: str) -> Iterator[tuple[str, list[str]]]:
    """Yield each word, or each run of a script without spaces, as the letters with their marks."""
    if text.isascii():
        for word in _ASCII_WORDS.findall(text.lower()):
            yield word, []
        return
    decomposed = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    folded = unicodedata.normalize("NFC", "".join(map(_fold_letter, decomposed)))
    for part in _PARTS.finditer(folded):
        yield part[0], _letters(part[1]) if part[1] else []


def _letters(run: str) -> list[str]:
    """The letters of a run, each with the marks that follow it."""
    letters: list[str] = []
    for letter in run:
        if letters and unicodedata.category(letter) in {"Mn", "Mc"} and len(letters[-1]) < WORD_CHARACTERS // 2:
            letters[-1] += letter
        else:
            letters.append(letter)
    return letters


@lru_cache(maxsize=8192)
def _fold_letter(letter: str) -> str:
    """A decomposed letter as it is compared: itself, nothing, or between spaces if it is no part of a word."""
    code, category = ord(letter), unicodedata.category(letter)
    if letter.isalnum() or letter in "+#" or code in _REGIONAL_INDICATORS:
        return letter
    if code in _SKIN_TONES or code in _VARIATION_SELECTORS or category == "Me":
        return ""
    if category in {"Mn", "Mc"}:
        accent = unicodedata.combining(letter)
        return "" if accent >= _ACCENT_LEAST or accent in _POINTS or accent == 1 else letter
    if category == "Cf":
        return " " if code == _ZERO_WIDTH_SPACE else ""
    if code in _EMOJI or (category in {"So", "Sm", "Sc"} and code > 127):
        return f" {letter} "
    return " "
