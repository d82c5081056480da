"""Tables of money: companies, what harvested lots brought, what companies paid each other."""

from __future__ import annotations

from grilse.tables.catalogue.events import GRADES
from grilse.tables.columns import batch, category, count, date, decimal, reference, text
from grilse.tables.schema import Column, Table

__all__ = ["COMPANY", "COMPANY_KINDS", "FACT_HARVEST", "INTERCOMPANY_TRANSFER", "WEIGHT_CLASSES"]

COMPANY_KINDS = ("FRESHWATER", "FARMING")
WEIGHT_CLASSES = (
    "0-1 kg", "1-2 kg", "2-3 kg", "3-4 kg", "4-5 kg", "5-6 kg", "6-7 kg", "7-8 kg", "8-9 kg",
    "9+ kg",
)  # fmt: skip
"""Classes by the mean gutted weight of a lot's fish, a kilogram each."""

COMPANY = Table(
    name="company",
    description="A company of the group: one that hatches and one that farms, in each geography.",
    owner="farm",
    columns=(
        Column("company_id", "int32", "Key: geography x 2 + kind."),
        reference("geography_id", "geography.geography_id", "Where it works.", narrow=True),
        text("name", "Its name."),
        category("kind", COMPANY_KINDS, "What it does."),
    ),
    primary_key=("company_id",),
    sort=("company_id",),
)

FACT_HARVEST = Table(
    name="fact_harvest",
    description="What a harvested lot brought; none for lots that are not for people to eat.",
    owner="batch",
    columns=(
        reference("fact_harvest_id", "harvest_lot.harvest_lot_id", "Key: the lot's."),
        date("event_date", "The day."),
        batch(),
        reference("company_id", "company.company_id", "Whose it was.", narrow=True),
        category("grade", GRADES, "Quality."),
        category("weight_class", WEIGHT_CLASSES, "By the mean gutted weight of its fish."),
        count("fish_count", "Fish of the lot."),
        decimal("quantity_kg", 12, 2, "kg", "Gutted weight."),
        decimal("unit_price_eur", 7, 2, "EUR/kg", "Price of a kilogram gutted."),
        decimal("amount_eur", 14, 2, "EUR", "What it brought."),
    ),
    primary_key=("fact_harvest_id",),
    sort=("fact_harvest_id",),
    event_date="event_date",
)

INTERCOMPANY_TRANSFER = Table(
    name="intercompany_transfer",
    description="Fish that one company of the group bought of another, as they went to sea.",
    owner="batch",
    columns=(
        reference("intercompany_transfer_id", "transfer_workflow.transfer_workflow_id",
                  "Key: the transfer's."),
        date("transfer_date", "The day."),
        batch(),
        reference("from_company_id", "company.company_id", "Who sold.", narrow=True),
        reference("to_company_id", "company.company_id", "Who bought.", narrow=True),
        count("fish_count", "Fish that arrived."),
        decimal("quantity_kg", 12, 2, "kg", "Their biomass."),
        decimal("unit_price_eur", 7, 2, "EUR/kg", "Price of a kilogram."),
        decimal("amount_eur", 14, 2, "EUR", "What was paid."),
    ),
    primary_key=("intercompany_transfer_id",),
    sort=("intercompany_transfer_id",),
    event_date="transfer_date",
)  # fmt: skip
