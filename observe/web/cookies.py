"""The cookie that carries a sign-in: bound to the host and to HTTPS wherever there is HTTPS."""

from __future__ import annotations

from flask import Flask, has_request_context, request
from flask.sessions import SecureCookieSessionInterface


class SafeCookies(SecureCookieSessionInterface):
    """`__Host-observe` over HTTPS. Only on plain HTTP, as on one's own machine, is it a cookie without that protection."""

    def get_cookie_name(self, app: Flask) -> str:
        return "__Host-observe" if self.get_cookie_secure(app) else "observe"

    def get_cookie_secure(self, app: Flask) -> bool:
        return bool(app.config["HTTPS"]) or (has_request_context() and request.is_secure)

    def get_cookie_domain(self, app: Flask) -> str | None:
        return None

    def get_cookie_path(self, app: Flask) -> str:
        return "/"
