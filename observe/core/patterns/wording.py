"""How a result is put into words: what was seen and what it is consistent with, never what anybody is or holds.

Every sentence that the inference can make is made here, from the templates below; a test reads them all.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from observe.core.patterns.evidence import Table
from observe.core.patterns.gates import Watched
from observe.core.patterns.rows import Unit
from observe.core.patterns.trends import Change

TEMPLATES = {
    "pattern": "Pattern consistent with {construct} (imputed; {estimate}; relative to {peers}; {sides})",
    "contrary": "Pattern that speaks against {construct} (imputed; {estimate}; relative to {peers}; {sides})",
    "situation": "; differs by situation: {situations}",
    "fragile": "; fragile: {codes}",
    "not-enough": "Not enough evidence on {construct}: {missing}",
    "confounded": "Confounded, so nothing can be said on {construct}: {missing}",
    "no-difference": "{Units} do not differ reliably on {construct} in these data",
    "unclear": "No clear pattern on {construct} ({estimate}; relative to {peers}; {sides})",
    "not-watched": "Not watched for {construct}",
    "differ": "Of {people}, {supporting} {show} a pattern consistent with {construct} and {contrary} a pattern that speaks against it; probability that {units} do not differ: {p}",
    "none": "Of {people}, none shows a pattern consistent with {construct}, nor one that speaks against it; probability that {units} do not differ: {p}",
    "nothing": "Nothing can be said of any of {people} on {construct}: {why}",
    "same": "{Units} do not differ reliably on {construct} in these data (probability that they do not: {p})",
    "change": "Behaviour consistent with {construct} changed from the first to the last of {sessions} sessions ({estimate}){peers}",
    "no-change": "No clear change on {construct} over {sessions} sessions ({estimate})",
    "change-confounded": "A change on {construct} cannot be told apart from a change of {what} over {sessions} sessions",
    "nothing-contrary": "No contrary evidence was looked for",
    "none-contrary": "Contrary evidence was looked for, and none was found",
}


def signed(value: float) -> str:
    """`+0.52`, with a true minus."""
    return f"{value:+.2f}".replace("-", "−")


def bare(value: float) -> str:
    """`.21` and `−1.30`: the form used inside intervals."""
    text = f"{abs(value):.2f}"
    return ("−" if round(value, 2) < 0 else "") + (text[1:] if text.startswith("0.") else text)


def estimate_of(mean: float, low: float, high: float, level: float) -> str:
    """`+0.52, 90 % .21 to .83`."""
    return f"{signed(mean)}, {percent(level)} {bare(low)} to {bare(high)}"


def percent(share: float) -> str:
    """`90 %` and `2.5 %`: no place more than is needed, and a space, as everywhere."""
    return f"{round(100 * share, 1):g} %"


def probability(p: float) -> str:
    """`.93`, and never quite certain: `<.01`, `>.99`."""
    return "<.01" if p < 0.01 else ">.99" if p > 0.99 else bare(p)


def count_of(n: int, one: str, many: str = "") -> str:
    """`1 peer`, `38 peers`."""
    return f"{n} {one if n == 1 else many or one + 's'}"


def sides_words(table: Table) -> str:
    """Indicators by what they come to on balance, and every line for itself, so that neither count hides the other."""
    supporting, contrary = sides_of(table)
    against = sum(item.side == "contrary" for item in table.items)
    balance = f"on balance {count_of(len(supporting), 'code supports', 'codes support')} the estimate and {_speaking(len(contrary))}"
    return f"{balance}; of {count_of(len(table.items), 'line')} of evidence {_speaking(against)}"


def _speaking(n: int) -> str:
    return f"{n or 'none'} {'speak' if n > 1 else 'speaks'} against it"


def sides_of(table: Table) -> tuple[list[str], list[str]]:
    """Indicators by the side that their net contribution is on."""
    net: dict[str, float] = {}
    for item in table.items:
        size = abs(item.contribution)
        net[item.indicator] = net.get(item.indicator, 0.0) + (size if item.side == "supporting" else -size)
    return [name for name, value in net.items() if value >= 0], [name for name, value in net.items() if value < 0]


def pattern_sentence(
    label: str,
    estimate: str,
    watched: Watched,
    table: Table,
    *,
    contrary: bool,
    situations: str,
    fragile: Sequence[str],
) -> str:
    """A claim, with the situation that it is tied to and the codes that it should not be leant on for."""
    words = TEMPLATES["contrary" if contrary else "pattern"].format(
        construct=label, estimate=estimate, peers=count_of(watched.peers, "peer"), sides=sides_words(table)
    )
    words += TEMPLATES["situation"].format(situations=situations) if situations else ""
    return words + (TEMPLATES["fragile"].format(codes=", ".join(fragile)) if fragile else "")


def unclear_sentence(label: str, estimate: str, watched: Watched, table: Table) -> str:
    """Watched enough, and still nothing to say."""
    peers = count_of(watched.peers, "peer")
    return TEMPLATES["unclear"].format(construct=label, estimate=estimate, peers=peers, sides=sides_words(table))


def missing_sentence(label: str, missing: Sequence[str], *, confounded: bool) -> str:
    """What is missing, in words that say how to mend it."""
    return TEMPLATES["confounded" if confounded else "not-enough"].format(
        construct=label, missing="; ".join(missing)
    )


@dataclass(frozen=True, slots=True)
class Said:
    """How many of those whom a run follows it says what of."""

    supporting: int = 0
    contrary: int = 0
    not_enough: int = 0
    confounded: int = 0

    @property
    def nothing(self) -> int:
        """Of how many nothing is said, whatever their figures are."""
        return self.not_enough + self.confounded

    @property
    def why(self) -> str:
        """`not enough evidence on 20, confounded for 17`."""
        parts = (f"not enough evidence on {self.not_enough}", f"confounded for {self.confounded}")
        return ", ".join(part for part, n in zip(parts, (self.not_enough, self.confounded), strict=True) if n)


def overall_sentence(label: str, people: int, said: Said, no_difference: float, unit: Unit) -> str:
    """One construct over all people, or whatever the run follows; patterns for it and against it are told apart.

    Where nothing can be said of anybody, it is not said either whether they differ: that would rest on the same evidence.
    """
    words = {
        "construct": label,
        "p": probability(no_difference),
        "units": unit.many,
        "Units": unit.many.capitalize(),
    }
    whole = count_of(people, unit.one, unit.many)
    if said.nothing >= people:
        return TEMPLATES["nothing"].format(**words, people=whole, why=said.why)
    if no_difference > 0.5:
        return TEMPLATES["same"].format(**words)
    if not said.supporting and not said.contrary:
        return TEMPLATES["none"].format(**words, people=whole)
    show = "show" if said.supporting > 1 else "shows"
    return TEMPLATES["differ"].format(
        **words, people=whole, supporting=said.supporting or "none", contrary=said.contrary or "none", show=show
    )


def same_sentence(label: str, unit: Unit) -> str:
    """Said of each where it is likelier than not that none differs from the others."""
    return TEMPLATES["no-difference"].format(construct=label, Units=unit.many.capitalize())


def change_sentence(label: str, change: Change | None, level: float) -> str:
    """Change is named as change, with the others' beside it; empty where there were too few sessions."""
    if change is None:
        return ""
    estimate = estimate_of(change.mean, change.low, change.high, level)
    if change.confounded_with:
        what = " and ".join(change.confounded_with)
        return TEMPLATES["change-confounded"].format(construct=label, what=what, sessions=change.sessions)
    if not change.claimed:
        return TEMPLATES["no-change"].format(construct=label, sessions=change.sessions, estimate=estimate)
    peers = "" if change.peers is None else f"; the others together changed by {signed(change.peers)}"
    return TEMPLATES["change"].format(construct=label, sessions=change.sessions, estimate=estimate, peers=peers)


_EXPOSURES = {
    "opportunities": ("opportunity", "opportunities"), "intervals": ("interval", "intervals"), "scans": ("scan", "scans"),
    "people": ("person counted", "people counted"), "checks": ("check", "checks"), "answers": ("answer", "answers"),
    "ratings": ("rating", "ratings"),
}  # fmt: skip


def exposure_words(family: str, measure: str, exposure: float) -> str:
    """`in 40 min`, `in 12 scans`, `out of 54 people counted`."""
    if measure == "minutes":
        return f"in {exposure:.0f} min"
    return f"{'in' if family == 'count' else 'out of'} {count_of(round(exposure), *_EXPOSURES[measure])}"
