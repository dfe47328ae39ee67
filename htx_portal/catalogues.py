"""What people read on screen: found in code and templates, kept in .po files, compiled to .mo files.

The sentences in the code are Vietnamese, so a message is its own Vietnamese text and the English catalogue
holds the other language. The Vietnamese catalogue holds only what the libraries say in English or say clumsily.
No system gettext is needed.
"""

import ast
import re
import warnings
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import TypeVar

import polib
from django.template import Context, Engine, Template
from django.template.base import Lexer, NodeList, TokenType
from django.templatetags.i18n import BlockTranslateNode, TranslateNode

TEMPLATE_SUFFIXES = (".html", ".txt")
_Tag = TypeVar("_Tag", TranslateNode, BlockTranslateNode)
#: Where the context, the sentence and its plural stand among the arguments of each function.
_PLAIN = ("text",)
_PLURAL = ("text", "plural")
_CONTEXT = ("context", "text")
CALLS = {
    **dict.fromkeys(("_", "gettext", "gettext_lazy", "gettext_noop"), _PLAIN),
    **dict.fromkeys(("ngettext", "ngettext_lazy"), _PLURAL),
    **dict.fromkeys(("pgettext", "pgettext_lazy"), _CONTEXT),
    **dict.fromkeys(("npgettext", "npgettext_lazy"), (*_CONTEXT, "plural")),
}
_CONSTANT = re.compile(r"""\b_\(("[^"\\]*(?:\\.[^"\\]*)*"|'[^'\\]*(?:\\.[^'\\]*)*')\)""")
_PLACEHOLDER = re.compile(r"%\((\w+)\)[#0\- +]*\d*(?:\.\d+)?[a-z]|\{(\w*)(?::[^}]*)?\}|%[sd]")


@dataclass(frozen=True, order=True)
class Message:
    """One sentence to translate; `plural` and `context` are "" where it has none."""

    text: str
    plural: str = ""
    context: str = ""

    @property
    def key(self) -> tuple[str, str]:
        """What tells two entries of a catalogue apart."""
        return self.context, self.text


class CatalogueError(Exception):
    """A sentence that no catalogue can hold; the message says which and where."""


def python_messages(source: str, strict: bool = True) -> set[Message]:
    """Return what Python code hands to gettext and its relatives, whatever they are called through.

    Raises CatalogueError for a sentence put together at run time, which nobody could translate;
    `strict=False` passes over such calls instead.
    """
    found = set()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SyntaxWarning)  # of a library's source, read and not run
        tree = ast.parse(source)
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        names = CALLS.get(getattr(node.func, "id", "") or getattr(node.func, "attr", ""))
        if names is None or not node.args:
            continue
        constants = [arg.value for arg in node.args if isinstance(arg, ast.Constant) and isinstance(arg.value, str)]
        if len(constants) >= len(names):
            found.add(Message(**dict(zip(names, constants, strict=False))))
        elif strict:
            raise CatalogueError(f"line {node.lineno}: the sentence is not a plain string")
    return found


def template_messages(source: str, engine: Engine) -> set[Message]:
    """Return what a template marks with `translate`, `blocktranslate` or `_("…")`.

    Raises CatalogueError for `{% translate variable %}` and TemplateSyntaxError for a broken template.
    """
    found = {
        Message(constant[1:-1])
        for token in Lexer(source).tokenize()
        if token.token_type in (TokenType.VAR, TokenType.BLOCK)
        for constant in _CONSTANT.findall(token.contents)
    }
    nodes = Template(source, engine=engine).nodelist
    found |= {_translate_message(node) for node in _nodes(nodes, TranslateNode)}
    found |= {_block_message(node) for node in _nodes(nodes, BlockTranslateNode)}
    return found


def _nodes(nodes: NodeList, kind: type[_Tag]) -> Iterator[_Tag]:
    return (node for node in nodes.get_nodes_by_type(kind) if isinstance(node, kind))


def _translate_message(node: TranslateNode) -> Message:
    text = getattr(node.filter_expression.var, "literal", None)
    if not isinstance(text, str):
        raise CatalogueError(f"only a plain string can be translated: {node.filter_expression}")
    return Message(text.replace("%", "%%"), context=_context(node))


def _block_message(node: BlockTranslateNode) -> Message:
    text, _variables = node.render_token_list(node.singular)
    plural = node.render_token_list(node.plural)[0] if node.plural else ""
    return Message(text, plural, _context(node))


def _context(node: TranslateNode | BlockTranslateNode) -> str:
    return str(node.message_context.resolve(Context())) if node.message_context else ""


def collect(root: Path, packages: Iterable[str], engine: Engine) -> dict[Message, set[str]]:
    """Return every message of the packages below `root`, each with the files (relative to it) that use it.

    Raises CatalogueError, naming the file, for what no catalogue can hold.
    """
    found: dict[Message, set[str]] = defaultdict(set)
    for package in packages:
        for path in sorted((root / package).rglob("*")):
            name = path.relative_to(root).as_posix()
            try:
                for message in _messages_of(path, engine):
                    found[message].add(name)
            except CatalogueError as fault:
                raise CatalogueError(f"{name}, {fault}") from fault
    for (_, text), number in Counter(message.key for message in found).items():
        if number > 1:
            raise CatalogueError(f"once with a plural and once without: {text}")
    return dict(found)


def _messages_of(path: Path, engine: Engine) -> set[Message]:
    if path.suffix == ".py" and "migrations" not in path.parts:
        return python_messages(path.read_text(encoding="utf-8"))
    if path.suffix in TEMPLATE_SUFFIXES and "templates" in path.parts:
        return template_messages(path.read_text(encoding="utf-8"), engine)
    return set()


def read(path: Path) -> polib.POFile:
    """Return the catalogue in a .po file, its long lines left whole when it is written again."""
    return polib.pofile(str(path), wrapwidth=0, encoding="utf-8")


def bring_up_to_date(catalogue: polib.POFile, found: Mapping[Message, set[str]]) -> tuple[int, int]:
    """Make the catalogue hold exactly the messages found, keeping their translations; sort it.

    New messages come in untranslated, nothing is guessed. Returns how many came in and how many went.
    """
    entries = {(entry.msgctxt or "", entry.msgid): entry for entry in catalogue}
    kept = []
    came = 0
    for message, files in sorted(found.items()):
        entry = entries.pop(message.key, None)
        if entry is None or bool(entry.msgid_plural) != bool(message.plural):
            entry = polib.POEntry(msgid=message.text, msgctxt=message.context or None)
            came += 1
        entry.msgid_plural = message.plural
        if message.plural and not entry.msgstr_plural:
            entry.msgstr_plural = {0: "", 1: ""}
        entry.occurrences = [(name, "") for name in sorted(files)]
        kept.append(entry)
    catalogue[:] = kept
    return came, len(entries)


def sort(catalogue: polib.POFile) -> None:
    """Put the entries in the order of their sentences, which keeps changes small."""
    catalogue.sort(key=lambda entry: (entry.msgid, entry.msgctxt or ""))


def placeholders(text: str) -> set[str]:
    """Return the names of what is filled into a sentence, "" for a nameless place (`%s`, `{}`)."""
    return {named or braced for named, braced in _PLACEHOLDER.findall(text.replace("%%", ""))}


def faults(catalogue: polib.POFile) -> Iterator[str]:
    """Yield a line for each entry that is untranslated, uncertain, or does not keep its placeholders."""
    for entry in catalogue:
        translations = list(entry.msgstr_plural.values()) if entry.msgid_plural else [entry.msgstr]
        if entry.obsolete or entry.fuzzy:
            yield f"obsolete or uncertain: {entry.msgid}"
        elif not all(text.strip() for text in translations):
            yield f"untranslated: {entry.msgid}"
        else:
            # A singular may leave its number out ("one case"); the last form has to hold everything.
            asked = placeholders(entry.msgid_plural or entry.msgid)
            given = [placeholders(text) for text in translations]
            if given[-1] != asked or not all(names <= asked for names in given):
                yield f"other placeholders: {entry.msgid}"


def po_files(folders: Iterable[str | Path]) -> list[Path]:
    """Return the .po files of the locale folders, by language and name."""
    return sorted(path for folder in folders for path in Path(folder).glob("*/LC_MESSAGES/*.po"))


def compiled(path: Path) -> bytes:
    """Return what the .mo file beside a .po file has to hold."""
    return bytes(read(path).to_binary())


def compile_stale(paths: Iterable[Path]) -> list[Path]:
    """Write the .mo file of each .po file that has none or an outdated one; return those written.

    Each appears whole or not at all, so that a server starting meanwhile never reads half a file.
    """
    written = []
    for path in paths:
        target, wanted = path.with_suffix(".mo"), compiled(path)
        if target.exists() and target.read_bytes() == wanted:
            continue
        with NamedTemporaryFile(dir=target.parent, prefix=target.name, delete=False) as file:
            file.write(wanted)
        Path(file.name).chmod(0o644)
        Path(file.name).replace(target)
        written.append(target)
    return written
