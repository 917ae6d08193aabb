"""What a page, a PDF and a download say of one finding: its stored words with names in the place of ids."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from frameworks.model import Framework
from observe.actions import records as coding
from observe.actions.reviews import Case
from observe.core.patterns.wording import TEMPLATES, bare, exposure_words, signed
from observe.documents import charts
from observe.documents.charts import Chart, Estimate, Stretch
from observe.store import frameworks, patterns, people, studies
from observe.store.patterns import FindingRow, RunRow
from observe.web import current

STATUS_WORDS = {
    "pattern": "pattern", "contrary-pattern": "contrary pattern", "unclear": "no clear pattern",
    "no-difference": "no reliable difference", "not-enough-evidence": "not enough evidence", "confounded": "confounded",
    "not-watched": "not watched",
}  # fmt: skip
STATUS_TAGS = {
    "pattern": "accent",
    "contrary-pattern": "accent",
    "confounded": "caution",
    "not-enough-evidence": "",
}
WITHOUT_FIGURE = frozenset({"confounded", "not-enough-evidence", "not-watched"})
"""said in words and not in figures, so that nobody reads a dot where nothing can be said"""
GATES = {
    "sessions": "Sessions", "situations": "Situations", "codes": "Indicators that could be seen",
    "events": "Seen and to be expected", "observers": "Observers", "peers": "Watched in the same situations, itself included",
    "both-directions": "Behaviour for and against could be seen", "one-code": "Largest share from one indicator",
    "one-session": "Largest share from one session", "agreement": "Share from codes that observers do not agree on",
    "observer-linked": "Can be told apart from the observer", "situation-linked": "Can be told apart from the situation",
    "width": "Width of the interval", "leave-one-out": "Things without which it does not stand",
}  # fmt: skip
FREEDOM_WORDS = {
    "free": "freely", "partly-bound": "hardly otherwise: acts count half", "bound": "not otherwise: acts count nothing",
}  # fmt: skip
SUPPORT, CONTRARY = "#0072b2", "#d55e00"
LISTED = 5
"""items of each side that are shown at once; all of them stand in the table below"""
DRAWN = 30
"""sessions in the timeline; with more, the newest"""

_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|person:\d+")


@dataclass(frozen=True, slots=True)
class Names:
    """Names for the ids in a run. A subject that was erased has none any more."""

    by_id: Mapping[str, str]
    labels: Mapping[str, str]

    def of(self, id: str) -> str:
        return self.by_id.get(id, id) or "not named"

    def within(self, text: str) -> str:
        """The text with every id that has a name replaced by it."""
        return _ID.sub(lambda found: self.by_id.get(found[0], found[0]), text)

    def indicator(self, name: str) -> str:
        """`praise[to=child]` as `Praise (to child)`."""
        code, bracket, rest = name.partition("[")
        label = self.labels.get(code, code)
        return f"{label} ({rest.rstrip(']').replace('=', ' ').replace(',', ', ')})" if bracket else label


def when(ms: int) -> str:
    return datetime.fromtimestamp(ms / 1000, UTC).strftime("%-d %b %Y, %H:%M")


def names_for(study_id: int, run: RunRow, head: Mapping[str, Any]) -> Names:
    """Everybody and everything that this run speaks of."""
    db = current.database()
    by_id = {one.id: one.pseudonym for one in studies.subjects(db, study_id)}
    gone = {one.id: "somebody who was erased" for one in studies.subjects(db, study_id, erased=True)}
    by_id = gone | by_id | {one.id: one.label for one in studies.settings(db, study_id)}
    by_id |= {one["id"]: f"session of {when(one['started'])}" for one in head["sessions"]}
    observers = {int(one["observer"].partition(":")[2]) for one in head["sessions"]}
    by_id |= {f"person:{key}": name for key, name in people.names(db, observers).items()}
    by_id |= {"study": "the whole study"}
    return Names(by_id, labels_of(coding.framework(db, study_id, run.framework)))


def labels_of(model: Framework) -> dict[str, str]:
    codes = {code.id: str(code.label) for _, code in model.codes()}
    return codes | {rating.id: str(rating.label) for _, rating in model.ratings()}


def version_words(study_id: int, content_hash: str) -> str:
    """`Lectures, version 2`."""
    version = frameworks.version_by_hash(current.database(), study_id, content_hash)
    return f"{version.title}, version {version.number}" if version else content_hash[:12]


@dataclass(frozen=True, slots=True)
class Line:
    """One person × construct in the list of a run."""

    id: int
    person: str
    status: str
    body: Mapping[str, Any]
    missing: tuple[str, ...]

    @property
    def figure(self) -> str:
        """The estimate with its interval, or nothing where no figure may be shown."""
        one = self.body["estimate"]
        if one is None or self.status in WITHOUT_FIGURE:
            return ""
        return f"{signed(one['mean'])} [{bare(one['low'])}, {bare(one['high'])}]"


@dataclass(frozen=True, slots=True)
class Block:
    """One construct of a run: whether people differ at all, and where each stands."""

    construct: str
    label: str
    sentence: str
    lines: tuple[Line, ...]
    chart: Chart | None
    post_hoc: int


def line_of(row: FindingRow, names: Names) -> Line:
    missing = tuple(names.within(one) for one in row.body["missing"])
    return Line(row.id, names.of(row.person), row.status, row.body, missing)


def blocks_of(
    rows: Sequence[FindingRow], head: Mapping[str, Any], names: Names, *, construct: str = "", person: str = "",
    status: str = "",
) -> list[Block]:  # fmt: skip
    """The constructs of a run, narrowed down. The sentence over all people stays: it is not of those shown alone."""
    found = []
    for one in head["constructs"]:
        if construct and one["construct"] != construct:
            continue
        mine = [row for row in rows if row.construct == one["construct"]]
        mine = [
            row for row in mine if (not person or row.person == person) and (not status or row.status == status)
        ]
        lines = tuple(sorted((line_of(row, names) for row in mine), key=_standing))
        found.append(Block(
            one["construct"], one["label"], one["sentence"], lines, dots_of(one["label"], lines) if lines else None,
            head["post_hoc"].get(one["construct"], 0),
        ))  # fmt: skip
    return found


def _standing(line: Line) -> tuple[int, float, str]:
    """Highest first; those without a figure below, by name."""
    mean = line.body["estimate"]["mean"] if line.figure else 0.0
    return (0 if line.figure else 1), -mean, line.person


def dots_of(label: str, lines: Iterable[Line]) -> Chart:
    """Dot and interval for each person or place; what is not known stands as words in its row."""
    estimates = []
    for line in lines:
        one = line.body["estimate"]
        if line.figure:
            estimates.append(
                Estimate(line.person, one["mean"], one["low"], one["high"], one["low_half"], one["high_half"])
            )
        else:
            estimates.append(Estimate(line.person, None, note=STATUS_WORDS[line.status]))
    about = f"Where each stands on {label}, relative to the others. The table beside it holds the same."
    return charts.dots(
        estimates, axis="behaviour against ← relative to peers → behaviour for", description=about, zero=True
    )


@dataclass(frozen=True, slots=True)
class Item:
    """One session × indicator of the evidence, in words and with its moments."""

    key: str
    session: str
    session_words: str
    indicator: str
    words: str
    situation: str
    observer: str
    contribution: float
    side: str
    stayed_away: bool
    moments: tuple[tuple[str, int, int], ...]
    """event, when it was in the session, its number in the log"""
    note: str

    @property
    def figure(self) -> str:
        return f"{self.contribution:+.3f}".replace("-", "−")


def items_of(body: Mapping[str, Any], names: Names, places: Mapping[str, int]) -> list[Item]:
    """All of the evidence, the weightiest first."""
    notes: dict[str, list[str]] = defaultdict(list)
    for note in body["evidence"]["notes"]:
        notes[note["session"]].append(note["text"])
    found = [item_of(one, names, places, notes) for one in body["evidence"]["items"]]
    return sorted(found, key=lambda one: (-abs(one.contribution), one.session, one.indicator))


def item_of(
    one: Mapping[str, Any], names: Names, places: Mapping[str, int], notes: Mapping[str, Sequence[str]]
) -> Item:
    away = one["family"] != "rating" and one["observed"] == 0 and one["expected"] >= 1
    moments = tuple((each["event"], each["at"], places.get(each["event"], 1)) for each in one["moments"])
    return Item(
        f"{one['session']}/{one['indicator']}", one["session"], names.of(one["session"]), names.indicator(one["indicator"]),
        seen_words(one), names.of(one["situation"]), names.of(one["observer"]), one["contribution"], one["side"], away,
        moments, " · ".join(notes.get(one["session"], ())),
    )  # fmt: skip


def seen_words(one: Mapping[str, Any]) -> str:
    """`expected 6.1, saw 1 in 53 min`; runs that were kept before exposures had names knew minutes and opportunities."""
    if one["family"] == "rating":
        return f"rated {figure(one['observed'])}, expected {figure(one['expected'])}"
    before = "minutes" if one["family"] == "count" else "opportunities"
    of = exposure_words(one["family"], one.get("measure", before), one["exposure"])
    return f"expected {figure(one['expected'])}, saw {figure(one['observed'])} {of}"


def figure(value: float) -> str:
    return f"{value:.0f}" if abs(value - round(value)) < 0.05 else f"{value:.1f}"


def timeline_of(items: Sequence[Item], started: Mapping[str, int]) -> Chart | None:
    """When what counted was seen, session by session: for and against on the same line."""
    sessions = sorted({one.session for one in items if one.moments}, key=lambda id: started[id])[-DRAWN:]
    words = {"supporting": ("supports the estimate", SUPPORT), "contrary": ("speaks against it", CONTRARY)}
    stretches = [
        Stretch(when(started[one.session]), words[one.side][0], at / 60_000, at / 60_000, words[one.side][1])
        for session in sessions
        for one in items
        if one.session == session and one.contribution
        for _, at, _ in one.moments
    ]
    about = "Each mark is an observation, in minutes from the session's start; the tables hold the same."
    return charts.raster(stretches, axis="minutes", description=about) if stretches else None


def course_of(items: Sequence[Item], started: Mapping[str, int]) -> Chart | None:
    """What each session adds to the estimate or takes from it, along the days; None with fewer than three days."""
    net: dict[str, float] = defaultdict(float)
    for one in items:
        net[datetime.fromtimestamp(started[one.session] / 1000, UTC).date().isoformat()] += one.contribution
    if len(net) < 3:
        return None
    points = [("added by each day's sessions", day, Estimate(day, value)) for day, value in sorted(net.items())]
    about = "What each day's sessions add to the estimate, or take from it."
    return charts.trend(points, axis="share of the estimate", description=about)


def pages_of(study_id: int, case: Case) -> dict[str, Any]:
    """Everything that the page of a finding shows, but its reviews."""
    db, row = current.database(), case.finding
    head = patterns.head_of(db, case.run.id)
    names, body = names_for(study_id, case.run, head), row.body
    places = patterns.places_of(
        db, [each["event"] for one in body["evidence"]["items"] for each in one["moments"]]
    )
    items = items_of(body, names, places)
    started = {one["id"]: one["started"] for one in head["sessions"]}
    plan = patterns.plan(db, study_id, case.run.plan_id)
    shown = row.status not in WITHOUT_FIGURE
    return {
        "case": case, "row": row, "body": body, "head": head, "names": names, "items": items, "plan": plan,
        "supporting": [one for one in items if one.side == "supporting"],
        "contrary": [one for one in items if one.side == "contrary"], "listed": LISTED,
        "sums": {side: sum(one.contribution for one in items if one.side == side) for side in ("supporting", "contrary")},
        "nothing_contrary": TEMPLATES["none-contrary" if body["evidence"]["contrary_looked_for"] else "nothing-contrary"],
        "freedoms": FREEDOM_WORDS, "timeline": timeline_of(items, started), "course": course_of(items, started), "gates": GATES, "shown": shown,
        "sentence": names.within(body["sentence"]), "person": names.of(row.person), "status_words": STATUS_WORDS,
        "status_tags": STATUS_TAGS, "version": version_words(study_id, case.run.framework),
        "agreement": {one["code"]: one for one in head["agreement"]}, "post_hoc": head["post_hoc"].get(row.construct, 0),
        "construct": declared(study_id, case), "newer": None if case.is_current else newer_of(case),
    }  # fmt: skip


def declared(study_id: int, case: Case) -> Any:
    """The construct as the framework version defines it."""
    model = coding.framework(current.database(), study_id, case.run.framework)
    return next((one for one in model.constructs if one.id == case.finding.construct), None)


def newer_of(case: Case) -> int | None:
    """What the newest run says of the same person and construct; None where it says nothing."""
    return patterns.same_finding(current.database(), case.newest.id, case.finding.person, case.finding.construct)
