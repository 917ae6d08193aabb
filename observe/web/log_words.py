"""What a person should know of a log, in words: a sentence for each finding of the coded record."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from observe.core.coding.record import Finding
from observe.web.languages import N_

FINDINGS = {
    "amendment.not_allowed": N_("A correction tried to change what cannot be changed, or gave a value of the wrong type."),
    "amendment.unknown_event": N_("A correction names an event that is not there, or that comes later."),
    "bout.no_length": N_("Started and stopped at the same instant: it has no length and does not count."),
    "clock.against_server": N_("The device’s clock was more than a minute off the server’s."),
    "clock.backwards": N_("Session time went back from one event to the next."),
    "clock.jump": N_("The device’s clock was set while recording; session time went on undisturbed."),
    "clock.restarted": N_("The recorder was started again: times across this moment rest on the wall clock."),
    "clock.session_against_mono": N_("Session time and the device’s own timer differ by more than a second, and the log does not say why."),
    "clock.session_against_wall": N_("Across a restart, session time and the wall clock differ by more than a second."),
    "clock.slept": N_("The device slept; session time was put right from the wall clock."),
    "clock.wall_against_mono": N_("The wall clock was changed, and the log does not say so."),
    "code.unknown": N_("The framework has no such code in this stream; the event is kept."),
    "code.wrong_kind": N_("A state was recorded as a point, a point as a state, or a change where there is no beat."),
    "end.repeated": N_("The session was ended more than once; the first end counts."),
    "event.after_end": N_("This came after the end, and does not count."),
    "event.conflict": N_("Two events have one id and different content."),
    "event.unknown_kind": N_("An event of a kind that this version does not know."),
    "exclusive.same_instant": N_("Two codes that exclude each other at one instant; the later tap counts."),
    "exclusive.same_interval": N_("Two codes in an interval that holds one; the later counts."),
    "interval.contradiction": N_("An interval was said to be missed or empty, and was ticked."),
    "interval.late": N_("An interval was ticked long after it."),
    "interval.unknown": N_("A tick for an interval that is not there."),
    "link.unknown": N_("The framework has no such link."),
    "link.unknown_event": N_("A link to an event that is not there."),
    "link.wrong_code": N_("A link between codes that it is not for."),
    "log.gap": N_("Events are not there."),
    "modifier.missing": N_("A detail that is required was not given."),
    "note.missing": N_("A code that needs a note has none."),
    "pause.already": N_("Paused while paused."),
    "pause.not_paused": N_("Resumed without a pause."),
    "point.out_of_view": N_("Recorded while paused, out of view, absent, or before the start."),
    "position.unreadable": N_("A position that is no place on earth; it counts as lost."),
    "priority.competing": N_("Two codes of the priority list at once; both are kept."),
    "priority.resolved": N_("Two codes of the priority list at once; the lower one was left out."),
    "rating.answer_not_allowed": N_("An answer that the rating does not offer."),
    "rating.missing": N_("A rating that is asked at the start or the end was not given."),
    "rating.no_answer": N_("A rating with neither value nor answer."),
    "rating.out_of_range": N_("A value that is not on the scale."),
    "rating.repeated": N_("A rating that is asked once was given twice; the later counts."),
    "rating.unknown": N_("The framework has no such rating."),
    "sample.unknown": N_("A scan for a sample point that is not there."),
    "sampling.too_long": N_("More intervals or samples than any session has."),
    "scan.contradiction": N_("A scan was said to be missed, and was taken."),
    "scan.late": N_("A scan was taken late."),
    "scan.repeated": N_("Two scans of one sample that exclude each other; the later counts."),
    "scan.too_late": N_("A scan was taken so late that it counts as missed."),
    "session.not_ended": N_("Without an end nobody can tell whether the log is whole."),
    "start.already_running": N_("Started while it was running; nothing changed."),
    "stop.without_start": N_("Stopped without having been started; it has no length."),
    "stream.unknown": N_("The framework has no such stream."),
    "stream.wrong_kind": N_("A tick or scan in a stream that has no intervals or samples."),
    "subject.already_present": N_("Somebody arrived who was there."),
    "subject.not_on_roster": N_("Somebody who is neither on the roster nor arrived."),
    "subject.not_present": N_("Somebody left who was not there."),
    "target.missing": N_("No target was given, where one is required."),
    "variable.missing": N_("A variable of the session that is required was not given."),
    "view.already_out": N_("Out of view while out of view."),
    "view.not_out": N_("Back in view without having been out of it."),
}  # fmt: skip

SHOWN = 12
"""moments of one kind; the log itself has them all"""


@dataclass(frozen=True, slots=True)
class Told:
    """One kind of finding: its sentence, and each moment with what more there is to say of it."""

    code: str
    words: str
    moments: tuple[tuple[int, str], ...]

    @property
    def shown(self) -> tuple[tuple[int, str], ...]:
        return self.moments[:SHOWN]


def told(findings: Iterable[Finding]) -> list[Told]:
    """Findings of a kind together, in the order in which the first of each came."""
    moments: dict[str, list[tuple[int, str]]] = {}
    for one in findings:
        moments.setdefault(one.code, []).append((one.at, one.detail))
    return [Told(code, FINDINGS.get(code, code), tuple(some)) for code, some in moments.items()]
