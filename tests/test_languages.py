"""Vietnamese first, English second, both complete on every page; the switch between them keeps the page."""

import re

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


@pytest.mark.django_db
@pytest.mark.parametrize("who", Role.values)
def test_an_english_page_has_no_vietnamese_but_the_data(world, who):
    typed = data()
    left = {}
    for name, words in read(world, who, "en").items():
        for piece in words:
            rest = MONEY.sub("", piece)
            for kept in (*KEPT_IN_ENGLISH, *typed):
                rest = rest.replace(kept, "")
            shortened = rest.endswith("…") and any(text.startswith(rest[:-1]) for text in typed)
            if VIETNAMESE.search(rest) and not shortened:
                left.setdefault(piece, name)
    assert left == {}


@pytest.mark.django_db
@pytest.mark.parametrize("who", Role.values)
def test_a_vietnamese_page_has_no_english(world, who):
    ours = {text for entry in catalogue("en") for text in texts(entry) if text != entry.msgid}
    theirs = {
        text for entry in catalogue("vi") for text in (entry.msgid, entry.msgid_plural) if text not in texts(entry)
    }
    vietnamese = {entry.msgid for entry in catalogue("en")}
    english = (
        {text.casefold() for text in ours | theirs if text}
        - {text.casefold() for text in vietnamese}
        - KEPT_IN_VIETNAMESE
    )
    left = {}
    for name, words in read(world, who, "vi").items():
        for piece in words:
            if piece.strip(" :·").casefold() in english:
                left.setdefault(piece, name)
    assert left == {}


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
