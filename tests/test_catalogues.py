"""What is to be translated and what is: the catalogues of both languages against code, templates and libraries."""

import ast
from collections.abc import Iterator
from pathlib import Path

import polib
import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.template import Engine, engines
from django.template.backends.django import DjangoTemplates
from django.template.base import Lexer, TokenType

from htx_portal import catalogues
from htx_portal.catalogues import Message
from htx_portal.management.commands.collect_messages import PACKAGES, english_catalogue
from tests import house
from tests.reading import VIETNAMESE, catalogue, texts

LIBRARIES = ("django", "rest_framework", "django_filters", "axes", "drf_spectacular")
KEPT_IN_ENGLISH = ("(lượt)", "Tiếng Việt")
# Said before there is a language: by the launcher in both, by data of the demo, by tables of letters.
WITHOUT_CATALOGUE = (
    "support_cases.chaos",
    "cooperatives.text",
    "htx_portal.embedded",
    "htx_portal.environment",
    "htx_portal.launcher",
    "htx_portal.setup_env",
    "support_cases.demo",
    "support_cases.scale",
)


def template_engine() -> Engine:
    """What reads our templates."""
    backend = engines["django"]
    assert isinstance(backend, DjangoTemplates)
    return backend.engine


@pytest.fixture(scope="module")
def found() -> dict[Message, set[str]]:
    """Every sentence of our code and templates."""
    return catalogues.collect(settings.BASE_DIR, PACKAGES, template_engine())


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


def test_every_vietnamese_override_is_for_a_sentence_a_library_still_says():
    said = set()
    for library in LIBRARIES:
        folder = Path(__import__(library).__file__).parent
        for path in folder.rglob("*.py"):
            if "tests" not in path.parts and "conf/locale" not in path.as_posix():
                said |= catalogues.python_messages(path.read_text("utf-8"), strict=False)
    for path in Path(__import__("django").__file__).parent.glob("contrib/*/templates/**/*.html"):
        said |= catalogues.template_messages(path.read_text("utf-8"), template_engine())
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
    assert catalogues.template_messages(source, template_engine()) == {
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


# --- Sentences nobody marked -------------------------------------------------------------------------------


def is_sentence(text: str) -> bool:
    """Whether a text has at least two words that only Vietnamese writes so."""
    return sum(1 for word in text.split() if VIETNAMESE.search(word)) > 1


def unmarked(module: str) -> Iterator[str]:
    """Yield the Vietnamese sentences of a module that no call hands to the catalogues."""
    marked = set()
    for node in ast.walk(house.tree(module)):
        called = getattr(node, "func", None)
        if (
            isinstance(node, ast.Call)
            and (getattr(called, "id", "") or getattr(called, "attr", "")) in catalogues.CALLS
        ) or isinstance(node, ast.Expr):
            marked |= set(ast.walk(node))
    for node in set(ast.walk(house.tree(module))) - marked:
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and is_sentence(node.value):
            yield f"{module}, line {node.lineno}: {node.value}"


def test_no_sentence_of_the_code_escapes_the_catalogues():
    modules = [module for module in house.modules() if not module.startswith(WITHOUT_CATALOGUE)]
    assert [sentence for module in modules for sentence in unmarked(module)] == []


def test_no_sentence_of_a_template_escapes_the_catalogues():
    """But for the pages of last resort, which are served when nothing else works."""
    loose = []
    for name, path in house.templates().items():
        inside = False
        for token in Lexer(path.read_text("utf-8")).tokenize():
            word = token.contents.split()[0] if token.token_type == TokenType.BLOCK else ""
            inside = word == "blocktranslate" or (inside and word != "endblocktranslate")
            if token.token_type == TokenType.TEXT and not inside and is_sentence(_without_kept(token.contents)):
                loose.append(name)
    assert set(loose) <= {"500.html", "503.html"}


def _without_kept(text: str) -> str:
    for words in KEPT_IN_ENGLISH:
        text = text.replace(words, "")
    return text
