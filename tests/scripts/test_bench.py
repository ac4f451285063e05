"""The benchmark: that it compares what it says, and writes its table. How fast anything is, it says itself."""

import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest

BENCHMARKS = Path(__file__).resolve().parents[2] / "benchmarks"


@pytest.fixture
def pairs():
    spec = importlib.util.spec_from_file_location("pairs", BENCHMARKS / "pairs.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["pairs"] = module
    spec.loader.exec_module(module)
    yield module
    del sys.modules["pairs"]


def test_both_ways_alternate_and_the_first_runs_are_discarded(pairs):
    order = []
    ours, theirs = iter([99.0, 2.0, 4.0, 30.0]), iter([1.0, 1.0, 2.0, 10.0])

    def first() -> float:
        order.append("ours")
        return next(ours)

    def second() -> float:
        order.append("theirs")
        return next(theirs)

    ratio = pairs.compare(first, second, 3)
    assert order == ["ours", "theirs", "ours", "theirs", "theirs", "ours", "ours", "theirs"]
    assert ratio.median == pytest.approx(2.0)
    assert str(ratio) == "2.00 (2.00 to 3.00)"


def test_the_table_has_a_row_for_what_was_asked():
    command = [sys.executable, BENCHMARKS, "--pairs", "2", "SessionAuth"]
    result = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    rows = [line for line in result.stdout.splitlines() if line.startswith("| a warm call through `SessionAuth` |")]
    assert len(rows) == 1
    assert "at most 1.03" in rows[0]
    assert "Python 3." in result.stdout
    assert "measuring" in result.stderr


def test_too_few_pairs_for_a_median_are_refused():
    command = [sys.executable, BENCHMARKS, "--pairs", "1"]
    result = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert result.returncode == 2
    assert "at least 2 pairs" in result.stderr
