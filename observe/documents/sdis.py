"""Sessions as timed sequential data (SDIS), which GSEQ reads. One file for each framework version.

Times are seconds with three decimals. A bout is `code,onset-offset`, its offset the first moment after it; a point is
`code,time`; `,onset` and `,offset` beside no code are the session's own. Names are letters, digits and `_`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence

from observe.core.tidy import Source
from observe.documents.naming import by_version, called, observation, pseudonyms
from observe.documents.package import Provenance, Study
from observe.documents.spool import zipped


def bare(text: str) -> str:
    """Letters, digits and `_` without accents: SDIS has a meaning for most other signs."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return re.sub(r"[^A-Za-z0-9]+", "_", plain).strip("_")


class Names:
    """A code of SDIS for each subject and code that occurs; no two alike, the same each time."""

    def __init__(self, pseudonyms: Mapping[str, str]) -> None:
        self.pseudonyms = pseudonyms
        self.given: dict[tuple[str | None, str], str] = {}

    def of(self, subject: str | None, code: str) -> str:
        if (subject, code) not in self.given:
            base = "_".join(filter(None, (bare(called(self.pseudonyms, subject)), bare(code)))) or "code"
            base = base if base[0].isalpha() else f"c_{base}"
            name, number = base, 2
            while name in self.given.values():
                name, number = f"{base}_{number}", number + 1
            self.given[subject, code] = name
        return self.given[subject, code]


def seconds(ms: int) -> str:
    return f"{ms // 1000}.{ms % 1000:03d}"


def session_lines(source: Source, names: Names) -> Iterator[str]:
    """One session: its label, its begin, what happened in order of time, its end."""
    timeline = source.timeline
    happened = [(one.start, f"{names.of(one.subject, one.code)},{seconds(one.start)}-{seconds(one.end)}") for one in timeline.bouts]  # fmt: skip
    happened += [(one.at, f"{names.of(one.subject, one.code)},{seconds(one.at)}") for one in timeline.points]
    yield f"<{bare(observation(source))}>"
    yield f",{seconds(timeline.start)}"
    for _, words in sorted(happened):
        yield words
    yield f",{seconds(timeline.end)} /"


def document(sources: Sequence[Source], names: Names) -> str:
    """A whole file. What each name means stands in comments before the data; sessions are divided by `/`."""
    sessions = ["\r\n".join(session_lines(source, names)) for source in sources]
    meanings = [
        f"% {name} = {bare(called(names.pseudonyms, subject)) or 'nobody told apart'} {bare(code)} %"
        for (subject, code), name in names.given.items()
    ]
    return "\r\n".join(["Timed;", *meanings, "", *sessions]) + "\r\n"


def pieces(study: Study, sources: Iterable[Source], provenance: Provenance) -> Iterator[bytes]:
    """A zip with a .sds file for each framework version."""

    def files() -> Iterator[tuple[str, bytes]]:
        for stem, some in by_version(study.versions, sources).values():
            yield f"{stem}.sds", document(some, Names(pseudonyms(study))).encode("ascii")

    return zipped(files(), provenance.made)
