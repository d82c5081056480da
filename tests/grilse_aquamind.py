"""A database of the AquaMind application, made from the facts of its schema that are kept apart.

All tables with their keys, checks and indexes; the master data that a new installation holds; and,
if wanted, the whole infrastructure, of which the facts give samples.
"""

import csv
from collections import defaultdict
from pathlib import Path

FACTS = Path(__file__).parents[2] / "shared" / "aquamind"
USER = "importer"
STAMP = "2025-01-01 00:00:00+00"

_LAND = ["Temperature", "DissolvedOxygen", "pH", "CO2", "NO2", "NO3", "NH4"]
_SEA = ["Temperature", "DissolvedOxygen", "pH"]
_FILLERS = {"timestamptz": STAMP, "varchar": "", "text": "", "bool": "t", "int4": "0", "int2": "0"}


def are_there():
    """Whether the facts are there to make tables from."""
    return (FACTS / "columns.csv").exists()


def make(connection, *, is_whole=True):
    """Make the tables and the master data, in an empty database.

    Parameters
    ----------
    connection
        Of psycopg, in autocommit.
    is_whole
        Whether to fill in every container, sensor and store of the halls and areas; without it
        the samples of the facts alone are there.
    """
    columns = _columns()
    for table, own in columns.items():
        body = ", ".join(_definition(column) for column in own)
        connection.execute(f'CREATE TABLE "{table}" ({body})')
    for key in _rows("keys.csv"):
        if key["type"] in ("PRIMARY KEY", "UNIQUE", "CHECK"):
            _constrain(connection, key)
    for table in sorted(path.stem for path in (FACTS / "reference").glob("*.csv")):
        _copy(connection, table, columns[table])
    _fill(connection, is_whole=is_whole)
    for key in _rows("keys.csv"):
        if key["type"] == "FOREIGN KEY" and key["ref_table"] in columns:
            _constrain(connection, key)
    _index(connection)
    _set_sequences(connection, columns)
    _vouch(connection)


def _rows(name):
    with (FACTS / name).open(newline="") as file:
        return list(csv.DictReader(file))


def _columns():
    found = defaultdict(list)
    for column in sorted(_rows("columns.csv"), key=lambda row: int(row["ordinal_position"])):
        found[column["table_name"]].append(column)
    return found


def _definition(column):
    kind = column["udt_name"]
    if column["character_maximum_length"]:
        kind += f"({column['character_maximum_length']})"
    if kind == "numeric" and column["numeric_precision"]:
        kind += f"({column['numeric_precision']}, {column['numeric_scale']})"
    need = " NOT NULL" if column["is_nullable"] == "NO" else ""
    default = f" DEFAULT {column['column_default']}" if column["column_default"] else ""
    own = column["identity_generation"]
    identity = f" GENERATED {own} AS IDENTITY" if column["is_identity"] == "YES" else ""
    return f'"{column["column_name"]}" {kind}{need}{default}{identity}'


def _constrain(connection, key):
    connection.execute(
        f'ALTER TABLE "{key["table_name"]}" ADD CONSTRAINT "{key["constraint_name"]}" '
        f"{key['definition']}"
    )


def _index(connection):
    made = {key["constraint_name"] for key in _rows("keys.csv")}
    for row in _rows("indexes.csv"):
        if row["index"] not in made:
            connection.execute(row["definition"])


def _copy(connection, table, columns):
    path = FACTS / "reference" / f"{table}.csv"
    with path.open() as file:
        given = file.readline().strip().split(",")
    missing = [c for c in columns if c["column_name"] not in given and c["is_nullable"] == "NO"]
    with _defaults(connection, table, missing):
        names = ", ".join(f'"{name}"' for name in given)
        with connection.cursor().copy(
            f'COPY "{table}" ({names}) FROM STDIN WITH (FORMAT csv, HEADER)'
        ) as copy:
            copy.write(path.read_bytes())


class _defaults:  # noqa: N801
    """Defaults for the columns that the facts leave out, for as long as the block lasts."""

    def __init__(self, connection, table, columns):
        self.connection, self.table, self.columns = connection, table, columns

    def __enter__(self):
        for column in self.columns:
            self._alter(column, f"SET DEFAULT '{_FILLERS[column['udt_name']]}'")

    def __exit__(self, *_):
        for column in self.columns:
            self._alter(column, "DROP DEFAULT")

    def _alter(self, column, what):
        name = column["column_name"]
        self.connection.execute(f'ALTER TABLE "{self.table}" ALTER COLUMN "{name}" {what}')


def _fill(connection, *, is_whole):
    """Make the samples of the infrastructure hold together; or make it whole."""
    connection.execute(
        "INSERT INTO infrastructure_areagroup "
        "SELECT area_group_id, 'Group ' || area_group_id, 'G' || area_group_id, true, %s, %s, "
        "min(geography_id), NULL FROM infrastructure_area WHERE area_group_id IS NOT NULL "
        "GROUP BY area_group_id",
        [STAMP, STAMP],
    )
    connection.execute(
        "DELETE FROM infrastructure_sensor WHERE container_id NOT IN "
        "(SELECT id FROM infrastructure_container)"
    )
    for table in ("container", "sensor", "feedcontainer"):
        _set_sequence(connection, f"infrastructure_{table}", "id")
    if is_whole:
        connection.execute(_CONTAINERS, {"stamp": STAMP})
        connection.execute(_SENSORS, {"stamp": STAMP, "land": _LAND, "sea": _SEA})
        connection.execute(_STORES, {"stamp": STAMP})


_CONTAINERS = """
WITH wanted AS (
  SELECT s.name || '-' || right(h.name, 1) || '-C' || lpad(n::text, 2, '0') AS name,
         h.id AS hall_id, NULL::bigint AS area_id, t.id AS type_id, t.max_volume_m3 AS volume
  FROM infrastructure_hall h JOIN infrastructure_freshwaterstation s
       ON s.id = h.freshwater_station_id
  JOIN infrastructure_containertype t ON t.id = strpos('ABCDE', right(h.name, 1)) + 1
  CROSS JOIN generate_series(1, 10) n
  UNION ALL
  SELECT a.name || '-Ring-' || lpad(n::text, 2, '0'), NULL, a.id, t.id, t.max_volume_m3
  FROM infrastructure_area a JOIN infrastructure_containertype t ON t.name = 'Sea Rings'
  CROSS JOIN generate_series(1, 20) n
)
INSERT INTO infrastructure_container (name, volume_m3, max_biomass_kg, active, created_at,
  updated_at, area_id, container_type_id, hall_id, feed_recommendations_enabled, hierarchy_role)
SELECT name, volume, CASE WHEN area_id IS NULL THEN volume * 50 ELSE volume * 10 END, true,
       %(stamp)s, %(stamp)s, area_id, type_id, hall_id, true, 'HOLDING'
FROM wanted WHERE name NOT IN (SELECT name FROM infrastructure_container)
ORDER BY type_id = 7, name
"""

_SENSORS = """
INSERT INTO infrastructure_sensor (name, sensor_type, serial_number, manufacturer, active,
  created_at, updated_at, container_id)
SELECT c.name || '-' || kind,
       CASE kind WHEN 'DissolvedOxygen' THEN 'Dissolved Oxygen' ELSE kind END,
       'SN-' || c.id || '-' || upper(left(kind, 3)), 'AquaSense', true, %(stamp)s, %(stamp)s, c.id
FROM infrastructure_container c
CROSS JOIN LATERAL unnest(CASE WHEN c.area_id IS NULL THEN %(land)s::text[] ELSE %(sea)s END) kind
WHERE c.hierarchy_role = 'HOLDING' ORDER BY c.id
"""

_STORES = """
WITH wanted AS (
  SELECT s.name || '-' || right(h.name, 1) || '-Silo' AS name, 'SILO' AS kind,
         (ARRAY[5000, 10000, 15000, 20000, 30000])[strpos('ABCDE', right(h.name, 1))] AS capacity,
         h.id AS hall_id, NULL::bigint AS area_id
  FROM infrastructure_hall h JOIN infrastructure_freshwaterstation s
       ON s.id = h.freshwater_station_id
  UNION ALL
  SELECT a.name || '-Barge', 'BARGE', 25000, NULL, a.id FROM infrastructure_area a
)
INSERT INTO infrastructure_feedcontainer (name, container_type, capacity_kg, active, created_at,
  updated_at, area_id, hall_id)
SELECT name, kind, capacity, true, %(stamp)s, %(stamp)s, area_id, hall_id
FROM wanted WHERE name NOT IN (SELECT name FROM infrastructure_feedcontainer) ORDER BY kind, name
"""


def _set_sequences(connection, columns):
    for table, own in columns.items():
        for column in own:
            if column["is_identity"] == "YES":
                _set_sequence(connection, table, column["column_name"])


def _set_sequence(connection, table, column):
    connection.execute(
        f"SELECT setval(pg_get_serial_sequence('{table}', '{column}'), "
        f'greatest(1, max("{column}")), max("{column}") IS NOT NULL) FROM "{table}"'
    )


def _vouch(connection):
    connection.execute(
        "INSERT INTO auth_user (password, is_superuser, username, first_name, last_name, email, "
        "is_staff, is_active, date_joined) VALUES ('!', false, %s, '', '', '', false, true, %s)",
        [USER, STAMP],
    )


def counts(connection):
    """Return the number of rows of every table that is there."""
    there = connection.execute(
        "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace "
        "AND relkind = 'r' ORDER BY relname"
    ).fetchall()
    return {
        table: connection.execute(f'SELECT count(*) FROM "{table}"').fetchone()[0]
        for (table,) in there
    }
