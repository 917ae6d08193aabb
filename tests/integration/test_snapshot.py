"""The columns that analyses read: tied to the logs, refreshed one session at a time, equal however they came about."""

from __future__ import annotations

import importlib.util
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import pytest

from observe.core.tidy import Source, values_json
from observe.jobs.engine import DuckEngine, SparkEngine
from observe.jobs.queries import QUERIES
from observe.jobs.snapshot import MOST_SEGMENTS, Snapshot
from tests.factories.coded import RECOUNTED, a_source, of_vectors

Given = Callable[[Sequence[str]], Iterable[Source]]


class Sessions:
    """Sessions that can change; remembers which were derived."""

    def __init__(self, *sources: Source) -> None:
        self.sources = {source.session: source for source in sources}
        self.derived: list[str] = []

    def digests(self) -> dict[str, str]:
        return {one: source.digest for one, source in self.sources.items()}

    def give(self, ids: Sequence[str]) -> Iterable[Source]:
        for one in ids:
            self.derived.append(one)
            yield self.sources[one]


def rounded(row: tuple[object, ...]) -> tuple[object, ...]:
    """Sums of numbers with a point may differ in the last place with the order of the files."""
    return tuple(float(f"{value:.11g}") if isinstance(value, float) else value for value in row)


def answers(snapshot: Snapshot) -> dict[str, list[tuple[object, ...]]]:
    """Every query's rows."""
    engine = DuckEngine(snapshot, threads=1)
    try:
        return {name: [rounded(row) for row in engine.ask(text).rows] for name, text in QUERIES.items()}
    finally:
        engine.close()


@pytest.fixture
def sessions() -> Sessions:
    return Sessions(*(a_source(seed) for seed in range(6)), a_source(99, purpose="practice"))


@pytest.fixture
def snapshot(tmp_path: Path, sessions: Sessions) -> Snapshot:
    snapshot = Snapshot(tmp_path / "columns")
    snapshot.refresh(sessions.digests(), sessions.give)
    return snapshot


def test_only_the_session_that_changed_is_derived_again_and_nobody_elses_file_is_touched(
    snapshot: Snapshot, sessions: Sessions
) -> None:
    before = {path: path.read_bytes() for path in snapshot.folder.rglob("*.parquet")}
    sessions.derived.clear()
    sessions.sources["s00003"] = a_source(333, session="s00003")

    snapshot.refresh(sessions.digests(), sessions.give)

    assert sessions.derived == ["s00003"]
    assert {path: path.read_bytes() for path in before} == before


def test_a_refreshed_snapshot_answers_as_one_that_was_built_anew(
    snapshot: Snapshot, sessions: Sessions, tmp_path: Path
) -> None:
    sessions.sources["s00003"] = a_source(333, session="s00003")
    del sessions.sources["s00005"]
    refreshed = snapshot.refresh(sessions.digests(), sessions.give)

    anew = Snapshot(tmp_path / "anew")
    built = anew.refresh(sessions.digests(), sessions.give)

    assert answers(snapshot) == answers(anew)
    assert refreshed.digest == built.digest


def test_when_too_much_is_scattered_it_becomes_one_segment_with_the_same_answers(
    snapshot: Snapshot, sessions: Sessions
) -> None:
    for number in range(100, 101 + MOST_SEGMENTS):
        source = a_source(number, count=8)
        sessions.sources[source.session] = source
        snapshot.refresh(sessions.digests(), sessions.give)
    manifest = snapshot.manifest()

    assert len(manifest.sizes) < 4
    assert sum(manifest.dead.values()) == 0
    assert set(manifest.live) == set(sessions.sources)
    anew = Snapshot(snapshot.folder.with_name("anew"))
    anew.refresh(sessions.digests(), sessions.give)
    assert answers(snapshot) == answers(anew)


def test_nothing_changed_means_nothing_derived_and_nothing_written(snapshot: Snapshot, sessions: Sessions) -> None:
    sessions.derived.clear()
    before = sorted(snapshot.folder.rglob("*.parquet"))

    snapshot.refresh(sessions.digests(), sessions.give)

    assert sessions.derived == []
    assert sorted(snapshot.folder.rglob("*.parquet")) == before


def test_a_refresh_that_breaks_half_way_leaves_the_snapshot_as_it_was(
    snapshot: Snapshot, sessions: Sessions
) -> None:
    before = answers(snapshot)
    sessions.sources["s00001"] = a_source(111, session="s00001")
    sessions.sources["s00002"] = a_source(222, session="s00002")

    def breaks(ids: Sequence[str]) -> Iterable[Source]:
        yield sessions.sources[ids[0]]
        raise OSError("no space left")

    with pytest.raises(OSError, match="no space"):
        snapshot.refresh(sessions.digests(), breaks)

    assert answers(snapshot) == before
    snapshot.refresh(sessions.digests(), sessions.give)
    assert answers(snapshot) != before


def test_the_time_budget_is_what_counting_the_records_by_hand_gives(
    snapshot: Snapshot, sessions: Sessions
) -> None:
    duration: dict[str, int] = defaultdict(int)
    occurrences: dict[str, int] = defaultdict(int)
    data = [source for source in sessions.sources.values() if source.purpose != "practice"]
    for source in data:
        for bout in source.timeline.bouts:
            duration[bout.code] += bout.observed_ms
            occurrences[bout.code] += bout.part == 0 and not bout.censored_start
        for point in source.timeline.points:
            occurrences[point.code] += "out-of-view" not in point.flags
    watched = sum(source.timeline.observed_of(subject).ms for source in data for subject in ("P1", "P2"))

    engine = DuckEngine(snapshot)
    rows = {row["code"]: row for row in engine.ask(QUERIES["time_budget"]).records()}

    assert set(rows) == {"talk", "listen", "write", "idle", "nod", "ask", "yawn"}
    for code, row in rows.items():
        assert (row["duration_ms"] or 0, row["occurrences"]) == (duration[code], occurrences[code]), code
        assert row["observed_ms"] == watched
    assert rows["talk"]["pooled_proportion"] == pytest.approx(duration["talk"] / watched, rel=1e-12)
    assert rows["nod"]["pooled_rate"] == pytest.approx(occurrences["nod"] * 3_600_000 / watched, rel=1e-12)


def test_what_duckdb_counts_out_of_bouts_and_points_is_what_the_columns_say(
    snapshot: Snapshot, sessions: Sessions
) -> None:
    """Budgets are worked out for each session in Python; the same figures come out of its rows by another way."""
    engine = DuckEngine(snapshot)
    recounted = {(row[0], row[1]): row[2:5] for row in engine.ask(RECOUNTED).rows}
    said = {
        (row["stream"], row["code"]): (row["occurrences"], row["duration_ms"] or 0)
        for row in engine.ask(QUERIES["time_budget"]).records()
    }

    assert {key: tuple(row[:2]) for key, row in recounted.items()} == said
    assert len(said) == 7


def test_a_zero_is_in_the_mean_and_practice_is_not(snapshot: Snapshot, sessions: Sessions) -> None:
    rows = [
        row
        for source in sessions.sources.values()
        if source.purpose != "practice"
        for row in source.budget
        if row.code == "yawn"
    ]
    rates = [row.rate.value for row in rows if row.rate and row.rate.value is not None]
    engine = DuckEngine(snapshot)
    found = next(row for row in engine.ask(QUERIES["time_budget"]).records() if row["code"] == "yawn")

    assert found["units"] == len(rows) == 12
    assert found["mean_rate"] == pytest.approx(sum(rates) / len(rates), rel=1e-12)


def test_the_hour_of_day_is_the_local_one(tmp_path: Path) -> None:
    source = a_source(4)
    snapshot = Snapshot(tmp_path / "one")
    snapshot.refresh({source.session: source.digest}, lambda ids: [source])
    rows = DuckEngine(snapshot).ask(QUERIES["time_of_day"]).rows

    local = (source.started // 3_600_000 + 1) % 24
    assert {row[2] for row in rows} <= {local, (local + 1) % 24}


def test_a_study_without_sessions_has_answers_without_rows(tmp_path: Path) -> None:
    engine = DuckEngine(Snapshot(tmp_path / "nothing"))

    assert [engine.ask(text).rows for text in QUERIES.values()] == [()] * len(QUERIES)


def test_samples_counts_and_judgements_are_added_up_by_state(tmp_path: Path) -> None:
    sources = of_vectors("samples", "intervals", "judgements")
    snapshot = Snapshot(tmp_path / "vectors")
    snapshot.refresh({source.session: source.digest for source in sources}, lambda ids: sources)
    engine = DuckEngine(snapshot)

    taken, persons = defaultdict[object, set[object]](set), defaultdict[object, int](int)
    for source in sources:
        for scan in source.timeline.scans:
            taken["scan", scan.stream, scan.state].add((source.session, scan.subject, scan.index))
            for cell, n in scan.counts:
                persons[scan.stream, values_json(cell)] += n
        for interval in source.timeline.intervals:
            taken["interval", interval.stream, interval.state].add(
                (source.session, interval.subject, interval.index)
            )
    rows = engine.ask(QUERIES["samples"]).records()
    assert {(row["what"], row["stream"], row["state"]): row["n"] for row in rows} == {
        key: len(found) for key, found in taken.items()
    }
    assert {row["state"] for row in rows} >= {"taken", "empty", "late", "missed"}

    counted = defaultdict[object, int](int)
    for row in engine.ask(QUERIES["counted"]).records():
        if row["cell"]:
            counted[row["stream"], row["cell"]] += row["persons"]
    assert counted == persons
    assert len(counted) > 3

    judged = engine.ask(QUERIES["judged"]).records()
    assert sum(row["n"] for row in judged) == sum(len(source.timeline.ratings) for source in sources) > 0


@pytest.mark.skipif(
    not importlib.util.find_spec("pyspark"), reason="Spark is an optional extra and is not installed"
)
def test_spark_answers_the_same_text_alike(snapshot: Snapshot, sessions: Sessions) -> None:
    from pyspark.sql import SparkSession

    sessions.sources["s00003"] = a_source(333, session="s00003")
    sessions.sources |= {source.session: source for source in of_vectors("samples", "intervals", "judgements")}
    snapshot.refresh(sessions.digests(), sessions.give)
    spark = SparkSession.builder.master("local[1]").config("spark.ui.enabled", "false").getOrCreate()
    there, here = SparkEngine(snapshot, spark), DuckEngine(snapshot, threads=1)
    try:
        for name, text in QUERIES.items():
            rows = [rounded(row) for row in here.ask(text).rows]
            assert [rounded(row) for row in there.ask(text).rows] == rows, name
            assert rows, name
    finally:
        spark.stop()
