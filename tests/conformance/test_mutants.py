"""The suite finds each deliberate fault by the intended check and at its level, and no fault in the sound mock.

`make mutants` runs this and prints the table; it takes some minutes.
"""

import json
import os
import random
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest

HERE = Path(__file__).parent
sys.path.append(str(HERE))

from mutate import MUTANTS, SOUND  # noqa: E402

from pacerpro_conformance import suite  # noqa: E402 - the path has to be there first

pytestmark = [pytest.mark.mutants, pytest.mark.timeout(1200)]

# Drawn by chance, unless MUTANTS_SEED asks for a draw that can be repeated.
DRAW = random.Random(os.environ.get("MUTANTS_SEED"))  # noqa: S311 - the seeds are no secrets
SEEDS = [DRAW.randrange(2**32) for _ in range(20)]
LIMIT = 240  # seconds for one run of the suite


@dataclass(frozen=True)
class Verdict:
    """What the suite said of a mock: its exit status, and the checks with findings, by level."""

    name: str
    status: int
    found: dict[str, set[str]]
    seconds: float
    output: str


def judge(name, folder, *arguments):
    report = folder / f"{name}-{'-'.join(arguments)[:40].replace('/', '_')}.json"
    command = [sys.executable, str(HERE / "mutate.py"), name, "--json", str(report), "--timeout=2", *arguments]
    start = time.monotonic()
    done = subprocess.run(command, capture_output=True, text=True, timeout=LIMIT, check=False)
    checks = json.loads(report.read_text())["checks"] if report.exists() else []
    findings = [finding for check in checks for finding in check["findings"]]
    found = {level: {each["check"] for each in findings if each["level"] == level} for level in ("violation", "advice")}
    return Verdict(name, done.returncode, found, time.monotonic() - start, done.stdout + done.stderr)


def arguments_for(mutant):
    """The check that is meant to find it. `answers` judges the answers that other checks get, so it needs them all."""
    group = mutant.found_by.partition(".")[0]
    if group == "schemathesis":
        return []  # it repeats no finding of the other checks
    return [f"--only={mutant.found_by}"] if group in suite.GROUPS else ["--skip=schemathesis"]


@pytest.fixture(scope="module")
def say(request):
    """Print past pytest's capture: this takes minutes."""
    capture = request.config.pluginmanager.getplugin("capturemanager")

    def line(text):
        with capture.global_and_fixture_disabled():
            sys.stdout.write(f"{text}\n")
            sys.stdout.flush()

    return line


@pytest.fixture(scope="module")
def pool():
    with ThreadPoolExecutor(os.cpu_count()) as executor:
        yield executor


@pytest.fixture(scope="module")
def verdicts(request, pool, say, tmp_path_factory):
    folder = tmp_path_factory.mktemp("mutants")
    # With `-k`, pytest has left some out.
    wanted = [item.callspec.params["name"] for item in request.session.items if "verdicts" in item.fixturenames]

    def judge_mutant(mutant):
        return judge(mutant.name, folder, *arguments_for(mutant))

    say(f"\n{len(wanted)} mocks with one fault each, and the check that finds it")
    found = {}
    for verdict in pool.map(judge_mutant, [MUTANTS[name] for name in wanted]):
        found[verdict.name] = verdict
        say(row_of(verdict))
    return found


def row_of(verdict):
    mutant = MUTANTS[verdict.name]
    at_level = verdict.found[mutant.level]
    everything = set.union(*verdict.found.values())
    meant = mutant.found_by in at_level
    word = "found" if meant else "by accident" if everything else "MISSED"
    others = len(everything - {mutant.found_by})
    beside = f" (and {others} more)" if others else ""
    by = mutant.found_by if meant else ", ".join(sorted(everything)) or "nothing"
    return f"  {word:11}  {mutant.level:9}  {verdict.name:38}  {mutant.breaks}  <- {by}{beside}"


@pytest.mark.parametrize("name", MUTANTS)
def test_a_fault_is_found_by_the_check_that_is_meant_to_and_at_its_level(verdicts, name):
    verdict, mutant = verdicts[name], MUTANTS[name]
    assert mutant.found_by in verdict.found[mutant.level], verdict.found
    assert verdict.status == (1 if mutant.level == "violation" else 0), verdict.output


@pytest.fixture(scope="module")
def sound_verdicts(pool, say, tmp_path_factory):
    folder = tmp_path_factory.mktemp("sound")
    say(f"\nThe sound mock with {len(SEEDS)} random seeds")
    found = {}
    for seed, verdict in zip(
        SEEDS, pool.map(lambda seed: judge(SOUND, folder, "--strict", f"--seed={seed}"), SEEDS), strict=True
    ):
        found[seed] = verdict
        say(f"  {'holds' if verdict.status == 0 else 'FAILS'}  --seed {seed}  {verdict.seconds:.0f} s")
    return found


@pytest.mark.parametrize("number", range(len(SEEDS)))
def test_the_sound_mock_passes_with_any_seed(sound_verdicts, number):
    verdict = sound_verdicts[SEEDS[number]]
    assert verdict.status == 0, verdict.output


def test_there_are_faults_enough():
    assert len(MUTANTS) >= 60
    assert len({mutant.breaks for mutant in MUTANTS.values()}) == len(MUTANTS)
