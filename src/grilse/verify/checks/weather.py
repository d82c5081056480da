"""Weather: told for each day since fish came to an area, and fish live in the water it tells of."""

from __future__ import annotations

from grilse.verify.check import check
from grilse.verify.evidence import Evidence
from grilse.verify.verdict import Tally

__all__ = ["CHECKS"]

_TABLE = "area_weather"


@check(
    "weather.days",
    "An area's weather is told once a day, from when fish are first to be there to the as-of date.",
    needs=(_TABLE, "area", "geography"),
)
def days(evidence: Evidence) -> Tally:
    return evidence.faults(
        f"""
        WITH due AS (
            SELECT area_id, min(p.start_date) AS first
            FROM planned_stay p JOIN area a ON a.name = p.place
            JOIN geography g ON g.geography_id = a.geography_id AND g.name = p.geography
            GROUP BY area_id HAVING min(p.start_date) < $as_of::DATE
        ), there AS (
            SELECT area_id, min(weather_date) AS first, max(weather_date) AS last,
                   count(*) AS days, count(DISTINCT weather_date) AS dates
            FROM {_TABLE} GROUP BY area_id
        )
        SELECT '{_TABLE}', NULL, coalesce(d.area_id, t.area_id) * 65536,
               format('area {{}}: {{}} rows of {{}} days from {{}} to {{}}; due from {{}}',
                      coalesce(d.area_id, t.area_id), coalesce(days, 0), coalesce(dates, 0),
                      said(t.first), said(last), said(d.first))
        FROM due d FULL JOIN there t USING (area_id)
        WHERE d.first IS DISTINCT FROM t.first OR last + 1 <> $as_of::DATE OR days <> dates
           OR dates <> last - t.first + 1
        """,
        (_TABLE,),
    )


@check("weather.keys", "A day of weather has the key of its area and day.", needs=(_TABLE,))
def keys(evidence: Evidence) -> Tally:
    return evidence.faults(
        f"""
        SELECT '{_TABLE}', NULL, weather_id, format('area {{}} on {{}}', area_id, weather_date)
        FROM {_TABLE}
        WHERE weather_id <> area_id::BIGINT * 65536 + (weather_date - DATE '1970-01-01')
        """,
        (_TABLE,),
    )


@check("weather.ranges", "No weather is told that cannot be.", needs=(_TABLE,))
def ranges(evidence: Evidence) -> Tally:
    return evidence.faults(
        f"""
        SELECT '{_TABLE}', NULL, weather_id,
               format('air {{}} degC, wind {{}} m/s from {{}}, rain {{}} mm, clouds {{}} %, waves '
                      '{{}} m and {{}} s from {{}}, water {{}} degC, {{}} g/kg, {{}} % oxygen',
                      air_temp_c, wind_m_s, wind_from_deg, precipitation_mm, cloud_cover_pct,
                      wave_height_m, wave_period_s, wave_from_deg, sea_temp_c, salinity, oxygen_pct)
        FROM {_TABLE}
        WHERE air_temp_c NOT BETWEEN -40 AND 45 OR wind_m_s NOT BETWEEN 0 AND 60
           OR wind_from_deg NOT BETWEEN 0 AND 359 OR wave_from_deg NOT BETWEEN 0 AND 359
           OR precipitation_mm NOT BETWEEN 0 AND 400 OR cloud_cover_pct NOT BETWEEN 0 AND 100
           OR wave_height_m NOT BETWEEN 0 AND 25 OR wave_period_s NOT BETWEEN 0 AND 30
           OR sea_temp_c NOT BETWEEN -2 AND 30 OR salinity NOT BETWEEN 0 AND 42
           OR oxygen_pct NOT BETWEEN 0 AND 150
        """,
        (_TABLE,),
    )


@check(
    "weather.water",
    "Fish in rings live in the water that their area's weather tells of.",
    needs=(_TABLE, "true_daily_state", "container"),
    by_stretch=True,
)
def water(evidence: Evidence) -> Tally:
    return evidence.faults(
        f"""
        SELECT 'true_daily_state', s.batch_id, state_id,
               format('{{}} degC; area {{}} had {{}} on {{}}', temp_c, area_id, sea_temp_c,
                      state_date)
        FROM true_daily_state s JOIN container USING (container_id)
        JOIN {_TABLE} w USING (area_id)
        WHERE weather_date = state_date AND temp_c <> sea_temp_c
        """,
        ("true_daily_state",),
    )


CHECKS = (days, keys, ranges, water)
