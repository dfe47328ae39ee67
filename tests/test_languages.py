"""Vietnamese first, English second, both complete on every page; the switch between them keeps the page."""

import re
from collections.abc import Iterable
from functools import cache

import pytest
from django.conf import settings
from django.db import models, transaction
from django.test import Client
from django.urls import reverse
from django.utils.translation import get_supported_language_variant

from htx_portal.accounts.models import Role
from tests.portal_world import addresses, build_world, own_models
from tests.reading import VIETNAMESE, Page, catalogue, texts

# Words an English page keeps: the field's own word for one service, and the way to the other language.
KEPT_IN_ENGLISH = ("(lượt)", "Tiếng Việt")
MONEY = re.compile(r"\d\sđ\b")
# The name of the portal, and the one word Django's admin site cannot translate.
KEPT_IN_VIETNAMESE = {"htx portal", "english", "search"}
# For programs and programmers.
NOT_READ = {"live", "ready", "api-docs"}


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker):
    """The small world, made once for this module and taken back at its end."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield build_world()
        transaction.set_rollback(True)


def data() -> list[str]:
    """Return every text people typed, longest first: it is shown as it was typed, in any language."""
    found = set()
    for model in own_models():
        fields = [f.name for f in model._meta.fields if isinstance(f, models.CharField | models.TextField)]
        for row in model._default_manager.values_list(*fields or ["pk"]):
            found |= {" ".join(value.split()) for value in row if isinstance(value, str) and VIETNAMESE.search(value)}
    return sorted(found, key=len, reverse=True)


def read(world, who: str, language: str) -> dict[str, list[str]]:
    """Return what ``who`` reads on each page in a language, in pieces as they stand on the page."""
    client = Client()
    client.force_login(world.users[who])
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = language
    shown = {}
    for name, address in addresses(world).items():
        if name in NOT_READ or (
            name.startswith("admin:")
            and (who != Role.ADMIN or not name.endswith(("list", "_change", "index", "_add")) or "password" in name)
        ):
            continue
        answer = client.get(address)
        if answer.headers.get("Content-Type", "").startswith("text/html") and answer.text:
            shown[name] = Page(answer.text).words
            assert f'lang="{language}' in answer.text, name
    return shown


def vietnamese_in(words: Iterable[str]) -> list[str]:
    """Return the pieces in which something other than data is Vietnamese."""
    typed = data()
    left = []
    for piece in words:
        rest = MONEY.sub("", piece)
        for kept in (*KEPT_IN_ENGLISH, *typed):
            rest = rest.replace(kept, "")
        shortened = rest.endswith("…") and any(text.startswith(rest[:-1]) for text in typed)
        if VIETNAMESE.search(rest) and not shortened:
            left.append(piece)
    return left


@cache
def english() -> re.Pattern[str]:
    """Return what matches an English sentence of either catalogue, whatever is filled into it."""
    ours = {text for entry in catalogue("en") for text in texts(entry)} - {entry.msgid for entry in catalogue("en")}
    theirs = {text for entry in catalogue("vi") for text in (entry.msgid, entry.msgid_plural)}
    theirs -= {text for entry in catalogue("vi") for text in texts(entry)}
    filled = re.compile(r"%\\\(\w+\\\)[sdr]|\\\{\w+\\\}|%[sd]")
    sentences = (re.escape(text.replace("%%", "%")) for text in ours | theirs if text)
    return re.compile("|".join(filled.sub(".+", sentence) for sentence in sentences), re.IGNORECASE)


def english_in(words: Iterable[str]) -> list[str]:
    """Return the pieces that are an English sentence of a catalogue from end to end."""
    pieces = {piece.strip(" :·") for piece in words}
    return sorted(p for p in pieces if p.casefold() not in KEPT_IN_VIETNAMESE and english().fullmatch(p))


@pytest.mark.django_db
@pytest.mark.parametrize("who", Role.values)
def test_an_english_page_has_no_vietnamese_but_the_data(world, who):
    found = {name: left for name, words in read(world, who, "en").items() if (left := vietnamese_in(words))}
    assert found == {}


@pytest.mark.django_db
@pytest.mark.parametrize("who", Role.values)
def test_a_vietnamese_page_has_no_english(world, who):
    found = {name: left for name, words in read(world, who, "vi").items() if (left := english_in(words))}
    assert found == {}


def test_english_is_known_when_it_is_seen():
    assert english_in(["Select a valid choice. x is not one of the available choices.", "Không tìm thấy trang"]) == [
        "Select a valid choice. x is not one of the available choices."
    ]
    assert len(english_in(["This field is required.", "Page not found", "services in 08/2023"])) == 3


BAD = {"client_id": "x", "party": "htx-0", "held_on": "31/02/2023", "topics": "x", "channel": "x", "question": "a\0b"}
WRONG_FORMS = {
    "support:log": BAD,
    "support:case-step": {"step": "complete", "version": "2"},
    "support:case-edit": {"title": "", "due_on": "x"},
    "support:status": {"code": "TCT-1", "secret": "x"},
    "cooperatives:create": {"name": "x" * 400, "kind": "x", "phone": "x", "email": "x", "members": "-1"},
    "cooperatives:group-create": {"name": "", "formed_on": "x"},
    "password_change": {"old_password": "x", "new_password1": "1", "new_password2": "2"},
}
WRONG_CALLS = {
    "api-consultations-list": BAD | {"topics": ["x"], "cooperative": 0, "cases": ["x"], "outcome": None},
    "api-cooperatives-list": {"name": "", "kind": "x", "commune": 1, "registered_on": "x"},
    "api-cases-list": {"cooperative": "x", "topic": "x", "title": "", "details": []},
    "api-cases-steps": {"step": "complete", "version": 0},
    "api-status": {},
}


@pytest.mark.django_db
@pytest.mark.parametrize(("language", "foreign"), [("vi", english_in), ("en", vietnamese_in)])
def test_a_refusal_speaks_the_language_of_its_reader(world, language, foreign):
    client = Client(headers={"Accept-Language": language})
    client.force_login(world.users[Role.STAFF])
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = language
    for name, sent in WRONG_FORMS.items():
        words = Page(client.post(addresses(world)[name], sent).text).words
        assert foreign(words) == [], name
        assert english_in(words) != [] or language == "vi", name
    for name, sent in WRONG_CALLS.items():
        answer = client.post(addresses(world)[name], sent, content_type="application/json")
        words = [message for messages in answer.json().values() for message in messages]
        assert (answer.status_code, foreign(words)) == (400, []), name
        assert words, name


@pytest.mark.django_db
def test_the_switch_keeps_the_page_and_is_remembered(world):
    client = Client()
    client.force_login(world.users[Role.STAFF])
    here = f"{reverse('support:cases')}?q=mi%E1%BA%BFn"
    assert "Hồ sơ hỗ trợ" in client.get(here).text
    answer = client.post(reverse("set_language"), {"language": "en", "next": here})
    assert (answer.status_code, answer["Location"]) == (302, here)
    page = client.get(here)
    assert "Support cases" in page.text
    assert page.headers["Content-Language"] == "en"
    client.post(reverse("set_language"), {"language": "vi", "next": here})
    assert "Hồ sơ hỗ trợ" in client.get(here).text


@pytest.mark.django_db
def test_every_page_offers_the_other_language_and_comes_back_to_itself(world):
    client = Client()
    client.force_login(world.users[Role.STAFF])
    for name in ("home", "support:cases", "support:log", "cooperatives:list", "support:report", "support:status"):
        here = f"{addresses(world)[name]}?page=1"
        page = Page(client.get(here).text)
        assert ("next", here) in page.hidden, name
        assert "English" in page.words, name


@pytest.mark.django_db
def test_the_switch_leads_to_no_other_site(client):
    answer = client.post(reverse("set_language"), {"language": "en", "next": "https://elsewhere.example/"})
    assert answer["Location"] == "/"


@pytest.mark.django_db
def test_a_page_is_vietnamese_whatever_the_browser_prefers(client):
    page = client.get(reverse("login"), headers={"Accept-Language": "en-GB,en;q=0.9"})
    assert page.headers["Content-Language"] == "vi"


@pytest.mark.django_db
@pytest.mark.parametrize(("asked", "words"), [("vi", "Mục này"), ("en", "This field"), ("fr", "Mục này")])
def test_the_api_answers_in_the_language_a_program_asks_for(client, asked, words):
    answer = client.post(reverse("api-status"), {}, content_type="application/json", headers={"Accept-Language": asked})
    assert words in answer.text


def test_there_are_two_languages():
    assert [code for code, _ in settings.LANGUAGES] == ["vi", "en"]
    assert settings.LANGUAGE_CODE == "vi"
    assert get_supported_language_variant("en-gb") == "en"
