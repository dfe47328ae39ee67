"""Vietnamese first, English second, both complete: what the code says, what the catalogues hold, what pages show."""

import re
from pathlib import Path

import polib
import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import models, transaction
from django.template import engines
from django.test import Client
from django.urls import reverse
from django.utils.translation import get_supported_language_variant

from htx_portal import catalogues
from htx_portal.accounts.models import Role
from htx_portal.catalogues import Message
from htx_portal.management.commands.collect_messages import PACKAGES, english_catalogue
from tests.portal_world import addresses, build_world, own_models
from tests.reading import Page

LIBRARIES = ("django", "rest_framework", "django_filters", "axes", "drf_spectacular")
VIETNAMESE = re.compile(r"[ăâđêôơưàảãáạằẳẵắặầẩẫấậèẻẽéẹềểễếệìỉĩíịòỏõóọồổỗốộờởỡớợùủũúụừửữứựỳỷỹýỵ]", re.IGNORECASE)
# Words an English page keeps: the field's own word for one service, and the way to the other language.
KEPT_IN_ENGLISH = ("(lượt)", "Tiếng Việt")
MONEY = re.compile(r"\d\sđ\b")
# The name of the portal, and the one word Django's admin site cannot translate.
KEPT_IN_VIETNAMESE = {"htx portal", "english", "search"}
# For programs and programmers.
NOT_READ = {"live", "ready", "api-docs"}


@pytest.fixture(scope="module")
def found() -> dict[Message, set[str]]:
    """Every sentence of our code and templates."""
    return catalogues.collect(settings.BASE_DIR, PACKAGES, engines["django"].engine)


def catalogue(language: str) -> polib.POFile:
    """Return the catalogue of a language as it is in the repository."""
    return catalogues.read(Path(settings.LOCALE_PATHS[0]) / language / "LC_MESSAGES" / "django.po")


# --- Catalogues --------------------------------------------------------------------------------------------


def test_every_sentence_has_its_english_and_no_translation_is_unused(found):
    held = {Message(entry.msgid, entry.msgid_plural or "", entry.msgctxt or "") for entry in catalogue("en")}
    assert {message.text for message in found.keys() - held} == set(), "make messages, then translate"
    assert {message.text for message in held - found.keys()} == set(), "make messages"


@pytest.mark.parametrize("language", ["en", "vi"])
def test_every_translation_is_finished_and_keeps_its_placeholders(language):
    assert list(catalogues.faults(catalogue(language))) == []


def test_english_is_english_and_our_sentences_are_vietnamese():
    foreign = {entry.msgid: text for entry in catalogue("en") for text in texts(entry) if VIETNAMESE.search(text)}
    assert {text for text in foreign.values() if not any(word in text for word in KEPT_IN_ENGLISH)} == set()
    same = {entry.msgid for entry in catalogue("en") if entry.msgid in texts(entry)}
    assert {text for text in same if VIETNAMESE.search(text)} == set()


def texts(entry: polib.POEntry) -> list[str]:
    """Return all forms of a translation."""
    return list(entry.msgstr_plural.values()) if entry.msgid_plural else [entry.msgstr]


def test_every_vietnamese_override_is_for_a_sentence_a_library_still_says():
    said = set()
    for library in LIBRARIES:
        folder = Path(__import__(library).__file__).parent
        for path in folder.rglob("*.py"):
            if "tests" not in path.parts and "conf/locale" not in path.as_posix():
                said |= catalogues.python_messages(path.read_text("utf-8"), strict=False)
    for path in Path(__import__("django").__file__).parent.glob("contrib/*/templates/**/*.html"):
        said |= catalogues.template_messages(path.read_text("utf-8"), engines["django"].engine)
    held = {Message(entry.msgid, entry.msgid_plural or "", entry.msgctxt or "") for entry in catalogue("vi")}
    assert {message.text for message in held - said} == set()


def test_the_catalogues_are_sorted_and_name_no_lines():
    for language in ("en", "vi"):
        entries = list(catalogue(language))
        assert [entry.msgid for entry in entries] == sorted(entry.msgid for entry in entries)
        assert {line for entry in entries for _, line in entry.occurrences} <= {""}


def test_compiled_catalogues_hold_what_the_written_ones_say():
    for path in catalogues.po_files(settings.LOCALE_PATHS):
        compiled = path.with_suffix(".mo")
        held = {(e.msgctxt, e.msgid): texts(e) for e in polib.mofile(str(compiled), encoding="utf-8")}
        assert held == {(e.msgctxt, e.msgid): texts(e) for e in catalogues.read(path)}


def test_compiling_writes_only_what_changed_and_leaves_nothing_else(tmp_path):
    folder = tmp_path / "en" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    source = folder / "django.po"
    source.write_text(po("Một", "One"), "utf-8")
    assert catalogues.compile_stale([source]) == [source.with_suffix(".mo")]
    assert catalogues.compile_stale([source]) == []
    source.write_text(po("Một", "Just one"), "utf-8")
    assert catalogues.compile_stale([source]) == [source.with_suffix(".mo")]
    assert polib.mofile(str(source.with_suffix(".mo")))[0].msgstr == "Just one"
    assert sorted(path.name for path in folder.iterdir()) == ["django.mo", "django.po"]


@pytest.mark.parametrize("text", ["", "Một %(m)s", "One"])
def test_the_check_refuses_an_unfinished_catalogue(tmp_path, settings, text):
    folder = tmp_path / "en" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    (folder / "django.po").write_text(po("Một %(n)s", text), "utf-8")
    settings.LOCALE_PATHS = [tmp_path]
    with pytest.raises(CommandError, match="Một"):
        call_command("compile_catalogues", check=True)
    assert not (folder / "django.mo").exists()


def po(msgid: str, msgstr: str) -> str:
    """Return the text of a catalogue with one entry."""
    head = 'msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8\\n"\n\n'
    return f'{head}msgid "{msgid}"\nmsgstr "{msgstr}"\n'


# --- Finding sentences -------------------------------------------------------------------------------------


def test_sentences_are_found_in_code():
    source = '_("Một" " dòng")\nx.ngettext("%(n)s lượt", "%(n)s lượt", n)\npgettext_lazy("nút", "Ghi")\nother("Không")'
    assert catalogues.python_messages(source) == {
        Message("Một dòng"),
        Message("%(n)s lượt", "%(n)s lượt"),
        Message("Ghi", context="nút"),
    }


@pytest.mark.parametrize("source", ['_(f"Chào {name}")', "_(label)", 'ngettext("Một", many, n)', '_("Chào %s" % name)'])
def test_a_sentence_made_at_run_time_is_refused(source):
    with pytest.raises(catalogues.CatalogueError, match="line 1"):
        catalogues.python_messages(source)


def test_sentences_are_found_in_templates():
    source = """{% load i18n %}{% translate "Giảm 5%" %}{% translate 'Ghi' context "nút" as x %}{{ _("Tên") }}
    {% if a %}{% blocktranslate count n=rows|length with who=user trimmed %}
      {{ who }} có {{ n }} lượt{% plural %}
      {{ who }} có {{ n }} lượt nữa{% endblocktranslate %}{% endif %}{# translate "Không" #}"""
    assert catalogues.template_messages(source, engines["django"].engine) == {
        Message("Giảm 5%%"),
        Message("Ghi", context="nút"),
        Message("Tên"),
        Message("%(who)s có %(n)s lượt", "%(who)s có %(n)s lượt nữa"),
    }


def test_collecting_keeps_translations_guesses_nothing_and_drops_the_rest():
    book = polib.POFile()
    book.append(polib.POEntry(msgid="Cũ", msgstr="Old"))
    book.append(polib.POEntry(msgid="Giữ", msgstr="Kept"))
    assert catalogues.bring_up_to_date(book, {Message("Giữ"): {"b.py", "a.py"}, Message("Mới"): {"a.py"}}) == (1, 1)
    assert [(entry.msgid, entry.msgstr, entry.fuzzy) for entry in book] == [("Giữ", "Kept", False), ("Mới", "", False)]
    assert book[0].occurrences == [("a.py", ""), ("b.py", "")]


def test_placeholders_are_compared_by_name():
    assert catalogues.placeholders("%(n)s / %(total)d · {time} %s 100%% {0:.1f}") == {"n", "total", "time", "", "0"}


def test_the_english_catalogue_is_where_collecting_writes():
    assert english_catalogue().is_file()


# --- Pages -------------------------------------------------------------------------------------------------


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
