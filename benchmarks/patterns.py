"""The inference against planted worlds and against the clock. `python benchmarks/patterns.py [--full]` prints tables.

`--full` repeats the report of docs/explanation/inference-simulations.md, which takes some minutes, and
`--full --only WORDS` the rows of it whose names hold these words; `--against-modes` fits with expectations at the mode
instead of averaged ones, for comparison.
"""

from __future__ import annotations

import os
import sys
import time
from collections import Counter
from dataclasses import replace
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from frameworks.model import Actor, Code, Construct, Framework, Indicator, Stream, Text
from observe.core.coding.record import Observed, Point, Timeline
from observe.core.patterns import CodedSession, Status, infer_from, model, rows_from
from observe.core.patterns.design import design_of
from observe.core.patterns.posterior import posterior_of
from observe.core.patterns.settings import Settings
from tests.factories.patterns import Plan, framework, world
from tests.factories.patterns_measured import HEAD, measured, measured_change

BASE = Plan()
CROWD = replace(BASE, family="crowd-share", codes=10, constructs=2)
HEAVY = {"habit": 0.8, "occasion": 0.5, "situational": 0.5, "shape": 0.7}

ATTITUDES = {
    "counts, N=200": (replace(BASE, people=200), 8),
    "counts, N=200, null": (replace(BASE, people=200, attitude=0.0), 8),
    "counts, N=50": (BASE, 40),
    "counts, N=50, null": (replace(BASE, attitude=0.0), 40),
    "counts, N=50, 60 events a person": (replace(BASE, events=60.0), 60),
    "counts, N=50, 60 events, null": (replace(BASE, events=60.0, attitude=0.0), 40),
    "counts, N=10": (replace(BASE, people=10), 200),
    "counts, N=10, null": (replace(BASE, people=10, attitude=0.0), 200),
    "counts, N=10, 60 events a person": (replace(BASE, people=10, events=60.0), 200),
    "counts, N=10, attitude sd .3": (replace(BASE, people=10, attitude=0.3), 200),
    "counts, N=20": (replace(BASE, people=20), 100),
    "counts, N=5": (replace(BASE, people=5), 100),
    "counts, N=5, null": (replace(BASE, people=5, attitude=0.0), 100),
    "counts, N=50, heavy misfit, null": (replace(BASE, attitude=0.0, **HEAVY), 40),
    "counts, N=10, heavy misfit, null": (replace(BASE, people=10, attitude=0.0, **HEAVY), 60),
    "counts, N=50, unequal spreads": (replace(BASE, attitude=(0.6, 0.0, 0.4, 0.0, 0.3)), 50),
    "counts, N=10, unequal spreads": (replace(BASE, people=10, attitude=(0.6, 0.0, 0.4, 0.0, 0.3)), 200),
    "shares, N=50": (replace(BASE, family="share"), 40),
    "shares, N=50, null": (replace(BASE, family="share", attitude=0.0), 40),
    "shares, N=10": (replace(BASE, family="share", people=10), 200),
    "shares, N=50, one opportunity": (replace(BASE, family="share", opportunities=1), 50),
    "shares, N=10, one opportunity": (replace(BASE, family="share", opportunities=1, people=10), 200),
    "shares, N=10, one opportunity, null": (
        replace(BASE, family="share", opportunities=1, people=10, attitude=0.0),
        100,
    ),
    "ratings, N=50": (replace(BASE, family="rating"), 40),
    "ratings, N=50, null": (replace(BASE, family="rating", attitude=0.0), 40),
    "ratings, N=10": (replace(BASE, family="rating", people=10), 200),
    "ratings, N=10, null": (replace(BASE, family="rating", people=10, attitude=0.0), 100),
    "mixed, N=50": (replace(BASE, family="mixed"), 40),
    "mixed, N=50, null": (replace(BASE, family="mixed", attitude=0.0), 40),
    "mixed, N=10": (replace(BASE, family="mixed", people=10), 200),
    "mixed, N=10, null": (replace(BASE, family="mixed", people=10, attitude=0.0), 60),
    "crowds, shares, N=50": (CROWD, 40),
    "crowds, shares, N=50, null": (replace(CROWD, attitude=0.0), 40),
    "crowds, shares, N=10": (replace(CROWD, people=10), 200),
    "crowds, shares, N=10, null": (replace(CROWD, people=10, attitude=0.0), 100),
    "crowds, counts, N=50": (replace(CROWD, family="crowd-count"), 120),
    "crowds, counts, N=50, null": (replace(CROWD, family="crowd-count", attitude=0.0), 40),
    "crowds, counts, N=10": (replace(CROWD, family="crowd-count", people=10), 200),
    "crowds, counts, N=10, null": (replace(CROWD, family="crowd-count", people=10, attitude=0.0), 100),
    "crowds, counts, N=10, some places busier": (replace(CROWD, family="crowd-count", people=10, busy=0.3), 200),
    "crowds, counts, N=10, some places busier, null": (
        replace(CROWD, family="crowd-count", people=10, busy=0.3, attitude=0.0),
        100,
    ),
    "each in one situation, null": (replace(BASE, nested="situation", attitude=0.0), 20),
    "one observer each, null": (replace(BASE, nested="observer", attitude=0.0), 20),
    "one observer each with halo, null": (replace(BASE, nested="observer", attitude=0.0, halo=0.5), 20),
    "halo, observers crossed, null": (replace(BASE, attitude=0.0, halo=0.5), 20),
}

ALONE = Plan(people=1, sessions=16, codes=10, constructs=1, events=160.0)
CHANGES = {
    "one case, 8 sessions, no change": (replace(ALONE, sessions=8), 150),
    "one case, 16 sessions, no change": (ALONE, 150),
    "one case, 16 sessions, heavy noise, no change": (replace(ALONE, occasion=0.5), 150),
    "one case, 16 sessions, change sd 1.5": (replace(ALONE, drift=1.5), 150),
    "one case, 30 sessions, change sd 0.8": (replace(ALONE, sessions=30, drift=0.8, events=300.0), 60),
    "one place rated, 12 sessions, no change": (replace(ALONE, sessions=12, family="rating"), 150),
    "one place rated, 12 sessions, change sd 1": (replace(ALONE, sessions=12, family="rating", drift=1.0), 150),
    "20 people, 10 sessions, no change": (replace(ALONE, people=20, sessions=10), 40),
    "20 people, 16 sessions, change sd 1": (replace(ALONE, people=20, drift=1.0), 20),
}


def speed() -> None:
    """200 people, 50 codes, 10 sessions: 100,000 rows."""
    rows = world(1, replace(BASE, people=200)).rows
    best = {}
    for _ in range(3):
        marks = [time.process_time()]
        design = design_of(rows)
        marks.append(time.process_time())
        found = model.fit(design, Settings())
        marks.append(time.process_time())
        posterior_of(found.estimate, found.error, Settings())
        marks.append(time.process_time())
        for name, start, end in zip(("design", "fit", "posterior"), marks, marks[1:], strict=False):
            best[name] = min(best.get(name, 9e9), end - start)
    began = time.process_time()
    run = infer_from(rows, framework())
    whole = time.process_time() - began
    print(f"{len(rows.rows)} rows, {sum(row.value for row in rows.rows):.0f} events; CPU s, best of 3")
    print(
        " | ".join(f"{name} {seconds:.2f}" for name, seconds in best.items()),
        f"| inference {sum(best.values()):.2f}",
    )
    print(f"with evidence, gates, rivals and leaving-out for {len(run.findings)} findings: {whole:.2f}\n")


def reading() -> None:
    """From coded records to rows: 2,000 sessions of one person with 50 events of 50 codes each: 100,000 events."""
    codes = tuple(Code(f"c{k:02}", Text()) for k in range(50))
    indicators = tuple(Indicator(1 - 2 * (k % 2), one.id) for k, one in enumerate(codes))
    declared = Framework(
        "bench", Text(), actors=(Actor("person", Text()),), constructs=(Construct("d0", Text(), indicators=indicators),),
        streams=(Stream("acts", Text(), actors=("person",), codes=codes),),
    )  # fmt: skip
    sessions = [
        CodedSession(f"s{k}", _record(f"p{k % 200}", k), f"o{k % 4}", f"g{k % 3}", day=float(k // 200))
        for k in range(2000)
    ]
    began = time.process_time()
    rows = rows_from(declared, sessions)
    print(
        f"from 100,000 events in 2,000 records to {len(rows.rows)} rows: {time.process_time() - began:.2f} CPU s\n"
    )


def _record(person: str, k: int) -> Timeline:
    points = tuple(Point(f"e{k}-{n}", 1000 * n + k, "acts", f"c{(n * 7 + k) % 50:02}", person) for n in range(50))
    return Timeline(
        0, 3_600_000, True, points=points, observed=(Observed(None, ((0, 3_600_000),)),), subjects=(person,)
    )


def table(full: bool, only: str = "") -> None:
    """Attitudes, then changes."""
    print(HEAD)
    for name, (plan, worlds) in ATTITUDES.items():
        if only not in name:
            continue
        print(name, "|", measured(plan, worlds if full else max(2, worlds // 20)).line(), flush=True)
    print("\nchange across sessions\n" + HEAD)
    for name, (plan, worlds) in CHANGES.items():
        if only not in name:
            continue
        print(name, "|", measured_change(plan, worlds if full else max(5, worlds // 15)).line(), flush=True)


GATED = {
    "counts, N=50": (BASE, 4),
    "counts, N=50, 60 events a person": (replace(BASE, events=60.0), 4),
    "counts, N=50, null": (replace(BASE, attitude=0.0), 2),
    "crowds, shares, N=50": (CROWD, 4),
    "crowds, counts, N=50": (replace(CROWD, family="crowd-count"), 4),
    "one observer each with halo, null": (replace(BASE, nested="observer", attitude=0.0, halo=0.5), 3),
    "each in one situation, null": (replace(BASE, nested="situation", attitude=0.0), 2),
}


def gated() -> None:
    """What is said once the gates are there: patterns, wrong signs, and how many cells each gate leaves unsaid."""
    print(
        "\nwith the gates\ncondition | findings | patterns | wrong sign | not enough | confounded | claims before"
    )
    for name, (plan, worlds) in GATED.items():
        said, wrong, before = Counter[Status](), 0, 0
        for k in range(worlds):
            made = world(2_026_000 + k, plan)
            for one in infer_from(made.rows, framework(plan.constructs)).findings:
                said[one.status] += 1
                before += one.robustness is not None
                true = made.centred[int(one.person[1:]), int(one.construct[1:])]
                wrong += (one.status is Status.PATTERN and true <= 0) or (
                    one.status is Status.CONTRARY and true >= 0
                )
        patterns = said[Status.PATTERN] + said[Status.CONTRARY]
        print(
            f"{name} ({worlds}) | {said.total()} | {patterns} | {wrong} | {said[Status.NOT_ENOUGH]} | {said[Status.CONFOUNDED]} | {before}",
            flush=True,
        )


if __name__ == "__main__":
    if "--against-modes" in sys.argv:
        model.row_variance = lambda solved: 0.0 * solved.batch.rows  # type: ignore[assignment]
    only = sys.argv[sys.argv.index("--only") + 1] if "--only" in sys.argv else ""
    if not only:
        speed()
        reading()
    table("--full" in sys.argv, only)
    if ("--full" in sys.argv and not only) or "--gates" in sys.argv:
        gated()
