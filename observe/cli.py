"""Commands for whoever runs the server: `python -m observe.cli …`, or `flask …`."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from datetime import UTC, datetime
from pathlib import Path

import click
from flask import Flask, current_app
from sqlalchemy.orm import Session

import observe.coder_commands  # noqa: F401 - enters its commands among those that import
from config import WrongSetting, from_environment
from observe.actions import backup as backups
from observe.actions import demo, people, secret
from observe.actions.doing import Console
from observe.commands import COMMANDS
from observe.core import chain
from observe.core.errors import ObserveError
from observe.extensions import db as extension
from observe.store import audit as trail
from observe.store import migrating
from observe.store import people as kept


def database() -> Session:
    made: Session = extension.session()
    return made


def now() -> datetime:
    return datetime.now(UTC)


class Polite(click.Group):
    """Our own errors are a sentence and the way out, not a traceback."""

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except (ObserveError, WrongSetting, backups.CannotBackUp) as problem:
            for finding in getattr(problem, "findings", ()):
                click.echo(f"  {getattr(finding, 'sentence', finding)} {getattr(finding, 'remedy', '')}", err=True)
            raise click.ClickException(f"{problem} {getattr(problem, 'remedy', '')}".strip()) from problem


@click.group(cls=Polite)
@click.pass_context
def main(context: click.Context) -> None:
    """Observe's commands. Settings come from the environment (docs/reference/settings.md)."""
    from observe.app import create_app

    os.umask(0o077)  # what is made here is for its owner only: databases, keys, backups
    app: Flask = context.obj or create_app(from_environment())
    context.with_resource(app.app_context())


@main.command()
@click.option("--demo", "with_demo", is_flag=True, help="Add a demo study with people and frameworks.")
def setup(with_demo: bool) -> None:
    """Bring the database up to date and make what a first start needs. Can be run again at any time."""
    migrating.upgrade(extension.engine)
    first_admin()
    if with_demo:
        first_demo()


def first_admin() -> None:
    """The first admin, with a password from the environment or one that is printed here and nowhere else."""
    given = current_app.config["ADMIN_PASSWORD"]
    password = given or secret.password_once()
    admin = people.first_admin(database(), "Admin", current_app.config["ADMIN_EMAIL"], password, now=now())
    if admin:
        say_who(admin.email, password if not given else None, "runs this server")


def first_demo() -> None:
    """The demo study, once."""
    given = current_app.config["DEMO_PASSWORD"]
    password = given or secret.password_once()
    for person, roles in demo.make(database(), password, now=now()):
        say_who(person.email, password if not given else None, roles)


def say_who(email: str, password: str | None, what: str) -> None:
    """One line about somebody who can sign in."""
    click.echo(f"  {email:<28} {'password ' + password if password else 'password as set':<32} {what}")


@main.command()
@click.option("--port", default=8000, show_default=True)
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--workers", default=1, show_default=True, help="Processes; several need PostgreSQL to be worth it.")
@click.option("--threads", default=8, show_default=True)
@click.option(
    "--worker/--no-worker", default=True, show_default=True, help="Do heavy work in a process beside it."
)
def serve(port: int, host: str, workers: int, threads: int, worker: bool) -> None:
    """Serve with gunicorn until stopped; a worker for heavy work begins and ends with it."""
    if worker and current_app.config["QUEUE"] != "inline":
        subprocess.Popen([sys.executable, "-m", "observe.cli", "work", "--beside", str(os.getpid())])
    click.echo(f"observe: http://{host}:{port} (stop with Ctrl-C)")
    words = [
        sys.executable, "-m", "gunicorn", "wsgi:app", "--bind", f"{host}:{port}", "--workers", str(workers),
        "--threads", str(threads), "--worker-class", "gthread", "--log-level", "warning", "--graceful-timeout", "20",
        "--limit-request-line", "4094", "--chdir", current_app.root_path, "--forwarded-allow-ips", "127.0.0.1",
    ]  # fmt: skip
    os.execv(sys.executable, words)


@main.command()
@click.option("--threads", default=1, show_default=True)
@click.option("--beside", type=int, help="End when the process with this number is not the parent any more.")
def work(threads: int, beside: int | None) -> None:
    """Do heavy work from the queue (analyses, agreement, patterns, PDFs) until stopped. `serve` runs one by itself."""
    if beside is not None:
        threading.Thread(target=end_with, args=(beside,), daemon=True).start()
    current_app.extensions["observe.queue"].run_worker(threads)


def end_with(parent: int) -> None:
    """Stop this process, in good order, once its parent is gone."""
    while os.getppid() == parent:
        time.sleep(1)
    os.kill(os.getpid(), signal.SIGTERM)


@main.command()
@click.argument("to", default="head")
def migrate(to: str) -> None:
    """Bring the database up to a migration (the newest, if none is named)."""
    migrating.upgrade(extension.engine, to)
    click.echo(f"The database stands at {migrating.present(extension.engine)}.")


@main.command()
@click.argument("to")
def downgrade(to: str) -> None:
    """Take the database back to a migration. Take a backup first."""
    migrating.downgrade(extension.engine, to)
    click.echo(f"The database stands at {migrating.present(extension.engine) or 'nothing'}.")


@main.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
def backup(file: Path) -> None:
    """Write a consistent copy of the database to FILE, while the server runs, and check it."""
    done = backups.back_up(extension.engine, file)
    click.echo(f"{file}: " + ", ".join(f"{count} {table}" for table, count in done.counts.items()))


@main.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, exists=True))
def restore(file: Path) -> None:
    """Put the backup in FILE in the database's place, while the server does not run; the present one is kept beside."""
    done = backups.restore(extension.engine, file, now=now())
    click.echo("Restored: " + ", ".join(f"{count} {table}" for table, count in done.counts.items()))
    if done.kept:
        click.echo(f"The database that was there before: {done.kept}")


@main.group()
def person() -> None:
    """Accounts, for when nobody can sign in."""


@person.command()
@click.argument("name")
@click.argument("email")
@click.option("--admin", is_flag=True)
def add(name: str, email: str, admin: bool) -> None:
    """Make an account with a password that is printed once."""
    password = secret.password_once()
    made = people.add(database(), Console(), name, email, password, is_admin=admin, now=now())
    say_who(made.email, password, "can sign in")


@person.command()
@click.argument("email")
def password(email: str) -> None:
    """Give somebody a new password, printed once; their sign-ins end, and their one-time codes are off."""
    found = kept.by_email(database(), email)
    if found is None:
        raise click.ClickException("Nobody has this address.")
    fresh = secret.password_once()
    people.set_password(database(), Console(), found.id, fresh, now=now())
    say_who(found.email, fresh, "can sign in")


@main.command("secret")
def new_secret() -> None:
    """Print a fresh secret key for OBSERVE_SECRET_KEY."""
    click.echo(secret.token() + secret.token())


@main.group()
def audit() -> None:
    """The audit trail."""


@audit.command()
@click.option("--head", "exported", help="A head that was exported before, as NUMBER:HASH.")
def verify(exported: str | None) -> None:
    """Check the whole chain; exit with 1 and name each entry that does not hold."""
    number, _, digest = (exported or "").partition(":")
    faults = list(chain.faults(trail.links(database()), head=(int(number), digest) if exported else None))
    for fault in faults:
        click.echo(fault.sentence, err=True)
    if faults:
        raise SystemExit(1)
    at, digest = trail.head(database())
    click.echo(f"The trail holds: {at} entries, head {at}:{digest}")


@audit.command()
def head() -> None:
    """Print the head as NUMBER:HASH, to be kept where nobody can change it."""
    number, digest = trail.head(database())
    click.echo(f"{number}:{digest}")


for _command in COMMANDS:
    main.add_command(_command)


if __name__ == "__main__":
    main(prog_name="observe")
