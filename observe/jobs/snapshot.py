"""The coded records in columns: Parquet files that analyses read, tied to the logs and refreshed a session at a time.

A snapshot is a folder of segments. A segment holds some sessions' rows of every table, is written once and never
changed. The manifest says which session is live in which segment, and from which log digest its rows were derived.
A session that changed goes into a new segment and is dead in the old one; nobody else's rows are touched. When too much
is dead, or there are too many segments, everything live is written into one: from the columns, not from the logs.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from observe.core import tidy
from observe.core.tidy import Cell, Source, Table

TABLES = tuple(table for table in tidy.TABLES if table.name != "events")
"""the log itself stays in the database: analyses read what it means"""

FORMAT = 1
MOST_SEGMENTS = 24
MOST_DEAD = 0.25
ROWS_AT_ONCE = 50_000

TYPES = {
    "string": pa.string(),
    "integer": pa.int64(),
    "number": pa.float64(),
    "boolean": pa.bool_(),
    "datetime": pa.string(),
}


def schema_of(table: Table) -> pa.Schema:
    """The columns of a tidy table with Arrow's types; nothing is dictionary-encoded, so that every reader can."""
    return pa.schema([pa.field(column.name, TYPES[column.type]) for column in table.columns])


@dataclass(frozen=True, slots=True)
class Manifest:
    """What is live where. `live` is session → (segment, log digest); `sizes` is segment → number of its sessions."""

    live: Mapping[str, tuple[str, str]]
    sizes: Mapping[str, int]

    @property
    def dead(self) -> dict[str, int]:
        """How many sessions of each segment are dead."""
        alive: dict[str, int] = {}
        for segment, _ in self.live.values():
            alive[segment] = alive.get(segment, 0) + 1
        return {segment: size - alive.get(segment, 0) for segment, size in self.sizes.items()}

    @property
    def digest(self) -> str:
        """One hash over the logs that the live rows were derived from: the same logs, the same digest."""
        lines = "\n".join(f"{session} {digest}" for session, (_, digest) in sorted(self.live.items()))
        return hashlib.sha256(f"{FORMAT}\n{lines}".encode()).hexdigest()


EMPTY = Manifest({}, {})


class Snapshot:
    """One study's columns in one folder. One process at a time may refresh it; any number may read."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def manifest(self) -> Manifest:
        """What is live now; nothing when the folder is new or of another format."""
        try:
            kept = json.loads((self.folder / "manifest.json").read_text(encoding="utf-8"))
        except FileNotFoundError:
            return EMPTY
        if kept["format"] != FORMAT:
            return EMPTY
        return Manifest({key: (value[0], value[1]) for key, value in kept["live"].items()}, kept["sizes"])

    def refresh(
        self,
        digests: Mapping[str, str],
        sources: Callable[[Sequence[str]], Iterable[Source]],
        *,
        step: Callable[[int, int], None] = lambda done, of: None,
    ) -> Manifest:
        """Bring the snapshot to these sessions (id → log digest), deriving only what changed. Calls `step(done, of)`.

        A crash at any moment leaves the old manifest with whole segments, or the new one.
        """
        before = self.manifest()
        changed = sorted(one for one, digest in digests.items() if before.live.get(one, ("", ""))[1] != digest)
        live = {one: place for one, place in before.live.items() if one in digests and one not in set(changed)}
        sizes = dict(before.sizes)
        if changed:
            name = self._free_name(before)
            counted = self._write(name, _stepping(sources(changed), len(changed), step))
            live |= {one: (name, digests[one]) for one in counted}
            sizes[name] = len(counted)
        after = self._compacted(Manifest(live, sizes))
        self._keep(after)
        self._sweep(after, before)
        return after

    def _free_name(self, manifest: Manifest) -> str:
        number = max((int(name) for name in manifest.sizes), default=0) + 1
        return f"{number:06d}"

    def _write(self, name: str, sources: Iterable[Source]) -> list[str]:
        """A new segment from these sources, with rows flushed as they come; the ids of its sessions."""
        folder = self.folder / f"{name}.part"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        sessions: list[str] = []
        writers = {table.name: _Writer(folder, table) for table in TABLES}
        try:
            for source in sources:
                sessions.append(source.session)
                for table in TABLES:
                    writers[table.name].add(table.rows(source))
        finally:
            for writer in writers.values():
                writer.close()
        _put_in_place(folder, self.folder / name)
        return sessions

    def _compacted(self, manifest: Manifest) -> Manifest:
        """The same rows in one segment when too much is dead or scattered; else the manifest as it is."""
        dead, held = sum(manifest.dead.values()), sum(manifest.sizes.values())
        alive = {name: size for name, size in manifest.sizes.items() if manifest.dead[name] < size}
        trimmed = Manifest(manifest.live, alive)
        if len(alive) <= MOST_SEGMENTS and dead <= MOST_DEAD * max(held, 1):
            return trimmed
        name = self._free_name(manifest)
        folder = self.folder / f"{name}.part"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        for table in TABLES:
            writer = _Writer(folder, table)
            for batch in self.batches(table.name, trimmed):
                writer.add_batch(batch)
            writer.close()
        _put_in_place(folder, self.folder / name)
        live = {one: (name, digest) for one, (_, digest) in manifest.live.items()}
        return Manifest(live, {name: len(live)})

    def batches(self, table: str, manifest: Manifest | None = None) -> Iterator[pa.RecordBatch]:
        """The live rows of one table, segment by segment."""
        manifest = manifest or self.manifest()
        for segment in sorted(manifest.sizes):
            live = pa.array([one for one, (place, _) in manifest.live.items() if place == segment], pa.string())
            for batch in pq.ParquetFile(self.folder / segment / f"{table}.parquet").iter_batches(ROWS_AT_ONCE):
                if manifest.dead.get(segment):
                    batch = batch.filter(pc.is_in(batch.column("session"), value_set=live))
                if batch.num_rows:
                    yield batch

    def files(self, table: str) -> list[tuple[Path, tuple[str, ...]]]:
        """The files of one table, each with the sessions in it that are dead (none, for most)."""
        manifest = self.manifest()
        found = []
        for segment in sorted(manifest.sizes):
            path = self.folder / segment / f"{table}.parquet"
            found.append((path, self._dead_in(segment, manifest) if manifest.dead.get(segment) else ()))
        return found

    def _dead_in(self, segment: str, manifest: Manifest) -> tuple[str, ...]:
        there = pq.read_table(self.folder / segment / "sessions.parquet", columns=["session"])[
            "session"
        ].to_pylist()
        return tuple(one for one in there if manifest.live.get(one, ("", ""))[0] != segment)

    def _keep(self, manifest: Manifest) -> None:
        kept = {"format": FORMAT, "digest": manifest.digest, "sizes": manifest.sizes, "live": manifest.live}
        self.folder.mkdir(parents=True, exist_ok=True)
        path = self.folder / "manifest.json.part"
        with path.open("w", encoding="utf-8") as file:
            json.dump(kept, file)
            file.flush()
            os.fsync(file.fileno())
        path.replace(self.folder / "manifest.json")

    def _sweep(self, after: Manifest, before: Manifest) -> None:
        """Throw away segments that neither this manifest nor the one before names: a reader may still be on the latter."""
        named = set(after.sizes) | set(before.sizes)
        for path in self.folder.iterdir():
            if path.is_dir() and path.name not in named:
                shutil.rmtree(path, ignore_errors=True)

    def forget(self) -> None:
        """Throw everything away; it can be derived again."""
        shutil.rmtree(self.folder, ignore_errors=True)


class _Writer:
    """Rows of one table on their way into one file."""

    def __init__(self, folder: Path, table: Table) -> None:
        self.schema = schema_of(table)
        self.path = folder / f"{table.name}.parquet"
        self.file = pq.ParquetWriter(self.path, self.schema, compression="zstd")
        self.waiting: list[tuple[Cell, ...]] = []

    def add(self, rows: Iterable[tuple[Cell, ...]]) -> None:
        self.waiting.extend(rows)
        if len(self.waiting) >= ROWS_AT_ONCE:
            self._flush()

    def add_batch(self, batch: pa.RecordBatch) -> None:
        self.file.write_batch(batch)

    def _flush(self) -> None:
        if not self.waiting:
            return
        columns: Iterator[Sequence[Any]] = iter(zip(*self.waiting, strict=True))
        arrays = [pa.array(column, field.type) for column, field in zip(columns, self.schema, strict=True)]
        self.file.write_batch(pa.RecordBatch.from_arrays(arrays, schema=self.schema))
        self.waiting = []

    def close(self) -> None:
        self._flush()
        self.file.close()


def _stepping(sources: Iterable[Source], of: int, step: Callable[[int, int], None]) -> Iterator[Source]:
    for done, source in enumerate(sources):
        step(done, of)
        yield source


def _put_in_place(folder: Path, final: Path) -> None:
    """A segment under its own name only when every file of it is on disk."""
    for path in folder.iterdir():
        with path.open("rb") as file:
            os.fsync(file.fileno())
    shutil.rmtree(final, ignore_errors=True)
    folder.replace(final)
