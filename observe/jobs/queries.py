"""What the pages ask of a study's columns: standard SQL text, run by DuckDB here and by Spark where one machine is outgrown.

The text uses only what both understand alike: joins, CASE, window functions, COUNT/SUM/AVG/STDDEV_SAMP, casts to DOUBLE,
and column names that need no quotation marks where a table's name stands before them. Tables are those of
`observe.core.tidy`. Times are milliseconds; a rate is per hour of observed time. Practice is never data.
"""

from __future__ import annotations

from collections.abc import Mapping

TIME_BUDGET = """
WITH kept AS (
  SELECT b.stream, b.code, b.kind, b.observed_ms, b.count, b.duration_ms, b.proportion, b.rate_per_hour, b.share,
         b.share_of, b.missed, b.of AS watched
  FROM budget b JOIN sessions s ON s.session = b.session
  WHERE s.purpose <> 'practice'
)
SELECT stream, code, kind,
       COUNT(*) AS units,
       SUM(CASE WHEN observed_ms > 0 THEN 1 ELSE 0 END) AS units_observed,
       SUM(count) AS occurrences,
       SUM(duration_ms) AS duration_ms,
       SUM(observed_ms) AS observed_ms,
       AVG(proportion) AS mean_proportion,
       STDDEV_SAMP(proportion) AS sd_proportion,
       COUNT(proportion) AS units_proportion,
       CASE WHEN SUM(observed_ms) > 0
            THEN CAST(SUM(duration_ms) AS DOUBLE) / CAST(SUM(observed_ms) AS DOUBLE) END AS pooled_proportion,
       AVG(rate_per_hour) AS mean_rate,
       STDDEV_SAMP(rate_per_hour) AS sd_rate,
       COUNT(rate_per_hour) AS units_rate,
       CASE WHEN SUM(observed_ms) > 0
            THEN CAST(SUM(count) AS DOUBLE) * 3600000 / CAST(SUM(observed_ms) AS DOUBLE) END AS pooled_rate,
       AVG(share) AS mean_share,
       STDDEV_SAMP(share) AS sd_share,
       COUNT(share) AS units_share,
       SUM(watched) AS watched,
       SUM(missed) AS missed,
       MIN(share_of) AS share_of,
       SUM(CASE WHEN watched > 0 THEN 1 ELSE 0 END) AS units_each,
       AVG(CASE WHEN watched > 0 THEN CAST(count AS DOUBLE) / CAST(watched AS DOUBLE) END) AS mean_each,
       STDDEV_SAMP(CASE WHEN watched > 0 THEN CAST(count AS DOUBLE) / CAST(watched AS DOUBLE) END) AS sd_each
FROM kept
GROUP BY stream, code, kind
ORDER BY stream, code, kind
"""
"""Session × subject as the unit (mean, sample SD), and pooled time beside it; zeros are in both.

`watched` and `missed` are the intervals or samples of which a share is one; `units_…` how many units have each figure.
"""

TIME_OF_DAY = """
WITH started AS (
  SELECT session, purpose,
         CAST(SUBSTRING(started, 12, 2) AS INTEGER) * 3600000 + CAST(SUBSTRING(started, 15, 2) AS INTEGER) * 60000
           + CAST(SUBSTRING(started, 18, 2) AS INTEGER) * 1000 + offset_minutes * 60000 AS day_ms
  FROM sessions
),
moments AS (
  SELECT session, stream, code, start_ms AS at_ms FROM bouts WHERE part = 0
  UNION ALL
  SELECT session, stream, code, at_ms FROM points
),
timed AS (
  SELECT m.stream, m.code,
         CAST(FLOOR(CAST(MOD(MOD(s.day_ms + m.at_ms, 86400000) + 86400000, 86400000) AS DOUBLE) / 3600000) AS INTEGER) AS hour_of_day
  FROM moments m JOIN started s ON s.session = m.session
  WHERE s.purpose <> 'practice'
)
SELECT stream, code, hour_of_day AS hour, COUNT(*) AS occurrences
FROM timed
GROUP BY stream, code, hour_of_day
ORDER BY stream, code, hour_of_day
"""
"""How often each code began in each hour of the local day; what day it was does not matter."""

SAMPLES = """
WITH taken AS (
  SELECT DISTINCT c.session, c.stream, c.subject, 'scan' AS what, c.sample AS number, c.state FROM scans c
  UNION ALL
  SELECT DISTINCT i.session, i.stream, i.subject, 'interval' AS what, i.interval AS number, i.state FROM intervals i
)
SELECT t.stream, t.what, t.state, COUNT(*) AS n
FROM taken t JOIN sessions s ON s.session = t.session
WHERE s.purpose <> 'practice'
GROUP BY t.stream, t.what, t.state
ORDER BY t.stream, t.what, t.state
"""
"""How many samples and intervals were taken, empty (a true zero), late, missed or out of view."""

COUNTED = """
SELECT c.stream, c.code, c.cell, SUM(c.n) AS persons, COUNT(DISTINCT c.session) AS sessions
FROM scans c JOIN sessions s ON s.session = c.session
WHERE s.purpose <> 'practice' AND c.n IS NOT NULL
GROUP BY c.stream, c.code, c.cell
ORDER BY c.stream, c.code NULLS LAST, c.cell NULLS LAST
"""
"""Persons counted in each cell of crossed counts."""

JUDGED = """
SELECT r.stream, r.rating, r.answer, r.value, COUNT(*) AS n, COUNT(DISTINCT r.session) AS sessions
FROM ratings r JOIN sessions s ON s.session = r.session WHERE s.purpose <> 'practice'
GROUP BY r.stream, r.rating, r.answer, r.value
ORDER BY r.stream, r.rating, r.answer, r.value NULLS LAST
"""
"""How often each value was given, and each answer that is no value."""

RASTER = """
WITH seen AS (
  SELECT session, stream, subject, code, start_ms, end_ms FROM bouts
  UNION ALL
  SELECT session, stream, subject, code, at_ms AS start_ms, at_ms AS end_ms FROM points
)
SELECT e.session, e.stream, e.subject, e.code, e.start_ms, e.end_ms
FROM seen e JOIN sessions s ON s.session = e.session
WHERE s.purpose <> 'practice'
ORDER BY e.session, e.stream, e.subject NULLS LAST, e.start_ms, e.end_ms, e.code
"""
"""Everything that has a moment, as it is drawn: a subject's lane at a time."""

QUERIES: Mapping[str, str] = {
    "time_budget": TIME_BUDGET,
    "time_of_day": TIME_OF_DAY,
    "samples": SAMPLES,
    "counted": COUNTED,
    "judged": JUDGED,
    "raster": RASTER,
}
"""by the name of the table that they make"""
