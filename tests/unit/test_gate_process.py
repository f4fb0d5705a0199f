"""The gate's own process answers as the gate does, and never outlives who asks."""

import signal
import subprocess
import sys
import time
from pathlib import Path

import pandas as pd
import pytest

from weltoffen_etl.catalog import RuleText
from weltoffen_etl.quality.gate import GateError, check
from weltoffen_etl.quality.rules import Rule

FRAME = pd.DataFrame({"a": [1, 9, None], "b": ["x", "y", "x"]})
RULES = [
    Rule("t", "a", "not_null", RuleText(id="a_not_null", says="{value}"), {}),
    Rule("t", "a", "range", RuleText(id="a_range", says="{value}"), {"min_value": 1}),
    Rule("t", "b", "allowed", RuleText(id="b_allowed", says="{value}"), {"value_set": ["x"]}),
]
_BEGINNING = """
import os, signal, sys, time
from tests.unit.test_gate_process import FRAME, RULES
from weltoffen_etl.quality import gate_process
from weltoffen_etl.quality.gate import GateError
"""


def _run(body: str) -> str:
    """Runs code in a fresh process: in this one Great Expectations is loaded, which ends the choice."""
    done = subprocess.run(
        [sys.executable, "-c", _BEGINNING + body], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_it_answers_as_the_gate_does_and_loads_nothing_here() -> None:
    with pytest.raises(GateError) as refused:
        check("t", FRAME, RULES, ["a"])
    told = _run(
        "print(gate_process.check('t', FRAME, RULES, ['a', 'b']))\n"
        "try:\n    gate_process.check('t', FRAME, RULES, ['a'])\n"
        "except GateError as error:\n    print(error)\n"
        # Whatever else goes wrong is told apart, and the next question is answered.
        "try:\n    gate_process.check('t', 'no frame', RULES, ['a', 'b'])\n"
        "except gate_process.GateProcessError as error:\n    print('gate.py' in str(error))\n"
        "print(len(gate_process.check('t', FRAME, RULES, ['a', 'b']).broken))\n"
        "print('great_expectations' in sys.modules)\n"
    )
    report = check("t", FRAME, RULES, ["a", "b"])
    assert len(report.broken) == 2
    assert told.splitlines() == [str(report), str(refused.value), "True", "2", "False"]


def test_a_process_that_is_gone_costs_nothing_and_a_fork_asks_its_own() -> None:
    told = _run(
        "gate_process.start()\n"
        "(child,) = gate_process._children.values()\n"
        "os.kill(child.process.pid, signal.SIGKILL)\n"
        "print(len(gate_process.check('t', FRAME, RULES, ['a', 'b']).broken))\n"
        "if os.fork() == 0:\n"
        "    gate_process.start()\n"
        "    print(sorted(gate_process._children) == sorted({os.getppid(), os.getpid()}), flush=True)\n"
        "    gate_process._end()\n"
        "    os._exit(0)\n"
        "os.wait()\n"
        "print(len(gate_process.check('t', FRAME, RULES, ['a', 'b']).broken))\n"
    )
    assert told.split() == ["2", "True", "2"]


def test_one_that_ends_again_is_told_in_words() -> None:
    told = _run(
        # Each ends as soon as it is asked, as where there is no memory for it.
        "import sys\nsys.executable = '/bin/true'\n"
        "try:\n    gate_process.check('t', FRAME, RULES, ['a', 'b'])\n"
        "except GateError as error:\n    print(error)\n"
        "print(gate_process._children)\n"
    )
    assert told.splitlines() == [
        "t: Der prüfende Prozess endete zweimal ohne Antwort; meist fehlte Arbeitsspeicher.",
        "{}",
    ]


def test_it_ends_with_the_process_that_started_it_however_that_ends() -> None:
    body = (
        "gate_process.start()\n"
        "(child,) = gate_process._children.values()\n"
        "print(child.process.pid, flush=True)\n"
        "time.sleep(600)\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", _BEGINNING + body], stdout=subprocess.PIPE, text=True
    ) as parent:
        assert parent.stdout is not None
        started = int(parent.stdout.readline())
        parent.send_signal(signal.SIGKILL)
    until = time.monotonic() + 60
    while _runs(started) and time.monotonic() < until:
        time.sleep(0.1)
    assert not _runs(started)


def _runs(process: int) -> bool:
    """Whether a process does anything; one that nobody asked for its exit code does not."""
    try:
        told = Path(f"/proc/{process}/stat").read_text(encoding="utf-8")
    except FileNotFoundError:
        return False
    return told.rpartition(")")[2].split()[0] != "Z"
