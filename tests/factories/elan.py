"""ELAN documents made in a test: only what the test is about has to be said."""

from __future__ import annotations

from collections.abc import Sequence
from xml.sax.saxutils import escape, quoteattr

Time = int | None
Said = tuple[Time, Time, str]
"""beginning, end (None: nobody aligned it), and the word"""


class Eaf:
    """A document on its way."""

    def __init__(
        self, *, media: str = "", origin: int | None = None, date: str = "2024-05-06T07:08:09+02:00"
    ) -> None:
        self.media, self.origin, self.date = media, origin, date
        self.author, self.version, self.units = "Ann", "3.0", "milliseconds"
        self.slots: list[Time] = []
        self.tiers: list[str] = []
        self.kinds: dict[str, str] = {}
        self.vocabularies: list[str] = []
        self.count = 0

    def slot(self, at: Time) -> str:
        self.slots.append(at)
        return f"ts{len(self.slots)}"

    def kind(self, name: str, **more: str) -> None:
        self.kinds[name] = " ".join(f"{key}={quoteattr(value)}" for key, value in more.items())

    def tier(self, name: str, said: Sequence[Said], kind: str = "", **about: str) -> list[str]:
        """Annotations with times of their own; those that touch without a time share a slot. Returns their ids."""
        kind = kind or name
        self.kinds.setdefault(kind, "")
        rows, ids, last = [], [], ""
        for start, end, word in said:
            first = last if start is None else self.slot(start)
            last = self.slot(end)
            self.count += 1
            ids.append(f"a{self.count}")
            rows.append(
                f'<ANNOTATION><ALIGNABLE_ANNOTATION ANNOTATION_ID="a{self.count}" TIME_SLOT_REF1="{first}" '
                f'TIME_SLOT_REF2="{last}"><ANNOTATION_VALUE>{escape(word)}</ANNOTATION_VALUE></ALIGNABLE_ANNOTATION></ANNOTATION>'
            )
        self._tier(name, kind, rows, about)
        return ids

    def beneath(
        self, name: str, parent: str, said: Sequence[tuple[str, str]], kind: str = "", **about: str
    ) -> list[str]:
        """Annotations of annotations: id of what they are about, and the word. Returns their ids."""
        kind = kind or name
        if kind not in self.kinds:
            self.kind(kind, CONSTRAINTS="Symbolic_Association")
        rows, ids, before = [], [], {}
        for ref, word in said:
            self.count += 1
            ids.append(f"a{self.count}")
            previous = f' PREVIOUS_ANNOTATION="{before[ref]}"' if ref in before else ""
            before[ref] = f"a{self.count}"
            rows.append(
                f'<ANNOTATION><REF_ANNOTATION ANNOTATION_ID="a{self.count}" ANNOTATION_REF="{ref}"{previous}>'
                f"<ANNOTATION_VALUE>{escape(word)}</ANNOTATION_VALUE></REF_ANNOTATION></ANNOTATION>"
            )
        self._tier(name, kind, rows, {"PARENT_REF": parent, **about})
        return ids

    def _tier(self, name: str, kind: str, rows: Sequence[str], about: dict[str, str]) -> None:
        more = " ".join(f"{key}={quoteattr(value)}" for key, value in about.items())
        self.tiers.append(
            f"<TIER TIER_ID={quoteattr(name)} LINGUISTIC_TYPE_REF={quoteattr(kind)} {more}>{''.join(rows)}</TIER>"
        )

    def vocabulary(self, name: str, entries: Sequence[dict[str, tuple[str, str]]]) -> None:
        """Entries with their word and meaning by language."""
        words = "".join(
            f'<CV_ENTRY_ML CVE_ID="c{place}">'
            + "".join(
                f"<CVE_VALUE LANG_REF={quoteattr(lang)} DESCRIPTION={quoteattr(meaning)}>{escape(word)}</CVE_VALUE>"
                for lang, (word, meaning) in entry.items()
            )
            + "</CV_ENTRY_ML>"
            for place, entry in enumerate(entries)
        )
        self.vocabularies.append(f"<CONTROLLED_VOCABULARY CV_ID={quoteattr(name)}>{words}</CONTROLLED_VOCABULARY>")

    def text(self) -> str:
        origin = "" if self.origin is None else f' TIME_ORIGIN="{self.origin}"'
        media = f"<MEDIA_DESCRIPTOR MEDIA_URL={quoteattr(self.media)}{origin}/>" if self.media else ""
        slots = "".join(
            f'<TIME_SLOT TIME_SLOT_ID="ts{place}"' + ("" if at is None else f' TIME_VALUE="{at}"') + "/>"
            for place, at in enumerate(self.slots, start=1)
        )
        kinds = "".join(
            f"<LINGUISTIC_TYPE LINGUISTIC_TYPE_ID={quoteattr(name)} {more}/>" for name, more in self.kinds.items()
        )
        return (
            f'<?xml version="1.0" encoding="UTF-8"?>\n<ANNOTATION_DOCUMENT AUTHOR={quoteattr(self.author)} '
            f'DATE={quoteattr(self.date)} FORMAT="{self.version}" VERSION="{self.version}">'
            f'<HEADER MEDIA_FILE="" TIME_UNITS={quoteattr(self.units)}>{media}</HEADER><TIME_ORDER>{slots}</TIME_ORDER>'
            f"{''.join(self.tiers)}{kinds}{''.join(self.vocabularies)}</ANNOTATION_DOCUMENT>"
        )

    def bytes(self) -> bytes:
        return self.text().encode()
