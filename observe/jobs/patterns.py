"""The inference as a job: read the sessions of a plan, infer, keep the run."""

from __future__ import annotations

from observe.actions import patterns as actions
from observe.core.errors import NotFound
from observe.jobs.work import Task, kind_of_work
from observe.store import patterns


@kind_of_work("patterns")
def run(task: Task) -> dict[str, int]:
    """The number of the run in its study. Given up half-way, nothing of it is kept."""
    plan = patterns.plan(task.db, task.study_id, task.parameters["plan"])
    if plan is None:
        raise NotFound
    asked = actions.plan_of(plan)
    gathered = actions.gather(task.db, task.study_id, asked, task.progress, now=task.clock())
    task.progress(0.6, "Weighing what speaks for and against")
    found = actions.infer(gathered, asked)
    task.progress(0.95, "Keeping the run")
    kept = actions.keep(task.db, task.study_id, plan, gathered, found, now=task.clock())
    return {"run": kept.number}
