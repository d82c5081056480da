"""What the small company's tables add up to, table by table, over the columns named.

These literals are promises to those who hold data: equal inputs and an equal generator version give
equal rows. A column that is added later is not named here and changes nothing; neither does a new
table. Where a value must change, that is a new version with a line in CHANGELOG.md, and the new
literals come with it: `python tests/laws/pin_anew.py`.
"""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["PINS", "Pin"]


class Pin(NamedTuple):
    """Rows, and their fingerprint over some columns."""

    rows: int
    fingerprint: int
    columns: str


PINS = {
    "area": Pin(
        43, 0x1F4E63E371CBEA2A,
        "area_id geography_id name latitude longitude",
    ),
    "container": Pin(
        1_960, 0x7980B486E24BA9E8,
        "container_id hall_id area_id name kind volume_m3 max_biomass_kg",
    ),
    "feed": Pin(
        13, 0x9C478C85E493573B,
        "feed_id name pellet_mm from_weight_g",
    ),
    "geography": Pin(
        2, 0x2DB68F7F73826BD6,
        "geography_id name code",
    ),
    "hall": Pin(
        110, 0x56705AE3FEFE7EB3,
        "hall_id station_id name",
    ),
    "sensor": Pin(
        10_280, 0x7EEAF9EFA683B504,
        "sensor_id container_id name parameter unit",
    ),
    "stage": Pin(
        6, 0x8644A6378FACD429,
        "stage_id name code stage_order environment",
    ),
    "station": Pin(
        22, 0x79E769F546C93E1F,
        "station_id geography_id name latitude longitude",
    ),
    "assignment": Pin(
        59, 0x64A7A805B95C8289,
        "assignment_id batch_id container_id stage_id start_date departure_date is_active "
        "initial_count population_count avg_weight_g biomass_kg",
    ),
    "batch": Pin(
        8, 0xAD2A4946BDF3CF06,
        "batch_id batch_number geography_id species start_date egg_count status stage_id "
        "population_count avg_weight_g harvest_target_kg end_date",
    ),
    "creation_action": Pin(
        15, 0x946AB6B0AD07338F,
        "creation_action_id creation_workflow_id batch_id assignment_id actual_date egg_count "
        "dead_on_arrival",
    ),
    "creation_workflow": Pin(
        7, 0x79DEBF6F465A474F,
        "creation_workflow_id batch_id workflow_number egg_supplier planned_date actual_date "
        "egg_count",
    ),
    "environmental_reading": Pin(
        234_000, 0x8CFEA899672D27B5,
        "reading_id reading_time batch_id assignment_id container_id sensor_id parameter "
        "value",
    ),
    "feeding_event": Pin(
        12_264, 0xD181444649ACEFB2,
        "feeding_event_id feeding_time batch_id assignment_id container_id feed_id amount_kg "
        "biomass_kg feeding_pct",
    ),
    "growth_sample": Pin(
        898, 0x6DD9B392E3865447,
        "growth_sample_id sample_date batch_id assignment_id sample_size avg_weight_g "
        "std_weight_g min_weight_g max_weight_g avg_length_cm std_length_cm condition_factor",
    ),
    "harvest_event": Pin(
        22, 0x0180872E762C0643,
        "harvest_event_id event_date batch_id assignment_id container_id fish_count "
        "avg_weight_g live_weight_kg",
    ),
    "harvest_lot": Pin(
        88, 0xF9E39B1B8AF74EF1,
        "harvest_lot_id harvest_event_id event_date batch_id grade fish_count live_weight_kg "
        "gutted_weight_kg",
    ),
    "individual_growth_observation": Pin(
        26_940, 0xA97B60DEDD3435E3,
        "observation_id growth_sample_id sample_date batch_id fish_number weight_g length_cm",
    ),
    "lice_count": Pin(
        3_206, 0xD28CD435FF2C6BAF,
        "lice_count_id count_date batch_id assignment_id container_id species sex stage "
        "fish_counted lice_count lice_per_fish",
    ),
    "treatment": Pin(
        6, 0x4E1362E35368837C,
        "treatment_id treatment_date batch_id assignment_id container_id method reason "
        "count_date lice_per_fish limit_per_fish fish_count avg_weight_g effect_pct "
        "withholding_days harvest_from",
    ),
    "mortality_event": Pin(
        7_657, 0x8E6A0F880FC78650,
        "mortality_event_id event_date batch_id assignment_id container_id cause dead_count "
        "avg_weight_g biomass_kg",
    ),
    "transfer_action": Pin(
        56, 0x05EBD7C65040AFE0,
        "transfer_action_id transfer_workflow_id batch_id source_assignment_id "
        "dest_assignment_id transfer_date source_count_before transferred_count "
        "mortality_count avg_weight_g transferred_biomass_kg water_temp_c",
    ),
    "transfer_workflow": Pin(
        23, 0x36B956C6839BD818,
        "transfer_workflow_id batch_id workflow_number from_stage_id to_stage_id planned_date "
        "transfer_date source_count transferred_count mortality_count transferred_biomass_kg "
        "action_count",
    ),
    "true_daily_state": Pin(
        7_433, 0x9AE266A4545204C9,
        "state_id state_date day_number batch_id assignment_id container_id stage_id "
        "population_count avg_weight_g biomass_kg temp_c mortality_count removed_count "
        "feed_kg",
    ),
    "disease_outbreak": Pin(
        2, 0x3650B34068314B5D,
        "disease_outbreak_id batch_id stage_id disease first_date last_date container_count "
        "dead_count",
    ),
    "lab_sample": Pin(
        51, 0x7E446863077BA78D,
        "lab_sample_id result_date sample_date batch_id assignment_id container_id reason "
        "disease tissue method fish_count result ct_value",
    ),
    "welfare_sample": Pin(
        159, 0x2DE29AA9CD398A04,
        "welfare_sample_id sample_date batch_id assignment_id container_id sample_size "
        "avg_score fish_marked",
    ),
    "welfare_observation": Pin(
        3_180, 0x2ECF5575C684F53C,
        "welfare_observation_id welfare_sample_id sample_date batch_id fish_number weight_g "
        "length_cm gill_score eye_score wound_score scale_score fin_score snout_score "
        "opercula_score spine_score emaciation_score maturation_score",
    ),
    "journal_entry": Pin(
        17, 0x1AB6D5C60FEB9A7A,
        "journal_entry_id entry_date batch_id assignment_id container_id category severity "
        "entry",
    ),
}  # fmt: skip
