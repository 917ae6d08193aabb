"""How a result is put into words: what was seen and what it is consistent with, never what anybody is or holds.

Every sentence that the inference can make is made here, from the templates below; a test reads them all.
"""

from __future__ import annotations

from collections.abc import Sequence

from observe.core.patterns.evidence import Item, Table
from observe.core.patterns.gates import Watched
from observe.core.patterns.rivals import RivalCheck
from observe.core.patterns.rows import Unit
from observe.core.patterns.trends import Change

TEMPLATES = {
    "pattern": "Pattern consistent with {construct} (imputed; {estimate}; relative to {peers}; {codes})",
    "contrary": "Pattern that speaks against {construct} (imputed; {estimate}; relative to {peers}; {codes})",
    "situation": "; differs by situation: {situations}",
    "fragile": "; fragile: {codes}",
    "not-enough": "Not enough evidence on {construct}: {missing}",
    "confounded": "Confounded, so nothing can be said on {construct}: {missing}",
    "no-difference": "{Units} do not differ reliably on {construct} in these data",
    "unclear": "No clear pattern on {construct} ({estimate}; relative to {peers}; {codes})",
    "not-watched": "Not watched for {construct}",
    "differ": "{claimed} of {people} {show} a pattern on {construct}; P(no difference between {units}) {p}",
    "same": "{Units} do not differ reliably on {construct} in these data (P(no difference between {units}) {p})",
    "change": "Behaviour consistent with {construct} changed from the first to the last of {sessions} sessions ({estimate}){peers}",
    "no-change": "No clear change on {construct} over {sessions} sessions ({estimate})",
    "change-confounded": "A change on {construct} cannot be told apart from a change of {what} over {sessions} sessions",
    "nothing-contrary": "No contrary evidence was looked for",
    "none-contrary": "Contrary evidence was looked for, and none was found",
    "event": "{indicator}: expected {expected}, saw {observed} {exposure}",
    "rating": "{indicator}: rated {observed}, expected {expected}",
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
    return f"{signed(mean)}, {level:.0%} {bare(low)} to {bare(high)}".replace("%", " %")


def count_of(n: int, one: str, many: str = "") -> str:
    """`1 peer`, `38 peers`."""
    return f"{n} {one if n == 1 else many or one + 's'}"


def codes_of(table: Table) -> str:
    """`4 supporting, 2 contrary codes`, each indicator counted once by its net contribution."""
    supporting, contrary = sides_of(table)
    return f"{len(supporting)} supporting, {count_of(len(contrary), 'contrary code')}"


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
        construct=label, estimate=estimate, peers=count_of(watched.peers, "peer"), codes=codes_of(table)
    )
    words += TEMPLATES["situation"].format(situations=situations) if situations else ""
    return words + (TEMPLATES["fragile"].format(codes=", ".join(fragile)) if fragile else "")


def unclear_sentence(label: str, estimate: str, watched: Watched, table: Table) -> str:
    """Watched enough, and still nothing to say."""
    peers = count_of(watched.peers, "peer")
    return TEMPLATES["unclear"].format(construct=label, estimate=estimate, peers=peers, codes=codes_of(table))


def missing_sentence(label: str, missing: Sequence[str], *, confounded: bool) -> str:
    """What is missing, in words that say how to mend it."""
    return TEMPLATES["confounded" if confounded else "not-enough"].format(
        construct=label, missing="; ".join(missing)
    )


def overall_sentence(label: str, people: int, claimed: int, no_difference: float, unit: Unit) -> str:
    """One construct over all people, or whatever the run follows."""
    p = "<.01" if no_difference < 0.01 else bare(no_difference)
    words = {"construct": label, "p": p, "units": unit.many, "Units": unit.many.capitalize()}
    if no_difference > 0.5:
        return TEMPLATES["same"].format(**words)
    show = f"{unit.many if people != 1 else unit.one} {'shows' if claimed == 1 else 'show'}"
    return TEMPLATES["differ"].format(**words, claimed=claimed, people=people, show=show)


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


def item_sentence(item: Item) -> str:
    """`helps: expected 6, saw 0 in 40 min`; `sits: expected 20, saw 31 out of 54 people counted`."""
    if item.family == "rating":
        return TEMPLATES["rating"].format(
            indicator=item.indicator, observed=_number(item.observed), expected=_number(item.expected)
        )
    return TEMPLATES["event"].format(
        indicator=item.indicator, expected=_number(item.expected), observed=_number(item.observed),
        exposure=exposure_words(item.family, item.measure, item.exposure),
    )  # fmt: skip


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


def _number(value: float) -> str:
    return f"{value:.0f}" if abs(value - round(value)) < 0.05 else f"{value:.1f}"


def contrary_lines(table: Table, n: int) -> tuple[str, ...]:
    """The weightiest contrary items, or why there are none. Never left out, however small they are."""
    found = tuple(item_sentence(item) for item in table.of_side("contrary")[:n])
    if not table.contrary_looked_for:
        return (*found, TEMPLATES["nothing-contrary"])
    return found or (TEMPLATES["none-contrary"],)


def rival_sentence(rival: RivalCheck) -> str:
    """One rival with its number."""
    number = "" if rival.number is None else f" {signed(rival.number) if rival.number < 0 else bare(rival.number)}"
    words = f"{rival.label}: {rival.measure}{number}"
    return words + (f" ({rival.detail})" if rival.detail else "") + (" – look here first" if rival.raised else "")
