"""Words that try to be something else than words, and a study that is full of them."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from frameworks import library
from observe.actions import devices, frameworks, people, sessions, studies, supervision
from observe.actions.doing import Console
from observe.actions.limits import Limits
from observe.actions.sessions import Sender
from observe.store import frameworks as kept_frameworks
from tests.factories.field import Field
from tests.factories.people import Cast
from tests.factories.uploads import envelope, event, read, some_id, talk

CANARY = "zqx"
"""stands in every payload; wherever it is found as anything but text, data has become markup"""

PAYLOADS = {
    "script": "<script>alert('zqx')</script>",
    "quotes": "\"' zqx=1 onzqx='alert(1)' onfocus=\"alert(`zqx`)\" autofocus x='",
    "element": "</title></textarea></select></script><zqx onzqx=1><img src=zqx onerror=alert(1)><svg/onload=alert(1)>",
    "template": "{{ 7*191 }}zqx{% for x in ''.__class__.__mro__ %}zqx{% endfor %}${7*191}#{7*191}",
    "address": "javascript:alert('zqx')//",
    "comment": "--><zqx><!-- zqx ]]><zqx/>",
    "right-to-left": "\u202ezqx\u202d\u2066\u200f<zqx>\u2069",
    "emoji": "zqx👩🏽\u200d🏫🏳️\u200d🌈\u0301\u0301\u0301",
    "entity": "&lt;zqx&gt;&#60;zqx&#62;&#x3c;zqx&#x3e;&zqx;",
    "long": "zqx<b>" + "w" * 9_994,
}


def at_most(words: str, count: int) -> str:
    """What of it fits a field; no half character."""
    return words[:count]


def plant(db: Session, cast: Cast, words: str, now: datetime) -> dict[str, Any]:
    """These words as every name, label, note and text that people or tablets can give; where things then are."""
    short = at_most(words, 60)
    studies.edit(db, cast.sadia, cast.study, at_most(words, 200), at_most(words, 2000), now=now)
    people.invite(db, cast.ada, at_most(words, 100), "hostile@example.org", limits=Limits(), now=now)
    subject = studies.add_subject(
        db, cast.sadia, cast.study, short, attributes={short: short}, consent="given", now=now
    )
    setting = studies.add_setting(db, cast.sadia, cast.study, short, at_most(words, 500), now=now)
    framework = a_hostile_framework(db, cast, words, now)
    code = devices.offer(db, Console(), cast.study, limits=Limits(), now=now)
    device = devices.enrol(db, code.words, short, limits=Limits(), now=now).device
    field = Field(db, cast.study, framework, device.id, cast.owen, now)
    session, held = some_id("hostile", "session"), some_id("hostile", "held")
    more = {
        "variables": {short: short},
        "subjects": [subject.id],
        "setting": setting.id,
        "app": short,
        "zone": "Europe/London",
    }
    rows = talk(session, ["LT", "LQ", "LT", "SR"])
    rows[-1:] = [
        event(session, 6, "note", 3_500, text=words, outside=True),
        event(session, 7, "start", 3_600, code=at_most(words, 100), subject=at_most(words, 30)),
        event(session, 8, "end", 4_000, count=8),
    ]
    field.record(session, rows, **more)
    supervision.comment(db, cast.sadia, cast.study, session, at_most(words, 4_000), at_ms=1_000, now=now)
    supervision.step(db, cast.owen, cast.study, session, "submit", at_most(words, 4_000), now=now)
    keep_aside(field, held, words)
    return {"subject": subject.id, "setting": setting.id, "session": session, "device": device.id}


def keep_aside(field: Field, session: str, words: str) -> None:
    """What a revoked tablet sent."""
    rows = [event(session, 1, "note", 0, text=words)]
    body = read(envelope((field.header(session, app=at_most(words, 80)), rows)))
    sessions.receive(field.db, Sender(field.device, field.study.id, False), body, now=field.now)


def a_hostile_framework(db: Session, cast: Cast, words: str, now: datetime) -> str:
    """FILL+ with its own ids and other words, published, and a draft beside it; its hash."""
    document = json.loads(json.dumps(library.document("fill-plus"), default=str))
    label, text = at_most(words, 60), at_most(words, 3_000)
    document |= {
        "title": label,
        "purpose": text,
        "attend_to": [text],
        "leave_out": [text],
        "assumptions": [text],
        "limits": text,
        "intended_use": text,
    }
    stream = document["streams"][0]
    stream["label"] = label
    for number, code in enumerate(stream["codes"][:3]):
        code |= {
            "label": f"{number} {label}",
            "definition": text,
            "include": [text],
            "exclude": [text],
            "examples": [text],
            "non_examples": [text],
        }
    for construct in document.get("constructs", []):
        construct |= {"label": label, "definition": text}
    made = frameworks.begin(
        db, cast.sadia, cast.study, frameworks.must_be_read(frameworks.schema.load(document)), now=now
    )
    frameworks.publish(db, cast.sadia, cast.study, made.slug, revision=1, now=now)
    return next(one.hash for one in kept_frameworks.versions_of_study(db, cast.study.id))
