"""The audit trail, for supervisors of a study and for whoever runs the server."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Blueprint, Response, render_template, request

from observe.core import chain
from observe.store import audit, people
from observe.store.audit import AuditEntry
from observe.store.studies import Study
from observe.web import current
from observe.web.guard import needs

pages = Blueprint("audit", __name__)
PAGE = 50


def names_in(entries: Sequence[AuditEntry]) -> dict[str, str]:
    """People's names for the ids that entries name; the trail itself holds none."""
    words = [word for entry in entries for word in (entry.actor, entry.about)]
    ids = {int(word.removeprefix("person:")) for word in words if word.startswith("person:")}
    return {f"person:{number}": name for number, name in people.names(current.database(), ids).items()}


def trail_page(study_id: int | None) -> str:
    before = min(request.args.get("before", 2**31 - 1, type=int), 2**31 - 1)
    entries = audit.latest(current.database(), study_id=study_id, before=before, limit=PAGE)
    older = entries[-1].number if len(entries) == PAGE else None
    return render_template(
        "audit/index.html",
        entries=entries,
        names=names_in(entries),
        older=older,
        head=audit.head(current.database()),
    )


@pages.get("/studies/<slug>/audit")
@needs("audit.see")
def index(study: Study) -> str:
    return trail_page(study.id)


@pages.get("/server/audit")
@needs("server.see")
def server() -> str:
    return trail_page(None)


@pages.get("/studies/<slug>/audit/check")
@needs("audit.see")
def check(study: Study) -> str:
    """The whole chain is checked, also what other studies did: a study's entries hold on to theirs."""
    return verification()


@pages.get("/server/audit/check")
@needs("server.see")
def check_server() -> str:
    return verification()


def verification() -> str:
    db = current.database()
    return render_template("audit/check.html", faults=list(chain.faults(audit.links(db))), head=audit.head(db))


@pages.get("/server/audit/head")
@needs("server.see")
def head() -> Response:
    """To be kept where nobody who runs this server can change it."""
    number, digest = audit.head(current.database())
    return Response(
        f"{number}:{digest}\n",
        mimetype="text/plain",
        headers={"Content-Disposition": "attachment; filename=audit-head.txt"},
    )
