"""Runs the examples against backends, and compares what these show with what was recorded."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import recorded
from compare import compare
from mlflow_server import MlFlow
from phoenix import Phoenix
from server import STORED, wait

BACKENDS = {backend.name: backend for backend in (Phoenix, MlFlow)}
# Records in memory only, as tests do.
SILENT = {"test_an_agent"}
# Removes what it recorded; it keeps some runs of many, and says how many.
FORGETFUL = "sampling"
# Whose spans say most; every way to send is tried with it.
RICHEST = "support_agent"
EXAMPLES = Path(os.environ["EXAMPLES"])
SOURCES = Path(__file__).parents[2] / "examples/examples"


def run(name, variables):
    """Runs an example, and returns what it recorded."""
    with tempfile.TemporaryDirectory(prefix="rollout-backends-") as folder:
        done = subprocess.run(
            [EXAMPLES / name],
            cwd=folder,
            env={**os.environ, **variables},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=120,
        )
        if done.returncode or done.stderr:
            return None, [f"{name} ended with {done.returncode}: {done.stderr}"]
        if name == FORGETFUL:
            return int(done.stdout.split()[0]), []
        return recorded.read(Path(folder) / ".rollout"), []


def check(backend, name, place, variables):
    """Runs an example against a backend, and returns what is wrong with what that shows."""
    runs, wrong = run(name, {**backend.address(place), **variables})
    if wrong:
        return wrong
    if name in SILENT:
        return [f"{name} sent something"] if backend.spans(place) else []
    if not runs:
        return [f"{name} recorded nothing"]
    if name == FORGETFUL:
        return sampled(backend, place, runs)

    wrong = ["nothing was read"]

    def holds():
        nonlocal wrong
        spans = backend.spans(place)
        known = {span.trace for span in spans}
        wrong = compare(runs, spans, backend.traces(place, known & set(runs)), backend)
        return not wrong

    # Spans are stored a while after they are taken.
    seconds = STORED
    while not wait(min(seconds, 6), holds):
        before, seconds = list(wrong), seconds - 6
        # What stays the same will not get right.
        if seconds <= 0 or (before and not any("is not there" in text or "the traces" in text for text in before)):
            break
    return list(wrong)


def sampled(backend, place, runs):
    """Returns what is wrong with so many runs of an agent, each with a tool and what a customer said of it."""
    counts, expected = {}, {"agent": runs, "tool": runs, "other": runs}

    def holds():
        counts.clear()
        for span in backend.spans(place):
            counts[span.kind] = counts.get(span.kind, 0) + 1
        return counts == expected

    return [] if wait(STORED, holds) else [f"there are {counts}, expected {expected}"]


def cases(backend, chosen):
    """Yields what is run: an example, where its traces go, and how."""
    profile = {"ROLLOUT_OTLP_PROFILE": backend.profile}
    for name in chosen:
        yield name, name, profile
    if RICHEST in chosen:
        for way, variables in backend.ways().items():
            yield RICHEST, f"{RICHEST}-{way}", profile | variables


def main(arguments):
    names = {path.stem for path in SOURCES.iterdir()}
    backends = [BACKENDS[name] for name in arguments if name in BACKENDS] or list(BACKENDS.values())
    chosen = sorted(set(arguments) - set(BACKENDS)) or sorted(names)
    if unknown := set(chosen) - names:
        raise SystemExit(f"neither backends nor examples: {', '.join(sorted(unknown))}")
    passed = failed = 0
    for kind in backends:
        with kind() as backend:
            print(f"{backend.name}: up", flush=True)
            for name, place, variables in cases(backend, chosen):
                wrong = check(backend, name, place, variables)
                print(f"{backend.name} {place}: {'FAILED' if wrong else 'ok'}", flush=True)
                for text in wrong:
                    print(f"    {text}", flush=True)
                passed, failed = (passed, failed + 1) if wrong else (passed + 1, failed)
    print(f"{passed} passed, {failed} failed")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
