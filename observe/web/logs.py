"""What the server writes down about requests: no bodies, no names, no tokens, and never more than one line."""

from __future__ import annotations

import logging
import re
import sys
import time
import uuid

from flask import Flask, Response, g, request

log = logging.getLogger("observe.requests")
UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")


class OneLine(logging.Formatter):
    """An entry is a line: line breaks inside of it are encoded, so that nobody can write entries of their own."""

    def format(self, record: logging.LogRecord) -> str:
        return UNPRINTABLE.sub(lambda found: f"\\u{ord(found[0]):04x}", super().format(record))


def begin(app: Flask) -> None:
    """Log to standard error, and each request with an id that its answer carries too."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(OneLine("%(asctime)s %(levelname)s %(name)s %(message)s"))
    ours = logging.getLogger("observe")
    ours.handlers[:] = [handler]
    ours.propagate = bool(app.config.get("TESTING"))
    ours.setLevel(app.config["LOG_LEVEL"].upper())
    app.before_request(arrive)
    app.after_request(leave)


def arrive() -> None:
    g.request_id = str(uuid.uuid4())
    g.begun = time.perf_counter()


def leave(response: Response) -> Response:
    """The route is written, not the address: addresses can hold tokens and what people typed."""
    route = request.url_rule.rule if request.url_rule else "-"
    took = (time.perf_counter() - g.get("begun", time.perf_counter())) * 1000
    response.headers["X-Request-Id"] = g.get("request_id", "")
    log.info("%s %s %s %d %.1fms", g.get("request_id", "-"), request.method, route, response.status_code, took)
    return response
