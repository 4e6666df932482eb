"""Makes `deploy/policy/lexicons/valence.json` from AFINN (Finn Årup Nielsen, Apache-2.0).

AFINN's Norwegian list is bokmål; each word is given its nynorsk spelling too, by rules of our own.
`python -m benchmarks.quality.make_valence`
"""

import re

import orjson

from benchmarks.quality.fitting import POLICY, data
from services.triage.lexicons import Valence

# Bokmål → nynorsk, as both are spelt; what a rule makes wrongly is no word, and harms nobody.
SPELT = (
    (r"lig$", "leg"),
    (r"lige$", "lege"),
    (r"ligere$", "legare"),
    (r"ligst$", "legast"),
    (r"lighet$", "leik"),
    (r"ighet$", "igskap"),
    (r"het$", "heit"),
    (r"heten$", "heita"),
    (r"ende$", "ande"),
    (r"(?<=[bdfgklmnprstv])ere$", "are"),
    (r"er$", "ar"),
    (r"et$", "a"),
    (r"^hv", "kv"),
    (r"ø(?=del)", "øy"),
    (r"^syk", "sjuk"),
    (r"tjeneste", "teneste"),
    (r"løs$", "laus"),
    (r"løse$", "lause"),
    (r"^hjelpeløs", "hjelpelaus"),
    (r"^drøm", "draum"),
)
NOT_WORDS_OF_VALENCE = {"en": ("like", "no"), "no": ()}


def main() -> None:
    """Write the list."""
    lexicons = data() / "lexicons"
    words = {}
    for language in ("en", "no"):
        lines = (lexicons / f"AFINN-{language}-165.txt").read_text(encoding="utf-8").splitlines()
        listed = dict(line.rsplit("\t", 1) for line in lines if "\t" in line)
        single = {w.casefold(): int(v) for w, v in listed.items() if re.fullmatch(r"[^\W\d_-]+", w)}
        words[language] = {
            w: v for w, v in single.items() if w not in NOT_WORDS_OF_VALENCE[language]
        }
    for word, valence in list(words["no"].items()):
        for bokmaal, nynorsk in SPELT:
            words["no"].setdefault(re.sub(bokmaal, nynorsk, word), valence)
    made = Valence(
        made_by="benchmarks/quality/make_valence.py",
        sources=("AFINN-en-165, AFINN-no-165, Finn Årup Nielsen; nynorsk spellings are ours",),
        licence="Apache-2.0 (LICENSE.AFINN)",
        words={language: dict(sorted(listed.items())) for language, listed in words.items()},
    )
    options = orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE
    path = POLICY / "lexicons" / "valence.json"
    path.write_bytes(orjson.dumps(made.model_dump(), option=options))


if __name__ == "__main__":
    main()
