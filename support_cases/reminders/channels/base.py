"""What a channel is: a way by which a message leaves the house, and what it can say about its fate.

A channel is one class with four answers, entered in :data:`support_cases.reminders.channels.CHANNELS` and in
``ReminderChannel``. It never touches the ledger: it calls ``hand_over`` the moment before the message may leave,
sends only if that says yes, and raises one of these errors. So every channel keeps the same promise: what surely
did not leave is tried again, what may have left never by itself.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from htx_portal.accounts.models import User


class NotSent(Exception):
    """The message surely did not leave; it will be tried again."""


class ChannelDown(NotSent):
    """Nobody can be reached by this channel at present; what was to go is tried again until it is up again."""


class Uncertain(Exception):
    """The message may or may not have left."""


class AddressRefused(Exception):
    """The other side says that there is nobody at this address; the message surely did not arrive."""


@dataclass(frozen=True)
class Line:
    """One matter in a message: what it is, what to do, where; ``kind`` is what long messages are grouped by."""

    title: str
    advice: str
    url: str
    kind: str = ""


@dataclass(frozen=True)
class Envelope:
    """A message ready to go, in the language of its recipient."""

    identity: str
    recipient: User
    subject: str
    greeting: str
    lines: Sequence[Line]
    footer: str


class Channel:
    """A way to a person."""

    code: ClassVar[str]
    #: Whether messages go out in working hours only, and many of a morning as one.
    disturbs: ClassVar[bool] = True

    def is_on(self) -> bool:
        """Whether the office has set the channel up."""
        return True

    def address_of(self, person: User) -> str:
        """Return where the channel reaches ``person``; "" where it cannot."""
        raise NotImplementedError

    def send(self, envelope: Envelope, hand_over: Callable[[], bool]) -> None:
        """Bring the message out.

        Raises:
            NotSent: and nothing left.
            ChannelDown: and it would be so for everybody.
            Uncertain: when nobody can know.
            AddressRefused: when nobody is there.
        """
        raise NotImplementedError
