"""What a WSGI server loads: `gunicorn wsgi:app`. The commands are there for `flask --app wsgi` too."""

from __future__ import annotations

from config import from_environment
from observe.app import create_app
from observe.cli import main

app = create_app(from_environment())
for command in main.commands.values():
    app.cli.add_command(command)
