"""Rows as arrays, cut into parts that do not touch each other.

Constructs that share no indicator are independent but for the spreads that they are shrunk by, so each group of
constructs is a part with small systems of its own, one a person: nothing here is ever a dense cube.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from observe.core.patterns.rows import Family, Row, Rows

Array = NDArray[np.float64]
Whole = NDArray[np.int64]
Truth = NDArray[np.bool_]

FAMILIES = (Family.COUNT, Family.SHARE, Family.RATING)


@dataclass(frozen=True, slots=True)
class Batch:
    """Persons of one part who were seen on equally many occasions, so that their systems can be solved at once.

    `rows` index the design; `unit`, `spot` and `code` place each of them: which person of the batch, which of the
    person's occasions, which code of the part.
    """

    persons: Whole
    cells: Whole
    rows: Whole
    unit: Whole
    spot: Whole
    code: Whole
    same: Array
    loadings: Array
    """codes of the part × constructs of the part"""
    codes: Whole
    constructs: Whole

    @property
    def shape(self) -> tuple[int, int, int, int]:
        """Persons, occasions, constructs, codes."""
        return (*self.cells.shape, self.loadings.shape[1], self.loadings.shape[0])


@dataclass(frozen=True, slots=True)
class Design:
    """The whole run as arrays. A cell is one person on one occasion."""

    persons: tuple[str, ...]
    indicators: tuple[str, ...]
    constructs: tuple[str, ...]
    situations: tuple[str, ...]
    observers: tuple[str, ...]
    cells: tuple[tuple[str, str], ...]
    loadings: Array
    family: Whole
    person: Whole
    indicator: Whole
    situation: Whole
    observer: Whole
    cell: Whole
    value: Array
    exposure: Array
    weight: Array
    cell_person: Whole
    cell_situation: Whole
    cell_day: Array
    scale: Array
    """per indicator: what a rating was divided by; 1 for other families; 0 for one that never varied and says nothing"""
    batches: tuple[Batch, ...]

    @property
    def seen(self) -> Truth:
        """Persons × constructs: whether there is any row at all."""
        found: Truth = np.zeros((len(self.persons), len(self.constructs)), bool)
        for batch in self.batches:
            found[np.ix_(batch.persons, batch.constructs)] = True
        return found


def design_of(rows: Rows) -> Design:
    """Arrays for the model. Sessions of one happening share a cell and one unit of weight between them."""
    found = rows.rows
    indicators = _labels(one.indicator for one in rows.loadings)
    constructs = _labels(one.construct for one in rows.loadings)
    loadings = np.zeros((len(indicators), len(constructs)))
    for one in rows.loadings:
        loadings[indicators.index(one.indicator), constructs.index(one.construct)] = one.weight
    persons, person = _coded([row.person for row in found])
    situations, situation = _coded([row.situation for row in found])
    observers, observer = _coded([row.observer for row in found])
    cells, cell = _coded([row.cell for row in found])
    place = {name: index for index, name in enumerate(indicators)}
    indicator = np.array([place[row.indicator] for row in found], np.int64)
    value, scale, family = _values(found, indicator, len(indicators))
    choice, news = np.array([row.choice for row in found]), np.array([row.news for row in found])
    return design_of_arrays(
        persons=persons, indicators=indicators, constructs=constructs, situations=situations, observers=observers,
        cells=cells, loadings=loadings, family=family, person=person, indicator=indicator, situation=situation,
        observer=observer, cell=cell, value=value, exposure=np.array([row.exposure for row in found]),
        weight=choice * news * (scale[indicator] > 0) / _sharers(cell, indicator),
        day=np.array([row.day for row in found]), scale=scale,
    )  # fmt: skip


def design_of_arrays(
    *, cells: tuple[tuple[str, str], ...], loadings: Array, person: Whole, indicator: Whole, situation: Whole,
    cell: Whole, day: Array, **more: Any,
) -> Design:  # fmt: skip
    """The design of columns that are there already. A cell has the person, situation and day of its first row."""
    first = np.unique(cell, return_index=True)[1]
    columns: dict[str, Whole] = {"person": person, "indicator": indicator, "cell": cell}
    return Design(
        cells=cells, loadings=loadings, person=person, indicator=indicator, situation=situation, cell=cell,
        cell_person=person[first], cell_situation=situation[first], cell_day=day[first],
        batches=_batches(loadings, columns, person[first], situation[first]), **more,
    )  # fmt: skip


def _labels(names: Any) -> tuple[str, ...]:
    return tuple(sorted(set(names)))


def _coded(names: Sequence[Any]) -> tuple[tuple[Any, ...], Whole]:
    """Sorted distinct labels, and for each name its place among them."""
    labels = sorted(set(names))
    place = {label: index for index, label in enumerate(labels)}
    return tuple(labels), np.array([place[name] for name in names], np.int64)


def _sharers(cell: Whole, indicator: Whole) -> Array:
    """For each row, how many rows tell of the same person, occasion and indicator."""
    key = cell * (int(indicator.max(initial=0)) + 1) + indicator
    _, inverse, counts = np.unique(key, return_inverse=True, return_counts=True)
    shared: Array = counts[inverse].astype(float)
    return shared


def _values(rows: Sequence[Row], indicator: Whole, n: int) -> tuple[Array, Array, Whole]:
    """Values, ratings standardised per indicator; an indicator has the family of its rows, and only one."""
    value = np.array([row.value for row in rows], float)
    kinds = np.array([FAMILIES.index(row.family) for row in rows], np.int64)
    family = np.zeros(n, np.int64)
    family[indicator] = kinds
    if not np.array_equal(family[indicator], kinds):
        raise ValueError("an indicator has rows of two families: counts and shares of one code are never mixed")
    value, scale = standardised(value, indicator, family)
    return value, scale, family


def standardised(value: Array, indicator: Whole, family: Whole) -> tuple[Array, Array]:
    """Ratings in standard deviations of their indicator, which are given too; all else as it is."""
    value, scale = value.copy(), np.ones(family.size)
    for one in np.flatnonzero(family == FAMILIES.index(Family.RATING)):
        mine = indicator == one
        spread = float(value[mine].std()) if mine.any() else 0.0
        scale[one] = spread
        value[mine] = (value[mine] - value[mine].mean()) / (spread or 1.0) if mine.any() else value[mine]
    return value, scale


def _groups(loadings: Array) -> list[tuple[Whole, Whole]]:
    """Constructs that share an indicator, directly or through others, with their indicators."""
    touching = (np.abs(loadings).T @ np.abs(loadings)) > 0
    left, groups = set(range(loadings.shape[1])), []
    while left:
        group = {min(left)}
        while more := {int(d) for d in np.flatnonzero(touching[sorted(group)].any(0))} - group:
            group |= more
        left -= group
        constructs = np.array(sorted(group), np.int64)
        groups.append((np.flatnonzero(loadings[:, constructs].any(1)).astype(np.int64), constructs))
    return groups


def _batches(
    loadings: Array, columns: dict[str, Whole], cell_person: Whole, cell_situation: Whole
) -> tuple[Batch, ...]:
    """For each group of constructs, its persons by how many occasions they were seen on."""
    found = []
    for codes, constructs in _groups(loadings):
        place = np.full(loadings.shape[0], -1, np.int64)
        place[codes] = np.arange(codes.size)
        mine = np.flatnonzero(place[columns["indicator"]] >= 0)
        cells = np.unique(columns["cell"][mine])
        owners = cell_person[cells]
        order = np.argsort(owners, kind="stable")
        cells, owners = cells[order], owners[order]
        persons, start, n = np.unique(owners, return_index=True, return_counts=True)
        for size in np.unique(n):
            chosen = n == size
            grid = cells[start[chosen][:, None] + np.arange(size)]
            found.append(
                _batch(persons[chosen], grid, mine, columns, place, cell_situation, loadings, codes, constructs)
            )
    return tuple(found)


def _batch(persons: Whole, grid: Whole, mine: Whole, columns: dict[str, Whole], place: Whole,
           cell_situation: Whole, loadings: Array, codes: Whole, constructs: Whole) -> Batch:  # fmt: skip
    units = np.full(int(columns["person"].max()) + 1, -1, np.int64)
    units[persons] = np.arange(persons.size)
    spots = np.zeros(cell_situation.size, np.int64)
    spots[grid] = np.arange(grid.shape[1])
    rows = mine[units[columns["person"][mine]] >= 0]
    where = cell_situation[grid]
    return Batch(
        persons, grid, rows, units[columns["person"][rows]], spots[columns["cell"][rows]],
        place[columns["indicator"][rows]], (where[:, :, None] == where[:, None, :]).astype(float),
        np.ascontiguousarray(loadings[np.ix_(codes, constructs)]), codes, constructs,
    )  # fmt: skip
