"""What follows what, over all sessions of a question, as a job: permutations take their time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np

from frameworks.model import Stream
from observe.actions import agreement, analysis
from observe.actions import scope as scopes
from observe.actions.analysis import Query
from observe.actions.scope import Scope
from observe.core.errors import Invalid
from observe.core.measures.figures import Figure
from observe.core.measures.sequences import (
    Run,
    across_subjects,
    collapsed,
    corrected,
    entropy_rate,
    runs_of,
    shuffled,
    transition_counts,
    transitions,
)
from observe.jobs.work import Task, kind_of_work

SEED = 20260304
SHUFFLES = 2000
FEW, FEWER = 3_000, 500
"""where codes cannot repeat a shuffle takes longer: so many transitions get all of them, others fewer"""

MOST_SHUFFLED = 60_000
"""transitions; of more than so many a permutation test says nothing that the asymptotic one does not"""


@kind_of_work("sequences")
def sequences(task: Task) -> dict[str, Any]:
    """One stream's table of transitions with every figure of it."""
    query, asked = Query.of(task.parameters), task.parameters
    scope = scopes.of(task.db, task.study_id, query.framework, query.window)
    stream = agreement.stream_of(scope.model, asked.get("stream", ""))
    lag, collapse = int(asked.get("lag", 1)), bool(asked.get("collapse"))
    by_subject = dict(runs_by_subject(task, stream, query, scope))
    runs = [run for some in by_subject.values() for run in (collapsed(some) if collapse else some)]
    codes = [code.id for code in stream.codes if any(code.id in run for run in runs)]
    if len(codes) < 2 or not any(len(run) > lag for run in runs):
        return {"stream": stream.id, "runs": len(runs), "codes": codes, "together": scope.as_json()}
    loops = not (collapse and lag == 1) and not no_repeats(stream, runs, lag)
    task.progress(0.5, "Counting")
    found = transitions(runs, codes, lag=lag, loops=loops)
    times, permuted = 0, found.count <= MOST_SHUFFLED and (loops or lag == 1)
    if permuted:
        task.progress(0.6, "Shuffling")
        times = SHUFFLES if loops or found.count <= FEW else FEWER
        found = shuffled(found, runs, seed=SEED, times=times)
    else:
        found = replace(found, cells=corrected(found.cells))
    entropy = entropy_rate(np.array(found.table))
    return {
        "stream": stream.id, "codes": codes, "runs": len(runs), "subjects": len(by_subject), "permuted": permuted,
        "times": times, "longest": max(map(len, runs)), "found": analysis.as_json(found),
        "entropy": {"bits": _figure(entropy.bits), "normalised": _figure(entropy.normalised)},
        "across": shared(by_subject, codes, lag, collapse), "together": scope.as_json(),
    }  # fmt: skip


def runs_by_subject(
    task: Task, stream: Stream, query: Query, scope: Scope
) -> Iterator[tuple[str, tuple[Run, ...]]]:
    """Runs of each subject over all sessions; where subjects are not told apart, the session stands for one."""
    rows = analysis.rows_of(task.db, task.study_id, query)
    if not rows:
        raise Invalid("There is no session to look at.")
    found: dict[str, list[Run]] = {}
    without = analysis.withheld(task.db, task.study_id)
    for number, one in enumerate(scopes.coded(task.db, scope, rows, now=task.clock())):
        if number % 20 == 0:
            task.progress(0.5 * number / len(rows), f"Session {number + 1} of {len(rows)}")
        timeline = one.timeline
        for subject in subjects_of(stream, timeline):
            if subject in without or (query.subject and subject != query.subject):
                continue
            runs = runs_of(timeline, stream, subject)
            found.setdefault(subject or f"session {one.session.id}", []).extend(runs)
    yield from ((name, tuple(runs)) for name, runs in found.items() if runs)


def subjects_of(stream: Stream, timeline: Any) -> list[str | None]:
    return list(
        dict.fromkeys(
            one.subject for group in (timeline.points, timeline.bouts) for one in group if one.stream == stream.id
        )
    )


def no_repeats(stream: Stream, runs: list[Run], lag: int) -> bool:
    """Whether a code cannot follow itself: in an exclusive stream of states in which none ever did."""
    states = stream.exclusive and all(code.type == "state" for code in stream.codes)
    return states and lag == 1 and all(one != other for run in runs for one, other in pairwise(run))


def shared(by_subject: Mapping[str, tuple[Run, ...]], codes: list[str], lag: int, collapse: bool) -> list[Any]:
    """Each transition in each subject: the subject is the unit of anything that is said of people."""
    tables = {
        name: transition_counts(collapsed(runs) if collapse else runs, codes, lag=lag)
        for name, runs in by_subject.items()
    }
    total = sum(tables.values(), np.zeros((len(codes), len(codes)), np.int64))
    found = []
    for i, given in enumerate(codes):
        for j, target in enumerate(codes):
            if total[i, j]:
                one = across_subjects(tables, codes, given, target)
                found.append(
                    {
                        "given": given, "target": target, "odds": _figure(one.common_log_odds), "p": one.p,
                        "more": one.more, "less": one.less,
                    }
                )  # fmt: skip
    return found


def _figure(one: Figure) -> dict[str, Any]:
    return {
        "value": one.value,
        "low": one.low,
        "high": one.high,
        "unit": one.unit,
        "reason": one.reason,
        "n": one.denominator,
        "method": one.method,
    }
