"""Business lines of a cooperative: what a change makes of the list, the act that records it, what VSIC proposes."""

from cooperatives.lines.change import change_lines, list_before, refusals, take_back
from cooperatives.lines.difference import LineChange, Outcome, outcomes, problems_alone, problems_in, told
from cooperatives.lines.proposals import Proposal, proposals_for, proposals_of
from cooperatives.lines.search import find_lines, understood

__all__ = [
    "LineChange",
    "Outcome",
    "Proposal",
    "change_lines",
    "find_lines",
    "list_before",
    "outcomes",
    "problems_alone",
    "problems_in",
    "proposals_for",
    "proposals_of",
    "refusals",
    "take_back",
    "told",
    "understood",
]
