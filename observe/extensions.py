"""Extensions without an application: `create_app` gives them one."""

from __future__ import annotations

from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_login import LoginManager
from flask_sqlalchemy import SQLAlchemy
from flask_wtf import CSRFProtect

from observe.store.base import Base

db = SQLAlchemy(metadata=Base.metadata, session_options={"expire_on_commit": False})
"""sessions and engines; tables derive from `observe.store.base.Base`, which knows no Flask"""

login = LoginManager()
csrf = CSRFProtect()
limiter = Limiter(get_remote_address)
