"""What begins soon after what, over all sessions of a question, as a job: each pair with its own test."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from frameworks.model import Stream
from observe.actions import analysis
from observe.actions import scope as scopes
from observe.actions.analysis import Query
from observe.core.errors import Invalid
from observe.core.measures import windows
from observe.core.measures.figures import Figure
from observe.core.measures.windows import BY_ANOTHER, BY_SAME, Pair, Units, Window
from observe.jobs.sequences import SEED, SHUFFLES
from observe.jobs.work import Task, kind_of_work


@kind_of_work("windows")
def within(task: Task) -> dict[str, Any]:
    """One given code and one target, or every other code as the target."""
    query, asked = Query.of(task.parameters), task.parameters
    scope = scopes.of(task.db, task.study_id, query.framework, query.window)
    stream_of = {code.id: stream for stream, code in windows.timed_codes(scope.model)}
    given, target, by = asked["given"], asked.get("target", ""), asked.get("by", BY_SAME)
    if given not in stream_of or (target and target not in stream_of):
        raise Invalid("One of these codes does not begin at a moment.")
    targets = [target] if target else [code for code in stream_of if code != given or by == BY_ANOTHER]
    units = gathered(task, query, scope, (stream_of[given], given), [(stream_of[one], one) for one in targets], by)
    pairs = []
    for number, one in enumerate(targets):
        task.progress(0.7 + 0.3 * number / len(targets), f"Turning round: {number + 1} of {len(targets)}")
        pairs.append(
            windows.pair_of(given, one, units[one], window_ms=asked["window_ms"], seed=SEED, times=SHUFFLES)
        )
    found = windows.corrected([one for one in pairs if any(any(row) for row in one.pooled.table)])
    return {
        "given": given, "target": target, "by": by, "window_ms": asked["window_ms"], "seed": SEED, "times": SHUFFLES,
        "subjects": len({subject for one in found for subject, _ in one.by_subject}),
        "pairs": [pair(one) for one in found], "together": scope.as_json(),
    }  # fmt: skip


def gathered(
    task: Task,
    query: Query,
    scope: scopes.Scope,
    given: tuple[Stream, str],
    targets: Sequence[tuple[Stream, str]],
    by: str,
) -> dict[str, dict[str, list[Units]]]:
    """Units by target and subject; where subjects are not told apart, the session stands for one."""
    rows = analysis.rows_of(task.db, task.study_id, query)
    if not rows:
        raise Invalid("There is no session to look at.")
    without = analysis.withheld(task.db, task.study_id)
    found: dict[str, dict[str, list[Units]]] = {code: {} for _, code in targets}
    for number, one in enumerate(scopes.coded(task.db, scope, rows, now=task.clock())):
        if number % 20 == 0:
            task.progress(0.7 * number / len(rows), f"Session {number + 1} of {len(rows)}")
        timeline = one.timeline
        for target in targets:
            units = windows.units_by_subject(
                timeline, given, target, by=by, window_ms=task.parameters["window_ms"]
            )
            for subject, stretches in units.items():
                if subject in without or (query.subject and subject != query.subject):
                    continue
                found[target[1]].setdefault(subject or f"session {one.session.id}", []).extend(stretches)
    return found


def pair(one: Pair) -> dict[str, Any]:
    """One pair as plain values."""
    across = one.across
    return window(one.pooled) | {
        "rotated": one.pooled.rotated, "holm": one.pooled.holm, "hochberg": one.pooled.hochberg,
        "common": limits(across.common_log_odds), "p": across.p, "more": across.more, "less": across.less,
        "by_subject": [{"subject": subject} | window(of) for subject, of in one.by_subject],
    }  # fmt: skip


def window(one: Window) -> dict[str, Any]:
    (both, only), (begun, neither) = one.table
    return {
        "given": one.given, "target": one.target, "both": both, "near_only": only, "target_only": begun,
        "neither": neither, "near": one.near, "elsewhere": one.elsewhere, "q": one.q, "log_odds": one.log_odds,
        "low": one.low, "high": one.high,
    }  # fmt: skip


def limits(one: Figure) -> dict[str, Any]:
    return {
        "value": one.value,
        "low": one.low,
        "high": one.high,
        "reason": one.reason,
        "method": one.method,
        "n": one.denominator,
    }
