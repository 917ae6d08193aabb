"""Taking patterns out: the newest runs with their evidence, and the reviews that whoever takes them may know."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy.orm import Session

from observe.actions.doing import Actor, doing
from observe.actions.patterns import findings_of
from observe.actions.reviews import heard_by
from observe.core.tidy_patterns import Inferred
from observe.store import patterns, reviews
from observe.store.patterns import RunRow
from observe.store.people import Person
from observe.store.studies import Study


def take(db: Session, actor: Actor, study: Study, *, what: str, now: datetime) -> list[Inferred]:
    """Every finding of the newest run of each framework; nothing of subjects who took their consent back."""
    study_id, viewer = study.id, str(actor.id) if isinstance(actor, Person) else ""
    with doing(db, actor, "export.take", study_id, about=f"study:{study_id}", now=now) as entry:
        slugs = dict.fromkeys(run.slug for run in patterns.runs_of(db, study_id))
        newest = [run for slug in slugs if (run := patterns.newest(db, study_id, slug))]
        found = [one for run in newest for one in _of_run(db, study_id, run, viewer)]
        entry.note(what=what, findings=len(found))
    return found


def _of_run(db: Session, study_id: int, run: RunRow, viewer: str) -> Iterator[Inferred]:
    head = patterns.head_of(db, run.id)
    given = reviews.of_study(db, study_id, run.slug)
    asked = {one.inference: str(one.asked) for one in reviews.asked_of_study(db, study_id)}
    for row in findings_of(db, study_id, run.id):
        own = [one for one in given if one.finding == (row.person, row.construct)]
        heard = heard_by(viewer, own, inference=row.hash, dissenter=asked.get(row.hash, ""))
        yield Inferred(
            run.number, run.hash, run.data_hash, run.slug, run.framework, run.made_at.isoformat(),
            head["post_hoc"].get(row.construct, 0), row.body, heard.visible, heard.hidden, heard.status,
            (head.get("reading") or {}).get("map", ""),
        )  # fmt: skip
