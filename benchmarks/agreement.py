"""Kappa of every pair of 100 sessions, in seconds, beside the peers that can do it. Prints a table of ratios.

    python benchmarks/agreement.py [--sessions 100] [--seconds 3600] [--codes 10]

One hour of a stream of ten exclusive codes for each session, made from a seed: runs of 20 s on average, and each
session keeps to a common truth three quarters of the time.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from frameworks.model import AgreementPlan, Code, CodeType, Stream, Text
from observe.core.agreement import kappa
from observe.core.agreement.matching import Event, Watched, align
from observe.core.agreement.summary import compare
from observe.core.coding.record import Bout, Observed, Timeline


def sessions(count: int, seconds: int, codes: int) -> np.ndarray:
    """count × seconds codes."""
    random = np.random.default_rng(2026)

    def track() -> np.ndarray:
        lengths = random.geometric(1 / 20, seconds)
        return np.repeat(random.integers(0, codes, len(lengths)), lengths)[:seconds]

    truth = track()
    return np.array(
        [
            np.where(np.repeat(random.random(seconds // 20 + 1) < 0.75, 20)[:seconds], truth, track())
            for _ in range(count)
        ]
    )


def record(observer: str, codes: np.ndarray) -> Watched:
    edges = np.flatnonzero(np.diff(codes)) + 1
    bouts = tuple(
        Bout(
            f"{observer}{a}",
            int(a) * 1000,
            int(b) * 1000,
            "s",
            f"c{codes[a]}",
            pieces=((int(a) * 1000, int(b) * 1000),),
        )
        for a, b in zip([0, *edges], [*edges, len(codes)], strict=True)
    )
    return Watched(
        observer,
        Timeline(0, len(codes) * 1000, True, bouts=bouts, observed=(Observed(None, ((0, len(codes) * 1000),)),)),
    )


def timed(work: Callable[[], object], times: int) -> tuple[float, float]:
    """Median wall and CPU seconds."""
    walls, spent = [], []
    for _ in range(times):
        wall, cpu = time.perf_counter(), time.process_time()
        work()
        walls.append(time.perf_counter() - wall)
        spent.append(time.process_time() - cpu)
    return float(np.median(walls)), float(np.median(spent))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sessions", type=int, default=100)
    parser.add_argument("--seconds", type=int, default=3600)
    parser.add_argument("--codes", type=int, default=10)
    asked = parser.parse_args()
    data = sessions(asked.sessions, asked.seconds, asked.codes)
    pairs = asked.sessions * (asked.sessions - 1) // 2
    stream = Stream(
        "s", Text(), exclusive=True, codes=tuple(Code(f"c{k}", Text(), CodeType.STATE) for k in range(asked.codes))
    )
    owen, olga = record("Owen", data[0]), record("Olga", data[1])
    events = [[Event(b.code, b.start, b.event) for b in one.timeline.bouts] for one in (owen, olga)]

    rows = [("kappa of all pairs, ours", pairs, *timed(lambda: kappa.pair_values(data, asked.codes), 5))]
    try:
        from sklearn.metrics import cohen_kappa_score

        few = range(1, 21)
        rows.append(
            (
                "kappa of a pair, scikit-learn",
                20,
                *timed(lambda: [cohen_kappa_score(data[0], data[k]) for k in few], 3),
            )
        )
    except ImportError:
        print("scikit-learn is not installed: no peer beside ours")
    plan = AgreementPlan("second", tolerance_ms=2000)
    rows.append(
        (
            "whole report of one pair, 2,000 resamples",
            1,
            *timed(lambda: compare(stream, [owen, olga], seed=1, plan=plan), 3),
        )
    )
    rows.append(("alignment of two lists of events", 1, *timed(lambda: align(*events, tolerance_ms=5000), 3)))

    per = rows[0][3] / pairs
    print(f"{asked.sessions} sessions of {asked.seconds} s, {asked.codes} codes; medians\n")
    print(f"{'work':44}{'pairs':>7}{'wall s':>9}{'CPU s':>9}{'CPU ms/pair':>13}{'ratio':>9}")
    for name, count, wall, spent in rows:
        print(
            f"{name:44}{count:>7}{wall:>9.3f}{spent:>9.3f}{1000 * spent / count:>13.3f}{spent / count / per:>9.1f}"
        )


if __name__ == "__main__":
    main()
