"""When intervals, sample points and focal turns are due: cut in running time, which a pause stops."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from frameworks.model import Sampling, SamplingKind
from observe.core.coding.record import Span

MOST = 20_000
"""of one stream in one session: 15-second intervals for 83 hours. More is a wrong clock, and a finding."""


class RunningTime:
    """Running time is session time less pauses. At a pause one running moment has two session times."""

    def __init__(self, pauses: Sequence[Span], end: int) -> None:
        self.end = end
        self._begins = [start for start, _ in pauses]
        self._before = [0]
        for start, stop in pauses:
            self._before.append(self._before[-1] + stop - start)
        self._pauses = pauses
        self._at = [start - self._before[i] for i, (start, _) in enumerate(pauses)]
        self.total = end - self._before[-1]

    def of(self, at: int) -> int:
        """Running time at a session time; it stands still in a pause."""
        i = bisect_right(self._begins, at)
        if i and at < self._pauses[i - 1][1]:
            return self._at[i - 1]
        return at - self._before[i]

    def starts(self, running: int) -> int:
        """The session time at which what begins at this running time begins: after a pause that stands there."""
        return running + self._before[bisect_right(self._at, running)]

    def ends(self, running: int) -> int:
        """The session time at which what ends at this running time ends: before a pause that stands there."""
        return running + self._before[bisect_left(self._at, running)]


@dataclass(frozen=True, slots=True)
class Due:
    """One interval, observation window, sample point (no length) or focal turn, in session time.

    `running` is the running time at which it starts; `cut` is true when the window ended before it was over.
    """

    index: int
    start: int
    end: int
    running: int
    cut: bool = False

    @property
    def ms(self) -> int:
        return self.end - self.start


def is_sampled(sampling: Sampling, index: int) -> bool:
    """Whether `every` and `first` pick the one with this index, counted from 0 here and from 1 there."""
    return index + 1 >= sampling.first and (index + 1 - sampling.first) % sampling.every == 0


def step_of(sampling: Sampling) -> tuple[int, int] | None:
    """(cycle, observed part of it) in ms; None where the regime has no intervals or does not give its length."""
    if sampling.kind is SamplingKind.OBSERVE_RECORD:
        observe, record = sampling.observe_ms or 0, sampling.record_ms or 0
        return (observe + record, observe) if observe > 0 else None
    length = sampling.length_ms or 0
    return (length, length) if length > 0 else None


def intervals_due(sampling: Sampling, time: RunningTime) -> Iterator[Due]:
    """The intervals begun inside the window, at most `MOST`; a tally without a length has one: the whole session."""
    if sampling.kind is SamplingKind.TALLY and not sampling.length_ms:
        if time.total > 0:
            yield Due(0, time.starts(0), time.ends(time.total), 0)
        return
    step = step_of(sampling)
    if step is None:
        return
    cycle, length = step
    for index in range(min(MOST, -(-time.total // cycle))):
        if is_sampled(sampling, index):
            begin, over = index * cycle, index * cycle + length
            yield Due(index, time.starts(begin), time.ends(min(over, time.total)), begin, over > time.total)


def samples_due(sampling: Sampling, time: RunningTime) -> Iterator[Due]:
    """The sample points inside the window, at most `MOST`; none where the regime gives no length."""
    if sampling.kind is SamplingKind.SNAPSHOTS:
        count, over = sampling.count or 0, sampling.over_ms or 0
        moments: Iterator[int] = ((2 * k + 1) * over // (2 * count) for k in range(min(MOST, count)))
    else:
        length = sampling.length_ms or 0
        moments = (k * length for k in range(MOST if length > 0 else 0))
    for index, running in enumerate(moments):
        if running >= time.total:
            return
        if is_sampled(sampling, index):
            at = time.starts(running)
            yield Due(index, at, at, running)


def turns_due(sampling: Sampling, time: RunningTime) -> Iterator[Due]:
    """The turns of a focal list, `dwell_ms` each, until the window ends."""
    dwell = sampling.rotation.dwell_ms if sampling.rotation else 0
    if dwell <= 0:
        return
    for index in range(min(MOST, -(-time.total // dwell))):
        begin, over = index * dwell, (index + 1) * dwell
        yield Due(index, time.starts(begin), time.ends(min(over, time.total)), begin, over > time.total)


def is_too_long(sampling: Sampling, time: RunningTime) -> bool:
    """Whether the window holds more than `MOST` of what this regime cuts it into."""
    if sampling.kind is SamplingKind.SNAPSHOTS:
        return (sampling.count or 0) > MOST
    step = step_of(sampling)
    return step is not None and -(-time.total // step[0]) > MOST
