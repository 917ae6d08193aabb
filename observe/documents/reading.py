"""How sessions of several versions were read as one, beside the tables that were read so: as words and as a table."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from observe.core.tidy import Column, Row

COLUMNS = (
    Column("version", "integer", "number of the framework version", required=True),
    Column("code", "string", "id of a code or rating in that version", required=True),
    Column("counted_as", "string", "id under which it stands in the tables", required=True),
    Column("also_in", "string", "other versions that can record what it is counted as"),
    Column("map", "string", "hash of the map", required=True),
)
ABOUT = "Which code of which version stands under which id in the tables."
RAW = "The table events is the log as it was recorded, in the ids of each session's own version; all others are in the common ids."


def rows(together: Mapping[str, Any]) -> Iterator[Row]:
    """The map as a table: each code and rating of each version."""
    for row in together["rows"]:
        yield row["version"], row["code"], row["counted_as"], row["also_in"] or None, together["map"]


def sentences(together: Mapping[str, Any]) -> list[str]:
    """What was done, what was kept apart and why, and where absence says nothing."""
    numbers = ", ".join(str(number) for number in together["versions"].values())
    said = [f"Versions {numbers} of {together['slug']} are read by the codes that they have in common."]
    said += together["statement"] or ["Every code is read under its own id."]
    said += [f"Kept apart: {one}" for one in together["apart"]]
    said += [f"Counted together with care: {one}" for one in together["cautions"]]
    if together["only_in_some"]:
        said.append(
            f"Not in every version, so that absence there says nothing: {', '.join(together['only_in_some'])}."
        )
    said += [
        f"Codes of version {old} are gone from version {new}, and nobody has said what became of them."
        for old, new in together["unstated"]
    ]
    return [*said, RAW, f"Map {together['map']}."]
