"""Stored records → time budget: ours on a snapshot, plain DuckDB on one Parquet file, and BORIS where it is installed.

    python benchmarks/analysis.py [--large]

All run by turns in this process (BORIS in its own), CPU seconds, median of several; the table shows ratios. `--large`
adds 10,000,000 events. BORIS is run by the interpreter that $OBSERVE_BORIS_PYTHON names, with its own functions.

A page's time budget reads the budgets that were worked out when a session was put into columns. So that this does not
flatter us, the same figures counted out of every bout and point are in the table as well, and so is everything else
that the page asks.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import duckdb
import pyarrow.parquet as pq

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from observe.core.tidy import Source
from observe.jobs.engine import DuckEngine
from observe.jobs.queries import QUERIES
from observe.jobs.snapshot import Snapshot
from tests.factories.coded import RECOUNTED, a_source, events_of

EVENTS_A_SESSION = 1_000
PLAIN = """
SELECT session, stream, subject, code, COUNT(*), SUM(observed_ms) FROM bouts GROUP BY ALL
UNION ALL
SELECT session, stream, subject, code, COUNT(*), 0 FROM points GROUP BY ALL
"""
"""the least that a time budget by session, subject and code can be: no practice, no parts, no denominators"""

BORIS = """
import json, os, sys, time, types, statistics
import importlib.util
os.environ["QT_QPA_PLATFORM"] = "offscreen"
folder = os.path.dirname(importlib.util.find_spec("boris").origin)
sys.path.append(folder)
import boris
sys.modules["boris.mpv2"] = types.ModuleType("boris.mpv2")
from boris import project_functions, db_functions, time_budget_functions
took = []
ok, changed, pj, message = project_functions.open_project_json(sys.argv[1])
observations = list(pj["observations"])
subjects = [each["name"] for each in pj["subjects_conf"].values()] + ["No focal subject"]
codes = [each["code"] for each in pj["behaviors_conf"].values()]
parameters = {
    "selected subjects": subjects, "selected behaviors": codes, "include modifiers": True, "exclude behaviors": False,
    "excluded behaviors": [], "exclude_non_coded_modifiers": False, "time": "full obs", "start time": None, "end time": None,
}
for _ in range(3):
    begun = time.process_time()
    cursor = db_functions.load_events_in_db(pj, subjects, observations, codes)
    cursor = cursor[0] if isinstance(cursor, tuple) else cursor
    budget = time_budget_functions.time_budget_analysis(pj["behaviors_conf"], cursor, observations, parameters, by_category=False)
    took.append(time.process_time() - begun)
print("BORIS", statistics.median(took))
"""


def cpu(*works: Callable[[], object], times: int) -> list[float]:
    """CPU seconds of this process for each work, median; they take turns, after each was done once for nothing."""
    took: list[list[float]] = [[] for _ in works]
    for number in range(times + 1):
        for work, mine in zip(works, took, strict=True):
            begun = time.process_time()
            work()
            if number:
                mine.append(time.process_time() - begun)
    return [statistics.median(mine) for mine in took]


def many(sessions: int, kinds: int = 50) -> Iterator[Source]:
    """So many sessions: a few really coded, the others the same under other names."""
    coded = [a_source(seed, count=EVENTS_A_SESSION) for seed in range(min(kinds, sessions))]
    for number in range(sessions):
        base = coded[number % len(coded)]
        yield replace(base, session=f"s{number:06d}", digest=f"{number}")


def plain_view(snapshot: Snapshot, table: str, folder: Path) -> str:
    """The same rows as one Parquet file that nobody manages, as a view for DuckDB."""
    path = folder / f"plain-{table}.parquet"
    batches = snapshot.batches(table)
    first = next(batches)
    with pq.ParquetWriter(path, first.schema, compression="zstd") as writer:
        writer.write_batch(first)
        for batch in batches:
            writer.write_batch(batch)
    return f"CREATE VIEW {table} AS SELECT * FROM read_parquet('{path}')"


def as_boris(path: Path, sessions: int) -> None:
    """The same logs as a BORIS project, states begun and ended as it wants them."""
    behaviours = {
        str(index): {"code": code, "type": kind, "key": chr(97 + index), "modifiers": {}, "category": "", "excluded": "",
                     "description": "", "color": "", "coding map": ""}
        for index, (code, kind) in enumerate(
            [(code, "State event") for code in ("talk", "listen", "write", "idle")]
            + [(code, "Point event") for code in ("nod", "ask", "yawn")]
        )
    }  # fmt: skip
    observations = {}
    for number in range(sessions):
        rows = boris_events(events_of(number % 50, count=EVENTS_A_SESSION))
        observations[f"s{number:06d}"] = {
            "file": [], "type": "LIVE", "date": "2026-01-01T00:00:00", "description": "", "time offset": 0.0,
            "events": rows, "independent_variables": {}, "observation time interval": [0, 0], "media_info": {"length": {}},
            "visualize_spectrogram": False, "close_behaviors_between_videos": False, "start_from_current_time": False,
        }  # fmt: skip
    project = {
        "time_format": "s", "project_date": "2026-01-01T00:00:00", "project_name": "b", "project_description": "",
        "project_format_version": "7.0", "subjects_conf": {str(i): {"key": str(i), "name": name, "description": ""} for i, name in enumerate(("P1", "P2"))},
        "behaviors_conf": behaviours, "observations": observations, "behavioral_categories": [], "independent_variables": {},
        "coding_map": {}, "behaviors_coding_map": [], "converters": {},
    }  # fmt: skip
    path.write_text(json.dumps(project), encoding="utf-8")


def boris_events(rows: Sequence[dict[str, object]]) -> list[list[object]]:
    """[time, subject, code, modifier, comment]: a state's second event is its end."""
    running: dict[object, object] = {}
    made: list[list[object]] = []
    for row in rows:
        at, subject, code = int(str(row["at"])) / 1000, row.get("subject"), row.get("code")
        if row["kind"] == "point":
            made.append([at, subject, code, "", ""])
        elif row["kind"] == "start" and running.get(subject) != code:
            if subject in running:
                made.append([at, subject, running[subject], "", ""])
            made.append([at, subject, code, "", ""])
            running[subject] = code
        elif row["kind"] == "end":
            made += [[at, one, last, "", ""] for one, last in running.items()]
    return made


def boris_seconds(project: Path) -> float | None:
    """CPU seconds of BORIS's own time budget, or None where it is not installed."""
    interpreter = os.environ.get("OBSERVE_BORIS_PYTHON")
    if not interpreter:
        return None
    done = subprocess.run([interpreter, "-c", BORIS, str(project)], capture_output=True, text=True, timeout=3600)
    found = [line for line in done.stdout.splitlines() if line.startswith("BORIS ")]
    if not found:
        print(done.stderr[-2000:], file=sys.stderr)
        return None
    return float(found[-1].split()[1])


def measure(sessions: int, folder: Path) -> None:
    """One size, as a table."""
    snapshot = Snapshot(folder / f"{sessions}")
    sources = list(many(sessions)) if sessions <= 1_000 else None
    begun = time.process_time()
    digests = {f"s{number:06d}": str(number) for number in range(sessions)}
    snapshot.refresh(digests, lambda ids: sources if sources is not None else many(sessions))
    built = time.process_time() - begun
    engine = DuckEngine(snapshot)
    other = duckdb.connect()
    for table in ("bouts", "points"):
        other.execute(plain_view(snapshot, table, folder))
    ours, page, recounted, theirs = cpu(
        lambda: engine.ask(QUERIES["time_budget"]),
        lambda: [engine.ask(text) for name, text in QUERIES.items() if name != "raster"],
        lambda: engine.ask(RECOUNTED),
        lambda: other.execute(PLAIN).fetchall(),
        times=21 if sessions <= 1_000 else 5,
    )
    changed = replace(a_source(1, count=EVENTS_A_SESSION), session="s000000", digest="changed")
    [one] = cpu(
        lambda: snapshot.refresh({**digests, "s000000": os.urandom(4).hex()}, lambda ids: [changed]), times=3
    )
    events = sessions * EVENTS_A_SESSION
    print(f"\n{events:,} events in {sessions:,} sessions (CPU seconds)")
    print(f"  snapshot built from coded records      {built:9.2f}")
    print(f"  refreshed after one session            {one:9.3f}   {one / built:6.3f} × building")
    print(f"  time budget, as the page asks it       {ours:9.3f}   {ours / theirs:6.2f} × plain DuckDB")
    print(f"  counted out of every bout and point    {recounted:9.3f}   {recounted / theirs:6.2f} × plain DuckDB")
    print(f"  every table of the page                {page:9.3f}   {page / theirs:6.2f} × plain DuckDB")
    print(f"  plain DuckDB, grouped counts and sums  {theirs:9.3f}")
    if sessions <= 1_000:
        project = folder / "project.boris"
        as_boris(project, sessions)
        boris = boris_seconds(project)
        print(f"  BORIS, its time budget                 {boris:9.3f}   {boris / ours:6.0f} × ours" if boris else "  BORIS: not installed ($OBSERVE_BORIS_PYTHON)")  # fmt: skip
    print(
        f"  peak memory of this process            {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:7.0f} MiB"
    )


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--large", action="store_true", help="also 10,000,000 events (minutes)")
    large = parser.parse_args().large
    folder = Path(tempfile.mkdtemp())
    try:
        for sessions in (100, 10_000) if large else (100,):
            measure(sessions, folder)
    finally:
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
