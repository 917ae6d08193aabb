"""One's own account: signing in and out, the password, the second factor."""

from __future__ import annotations

from flask import Blueprint, current_app, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import login_user, logout_user

from observe.actions import people
from observe.core.errors import NotSignedIn, ObserveError, TooManyAttempts, WeakPassword, WrongCode
from observe.store.people import Person
from observe.web import clock, current
from observe.web.errors import status_of
from observe.web.forms.account import ChangePasswordForm, CodeForm, NewPasswordForm, SignInForm
from observe.web.guard import needs, open_to_all
from observe.web.qr import qr

pages = Blueprint("account", __name__)

HALF, SECOND_FACTOR, INVITATION = "half", "second_factor", "invitation"
HALF_SECONDS = 300
"""how long a password that was right waits for its one-time code"""


def within(address: str | None) -> str:
    """An address on this site, or the home page: a link must not lead through our sign-in to somebody else's site."""
    if (
        not address
        or not address.startswith("/")
        or address.startswith(("//", "/\\"))
        or any(c < " " for c in address)
    ):
        return url_for("home.show")
    return address


def enter(person: Person) -> None:
    """Begin a sign-in in a cookie that holds nothing from before it."""
    token = people.sign_in(current.database(), person, limits=current.limits(), now=clock.now())
    session.clear()
    session.permanent = True
    login_user(current.SignedIn(person, token))


def sign_in_page(form: SignInForm, error: ObserveError | None = None) -> ResponseReturnValue:
    status = status_of(type(error)) if error else 200
    wait = {"Retry-After": str(error.wait_seconds)} if isinstance(error, TooManyAttempts) else {}
    return render_template("account/sign_in.html", form=form, to=request.args.get("to", "")), status, wait


@pages.get("/sign-in")
@open_to_all
def sign_in() -> ResponseReturnValue:
    if current.person_or_none():
        return redirect(within(request.args.get("to")))
    return sign_in_page(SignInForm())


@pages.post("/sign-in")
@open_to_all
def check_password() -> ResponseReturnValue:
    """Address and password; with a second factor there is one step more."""
    form = SignInForm()
    if not form.validate_on_submit():
        return sign_in_page(form)
    try:
        person = people.password_fits(
            current.database(), form.email.data, form.password.data, address=request.remote_addr or "",
            limits=current.limits(), now=clock.now(),
        )  # fmt: skip
    except ObserveError as error:
        form.refuse(error)
        return sign_in_page(form, error)
    to = within(request.args.get("to"))
    if person.second_factor:
        session[HALF] = [person.id, int(clock.now().timestamp()), to]
        return redirect(url_for("account.second_step"), 303)
    enter(person)
    return redirect(to, 303)


def half_signed_in() -> tuple[Person, str]:
    """Who gave the right password a moment ago, and where they wanted to go."""
    person_id, at, to = session.get(HALF) or (0, 0, "")
    person = people.existing(current.database(), person_id) if person_id else None
    if person is None or not person.is_active or clock.now().timestamp() - at > HALF_SECONDS:
        raise NotSignedIn
    return person, to


@pages.get("/sign-in/code")
@open_to_all
def second_step() -> ResponseReturnValue:
    half_signed_in()
    return render_template("account/code.html", form=CodeForm())


@pages.post("/sign-in/code")
@open_to_all
def check_code() -> ResponseReturnValue:
    """The one-time code; each is good once."""
    person, to = half_signed_in()
    form = CodeForm()
    if not form.validate_on_submit():
        return render_template("account/code.html", form=form)
    try:
        people.check_code(
            current.database(),
            person,
            form.code.data,
            limits=current.limits(),
            seal=current.seal(),
            now=clock.now(),
        )
    except (WrongCode, TooManyAttempts) as error:
        form.refuse(error, "code")
        return render_template("account/code.html", form=form), status_of(type(error))
    enter(person)
    return redirect(within(to), 303)


@pages.post("/sign-out")
@needs("account.sign_out")
def sign_out() -> ResponseReturnValue:
    """On the server too: a copied cookie is dead."""
    people.sign_out(current.database(), current.person(), current.token(), now=clock.now())
    logout_user()
    session.clear()
    return redirect(url_for("account.sign_in"), 303)


@pages.get("/account")
@needs("account.see")
def show() -> ResponseReturnValue:
    return render_template("account/show.html", form=ChangePasswordForm(), code=CodeForm())


@pages.post("/account/password")
@needs("account.password")
def change_password() -> ResponseReturnValue:
    """Other browsers are signed out by it."""
    form = ChangePasswordForm()
    if not form.validate_on_submit():
        return render_template("account/show.html", form=form, code=CodeForm())
    try:
        people.change_password(
            current.database(), current.person(), form.old.data, form.password.data, token=current.token(),
            limits=current.limits(), now=clock.now(),
        )  # fmt: skip
    except ObserveError as error:
        form.refuse(error, "password" if isinstance(error, WeakPassword) else "old")
        return render_template("account/show.html", form=form, code=CodeForm()), status_of(type(error))
    flash("Your password is changed. Other browsers were signed out.", "good")
    return redirect(url_for(".show"), 303)


@pages.get("/account/second-factor")
@needs("account.second_factor")
def second_factor() -> ResponseReturnValue:
    """A fresh secret, kept in the signed and encrypted part of the cookie until a code proves that it was read."""
    return second_factor_page(CodeForm(), *fresh_factor())


def fresh_factor() -> tuple[str, str]:
    """The secret offered before, or a new one, with the address for an authenticator."""
    person, seal = current.person(), current.seal()
    fresh, address = people.new_second_factor(
        person, current_app.config["TITLE"], seal.open(session.get(SECOND_FACTOR, ""))
    )
    session[SECOND_FACTOR] = seal.close(fresh)
    return fresh, address


def second_factor_page(form: CodeForm, fresh: str, address: str) -> str:
    return render_template("account/second_factor.html", form=form, secret=fresh, picture=qr(address))


@pages.post("/account/second-factor")
@needs("account.second_factor")
def turn_on_second_factor() -> ResponseReturnValue:
    form, (fresh, address) = CodeForm(), fresh_factor()
    if not form.validate_on_submit():
        return second_factor_page(form, fresh, address)
    try:
        people.turn_on_second_factor(
            current.database(), current.person(), fresh, form.code.data, seal=current.seal(), now=clock.now()
        )
    except WrongCode as error:
        form.refuse(error, "code")
        return second_factor_page(form, fresh, address), status_of(type(error))
    session.pop(SECOND_FACTOR)
    flash("From now on signing in needs a one-time code too.", "good")
    return redirect(url_for(".show"), 303)


@pages.post("/account/second-factor/off")
@needs("account.second_factor")
def turn_off_second_factor() -> ResponseReturnValue:
    form = CodeForm()
    if not form.validate_on_submit():
        return render_template("account/show.html", form=ChangePasswordForm(), code=form)
    try:
        people.turn_off_second_factor(
            current.database(),
            current.person(),
            form.code.data,
            limits=current.limits(),
            seal=current.seal(),
            now=clock.now(),
        )
    except (WrongCode, TooManyAttempts) as error:
        form.refuse(error, "code")
        return render_template("account/show.html", form=ChangePasswordForm(), code=form), status_of(type(error))
    flash("Signing in needs no one-time code any more.", "good")
    return redirect(url_for(".show"), 303)


@pages.get("/welcome/<token>")
@open_to_all
def welcome(token: str) -> ResponseReturnValue:
    """The one-time link: looking at it does not use it up, since mail programs look too."""
    person = people.invited(current.database(), token, now=clock.now())
    return render_template("account/welcome.html", form=NewPasswordForm(), person=person)


@pages.post("/welcome/<token>")
@open_to_all
def accept(token: str) -> ResponseReturnValue:
    """Set the password; then sign in."""
    form = NewPasswordForm()
    person = people.invited(current.database(), token, now=clock.now())
    if not form.validate_on_submit():
        return render_template("account/welcome.html", form=form, person=person)
    try:
        enter(people.accept(current.database(), token, form.password.data, now=clock.now()))
    except WeakPassword as error:
        form.refuse(error, "password")
        return render_template("account/welcome.html", form=form, person=person), status_of(type(error))
    return redirect(url_for("home.show"), 303)
