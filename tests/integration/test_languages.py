"""Pages in a second language: chosen by the person, else by the browser, and written in its own direction."""

from __future__ import annotations

import io
import re
from gettext import GNUTranslations
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import read_mo
from babel.messages.pofile import read_po

from observe.store import frameworks
from tests.factories.field import a_field
from tests.factories.uploads import some_id

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "observe" / "web" / "translations"
ARABIC = FOLDER / "ar" / "LC_MESSAGES"


def test_the_browsers_language_is_answered_in_its_words_and_direction(client):
    page = client.get("/sign-in", headers={"Accept-Language": "ar-EG,ar;q=0.9,en;q=0.5"}, follow_redirects=True)

    assert '<html lang="ar" dir="rtl">' in page.text
    assert "<h1>تسجيل الدخول</h1>" in page.text
    assert "كلمة المرور" in page.text
    assert "Accept-Language" in page.headers["Vary"]


def test_what_a_person_chose_outweighs_the_browser_and_is_kept(client):
    client.get("/sign-in?language=ar", follow_redirects=True)
    page = client.get("/sign-in", headers={"Accept-Language": "en"}, follow_redirects=True)

    assert '<html lang="ar" dir="rtl">' in page.text
    back = client.get("/sign-in?language=en", headers={"Accept-Language": "ar"}, follow_redirects=True)
    assert '<html lang="en" dir="ltr">' in back.text
    assert "<h1>Sign in</h1>" in back.text


@pytest.mark.parametrize("asked", ["fr", "", "../../etc", "x" * 500])
def test_a_language_that_is_not_there_is_english(client, asked):
    page = client.get(
        "/sign-in", query_string={"language": asked}, headers={"Accept-Language": "fr"}, follow_redirects=True
    )

    assert '<html lang="en" dir="ltr">' in page.text


def marked() -> set[str]:
    """Every sentence that is marked for translation, in templates and in the source."""
    methods = [("observe/web/**.py", "python"), ("templates/**.html", "jinja2")]
    found = extract_from_dir(
        ROOT,
        methods,
        keywords={"_": None, "N_": None, "gettext": None, "lazy_gettext": None, "ngettext": (1, 2)},
        directory_filter=lambda path: not re.search(r"/(\.\w+|node_modules|static|tests|var)$", str(path)),
    )
    return {message[0] if isinstance(message, tuple) else str(message) for _, _, message, _, _ in found}


def test_every_sentence_that_is_marked_is_in_the_arabic_catalogue():
    catalogue = read_po(io.BytesIO((ARABIC / "messages.po").read_bytes()))

    assert len(marked()) >= 200
    assert {words for words in marked() if not (catalogue.get(words) and catalogue.get(words).string)} == set()


def test_the_compiled_catalogue_is_that_of_the_text():
    text = read_po(io.BytesIO((ARABIC / "messages.po").read_bytes()))
    compiled = read_mo(io.BytesIO((ARABIC / "messages.mo").read_bytes()))

    assert said(compiled) == said(text)


def said(catalogue) -> dict[str, list[str]]:
    """What a catalogue says for each sentence, in all its forms."""
    forms = {each.id if isinstance(each.id, str) else each.id[0]: each.string for each in catalogue if each.id}
    return {words: [string] if isinstance(string, str) else list(string) for words, string in forms.items()}


SESSION = some_id("a session in Arabic")


@pytest.mark.parametrize(
    ("count", "words"),
    [
        (1, "جلسة واحدة تنتظر الاعتماد"),
        (2, "جلستان تنتظر الاعتماد"),
        (3, "%(num)s جلسات تنتظر الاعتماد"),
        (11, "%(num)s جلسة تنتظر الاعتماد"),
        (100, "%(num)s جلسة تنتظر الاعتماد"),
    ],
)
def test_counted_things_have_the_forms_that_arabic_has(count, words):
    catalogue = GNUTranslations(io.BytesIO((ARABIC / "messages.mo").read_bytes()))

    assert catalogue.ngettext("%(num)s session to sign off", "%(num)s sessions to sign off", count) == words


ENGLISH = re.compile(r">\s*([A-Za-z][A-Za-z ,;:’.()-]{3,})\s*<")
"""a run of English words between two tags"""
NOT_TRANSLATED = {
    "Observe",
    "English",
    "open",
    "start",
    "clock",
    "Europe/London",
    "test",
    "Anya",
    "Olga",
    "Rhys",
    "Sadia",
}
"""names, and the kinds of events as the log has them"""


@pytest.mark.parametrize(
    "path",
    [
        "/account",
        "/account/second-factor",
        "/studies/lectures/",
        "/studies/lectures/sessions/",
        f"/studies/lectures/sessions/{SESSION}",
        f"/studies/lectures/sessions/{SESSION}/events",
    ],
)
def test_no_english_is_left_on_an_observers_pages(client, db, cast, clock, path):
    made = a_field(db, cast.study, cast.owen, clock())
    made.record(SESSION)
    db.rollback()
    owen = client.as_(cast.owen)
    owen.get("/account?language=ar")

    page = owen.get(path)

    assert page.status_code == 200 and 'dir="rtl"' in page.text
    own = document_of(db, cast.study) + cast.study.title + cast.owen.name
    body = re.sub(r"<(script|style|svg|code)\b.*?</\1>", "", page.text, flags=re.S)
    written = {words.strip() for words in ENGLISH.findall(body)} - NOT_TRANSLATED
    assert {words for words in written if words not in own} == set()


def document_of(db, study) -> str:
    """The framework of the study, whose words are its author's."""
    return "".join(version.document for version in frameworks.versions_of_study(db, study.id))
