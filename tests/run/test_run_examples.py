"""The examples for clusters do what they say, by processes that stand for the cluster."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from grilse import api
from grilse.api.watching import as_metrics, status
from grilse.cli.main import main
from grilse.dataset.manifest import read_manifest

EXAMPLES = Path(__file__).parents[2] / "examples"
PARTS = 3


@pytest.fixture
def schedule(tmp_path):
    path = tmp_path / "schedule.yaml"
    words = ["plan", "--batches", "2", "--stagger", "20", "--as-of", "2024-02-01"]
    assert main([*words, "--output", str(path)]) == 0
    return path


@pytest.fixture
def on_path(tmp_path):
    """A program `grilse` for shell scripts."""
    program = tmp_path / "bin/grilse"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m grilse "$@"\n')
    program.chmod(0o755)
    return {**os.environ, "PATH": f"{program.parent}:{os.environ['PATH']}"}


def finalised(root):
    assert read_manifest(root).state == "begun"
    assert main(["finalise", str(root), "--no-verify"]) == 0
    assert read_manifest(root).state == "complete"


@pytest.mark.slow
def test_the_slurm_array(schedule, on_path, tmp_path):
    root = tmp_path / "out"
    for task in (3, 1, 2):
        subprocess.run(
            ["bash", EXAMPLES / "slurm-array.sh"], check=True, stdout=subprocess.DEVNULL,
            env={**on_path, "SCHEDULE": str(schedule), "DEST": str(root),
                 "SLURM_ARRAY_TASK_ID": str(task), "SLURM_ARRAY_TASK_COUNT": str(PARTS)},
        )  # fmt: skip
    finalised(root)


@pytest.mark.slow
def test_the_kubernetes_job(schedule, on_path, tmp_path):
    job = yaml.safe_load((EXAMPLES / "kubernetes-job.yaml").read_text())
    spec = job["spec"]
    part = spec["template"]["spec"]["containers"][0]
    assert f"/{spec['completions']}" in part["args"][0]
    script = part["args"][0].replace(f'/{spec["completions"]}"', f'/{PARTS}"')
    script = script.replace("/farm/schedule.yaml", str(schedule))
    script = script.replace("/farm/out", str(tmp_path / "out"))
    for index in range(PARTS):
        subprocess.run(
            [*part["command"], script], check=True, stdout=subprocess.DEVNULL,
            env={**on_path, "JOB_COMPLETION_INDEX": str(index)},
        )  # fmt: skip
    finalised(tmp_path / "out")


def test_prometheus_is_told_where_and_in_its_own_format(schedule, tmp_path):
    (job,) = yaml.safe_load((EXAMPLES / "prometheus.yml").read_text())["scrape_configs"]
    ((target,),) = [each["targets"] for each in job["static_configs"]]
    said = (EXAMPLES / "prometheus.yml").read_text()
    assert target == "127.0.0.1:" + re.search(r"--metrics-port (\d+)", said)[1]
    job = api.prepare(schedule, tables=("geography", "batch"))
    api.run(job, tmp_path / "out", workers=1, logs=False)
    known = set()
    for line in as_metrics(status(tmp_path / "out")).splitlines():
        head = re.fullmatch(r"# (HELP|TYPE) (grilse_[a-z_]+) (\S.*)", line)
        if head:
            known |= {head[2]} if head[1] == "TYPE" and head[3] == "gauge" else set()
            continue
        name, value = re.fullmatch(r"([a-z_]+) (\S+)", line).groups()
        assert name in known
        assert float(value) >= 0
    assert {"grilse_batches_done", "grilse_rows", "grilse_running"} <= known
