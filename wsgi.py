"""What a WSGI server loads: `gunicorn wsgi:app`."""

from __future__ import annotations

from config import from_environment
from observe.app import create_app

app = create_app(from_environment())
