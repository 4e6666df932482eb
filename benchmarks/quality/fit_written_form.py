"""Fits `deploy/policy/weights/written_form.json`: which language a part of a word speaks for.

Naive Bayes over whole words and runs of one to four letters, so that a text's points are a sum.
Learnt from labelled sentences of five languages (UD), from our own lists and from lists of words
and names. `python -m benchmarks.quality.fit_written_form`; with `--judge` only the five folds.
"""

import math
import random
import re
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from babel import Locale

from benchmarks.quality.figures import macro_f1
from benchmarks.quality.fitting import data, folds, languages, other_words, words_of, write
from benchmarks.quality.sets import SEED, rows_of
from services.triage.weights import Points, Weights, packed, parts_of

CLASSES = ("nb", "nn", "en", "da", "sv", "eu")
LETTERS = (1, 2, 3, 4)
UNIT = 0.15
SMOOTHING = 0.05
PARTS_MAX = 24_000
# What is not a labelled sentence counts so much of one.
LIST_SHARE = 0.1
EUROPE = ("de", "fr", "es", "nl", "fi", "pl", "is", "it", "pt")
ENGLISH = {"mood_goemotions_en": 200, "refund_banking77_en": 100}
# What all words of one of our lists tell together: a word seen rarely is believed as they are.
LISTED = "@"
Text = tuple[str, str]


def main() -> None:
    """Judge in five folds, then fit on all and write."""
    where = data()
    for forms, figure in judged(where).items():
        print(f"{forms:10} F1 {figure:.3f}")
    if "--judge" not in sys.argv:
        write("written_form", _table(_sentences(where), list(_lists(where))))


def judged(where: Path) -> dict[str, float]:
    """F1 of the forms in five folds, none fitted on what it is judged by."""
    sentences, lists = _sentences(where), list(_lists(where))
    truth: list[str] = []
    told: list[str] = []
    for fitted, asked in folds(sentences):
        table = _points(fitted, lists)
        told += [_form(best(text, table)) for text, _ in asked]
        truth += [_form(label) for _, label in asked]
    groups = (("nb", "nn", "en"), ("nb",), ("nn",), ("en",), ("other",))
    return {" ".join(forms): macro_f1(truth, told, only=forms) for forms in groups}


def _sentences(where: Path) -> list[Text]:
    return [(row.text, row.label) for row in rows_of("language_ud", where) or []]


def best(text: str, table: dict[str, Points]) -> str:
    """The class with the most points."""
    found = [table[p] for word in words_of(text) for p in parts_of(word, LETTERS) if p in table]
    sums = [sum(column) for column in zip(*found, strict=True)] or [1.0]
    return CLASSES[sums.index(max(sums))]


def _form(label: str) -> str:
    return label if label in {"nb", "nn", "en"} else "other"


def _table(sentences: Sequence[Text], lists: Sequence[Text]) -> Weights:
    return Weights(
        made_by="benchmarks/quality/fit_written_form.py",
        sources=(
            "UD nb Bokmaal, nn Nynorsk, en EWT, da DDT, sv Talbanken, CC BY-SA 4.0 (sentences)",
            "lcc-sentiment, Finn Årup Nielsen, CC BY (Danish sentences)",
            "AFINN no, da, sv, Apache-2.0 (words)",
            "GoEmotions, Google, Apache-2.0; banking77, PolyAI, CC BY 4.0 (English sentences)",
            "CLDR through babel, Unicode-3.0 (names of languages and countries)",
            "our own word lists in deploy/policy",
        ),
        licence="CC BY-SA 4.0, as the sentences it was fitted on",
        classes=CLASSES,
        unit=UNIT,
        letters=LETTERS,
        start=(0.0,) * len(CLASSES),
        parts=packed(_points(sentences, lists), UNIT),
    )


def _points(sentences: Sequence[Text], lists: Sequence[Text]) -> dict[str, Points]:
    """Logarithms of likelihood, the best class at nought; the parts that tell most."""
    listed = _listed()
    counts: dict[str, defaultdict[str, float]] = {name: defaultdict(float) for name in CLASSES}
    for texts, share in ((sentences, 1.0), (lists, LIST_SHARE)):
        for text, label in texts:
            for word in words_of(text):
                for part in parts_of(word, LETTERS):
                    counts[label][part] += share
                if word in listed:
                    form, points = listed[word]
                    counts[label][LISTED + form] += share * points
    seen = {part for count in counts.values() for part in count}
    sums = [sum(counts[name].values()) + SMOOTHING * len(seen) for name in CLASSES]
    table: dict[str, Points] = {}
    worth: dict[str, float] = {}
    for part in seen:
        logs = [
            math.log((counts[c].get(part, 0.0) + SMOOTHING) / total)
            for c, total in zip(CLASSES, sums, strict=True)
        ]
        top = max(logs)
        table[part] = tuple(one - top for one in logs)
        worth[part] = sum(counts[c].get(part, 0.0) for c in CLASSES) * -sum(table[part])
    for word, (form, times) in listed.items():
        own = table.get("=" + word, (0.0,) * len(CLASSES))
        told = table.get(LISTED + form, own)
        table["=" + word] = tuple(a + times * b for a, b in zip(own, told, strict=True))
        worth["=" + word] = math.inf
    kept = sorted(seen | {"=" + word for word in listed}, key=lambda part: (-worth[part], part))[
        :PARTS_MAX
    ]
    return {part: table[part] for part in kept}


def _listed() -> dict[str, tuple[str, float]]:
    """Function words that stand in one of our lists only: the list, and the word's points there."""
    lists = {form: language.function_words for form, language in languages().items()}
    lists["other"] = {word: 2.0 for words in other_words().values() for word in words}
    folded = {form: {w.casefold(): p for w, p in words.items()} for form, words in lists.items()}
    return {
        word: (form, points)
        for form, words in folded.items()
        for word, points in words.items()
        if sum(word in others for others in folded.values()) == 1
    }


def _lists(where: Path) -> Iterator[Text]:
    """Words and sentences whose language is known, a few together as one text."""
    for form, language in languages().items():
        cues = (phrase for phrases in language.cues.values() for phrase in phrases)
        yield from _grouped((re.sub(r"[*#_~]|\|\S*", "", phrase) for phrase in cues), form)
    for label, name in (("nb", "no-165"), ("da", "da-32"), ("sv", "sv-165")):
        lines = (where / "lexicons" / f"AFINN-{name}.txt").read_text(encoding="utf-8").splitlines()
        yield from _grouped((line.split("\t")[0] for line in lines), label)
    yield from ((row.text, "da") for row in rows_of("sentiment_lcc_da", where) or [])
    for name, most in ENGLISH.items():
        rows = rows_of(name, where) or []
        yield from ((row.text, "en") for row in random.Random(SEED).sample(rows, most))
    for code in EUROPE:
        locale = Locale(code)
        yield from _grouped((*locale.territories.values(), *locale.languages.values()), "eu")


def _grouped(words: Iterable[str], label: str) -> Iterator[Text]:
    listed = list(words)
    yield from ((" ".join(listed[at : at + 6]), label) for at in range(0, len(listed), 6))


if __name__ == "__main__":
    main()
