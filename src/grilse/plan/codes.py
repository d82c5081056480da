"""The table of codes: what each problem of a schedule, or of a plan, means and how to mend it.

`docs/reference/problem-codes.md` is made of it: ``python -m grilse.plan.codes`` prints that page.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

__all__ = ["CODES", "Code", "page"]


class Code(NamedTuple):
    """A code of the table.

    Attributes
    ----------
    severity
        ``error``, ``warning`` (an error with ``--strict``), ``info``, or ``by policy``: an error
        under ``biosecure``, else one line that informs.
    meaning, mend
        What is wrong, and what to do.
    """

    severity: str
    meaning: str
    mend: str


def _error(meaning: str, mend: str) -> Code:
    return Code("error", meaning, mend)


def _limit(meaning: str, mend: str) -> Code:
    return Code("by policy", meaning, mend)


def _warning(meaning: str, mend: str) -> Code:
    return Code("warning", meaning, mend)


CODES: dict[str, Code] = {
    # The file.
    "F-DIRECTORY": _error("the path is a folder", "name the file in it"),
    "F-ENCODING": _error("the file is not UTF-8 text", "save it as UTF-8"),
    "F-MISSING": _error("there is no such file", "check the path"),
    "F-TOO-LARGE": _error("the file is larger than any schedule is", "split it"),
    "F-UNREADABLE": _error("the file cannot be read", "check its permissions"),
    "Y-ALIAS": _error("a YAML alias (`*name`)", "write the value out"),
    "Y-ANCHOR": _error("a YAML anchor (`&name`)", "leave it out"),
    "Y-DEPTH": _error("values are nested too deep", "flatten them"),
    "Y-DOCUMENTS": _error("a second YAML document begins", "one file, one document"),
    "Y-DUPLICATE-KEY": _error("a key stands twice in one mapping", "keep one"),
    "Y-KEY": _error("a key is no plain text or number", "write it plainly"),
    "Y-NUMBER": _error("a number is none, or not finite", "quote it if it is text"),
    "Y-SYNTAX": _error("the text is not YAML", "mend it where the line says"),
    "Y-TAG": _error("a YAML tag (`!name`)", "leave it out"),
    "Y-TOP": _error("the file is no mapping of keys to values", "begin with `metadata:`"),
    # Keys and values.
    "S-EMPTY": _error("the file holds no batches", "make a schedule with `grilse plan`"),
    "S-UNKNOWN-KEY": _error("a key is not known, or looks misspelt", "take the key it names"),
    "S-MISSING-KEY": _error("a key that must be there is not", "add it"),
    "S-TYPE": _error("a value is not of the kind it must be", "write what is allowed"),
    "S-NAME": _error("a name is empty, very long or not printable", "choose another"),
    "S-DATE": _error("a date is none, or out of range", "write YYYY-MM-DD"),
    "S-SEED": _error("the seed is out of range", "take a whole number of up to 63 bits"),
    "S-ANCHOR": _error(
        "an anchor is not understood, or cannot be reached", "as it says: fish never become more"
    ),
    "S-EVENT": _error("an event of a batch is not understood", "write what is allowed"),
    # The batch.
    "S-BATCH-ID": _error("a batch id is no safe name", "take letters, digits and `. _ -`"),
    "S-DUPLICATE-ID": _error("two batches have one id", "give each its own"),
    "S-DUPLICATE-NUMBER": _error("two batches have one number", "leave it out, or take a free one"),
    "S-NUMBER": _error("a number is out of range", "take one that is allowed, or none"),
    "S-EGGS": _error("the eggs are out of range", "take a number that is allowed"),
    "S-TARGET": _error("no salmon meets the harvest target", "take one above 0, up to 30 kg"),
    "S-DAYS": _error("days of life are out of range", "take days that are allowed"),
    "S-NO-STAGES": _error("a batch has no stage", "give it one"),
    "S-FIRST-DAY": _error("a batch does not begin as eggs on day 0", "let it"),
    "S-STAGE": _error("a stage is not known, or stands twice", "take one of the six, once"),
    "S-ORDER": _error("stages are not in the order of life", "put them in order"),
    "S-END-BEFORE-START": _error("a stage ends before it starts", "correct its days"),
    "S-GAP": _error("between two stages a batch is nowhere", "let the next start when one ends"),
    "S-STAGE-OVERLAP": _error("a batch is in two stages at once", "let the next start later"),
    # Places.
    "S-NO-CONTAINERS": _error("a stage holds no container", "name at least one"),
    "S-REPEATED-CONTAINER": _error("a stage lists a container twice", "list it once"),
    "S-SLOTS": _error("a batch holds more containers than keys are made for", "take fewer"),
    "S-HALLS": _error("which container stands in which hall cannot be told", "write `halls:`"),
    "S-PLACE-KIND": _error("a place is a hall and a sea area at once", "give them two names"),
    "S-HELD-TWICE": _error("two batches hold a container on one day", "move one of them"),
    "S-GEOGRAPHY": _error("a stage stands in another geography", "take a place of the batch's own"),
    "S-WRONG-HALL": _error("a hall is not built for the stage", "take one that is"),
    "S-UNKNOWN-GEOGRAPHY": _error("the farm has no such geography", "check the name or the farm"),
    "S-UNKNOWN-STATION": _error("the farm has no such station", "check the name or the farm"),
    "S-UNKNOWN-HALL": _error("the farm has no such hall", "check the name or the farm"),
    "S-UNKNOWN-AREA": _error("the farm has no such area", "check the name or the farm"),
    "S-UNKNOWN-CONTAINER": _error("the place has no such container", "check the name or the farm"),
    # Claims.
    "S-DECLARED-TOTAL": _warning("`total_batches` is not how many there are", "correct it"),
    "S-DECLARED-NUMBER": _warning("`batches_per_geography` does not hold", "correct it"),
    "S-DECLARED-STAGGER": _warning("`stagger_days` is not the mean of the starts", "correct it"),
    "S-DECLARED-SATURATION": _warning("a saturation is not the one there is", "correct it"),
    "S-PARTITIONS": _warning("worker partitions miss or repeat batches", "leave them out"),
    "S-NOT-BEGUN": Code("info", "batches start on or after the as-of day", "move `as_of` on"),
    "S-DURATION": Code("info", "a duration is not what was lived by as-of", "nothing follows"),
    # Limits.
    "S-OVERFULL": _limit("a container is to hold more than it bears", "more rings, fewer eggs"),
    "S-FISH-A-RING": _limit("too many fish in a ring", "more rings, fewer eggs"),
    "S-DENSITY": _limit("rings are denser than allowed at some weight", "more rings, fewer eggs"),
    "S-GENERATIONS": _limit("an area holds two generations at once", "another area, later days"),
    "S-FALLOW": _limit("an area is stocked before it lay fallow", "another area, later days"),
    # Plans.
    "P-AS-OF": _error("no batch has started by the as-of day", "a later `--as-of`"),
    "P-BATCHES": _error("the number of batches is out of range", "take what is allowed"),
    "P-CAPACITY": _error("the farm cannot hold the plan", "one of the changes that it names"),
    "P-CONTRADICTION": _error("options ask for one thing twice", "leave one of them out"),
    "P-COUNT": _error("a batch is to hold no container", "take at least one"),
    "P-DATES": _error("the plan runs out of the calendar", "other dates, fewer batches"),
    "P-EGGS": _error("the eggs are out of range", "take what is allowed"),
    "P-FARM": _error("a farm without geographies, or with one code twice", "mend the farm file"),
    "P-FIT": _error("two dates cannot hold so many batches", "one of the changes that it names"),
    "P-GEOGRAPHY": _error("the farm has no such geography", "take one that it has"),
    "P-LADDER": _error("a rung is no day of life", "take 0 or more"),
    "P-NO-BATCH": _error("the schedule has no such batch", "take one that it has"),
    "P-NO-PLACE": _error("the farm has no such hall or area", "take one that it has"),
    "P-POLICY": _error("there is no such policy", "take one that there is"),
    "P-SATURATION": _error("a saturation is no share", "take one above 0, up to 1"),
    "P-SEED": _error("the seed is out of range", "take a whole number of up to 63 bits"),
    "P-STAGE-DAYS": _error("there is no such stage", "take one that there is"),
    "P-STAGES": _error("a life has no stages, or days out of range", "mend the parameters"),
    "P-STAGGER": _error("the stagger is out of range", "take what is allowed"),
    "P-YEARS": _error("the span of years is out of range", "take what is allowed"),
}
"""Every code that reading, validating, planning and showing a schedule can give."""

_GROUPS = {
    "F": "Files",
    "Y": "YAML",
    "S": "Schedules (`grilse validate`, `grilse run`)",
    "P": "Plans (`grilse plan`)",
}


def page() -> Iterator[str]:
    """Yield the lines of the page of codes."""
    yield "# Problem codes"
    yield ""
    yield "Every problem has a code, a severity, file and line, the batch, what was found, what is"
    yield "allowed and how to mend it. A *warning* is an error with `--strict`. *By policy*: an"
    yield "error under `biosecure`, elsewhere one line that informs. A place that the farm does not"
    yield "have is a warning where neither `--farm` nor the schedule says which farm it is for."
    for letter, title in _GROUPS.items():
        yield from ("", f"## {title}", "", "| code | severity | what is wrong | what to do |")
        yield "|---|---|---|---|"
        for code, (severity, meaning, mend) in CODES.items():
            if code.startswith(letter):
                yield f"| `{code}` | {severity} | {meaning} | {mend} |"


if __name__ == "__main__":
    print("\n".join(page()))
