"""From sessions to a run: collect, fit, weigh, and say what may be said."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from frameworks.model import Construct, Framework, MinimumEvidence
from frameworks.versions import content_hash
from observe.core.patterns import wording
from observe.core.patterns.collect import CodedSession, rows_from
from observe.core.patterns.design import Design, design_of
from observe.core.patterns.evidence import Table, expected_of_a_peer, rows_by_person, table_of
from observe.core.patterns.gates import (
    Gate,
    Linkage,
    Reliability,
    Watched,
    fragile_of,
    gates_of,
    linkage_of,
    watched_of,
)
from observe.core.patterns.model import Fit, fit
from observe.core.patterns.posterior import Posterior, posterior_of
from observe.core.patterns.result import Estimate, Finding, Overall, Run, Status, hash_of, hash_of_rows
from observe.core.patterns.rivals import Case, alternatives_of, common_of, is_situational, rivals_of, typical_of
from observe.core.patterns.robustness import Robustness, place_of, robustness_of
from observe.core.patterns.rows import Rows, Unit
from observe.core.patterns.settings import ENGINE_VERSION, Settings
from observe.core.patterns.trends import Change, Situational, Slopes, change_of, situations_of, slopes_of

_NOBODY = Watched(0.0, 0.0, 0.0, (), (), (), (), 0)
_NOTHING = Table((), 0.0, False)


def infer(
    framework: Framework, sessions: Sequence[CodedSession], *,
    settings: Settings | None = None, reliability: Mapping[str, Reliability] | None = None, framework_hash: str = "",
) -> Run:  # fmt: skip
    """Read attitude patterns from coded sessions. `reliability` is by indicator; what is not in it is not known."""
    return infer_from(
        rows_from(framework, sessions),
        framework,
        settings=settings,
        reliability=reliability,
        framework_hash=framework_hash,
    )


def infer_from(
    rows: Rows, framework: Framework, *, settings: Settings | None = None,
    reliability: Mapping[str, Reliability] | None = None, framework_hash: str = "",
) -> Run:  # fmt: skip
    """The same from rows that are already there. The framework gives words, rivals and minimum evidence."""
    return _Inference(rows, framework, settings or Settings(), dict(reliability or {}), framework_hash).run()


class _Inference:
    """What the steps of one run share."""

    def __init__(
        self,
        rows: Rows,
        framework: Framework,
        settings: Settings,
        reliability: dict[str, Reliability],
        framework_hash: str,
    ) -> None:
        self.rows, self.framework, self.settings, self.reliability = rows, framework, settings, reliability
        self.declared = {one.id: one for one in framework.constructs}
        self.framework_hash = framework_hash or content_hash(framework)
        self.data_hash = hash_of_rows(rows)
        self.hash = hash_of(
            self.data_hash, self.framework_hash, ENGINE_VERSION, settings, tuple(sorted(reliability.items()))
        )
        self.fragile = fragile_of(reliability, settings)

    def run(self) -> Run:
        overall: tuple[Overall, ...] = ()
        findings: tuple[Finding, ...] = ()
        if self.rows.rows:
            self._fit()
            findings = tuple(
                self._finding(person, construct)
                for construct in range(len(self.design.constructs))
                for person in range(len(self.design.persons))
            )
            overall = tuple(self._overall(d, findings) for d in range(len(self.design.constructs)))
        return Run(
            self.hash, self.data_hash, self.framework.slug, self.framework_hash, ENGINE_VERSION, self.settings,
            tuple(sorted(self.reliability.items())), overall, findings, self.rows.left_out, self.rows.twins, self.rows.unit,
        )  # fmt: skip

    def _fit(self) -> None:
        self.design: Design = design_of(self.rows)
        self.fit: Fit = fit(self.design, self.settings)
        self.posterior: Posterior = posterior_of(self.fit.estimate, self.fit.error, self.settings)
        self.slopes: Slopes = slopes_of(self.fit, self.settings)
        self.linkages: list[Linkage] = [linkage_of(self.design, d) for d in range(len(self.design.constructs))]
        self.expected = expected_of_a_peer(self.fit)
        self.mine = rows_by_person(self.fit)
        self.alternatives = alternatives_of(self.fit)
        self.common = common_of(self.fit)
        self.typical = [typical_of(self.rows, self.design, d) for d in range(len(self.design.constructs))]

    def _label(self, construct: int) -> str:
        id = self.design.constructs[construct]
        return str(self.declared[id].label) if id in self.declared and self.declared[id].label else id

    def _overall(self, d: int, findings: Sequence[Finding]) -> Overall:
        mixture, spreads, id = self.posterior.claims[d], self.fit.spreads, self.design.constructs[d]
        statuses = [one.status for one in findings if one.construct == id]
        kinds = (Status.PATTERN, Status.CONTRARY, Status.NOT_ENOUGH, Status.CONFOUNDED)
        said = wording.Said(*(statuses.count(one) for one in kinds))
        if mixture is None:
            nan = float("nan")
            return Overall(id, self._label(d), 0, nan, nan, nan, nan, nan, nan, 0, "")
        people = int(self.posterior.slots[d].size)
        return Overall(
            id, self._label(d), people, mixture.q, mixture.q_p, mixture.no_spread, float(spreads.person[d]),
            float(spreads.situational[d]), float(spreads.occasion[d]), said.supporting + said.contrary,
            wording.overall_sentence(self._label(d), people, said, mixture.no_spread, self.rows.unit),
        )  # fmt: skip

    def _finding(self, person: int, construct: int) -> Finding:
        name, id, label = self.design.persons[person], self.design.constructs[construct], self._label(construct)
        key = hash_of(self.hash, name, id)
        if not np.isfinite(self.fit.estimate[person, construct]):
            sentence = wording.TEMPLATES["not-watched"].format(construct=label)
            return Finding(
                key, name, id, label, Status.NOT_WATCHED, sentence, None, (), _NOBODY, (), _NOTHING, None, (), (), False, None, "", (),
            )  # fmt: skip
        table = table_of(
            self.rows, self.fit, self.posterior, person, construct, mine=self.mine[person], expected=self.expected
        )
        linkage, declared = self.linkages[construct], self.declared.get(id)
        watched = watched_of(self.design, table, person, construct, peers=linkage.peers_of(person))
        gates, robust = self._gates(person, construct, table, watched, linkage, declared)
        change = change_of(self.fit, self.slopes, person, construct, mine=self.mine[person])
        situations, z = self._situations(person, construct)
        case = Case(
            self.rows, self.fit, table, watched, person, construct, float(self.posterior.mean[person, construct]),
            situations, z, change, self.typical[construct], self.common, self.mine[person],
            self.alternatives[construct],
        )  # fmt: skip
        rivals = rivals_of(case, declared, settings=self.settings, reliability=self.reliability)
        specific = is_situational(situations, z, self.settings)
        status = self._status(person, construct, gates)
        fragile = self._fragile_words(watched)
        change = self._gated(change, watched, table, declared)
        missing = tuple(gate.missing for gate in gates if not gate.passed)
        p = self.posterior
        columns = (p.mean, p.low, p.high, p.low_half, p.high_half, p.above, p.below, p.false_sign)
        stands = Estimate(*(float(column[person, construct]) for column in columns))
        estimate = wording.estimate_of(stands.mean, stands.low, stands.high, self.settings.level)
        sentence = _sentence(
            status, label, estimate, watched, table, gates, situations if specific else (), fragile, self.rows.unit
        )
        return Finding(
            key, name, id, label, status, sentence, stands, missing, watched, gates, table, robust, rivals, situations,
            specific, change, wording.change_sentence(label, change, self.settings.level), fragile,
        )  # fmt: skip

    def _gates(
        self,
        person: int,
        construct: int,
        table: Table,
        watched: Watched,
        linkage: Linkage,
        declared: Construct | None,
    ) -> tuple[tuple[Gate, ...], Robustness | None]:
        width = float(self.posterior.high[person, construct] - self.posterior.low[person, construct])
        gates = gates_of(
            watched, table, linkage, person, minimum=declared.minimum_evidence if declared else MinimumEvidence(),
            width=width, settings=self.settings, reliability=self.reliability, unit=self.rows.unit,
        )  # fmt: skip
        if not self.posterior.claimed[person, construct]:
            return gates, None
        robust = robustness_of(
            self.fit, self.posterior, person, construct, settings=self.settings, fragile=self.fragile
        )
        if robust is None:
            return gates, None
        turned = robust.turned_by
        mend = f"does not stand without {turned[0]}: needs others like it" if turned else ""
        return (*gates, Gate("leave-one-out", not turned, len(turned), 0, mend)), robust

    def _situations(self, person: int, construct: int) -> tuple[tuple[Situational, ...], float]:
        place = place_of(self.fit, person, construct)
        return situations_of(self.fit, place.solved, place.unit, place.local) if place else ((), 0.0)

    def _status(self, person: int, construct: int, gates: Sequence[Gate]) -> Status:
        """Confounding first, then what is missing, then what the numbers say."""
        if any(gate.confounds and not gate.passed for gate in gates):
            return Status.CONFOUNDED
        if any(not gate.passed for gate in gates):
            return Status.NOT_ENOUGH
        if self.posterior.claimed[person, construct]:
            return Status.PATTERN if self.posterior.mean[person, construct] > 0 else Status.CONTRARY
        mixture = self.posterior.claims[construct]
        return Status.NO_DIFFERENCE if mixture is not None and mixture.no_spread > 0.5 else Status.UNCLEAR

    def _gated(
        self, change: Change | None, watched: Watched, table: Table, declared: Construct | None
    ) -> Change | None:
        """A change needs as many indicators and events as a pattern does, and both directions; it needs no peers."""
        if change is None or not change.claimed:
            return change
        minimum = declared.minimum_evidence if declared else MinimumEvidence()
        enough = len(watched.indicators) >= minimum.codes and watched.events + watched.expected >= minimum.events
        shares = table.shares("indicator")
        return change if enough and table.contrary_looked_for and shares else replace(change, claimed=False)

    def _fragile_words(self, watched: Watched) -> tuple[str, ...]:
        return tuple(
            f"{name} alpha {_alpha(self.reliability[name])}" for name in watched.indicators if name in self.fragile
        )


def _alpha(one: Reliability) -> str:
    return "undefined" if one.alpha is None else wording.bare(one.alpha)


def _sentence(
    status: Status, label: str, estimate: str, watched: Watched, table: Table, gates: Sequence[Gate],
    situations: Sequence[Situational], fragile: Sequence[str], unit: Unit,
) -> str:  # fmt: skip
    if status in (Status.CONFOUNDED, Status.NOT_ENOUGH):
        confounded = status is Status.CONFOUNDED
        missing = [gate.missing for gate in gates if not gate.passed and (gate.confounds or not confounded)]
        return wording.missing_sentence(label, missing, confounded=confounded)
    if status is Status.NO_DIFFERENCE:
        return wording.same_sentence(label, unit)
    if status is Status.UNCLEAR:
        return wording.unclear_sentence(label, estimate, watched, table)
    where = ", ".join(f"{one.situation or 'unnamed'} {wording.signed(one.mean)}" for one in situations)
    contrary = status is Status.CONTRARY
    return wording.pattern_sentence(
        label, estimate, watched, table, contrary=contrary, situations=where, fragile=fragile
    )
