"""What the dataset is held against on request: a farm, and parameters, of the caller's own."""

from __future__ import annotations

import pyarrow as pa

from grilse.farm.model import Farm
from grilse.verify.check import check
from grilse.verify.evidence import Evidence
from grilse.verify.verdict import Fault, Tally

__all__ = ["CHECKS"]


@check(
    "asked.farm",
    "The containers are those of the farm that was named, and no others.",
    needs=("container",),
)
def farm(evidence: Evidence) -> Tally:
    asked = evidence.source.asked_farm
    if asked is None:
        return Tally(reason="none was named")
    evidence.session.hold("asked_container", _containers(asked))
    return evidence.faults(
        """
        SELECT 'container', NULL, there.container_id,
               CASE WHEN named.name IS NULL
                    THEN format('{} of {}, {}: the farm has no such container', there.name,
                                there.place, there.geography)
                    WHEN there.name IS NULL
                    THEN format('{} of {}, {}: the dataset has no such container', named.name,
                                named.place, named.geography)
                    ELSE format('{} of {}, {}: {} m3 and {} kg; in the farm {} m3 and {} kg',
                                there.name, there.place, there.geography, there.volume_m3,
                                there.max_biomass_kg, named.volume_m3, named.max_biomass_kg)
               END
        FROM (
            SELECT container_id, c.name, coalesce(h.name, a.name) AS place, g.name AS geography,
                   volume_m3, max_biomass_kg
            FROM container c LEFT JOIN hall h USING (hall_id)
            LEFT JOIN station s ON s.station_id = h.station_id
            LEFT JOIN area a ON a.area_id = c.area_id
            LEFT JOIN geography g ON g.geography_id = coalesce(a.geography_id, s.geography_id)
        ) there
        FULL JOIN asked_container named
            ON (there.name, there.place, there.geography)
             = (named.name, named.place, named.geography)
        WHERE there.name IS NULL OR named.name IS NULL
           OR abs(there.volume_m3 - named.volume_m3) >= 0.01
           OR abs(there.max_biomass_kg - named.max_biomass_kg) >= 0.01
        """,
        ("container",),
    )


def _containers(asked: Farm) -> pa.Table:
    refs = list(asked.containers())
    built = [ref.container for ref in refs]
    return pa.table(
        {
            "geography": pa.array([ref.path[0] for ref in refs], pa.string()),
            "place": pa.array([ref.path[2] for ref in refs], pa.string()),
            "name": pa.array([ref.path[3] for ref in refs], pa.string()),
            "volume_m3": pa.array([each.volume_m3 for each in built], pa.float64()),
            "max_biomass_kg": pa.array([each.max_biomass_kg for each in built], pa.float64()),
        }
    )


@check("asked.parameters", "The rows were made with the parameters that were named.")
def parameters(evidence: Evidence) -> Tally:
    source = evidence.source
    if source.asked_parameters is None:
        return Tally(reason="none was named")
    made, named = source.manifest.inputs.parameters, source.asked_parameters.fingerprint
    what = f"the dataset was made with parameters of fingerprint {made}, not {named}"
    return Tally.of(1, [] if made == named else [Fault("manifest", None, None, what)])


CHECKS = (farm, parameters)
