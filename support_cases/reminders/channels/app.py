"""In the portal itself: the row of the ledger is what the person reads, so it is delivered exactly once."""

from support_cases.choices import ReminderChannel
from support_cases.reminders.channels.base import Channel


class AppChannel(Channel):
    """The inbox of the portal."""

    code = ReminderChannel.APP
    disturbs = False

    def address_of(self, person):
        """Everybody has an inbox."""
        return person.username

    def send(self, envelope, hand_over):
        """Nothing leaves the house: handing over is all."""
        hand_over()
