"""Every setting of the server, read from the environment. docs/reference/settings.md says the same in words."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent
PREFIX = "OBSERVE_"


class WrongSetting(Exception):
    """A setting that cannot be read. The server does not start: a guess could expose somebody."""


def yes_or_no(words: str) -> bool:
    """1, true, yes, on, and their opposites; anything else is refused."""
    said = words.strip().lower()
    if said in {"1", "true", "yes", "on"}:
        return True
    if said in {"0", "false", "no", "off", ""}:
        return False
    raise ValueError("say yes or no")


def several(words: str) -> tuple[str, ...]:
    """Words with commas between them."""
    return tuple(part.strip() for part in words.split(",") if part.strip())


@dataclass(frozen=True, slots=True)
class Setting:
    """One environment variable without its prefix; `default` is written as it would be in the environment."""

    name: str
    default: str
    read: Callable[[str], Any]
    meaning: str


SETTINGS: tuple[Setting, ...] = (
    Setting(
        "VAR", "", str, "Folder for the database, the secret key and backups. Default: var/ beside the program."
    ),
    Setting(
        "DATABASE_URL",
        "",
        str,
        "URL of the database. Default: SQLite in the folder VAR. PostgreSQL: postgresql://…",
    ),
    Setting(
        "SECRET_KEY", "", str, "Signs cookies and forms. Default: made at first start and kept in VAR/secret_key."
    ),
    Setting("TITLE", "Observe", str, "What the site calls itself."),
    Setting(
        "HTTPS",
        "no",
        yes_or_no,
        "Whether the site is only reached over HTTPS. Then plain HTTP is sent there, with HSTS.",
    ),
    Setting(
        "BEHIND_PROXY", "0", int, "How many reverse proxies in front set X-Forwarded-*. 0 believes none of them."
    ),
    Setting("HOSTS", "", several, "Host names the server answers to, with commas; empty answers to all."),
    Setting("IDLE_MINUTES", "120", int, "A sign-in ends after so long without a request."),
    Setting("ABSOLUTE_HOURS", "12", int, "A sign-in ends after so long in any case."),
    Setting(
        "SIGN_IN_ATTEMPTS", "5", int, "Attempts for one account within SIGN_IN_MINUTES; the next is held back."
    ),
    Setting("ADDRESS_ATTEMPTS", "30", int, "The same for one network address."),
    Setting("SIGN_IN_MINUTES", "15", int, "How long attempts to sign in count."),
    Setting("INVITE_HOURS", "72", int, "How long a one-time invitation is good."),
    Setting("ENROL_MINUTES", "15", int, "How long an enrolment code for a tablet is good."),
    Setting("DEVICE_DAYS", "365", int, "How long an enrolled device is known."),
    Setting("MAX_BODY", "4194304", int, "Bytes taken in one request."),
    Setting(
        "REQUESTS",
        "600 per minute",
        str,
        "Requests taken from one network address; the recorder's API has its own limits.",
    ),
    Setting(
        "LIMITS", "memory://", str, "Where request limits are counted; redis://… when there are several machines."
    ),
    Setting(
        "QUEUE",
        "sqlite",
        str,
        "Where heavy work waits: sqlite (a file in VAR), redis://… for several machines, or inline (done at once).",
    ),
    Setting("BUSY_SECONDS", "10", float, "How long SQLite waits for another process that writes."),
    Setting("ADMIN_EMAIL", "admin@example.org", str, "Address of the first admin, made at first start."),
    Setting(
        "ADMIN_PASSWORD", "", str, "Password of the first admin. Default: a one-time password is made and printed."
    ),
    Setting(
        "DEMO_PASSWORD",
        "",
        str,
        "Password of the people of the demo study. Default: a one-time password is made and printed.",
    ),
    Setting("LOG_LEVEL", "INFO", str, "DEBUG, INFO, WARNING or ERROR."),
)


def from_environment(environ: Mapping[str, str] | None = None) -> dict[str, Any]:
    """Each setting by its name, read from the environment or its default; then what follows from them for Flask."""
    given = os.environ if environ is None else environ
    values: dict[str, Any] = {}
    for setting in SETTINGS:
        words = given.get(PREFIX + setting.name, setting.default)
        try:
            values[setting.name] = setting.read(words)
        except ValueError as problem:
            raise WrongSetting(f"{PREFIX}{setting.name} is {words!r}: {problem}.") from problem
    return values


def completed(values: Mapping[str, Any]) -> dict[str, Any]:
    """The settings with what Flask and its extensions are to make of them; makes the folder and the key if need be."""
    full = {**from_environment({}), **values}
    full["VAR"] = var = Path(full["VAR"] or ROOT / "var").resolve()
    if not (full["SECRET_KEY"] and full["DATABASE_URL"]):
        var.mkdir(parents=True, exist_ok=True, mode=0o700)
    full["SECRET_KEY"] = full["SECRET_KEY"] or secret_key(var / "secret_key")
    full["DATABASE_URL"] = database_url(full["DATABASE_URL"] or f"sqlite:///{var / 'observe.sqlite3'}")
    full |= {
        "SQLALCHEMY_DATABASE_URI": full["DATABASE_URL"],
        "SQLALCHEMY_ENGINE_OPTIONS": engine_options(full["DATABASE_URL"]),
        "MAX_CONTENT_LENGTH": full["MAX_BODY"],
        "MAX_FORM_MEMORY_SIZE": full["MAX_BODY"],
        "MAX_FORM_PARTS": 500,
        "TRUSTED_HOSTS": list(full["HOSTS"]) or None,
        "PERMANENT_SESSION_LIFETIME": timedelta(hours=full["ABSOLUTE_HOURS"]),
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_REFRESH_EACH_REQUEST": False,
        "WTF_CSRF_TIME_LIMIT": full["ABSOLUTE_HOURS"] * 3600,
        "RATELIMIT_DEFAULT": full["REQUESTS"],
        "RATELIMIT_STORAGE_URI": full["LIMITS"],
        "RATELIMIT_HEADERS_ENABLED": False,
    }
    return full | {name: value for name, value in values.items() if name not in full or name.startswith("WTF_")}


def database_url(url: str) -> str:
    """PostgreSQL through psycopg 3, whichever way the URL is written."""
    for old in ("postgres://", "postgresql://", "postgresql+psycopg2://"):
        if url.startswith(old):
            return "postgresql+psycopg://" + url.removeprefix(old)
    return url


def engine_options(url: str) -> dict[str, Any]:
    """A connection that died with a restart of PostgreSQL is noticed before it is used."""
    if url.startswith("sqlite"):
        return {"pool_size": 20, "max_overflow": 20}
    return {"pool_pre_ping": True, "pool_size": 10, "max_overflow": 20, "connect_args": {"connect_timeout": 10}}


def secret_key(path: Path) -> str:
    """The key kept in this file, readable by its owner only. Two processes that start at once end up with the same."""
    if not path.exists():
        made = path.with_name(f"{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
        with os.fdopen(os.open(made, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as file:
            file.write(secrets.token_hex(32))
        with suppress(FileExistsError):
            os.link(made, path)
        made.unlink()
    return path.read_text(encoding="ascii").strip()
