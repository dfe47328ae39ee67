"""An envelope as running text: matters of one kind together, endless digests cut short. The same for every channel."""

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cooperatives.text import nfc
from support_cases.reminders.channels.base import Envelope, Line

#: Nobody reads on after so many matters; the portal has them all.
MOST_LINES = 100


class Group(NamedTuple):
    """Matters of one kind; ``heading`` is "" where there is one kind only, ``advice`` what to do in all of them."""

    heading: str
    advice: str
    lines: Sequence[Line]


class Wording(NamedTuple):
    """The words of a message in the language of its recipient; ``rest`` says how many matters were left out."""

    language: str
    subject: str
    greeting: str
    groups: Sequence[Group]
    rest: str
    footer: str
    how_to_mute: str


def wording_of(envelope: Envelope) -> Wording:
    """Return the words of ``envelope`` in NFC and each on one line, whatever names hold."""
    shown, left_out = envelope.lines[:MOST_LINES], max(0, len(envelope.lines) - MOST_LINES)
    with translation.override(envelope.recipient.language):
        rest = ngettext("và %(n)s việc nữa", "và %(n)s việc nữa", left_out) % {"n": left_out} if left_out else ""
        return Wording(
            language=translation.get_language() or envelope.recipient.language,
            subject=nfc(envelope.subject),
            greeting=nfc(envelope.greeting),
            groups=_groups([replace(line, title=nfc(line.title), advice=nfc(line.advice)) for line in shown]),
            rest=rest,
            footer=nfc(envelope.footer),
            how_to_mute=_("Không cần nhắc một việc nào nữa: bấm “Tắt nhắc” bên cạnh việc đó và ghi lý do."),
        )


def text_of(words: Wording) -> str:
    """Return the message as plain text."""
    parts = [words.greeting]
    for group in words.groups:
        parts += [f"== {group.heading} =="] if group.heading else []
        parts += [group.advice] if group.advice else []
        parts += [f"{line.title}\n{line.url}" for line in group.lines]
    parts += [words.rest, words.footer, words.how_to_mute]
    return "\n\n".join(part for part in parts if part) + "\n"


def _groups(lines: Sequence[Line]) -> list[Group]:
    """Return the lines by kind and advice, in the order in which kinds first appear."""
    found: dict[tuple[str, str], list[Line]] = {}
    for line in lines:
        found.setdefault((line.kind, line.advice), []).append(line)
    several = len(found) > 1
    return [Group(kind if several else "", advice, same) for (kind, advice), same in found.items()]
