"""Thousands of damaged inputs: each must be taken, or refused with what is wrong, and at once.

    python -m chaos.fuzz --count 20000

Whole schedules, farms, parameters, mappings, questions and a legacy system's files are damaged
byte by byte, word by word and cell by cell; the words are those that have broken readers before.
Whatever is raised beside a refusal is a fault, and so is what takes a second or writes a file.
"""

from __future__ import annotations

import argparse
import os
import random
import resource
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from importlib.resources import files
from pathlib import Path
from tempfile import TemporaryDirectory

from grilse import api
from grilse.api.migrating import export_as_legacy, plan_from_legacy
from grilse.biology.parameters import builtin_parameters
from grilse.farm.reading import read_farm
from grilse.ground.errors import BadInput
from grilse.ground.parameter_files import merged
from grilse.mapping.reading import read_application
from grilse.migration.export import NEEDED
from grilse.migration.mapping import COLUMNS, read_mapping
from grilse.schedule.model import Schedule
from grilse.schedule.writing import dump
from grilse.survey.questions import questions_of

__all__ = ["Found", "damaged", "fuzz", "inputs"]

_MOST_SECONDS = 1.0
_OWN = {
    "schedule.yaml", "farm.yaml", "mapping.yaml", "questions.yaml", "layout.yaml", "legacy",
    *(f"{what}.csv" for what in COLUMNS),
}  # fmt: skip
_MEMORY_BYTES = 4 << 30

_WORDS = (
    b"NaN", b".nan", b".inf", b"-.inf", b"1e999", b"9" * 400, b"-1", b"0", b"0x7fffffffffffffff",
    b"9223372036854775808", b"1_000", b"012", b"1:30:00", b"2024-02-30", b"2024-02-29",
    b"2023-02-29", b"9999-12-31", b"0000-00-00", b"10000-01-01", b"2024-01-01T00:00:00Z", b"null",
    b"~", b"true", b"yes", b"[]", b"{}", b"[[[[[[[[", b"{{{{", b"&a [*a]", b"*a", b"&a", b"<<: *a",
    b"!!python/object/apply:os.system ['touch owned']", b"!!binary aGk=", b"!!set {a}", b"!x y",
    b"../../owned", b"/etc/passwd", b"'; DROP TABLE batch; --", b"$(touch owned)", b"`touch owned`",
    b"\x00", b"\xff\xfe", b"\xef\xbb\xbf", "\u0430".encode(), "\u202e".encode(), b"\xed\xa0\x80",
    b"\t", b"\r", b"\x85", b"---\n", b"...\n", b"%YAML 9.9\n", b"? ", b"- ", b": ", b"#", b"|\n",
    b">",
    b"\"", b"'", b",", b";", b'""', b"2024-06-01 00:00:00", b"1,5", b"1e3", b"-0", b"a{9999999999}",
    b"(" * 200, b"\\", b"a" * 5000, b"? [a]: b\n", b"a: 1\na: 2\n", b"x" * 300 + b": 1\n",
)  # fmt: skip

_PARAMETERS = b"""\
stages:
  fcr:
    adult: 1.2
    fry: {value: 1.05, source: "a farm's own books"}
environment:
  reading_hours: [0, 12]
quality:
  temperature:
    sensor_sd: {value: 0.05}
    range: [-1.5, 28.0]
"""


_LAYOUT = b"""\
system: fishtalk
delimiter: ","
files:
  populations:
    file: populations.csv
    columns: {PopulationID: PopulationID}
geographies: {Scotland: Scotland}
stages:
  - {place: "Startfeeding.*", stage: fry}
rules: {link_days: 2, link_count_share: 0.1, bridge_hours: 24}
"""


@dataclass
class Found:
    """What damaged inputs came to.

    Attributes
    ----------
    ends
        How many were taken, and how many refused, by reader.
    faults
        What went otherwise.
    slowest
        CPU seconds of the slowest, and which it was.
    """

    ends: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)
    slowest: tuple[float, str] = (0.0, "none")


Input = tuple[str, bytes, Callable[[bytes], object]]


def inputs(folder: Path) -> list[Input]:
    """Return the inputs to be damaged: name, text, and the function that reads it."""
    answer = api.plan(batches=1, stagger=30, start="2021-09-01", as_of="2024-06-01")
    base = builtin_parameters()
    farm_text = (files("grilse.farm") / "data" / "reference.yaml").read_bytes()

    mapping_text = (files("grilse.mapping") / "data" / "aquamind.yaml").read_bytes()
    questions_text = (files("grilse.survey") / "data" / "aquamind.yaml").read_bytes()

    def schedule(text: bytes) -> object:
        path = folder / "schedule.yaml"
        path.write_bytes(text)
        return api.prepare(path)

    def farm(text: bytes) -> object:
        path = folder / "farm.yaml"
        path.write_bytes(text)
        return read_farm(path)

    def mapping(text: bytes) -> object:
        path = folder / "mapping.yaml"
        path.write_bytes(text)
        return read_application(str(path))

    def questions(text: bytes) -> object:
        path = folder / "questions.yaml"
        path.write_bytes(text)
        return questions_of(path)

    def layout(text: bytes) -> object:
        path = folder / "layout.yaml"
        path.write_bytes(text)
        return read_mapping(path)

    def parameters(text: bytes) -> object:
        return merged(base, text.decode("utf-8", "replace"), "parameters.yaml")

    return [
        ("schedule", dump(answer.schedule).encode(), schedule),
        ("farm", farm_text, farm),
        ("parameters", _PARAMETERS, parameters),
        ("mapping", mapping_text, mapping),
        ("questions", questions_text, questions),
        ("legacy layout", _LAYOUT, layout),
        *_legacy(folder / "legacy", answer.schedule),
    ]


def _legacy(folder: Path, schedule: Schedule) -> Iterator[Input]:
    """Yield the files of a legacy system of one batch a geography; one is damaged at a time."""
    with TemporaryDirectory(prefix="grilse-fuzz-") as aside:
        api.run(api.prepare(schedule, tables=NEEDED), Path(aside), workers=1, logs=False)
        export_as_legacy(aside, folder)
    for path in sorted(folder.iterdir()):
        yield f"legacy {path.stem}", path.read_bytes(), partial(_read_damaged, path)


def _read_damaged(path: Path, text: bytes) -> object:
    whole = path.read_bytes()
    path.write_bytes(text)
    try:
        return plan_from_legacy(path.parent, seed=1)
    finally:
        path.write_bytes(whole)


def damaged(text: bytes, chance: random.Random) -> bytes:
    """Damage a text in one to six places, in one most often."""
    for _ in range(chance.choice((1, 1, 1, 2, 3, 6))):
        text = chance.choice(_WAYS)(text, chance)
    return text


def _flip(text: bytes, chance: random.Random) -> bytes:
    at = chance.randrange(len(text) + 1)
    return text[:at] + bytes([chance.randrange(256)]) + text[at + 1 :]


def _cut(text: bytes, chance: random.Random) -> bytes:
    at = chance.randrange(len(text) + 1)
    return text[:at] + text[at + chance.randrange(200) :]


def _double(text: bytes, chance: random.Random) -> bytes:
    at = chance.randrange(len(text) + 1)
    part = text[at : at + chance.randrange(2000)]
    return text[:at] + part * chance.randint(1, 4) + text[at:]


def _put_word(text: bytes, chance: random.Random) -> bytes:
    at = chance.randrange(len(text) + 1)
    return text[:at] + chance.choice(_WORDS) + text[at:]


def _put_value(text: bytes, chance: random.Random) -> bytes:
    """Put a word in the place of a value."""
    lines = text.split(b"\n")
    at = chance.randrange(len(lines))
    key, colon, _ = lines[at].partition(b": ")
    lines[at] = key + (colon or b": ") + chance.choice(_WORDS)
    return b"\n".join(lines)


def _put_cell(text: bytes, chance: random.Random) -> bytes:
    """Put a word in the place of what stands between two commas."""
    lines = text.split(b"\n")
    at = chance.randrange(len(lines))
    cells = lines[at].split(b",")
    cells[chance.randrange(len(cells))] = chance.choice(_WORDS)
    lines[at] = b",".join(cells)
    return b"\n".join(lines)


def _end(text: bytes, chance: random.Random) -> bytes:
    return text[: chance.randrange(len(text) + 1)]


_WAYS = (
    _flip, _cut, _double, _put_word, _put_value, _put_value, _put_value, _put_cell, _put_cell, _end,
)  # fmt: skip


def fuzz(count: int, seed: int, folder: Path) -> Found:
    """Read so many damaged inputs, each after the other, in a folder that is empty."""
    found, chance = Found(), random.Random(seed)
    readers = inputs(folder)
    for name, text, read in readers:
        if _end_of(read, text) != "taken":
            found.faults.append(f"{name} is not taken as it is: {_end_of(read, text)}")
    for index in range(count):
        name, text, read = readers[index % len(readers)]
        broken = damaged(text, chance)
        began = time.process_time()
        end = _end_of(read, broken)
        seconds = time.process_time() - began
        found.ends[f"{name} {end.partition(':')[0]}"] += 1
        if end not in ("taken", "refused"):
            found.faults.append(f"{index} {name} {end}\n{broken[:2000]!r}")
        if seconds > _MOST_SECONDS:
            found.faults.append(f"{index} {name} took {seconds:.1f} s\n{broken[:2000]!r}")
        found.slowest = max(found.slowest, (seconds, f"{name} {index}"))
    written = sorted({path.name for path in folder.iterdir()} - _OWN)
    found.faults += [f"wrote {name}" for name in written]
    return found


def _end_of(read: Callable[[bytes], object], text: bytes) -> str:
    try:
        read(text)
    except BadInput as refusal:
        return "refused" if all(p.code and p.message for p in refusal.problems) else "no reason"
    except Exception as error:
        return f"fault: {type(error).__name__}: {error}"
    return "taken"


def main() -> int:
    """Run the command line."""
    parser = argparse.ArgumentParser(prog="python -m chaos.fuzz", description=__doc__)
    parser.add_argument("--count", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args()
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY_BYTES, _MEMORY_BYTES))
    with TemporaryDirectory(prefix="grilse-fuzz-") as folder:
        os.chdir(folder)
        found = fuzz(chosen.count, chosen.seed, Path(folder))
        os.chdir("/")
    for name, count in sorted(found.ends.items()):
        print(f"{count:8,}  {name}")
    print(f"slowest {found.slowest[0]:.3f} CPU s ({found.slowest[1]})")
    for fault in found.faults[:20]:
        print(f"FAULT  {fault}")
    print(f"{chosen.count:,} damaged inputs, {len(found.faults):,} faults")
    return 1 if found.faults else 0


if __name__ == "__main__":
    sys.exit(main())
