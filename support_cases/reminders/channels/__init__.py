"""The ways by which people are told, by their code."""

from support_cases.reminders.channels.app import AppChannel
from support_cases.reminders.channels.base import Channel
from support_cases.reminders.channels.mail import MailChannel
from support_cases.reminders.channels.webhook import WebhookChannel

CHANNELS: dict[str, Channel] = {channel.code: channel for channel in (AppChannel(), MailChannel(), WebhookChannel())}
