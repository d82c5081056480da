import io

from grilse.run import progress
from grilse.run.progress import showing


class Terminal(io.StringIO):
    def isatty(self):
        return True


def advance(stream, batches=550, step=8, **options):
    with showing(batches, stream, **options) as shown:
        for done in range(0, batches, step):
            shown.advance(min(step, batches - done), 1_000_000, int(done == 80))
    return stream.getvalue()


def test_a_pipe_gets_under_50_plain_lines(monkeypatch):
    monkeypatch.setattr(progress, "_SECONDS_BETWEEN_LINES", 0.0)
    lines = advance(io.StringIO()).splitlines()
    assert 10 <= len(lines) <= 21
    assert lines[-1].startswith("550 of 550 batches, 1 failed, 69,000,000 rows, ")
    assert lines[-1].endswith(" rows/s, 0 s left")
    assert "\x1b" not in "".join(lines)


def test_a_quick_run_prints_nothing_into_a_pipe():
    assert advance(io.StringIO()) == ""


def test_a_terminal_gets_a_bar():
    said = advance(Terminal())
    assert "550/550" in said
    assert "69.0 M rows" in said
    assert "1 failed" in said


def test_nothing_is_shown_when_it_is_not_wanted_or_there_is_nothing_to_do():
    assert advance(Terminal(), is_shown=False) == ""
    assert advance(Terminal(), batches=0) == ""
