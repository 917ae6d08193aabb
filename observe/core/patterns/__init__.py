"""From behaviour to attitude: patterns with their evidence, contrary evidence, rivals and uncertainty. Pure."""

from observe.core.patterns.collect import CodedSession, freedom_of, loadings_of, name_of, rows_from
from observe.core.patterns.gates import Reliability
from observe.core.patterns.inference import infer, infer_from
from observe.core.patterns.result import Finding, Run, Status
from observe.core.patterns.rows import PERSON, Family, Freedom, Loading, Measure, Moment, Row, Rows, Unit
from observe.core.patterns.settings import ENGINE_VERSION, Settings

__all__ = [
    "ENGINE_VERSION", "PERSON", "CodedSession", "Family", "Finding", "Freedom", "Loading", "Measure", "Moment", "Reliability", "Row",
    "Rows", "Run", "Settings", "Status", "Unit", "freedom_of", "infer", "infer_from", "loadings_of", "name_of", "rows_from",
]  # fmt: skip
