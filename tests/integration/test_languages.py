"""Pages in a second language: chosen by the person, else by the browser, and written in its own direction."""

from __future__ import annotations

import io
import re
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import read_mo
from babel.messages.pofile import read_po

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
        keywords={"_": None, "N_": None, "gettext": None, "lazy_gettext": None},
        directory_filter=lambda path: not re.search(r"/(\.\w+|node_modules|static|tests|var)$", str(path)),
    )
    return {str(message) for _, _, message, _, _ in found}


def test_every_sentence_that_is_marked_is_in_the_arabic_catalogue():
    catalogue = read_po(io.BytesIO((ARABIC / "messages.po").read_bytes()))

    assert len(marked()) >= 40
    assert {words for words in marked() if not (catalogue.get(words) and catalogue.get(words).string)} == set()


def test_the_compiled_catalogue_is_that_of_the_text():
    text = read_po(io.BytesIO((ARABIC / "messages.po").read_bytes()))
    compiled = read_mo(io.BytesIO((ARABIC / "messages.mo").read_bytes()))

    assert {each.id: each.string for each in compiled if each.id} == {
        each.id: each.string for each in text if each.id
    }
