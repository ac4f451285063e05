"""The suite finds each deliberate fault by the intended check and at its level, and no fault in the sound mock.

`make mutants` runs this and prints the table; it takes some minutes.
"""

import multiprocessing
import os
import random
import sys
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import pytest

HERE = Path(__file__).parent
sys.path.append(str(HERE))

from mutate import MUTANTS, SOUND, judge  # noqa: E402  # The path has to be there first.

from pacerpro_conformance import suite  # noqa: E402 - the path has to be there first

pytestmark = [pytest.mark.mutants, pytest.mark.timeout(1200)]

# Drawn by chance, unless MUTANTS_SEED asks for a draw that can be repeated.
DRAW = random.Random(os.environ.get("MUTANTS_SEED"))  # noqa: S311 - the seeds are no secrets
SEEDS = [DRAW.randrange(2**32) for _ in range(20)]
# The checks that a seed varies.
SEEDED = ("--only=schemathesis", "--only=forged.*", "--timeout=30")


def arguments_for(mutant):
    """The check that is meant to find it. `answers` judges the answers of other checks, and these get most kinds."""
    group = mutant.found_by.partition(".")[0]
    if group == "schemathesis":
        return []  # it repeats no finding of the other checks
    return [f"--only={mutant.found_by}"] if group in suite.GROUPS else ["--only=login.*", "--only=refresh.*"]


def is_found(verdict):
    mutant = MUTANTS[verdict.name]
    return mutant.found_by in verdict.found[mutant.level]


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
    """Runs each task in a process of its own, which has everything imported. One more than processors: some wait."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["pacerpro_conformance.cli", "pacerpro_mock", "schemathesis.specs.openapi.schemas"])
    with ProcessPoolExecutor(os.cpu_count() + 1, context, max_tasks_per_child=1) as executor:
        yield executor


@pytest.fixture(scope="module")
def verdicts(request, pool, say):
    # With `-k`, pytest has left some out.
    wanted = [item.callspec.params["name"] for item in request.session.items if "verdicts" in item.fixturenames]
    say(f"\n{len(wanted)} mocks with one fault each, and the check that finds it")
    found = {}
    running = {name: pool.submit(judge, name, *arguments_for(MUTANTS[name])) for name in wanted}
    for name, run in running.items():
        again = None if is_found(run.result()) else pool.submit(judge, name, "--skip=schemathesis")
        found[name] = (again or run).result()
        say(row_of(found[name]))
    return found


def row_of(verdict):
    mutant = MUTANTS[verdict.name]
    everything, meant = set.union(*verdict.found.values()), is_found(verdict)
    word = "found" if meant else "by accident" if everything else "MISSED"
    others = len(everything - {mutant.found_by})
    beside = f" (and {others} more)" if others else ""
    by = mutant.found_by if meant else ", ".join(sorted(everything)) or "nothing"
    return f"  {word:11}  {mutant.level:9}  {verdict.name:38}  {mutant.breaks}  <- {by}{beside}"


@pytest.mark.parametrize("name", MUTANTS)
def test_a_fault_is_found_by_the_check_that_is_meant_to_and_at_its_level(verdicts, name):
    verdict, mutant = verdicts[name], MUTANTS[name]
    assert is_found(verdict), verdict.found
    assert verdict.status == (1 if mutant.level == "violation" else 0), verdict.output


@pytest.fixture(scope="module")
def sound_verdicts(pool, say):
    say(f"\nThe sound mock with {len(SEEDS)} random seeds")
    running = [pool.submit(judge, SOUND, "--strict", f"--seed={seed}", *SEEDED) for seed in SEEDS]
    found = [each.result() for each in running]
    for seed, verdict in zip(SEEDS, found, strict=True):
        say(f"  {'holds' if verdict.status == 0 else 'FAILS'}  --seed {seed}  {verdict.seconds:.0f} s")
    return found


@pytest.mark.parametrize("number", range(len(SEEDS)))
def test_the_sound_mock_passes_with_any_seed(sound_verdicts, number):
    verdict = sound_verdicts[number]
    assert verdict.status == 0, verdict.output


def test_there_are_faults_enough():
    assert len(MUTANTS) >= 60
    assert len({mutant.breaks for mutant in MUTANTS.values()}) == len(MUTANTS)
