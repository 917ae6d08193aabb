"""What a page, a PDF and a download say of one finding: its stored words with names in the place of ids."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from frameworks.model import CodeType, Framework
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
_AT_MOST = frozenset({"one-code", "one-session", "agreement", "leave-one-out"})
SUPPORT, CONTRARY = "#0072b2", "#d55e00"
LISTED = 5
"""items of each side that are shown at once; all of them stand in the table below"""
SILENT = 12
"""with more people than this of whom nothing is said, they are told by what is missing and not one by one"""
DRAWN = 30
"""sessions in the timeline; with more, the newest"""

_INDICATOR = re.compile(r"(\bindicator \(?)([\w.-]+(?:\[[^\]]*\])?)")
_ONE_THING = re.compile(r"without .*(?=: needs)")
_IN_BRACKETS = re.compile(r" \([^()]*\)")
_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|person:\d+")


@dataclass(frozen=True, slots=True)
class Names:
    """Names for the ids in a run. A subject that was erased has none any more."""

    by_id: Mapping[str, str]
    labels: Mapping[str, str]
    lasting: frozenset[str] = frozenset()
    """codes of what lasts: they are counted by their beginnings"""

    def of(self, id: str) -> str:
        return self.by_id.get(id, id) or "not named"

    def within(self, text: str) -> str:
        """The text with every id that has a name replaced by it, and each indicator by its label."""
        named = _ID.sub(lambda found: self.by_id.get(found[0], found[0]), text)
        told = _INDICATOR.sub(lambda found: found[1] + self.indicator(found[2]), named)
        return told.replace("session session of", "the session of")

    def fragile(self, text: str) -> str:
        """`LQ alpha .41` as `Lecturer question alpha .41`."""
        name, space, rest = text.partition(" alpha ")
        return self.indicator(name) + space + rest

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
    happenings: dict[str, str] = {}
    for one in sorted(head["sessions"], key=lambda one: one["started"]):
        by_id[one["id"]] = f"session of {when(one['started'])}"
        happenings.setdefault(one["happening"], by_id[one["id"]])
    by_id |= {id: words for id, words in happenings.items() if id}
    observers = {int(one["observer"].partition(":")[2]) for one in head["sessions"]}
    by_id |= {f"person:{key}": name for key, name in people.names(db, observers).items()}
    by_id |= {"study": "the whole study"}
    model = coding.framework(db, study_id, run.framework)
    return Names(
        by_id, labels_of(model), frozenset(code.id for _, code in model.codes() if code.type is CodeType.STATE)
    )


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
    silent: tuple[tuple[str, tuple[Line, ...]], ...] = ()
    """by what is said of them: those who have no figure, where they are too many to stand among the others"""

    @property
    def shown(self) -> int:
        """All who are listed in one way or the other."""
        return len(self.lines) + sum(len(group) for _, group in self.silent)

    @property
    def reasons(self) -> list[tuple[str, int]]:
        """What is missing, and for how many of those without a figure; the commonest first."""
        found = Counter(
            _ONE_THING.sub("without one thing", _IN_BRACKETS.sub("", one))
            for _, group in self.silent
            for line in group
            for one in line.missing
        )
        return sorted(found.items(), key=lambda pair: (-pair[1], pair[0]))


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
        known = tuple(line for line in lines if line.figure)
        many = len(lines) - len(known) > SILENT
        listed = known if many else lines
        found.append(Block(
            one["construct"], one["label"], one["sentence"], listed, dots_of(one["label"], listed) if known else None,
            head["post_hoc"].get(one["construct"], 0), _by_status(lines) if many else (),
        ))  # fmt: skip
    return found


def _by_status(lines: Iterable[Line]) -> tuple[tuple[str, tuple[Line, ...]], ...]:
    """Those without a figure, grouped by what is said of them; the largest group first."""
    found: dict[str, list[Line]] = defaultdict(list)
    for line in lines:
        if not line.figure:
            found[line.status].append(line)
    return tuple((status, tuple(group)) for status, group in sorted(found.items(), key=lambda pair: -len(pair[1])))


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
    """All of the evidence, the weightiest first. What was noted in a session stands with its weightiest item on each side."""
    notes: dict[str, list[str]] = defaultdict(list)
    for note in body["evidence"]["notes"]:
        notes[note["session"]].append(note["text"])
    found = [item_of(one, names, places, notes) for one in body["evidence"]["items"]]
    found.sort(key=lambda one: (-abs(one.contribution), one.session, one.indicator))
    told = set[tuple[str, str]]()
    for k, one in enumerate(found):
        if (one.session, one.side) in told:
            found[k] = replace(one, note="")
        told.add((one.session, one.side))
    return found


def item_of(
    one: Mapping[str, Any], names: Names, places: Mapping[str, int], notes: Mapping[str, Sequence[str]]
) -> Item:
    away = one["family"] != "rating" and one["observed"] == 0 and one["expected"] >= 1
    moments = tuple((each["event"], each["at"], places.get(each["event"], 1)) for each in one["moments"])
    return Item(
        f"{one['session']}/{one['indicator']}", one["session"], names.of(one["session"]), names.indicator(one["indicator"]),
        seen_words(one, names), names.of(one["situation"]), names.of(one["observer"]), one["contribution"], one["side"], away,
        moments, " · ".join(notes.get(one["session"], ())),
    )  # fmt: skip


def seen_words(one: Mapping[str, Any], names: Names) -> str:
    """`expected 6.1, saw 1 in 53 min`; runs that were kept before exposures had names knew minutes and opportunities.

    What lasts can only begin while it is not going on: its minutes are fewer than the session's, and are called so.
    """
    if one["family"] == "rating":
        return f"rated {figure(one['observed'])}, expected {figure(one['expected'])}"
    before = "minutes" if one["family"] == "count" else "opportunities"
    measure = one.get("measure", before)
    of = exposure_words(one["family"], measure, one["exposure"])
    if measure == "minutes" and one["indicator"].partition("[")[0] in names.lasting:
        began = f"began {times(one['observed'])}" if one["observed"] else "did not begin"
        return f"expected to begin {times(one['expected'])}, {began} {of} without it"
    return f"expected {figure(one['expected'])}, saw {figure(one['observed'])} {of}"


def times(value: float) -> str:
    """`once`, `6.1 times`."""
    return "once" if figure(value) == "1" else f"{figure(value)} times"


def figure(value: float) -> str:
    return f"{value:.0f}" if abs(value - round(value)) < 0.05 else f"{value:.1f}"


def timeline_of(items: Sequence[Item], started: Mapping[str, int]) -> Chart | None:
    """When what counted was seen, session by session: for and against on the same line."""
    sessions = sorted({one.session for one in items if one.moments}, key=lambda id: (started[id], id))[-DRAWN:]
    tracks = _tracks(sessions, started, {one.session: one.observer for one in items})
    words = {"supporting": ("supports the estimate", SUPPORT), "contrary": ("speaks against it", CONTRARY)}
    stretches = [
        Stretch(tracks[one.session], words[one.side][0], at / 60_000, at / 60_000, words[one.side][1])
        for session in sessions
        for one in items
        if one.session == session and one.contribution
        for _, at, _ in one.moments
    ]
    about = "Each mark is an observation, in minutes from the session's start; the tables hold the same."
    return charts.raster(stretches, axis="minutes", description=about) if stretches else None


def _tracks(sessions: Sequence[str], started: Mapping[str, int], observers: Mapping[str, str]) -> dict[str, str]:
    """A label for each session: when it began; of several with one beginning who watched, or else its number."""
    found = {one: when(started[one]) for one in sessions}
    if len(set(found.values())) < len(found):
        found = {one: f"{words} · {observers[one]}" for one, words in found.items()}
    before = Counter[str]()
    for one, words in found.items():
        before[words] += 1
        found[one] = f"{words} ({before[words]})" if before[words] > 1 else words
    return found


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
        "crowded": any(one.get("measure") == "scans" and one["family"] == "count" for one in body["evidence"]["items"]),
        "freedoms": FREEDOM_WORDS, "timeline": timeline_of(items, started), "course": course_of(items, started), "gates": GATES, "needed": needed, "shown": shown,
        "sentence": names.within(body["sentence"]), "person": names.of(row.person), "status_words": STATUS_WORDS,
        "status_tags": STATUS_TAGS, "version": version_words(study_id, case.run.framework),
        "agreement": {one["code"]: one for one in head["agreement"]}, "post_hoc": head["post_hoc"].get(row.construct, 0),
        "construct": declared(study_id, case), "newer": None if case.is_current else newer_of(case),
    }  # fmt: skip


def needed(gate: Mapping[str, Any]) -> str:
    """`at least 3`, `at most 0.5`: which way a gate opens."""
    way = "at most" if gate["id"] in _AT_MOST else "less than" if gate["id"] == "width" else "at least"
    return f"{way} {gate['needed']:g}"


def declared(study_id: int, case: Case) -> Any:
    """The construct as the framework version defines it."""
    model = coding.framework(current.database(), study_id, case.run.framework)
    return next((one for one in model.constructs if one.id == case.finding.construct), None)


def newer_of(case: Case) -> int | None:
    """What the newest run says of the same person and construct; None where it says nothing."""
    return patterns.same_finding(current.database(), case.newest.id, case.finding.person, case.finding.construct)
