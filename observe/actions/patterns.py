"""From sessions to patterns: a plan stated before looking, what it reads, and a run that is kept for good."""

from __future__ import annotations

import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from datetime import UTC, datetime
from typing import Any

from sqlalchemy.orm import Session

from frameworks.model import Construct, Framework
from observe.actions import jobs
from observe.actions import records as coding
from observe.actions.doing import Actor, Console, check, doing
from observe.actions.exports import silence_of
from observe.actions.pattern_versions import Reading, reading_of
from observe.core import consent
from observe.core.agreement.matching import Watched
from observe.core.agreement.summary import CodeAgreement, compare_all
from observe.core.coding.record import Timeline
from observe.core.consent import Silence
from observe.core.errors import Invalid, NotFound
from observe.core.patterns import (
    ENGINE_VERSION,
    CodedSession,
    Freedom,
    Reliability,
    Rows,
    Run,
    Settings,
    Unit,
    freedom_of,
    infer_from,
    name_of,
    rows_from,
)
from observe.core.patterns.result import hash_of
from observe.store import frameworks, patterns, records, studies
from observe.store.jobs import Job
from observe.store.patterns import FindingRow, PlanRow, RunRow
from observe.store.people import Person
from observe.store.records import SessionRow, Wanted
from observe.store.studies import Setting, Study

MS_PER_DAY = 86_400_000
UNITS = {
    "setting": Unit("setting", "settings"), "study": Unit("study", "studies"), "group": Unit("group", "groups"),
}  # fmt: skip
"""by what a plan follows; a session's variable (the lecturer, the room) makes cases"""
RESAMPLED = 200
"""how often happenings are drawn again for the limits of agreement: they gate, and are not published"""


class NothingToRead(Invalid):
    """No session fits the plan, so there is nothing that a pattern could rest on."""

    code = "patterns.nothing_to_read"
    sentence = "No session fits this plan."
    remedy = "Sign off sessions, or state a plan that reads others."


class NoConstructs(Invalid):
    """The framework names no construct, so that no behaviour speaks for or against anything."""

    code = "patterns.no_constructs"
    sentence = "This framework names no construct, so there is nothing that behaviour could speak for or against."
    remedy = "Name constructs with their indicators in the designer, and publish a new version."


class ConsentMoved(Invalid):
    """Somebody took their consent back, or was erased, while a run was worked out that says something of them."""

    code = "patterns.consent_moved"
    sentence = (
        "Somebody took their consent back, or was erased, while this was worked out. Nothing of it was kept."
    )
    remedy = "Ask for the run again."


class NobodyToCompareWith(Invalid):
    """Each is followed in a situation of its own, so that none could ever be compared with another."""

    code = "patterns.nobody_to_compare_with"
    sentence = (
        "What is followed and what it is compared in are the same, so that each would be alone in its situation."
    )
    remedy = "Choose another situation: a variable of the session, the time of day, or none."


@dataclass(frozen=True, slots=True)
class Plan:
    """What is asked of the data, said before looking.

    `follows`: subjects, setting, study, group:<attribute> or variable:<id>. `situation`: setting, daypart, weekday,
    none or variable:<id>. `together`: also sessions of other versions of the framework that mean the same, or that a
    stated map joins with this one.
    """

    framework: str
    follows: str = "subjects"
    situation: str = "setting"
    together: bool = True
    signed_off: bool = False
    since: int | None = None
    until: int | None = None
    expected: str = ""
    """what the supervisor expects to be seen, in words"""
    smallest_effect: float = Settings().smallest_effect
    level: float = Settings().level
    sure_of_effect: float = Settings().sure_of_effect
    false_sign_rate: float = Settings().false_sign_rate
    widest_interval: float = Settings().widest_interval

    @property
    def settings(self) -> Settings:
        """The choices that the inference is given; all others stay as they are reasoned."""
        return Settings(
            smallest_effect=self.smallest_effect, level=self.level, sure_of_effect=self.sure_of_effect,
            false_sign_rate=self.false_sign_rate, widest_interval=self.widest_interval,
        )  # fmt: skip

    @property
    def content(self) -> str:
        """Canonical JSON."""
        return json.dumps(asdict(self), sort_keys=True, ensure_ascii=False)


def plan_of(row: PlanRow) -> Plan:
    return Plan(**json.loads(row.content))


def state(db: Session, actor: Actor, study: Study, plan: Plan, *, now: datetime) -> PlanRow:
    """Keep a plan with its stamp: when it was stated, how many sessions had come in, how often anybody had looked."""
    study_id = study.id
    check(db, actor, "pattern.run", study_id)
    version = frameworks.version_by_hash(db, study_id, plan.framework)
    if version is None:
        raise NotFound
    if plan.follows == plan.situation:
        raise NobodyToCompareWith
    slug = slug_of(db, study_id, plan.framework)
    if not coding.framework(db, study_id, plan.framework).constructs:
        raise NoConstructs
    with doing(db, actor, "pattern.run", study_id, now=now) as entry:
        row = patterns.add_plan(
            db,
            {
                "study_id": study_id, "framework": plan.framework, "slug": slug, "content": plan.content,
                "hash": hashlib.sha256(plan.content.encode()).hexdigest(), "sessions_before": len(rows_for(db, study_id, plan)),
                "runs_before": len(patterns.runs_of(db, study_id, slug)),
                "stated_by": actor.id if isinstance(actor, Person) else None, "stated_at": now,
            },
        )  # fmt: skip
        entry.about = f"plan:{row.id}"
        entry.note(hash=row.hash, stated=True)
    return row


def ask(db: Session, actor: Actor, study: Study, plan_id: int, *, now: datetime) -> Job:
    """Ask for a run of this plan over the sessions that are there now. The same sessions are not gone through twice."""
    check(db, actor, "pattern.run", study.id)
    row = patterns.plan(db, study.id, plan_id)
    if row is None:
        raise NotFound
    plan = plan_of(row)
    rows, joining = rows_for(db, study.id, plan), readable(db, study.id, plan).map
    if not rows:
        raise NothingToRead
    marks = records.logs_of(db, [one.id for one in rows])
    read = [(one.id, one.consent, one.setting, *(log.mark for log in marks[one.id])) for one in rows]
    said = tuple((key, one.freedom) for key, one in freedoms(db, study.id, rows).items())
    told = ((joining,) if joining else ()) + ((said,) if said else ())
    key = hash_of(
        row.hash, ENGINE_VERSION, coding.SOFTWARE, tuple(read), tuple(sorted(withheld(db, study.id))), *told
    )
    return jobs.ask(db, actor, study, "patterns", {"plan": plan_id}, key=key, now=now)


def slug_of(db: Session, study_id: int, content_hash: str) -> str:
    """The short name of the framework that a version is of."""
    version = frameworks.version_by_hash(db, study_id, content_hash)
    names = {one.id: one.slug for one in frameworks.of_study(db, study_id)}
    return names[version.framework_id] if version else ""


def withheld(db: Session, study_id: int) -> frozenset[str]:
    """Subjects who refused, took their consent back, or were erased: nothing is inferred about them."""
    roster = studies.subjects(db, study_id, erased=True)
    return frozenset(one.id for one in roster if one.consent in {"refused", "withdrawn"} or one.erased_at)


def findings_of(db: Session, study_id: int, run_id: int) -> list[FindingRow]:
    """What a run says, but of those who took their consent back since, or were erased."""
    hidden = withheld(db, study_id)
    return [row for row in patterns.findings_of(db, run_id) if row.person not in hidden]


def gone_since(db: Session, study_id: int, run_id: int) -> int:
    """How many people of a run took their consent back since, or were erased: what it says of others still rests on them too."""
    return len({row.person for row in patterns.findings_of(db, run_id)} & withheld(db, study_id))


def rows_for(db: Session, study_id: int, plan: Plan) -> list[SessionRow]:
    """The sessions that a plan reads, oldest first: never practice, never without consent."""
    versions = readable(db, study_id, plan).models
    wanted = Wanted(status="signed_off" if plan.signed_off else "", since=plan.since, until=plan.until)
    return [
        row
        for row in records.of_study(db, study_id, wanted)[::-1]
        if row.framework in versions and row.purpose != "practice" and row.consent != "refused"
    ]


def readable(db: Session, study_id: int, plan: Plan) -> Reading:
    """The versions that a plan reads, and how."""
    return reading_of(db, study_id, plan.framework, together=plan.together)


@dataclass(frozen=True, slots=True)
class Gathered:
    """Everything that one run reads, and how it came to be this."""

    framework: Framework
    rows: Rows
    reliability: Mapping[str, Reliability]
    sessions: Sequence[SessionRow]
    digests: Mapping[str, str]
    agreement: Mapping[str, CodeAgreement]
    post_hoc: Mapping[str, int]
    """by construct: how many of the sessions were recorded under other indicators of it"""
    reading: Reading
    freedoms: Mapping[str, Setting]
    """the settings of these sessions of which it was said how freely people can act there"""


Progress = Callable[[float, str], None]


def gather(db: Session, study_id: int, plan: Plan, progress: Progress, *, now: datetime) -> Gathered:
    """Read the sessions and put them into the rows of the inference, saying how far it is."""
    sessions = rows_for(db, study_id, plan)
    if not sessions:
        raise NothingToRead
    model, silence = (
        coding.framework(db, study_id, plan.framework),
        silence_of(studies.subjects(db, study_id, erased=True)),
    )
    reading = readable(db, study_id, plan)
    timelines, digests = dict[str, Timeline](), dict[str, str]()
    for n, one in enumerate(coding.coded(db, sessions, now=now)):
        bodies = [body for log in one.logs for body in records.bodies(db, log.id)] if silence.subjects else []
        record = reading.record(one.session.framework, one.timeline)
        timelines[one.session.id] = without(record, silence, consent.tied(bodies, silence))
        digests[one.session.id] = one.row.digest
        if n % 10 == 0:
            progress(0.4 * n / len(sessions), f"Reading sessions: {n} of {len(sessions)}")
    whole = [one for one in sessions if not reading.cannot.get(one.framework)]
    agreement = agreement_of(model, whole, timelines, progress)
    progress(0.5, "Counting what was seen of whom")
    rows = replace(rows_of(db, study_id, model, plan, sessions, timelines, reading), reading=reading.map)
    known = {
        name_of(one): Reliability(found.basis.value, found.basis.low)
        for construct in model.constructs
        for one in construct.indicators
        if (found := agreement.get(one.code or one.rating)) and found.basis.value is not None
    }
    return Gathered(
        model, rows, known, sessions, digests, agreement, post_hoc(reading, model, sessions), reading, freedoms(db, study_id, sessions),
    )  # fmt: skip


def freedoms(db: Session, study_id: int, sessions: Sequence[SessionRow]) -> dict[str, Setting]:
    """The settings of these sessions of which it was said how freely people can act there."""
    there = {row.setting for row in sessions}
    return {one.id: one for one in studies.settings(db, study_id) if one.freedom and one.id in there}


def freedom_in(setting: Setting | None) -> float:
    """What an act counts in a setting; all of it where nothing was said."""
    return Freedom(setting.freedom).weight if setting and setting.freedom else Freedom.FREE.weight


def without(timeline: Timeline, silence: Silence, silent: frozenset[str]) -> Timeline:
    """The record as if nobody of these had been looked at; what the others did to them stays the others' doing.

    Of what was noted, nothing that names one of them or is tied to them (`silent`).
    """
    hidden = silence.subjects
    if not hidden:
        return timeline
    notes = tuple(
        one for one in timeline.notes if not (silent & {one.event, one.about} or silence.speaks_of(one.text))
    )
    of_somebody = ("points", "bouts", "intervals", "scans", "ratings", "observed", "turns")
    kept: dict[str, Any] = {
        name: tuple(one for one in getattr(timeline, name) if one.subject not in hidden) for name in of_somebody
    }
    subjects = tuple(one for one in timeline.subjects if one not in hidden)
    return replace(timeline, subjects=subjects, notes=notes, **kept)


def rows_of(
    db: Session, study_id: int, model: Framework, plan: Plan, sessions: Sequence[SessionRow],
    timelines: Mapping[str, Timeline], reading: Reading,
) -> Rows:  # fmt: skip
    """One row a session, person and indicator, with the persons being whatever the plan follows."""
    roster = {one.id: dict(one.attributes or {}) for one in studies.subjects(db, study_id)}
    actors = tuple(
        (key, str(given["role"])) for key, given in roster.items() if given.get("role") in actor_ids(model)
    )
    said = freedoms(db, study_id, sessions)
    coded = [
        CodedSession(
            row.id, timelines[row.id], f"person:{row.observer}", named(row, plan.situation), case_of(row, plan),
            row.happening or "", row.started / MS_PER_DAY,
            choice=min(freedom_of(model, told_of(row)), freedom_in(said.get(row.setting or ""))), actors=actors,
            cannot=tuple(reading.cannot.get(row.framework, {}).items()),
        )
        for row in sessions
    ]  # fmt: skip
    kind, _, name = plan.follows.partition(":")
    if kind == "subjects":
        return rows_from(model, coded, freedom_told=bool(said))
    cases = {one.id: one.case for one in coded}
    group = {key: str(given.get(name, "")) for key, given in roster.items()} if kind == "group" else None
    without_group = set[str]()

    def whom(session: str, person: str) -> str:
        if group is None:
            return cases[session]
        if not group.get(person, person):
            without_group.add(person)
        return group.get(person, person)

    rows = rows_from(model, coded, regroup=whom, freedom_told=bool(said))
    lost = (f"{name}: some subjects have no {name}, and were left out",) if without_group else ()
    return replace(rows, left_out=(*rows.left_out, *lost), unit=UNITS.get(kind, Unit("case", "cases")))


def actor_ids(model: Framework) -> frozenset[str]:
    return frozenset(actor.id for actor in model.actors)


def named(row: SessionRow, what: str) -> str:
    """The setting of a session, what a variable of it says, or when it was by the tablet's own clock; else empty."""
    kind, _, name = what.partition(":")
    local = datetime.fromtimestamp(row.started / 1000 + row.offset * 60, UTC)
    if kind == "daypart":
        return next(words for until, words in DAYPARTS if local.hour < until)
    if kind == "weekday":
        return "weekend" if local.weekday() >= 5 else "working day"
    if kind == "variable":
        value = told_of(row).get(name)
        return "" if value is None else str(value)
    return (row.setting or "") if kind == "setting" else ""


def told_of(row: SessionRow) -> dict[str, Any]:
    """What was answered of the session and its setting when it began."""
    return json.loads(row.header).get("variables") or {}


DAYPARTS = ((12, "morning"), (17, "afternoon"), (24, "evening"))
"""until which hour"""


def case_of(row: SessionRow, plan: Plan) -> str:
    """Who or what is meant where the record names nobody."""
    return "study" if plan.follows == "study" else named(row, plan.follows)


def agreement_of(
    model: Framework, sessions: Sequence[SessionRow], timelines: Mapping[str, Timeline], progress: Progress
) -> dict[str, CodeAgreement]:
    """Agreement on each code over the happenings that two watched; with limits at 90 %, which the gates go by."""
    happenings = list(pairs_of(sessions, timelines))
    if not happenings:
        return {}
    found: dict[str, CodeAgreement] = {}
    for k, stream in enumerate(model.streams):
        progress(0.4 + 0.1 * k / len(model.streams), f"Looking how far observers agree: {stream.label}")
        report = compare_all(stream, happenings, seed=0, times=RESAMPLED, level=0.9)
        found |= {one.code: one for one in report.by_code if one.units}
    return found


def pairs_of(sessions: Sequence[SessionRow], timelines: Mapping[str, Timeline]) -> Iterator[tuple[Watched, ...]]:
    """Of each happening, the first records of two people, on one clock."""
    together: dict[str, dict[int, SessionRow]] = defaultdict(dict)
    for row in sessions:
        if row.happening:
            together[row.happening].setdefault(row.observer, row)
    for watched in together.values():
        some = sorted(watched.values(), key=lambda row: (row.started, row.id))[:2]
        if len(some) == 2:
            yield tuple(
                Watched(f"person:{row.observer}", timelines[row.id], row.started - some[0].started, row.id) for row in some
            )  # fmt: skip


def post_hoc(reading: Reading, model: Framework, sessions: Sequence[SessionRow]) -> dict[str, int]:
    """For each construct, the sessions whose own version says otherwise of what speaks for it."""
    versions, counts = reading.models, Counter(row.framework for row in sessions)
    found: Counter[str] = Counter()
    for construct in model.constructs:
        for mark, count in counts.items():
            before = next((one for one in versions[mark].constructs if one.id == construct.id), None)
            if before is None or weights(before) != weights(construct):
                found[construct.id] += count
    return dict(found)


def weights(construct: Construct) -> frozenset[tuple[str, int, str]]:
    return frozenset((name_of(one), one.polarity, one.diagnosticity.value) for one in construct.indicators)


def infer(gathered: Gathered, plan: Plan) -> Run:
    return infer_from(
        gathered.rows, gathered.framework, settings=plan.settings, reliability=gathered.reliability,
        framework_hash=plan.framework,
    )  # fmt: skip


def keep(db: Session, study_id: int, plan: PlanRow, gathered: Gathered, run: Run, *, now: datetime) -> RunRow:
    """Keep a run for good. One that was kept already is not kept twice: the same input gives the same run."""
    there = patterns.run_by_hash(db, study_id, run.hash)
    if there:
        return there
    plain = run.as_json()
    found = plain.pop("findings")
    with doing(db, Console("worker"), "pattern.run", study_id, now=now) as entry:
        if withheld(db, study_id) & {one["person"] for one in found}:
            raise ConsentMoved
        row = patterns.add_run(
            db,
            {
                "study_id": study_id, "plan_id": plan.id, "slug": plan.slug, "framework": plan.framework, "hash": run.hash,
                "data_hash": run.data_hash, "engine": run.engine_version, "sessions": len(gathered.sessions),
                "head": patterns.packed(plain | context(gathered)), "made_at": now,
            },
            [
                {name: one[name] for name in ("hash", "person", "construct", "status")} | {"body": patterns.packed(one)}
                for one in found
            ],
        )  # fmt: skip
        entry.about = f"run:{row.id}"
        entry.note(hash=run.hash, data=run.data_hash, sessions=row.sessions, findings=len(found))
    return row


def context(gathered: Gathered) -> dict[str, Any]:
    """What the run alone does not say: which logs it read, how far observers agree, what was settled afterwards."""
    return {
        "sessions": [
            {
                "id": row.id, "started": row.started, "observer": f"person:{row.observer}", "setting": row.setting,
                "happening": row.happening, "framework": row.framework, "digest": gathered.digests[row.id],
            }
            for row in gathered.sessions
        ],
        "agreement": [
            {
                "code": one.code, "value": one.basis.value, "low": one.basis.low, "high": one.basis.high,
                "standing": one.standing, "happenings": one.happenings, "units": one.units,
                "name": "kappa" if one.basis is one.kappa and one.alpha.value is None else "alpha",
            }
            for one in gathered.agreement.values()
        ],
        "post_hoc": dict(gathered.post_hoc),
        "freedoms": [
            {
                "setting": key, "freedom": one.freedom, "said": one.freedom_at.isoformat() if one.freedom_at else None,
                "before": sum(row.setting == key and begun_before(row, one.freedom_at) for row in gathered.sessions),
            }
            for key, one in gathered.freedoms.items()
        ],
        "reading": gathered.reading.as_json(),
        "record": coding.SOFTWARE,
    }  # fmt: skip


def begun_before(row: SessionRow, moment: datetime | None) -> bool:
    return moment is not None and row.started < moment.timestamp() * 1000


PLAN_FIELDS = tuple(field.name for field in fields(Plan))
