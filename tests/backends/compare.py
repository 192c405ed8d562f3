"""What must hold of what a backend shows, given what was recorded."""

import json

# Keys whose values people write or read; the others are settings, ids and such.
SPOKEN = {"content", "text", "input", "instructions", "system", "refusal", "arguments"}


class Complaints(list):
    def expect(self, where, what, expected, found):
        if expected != found:
            self.append(f"{where}: {what} is {found!r}, expected {expected!r}")

    def expect_in(self, where, what, expected, found):
        if expected not in found:
            self.append(f"{where}: {what} has no {expected!r}: {found[:300]!r}")


def compare(runs, seen, traces, backend):
    """Returns what is wrong."""
    wrong = Complaints()
    by_id = {}
    for span in seen:
        if span.id in by_id:
            wrong.append(f"{span.name}: is there twice")
        by_id[span.id] = span
    wrong.expect("all", "the traces", sorted(runs), sorted({span.trace for span in seen} & set(runs)))
    for run in runs.values():
        spans = [span for span in seen if span.trace == run.id]
        roots = [span for span in spans if span.parent is None]
        if len(roots) != 1:
            wrong.append(f"{run.name}: has {len(roots)} roots: {[span.name for span in spans]}")
            continue
        check_root(wrong, run, roots[0])
        for step in run.steps:
            where = f"{run.name} / {step.kind} {step.name}"
            found = by_id.get(step.id)
            if found is None:
                wrong.append(f"{where}: is not there, only {[span.name for span in spans]}")
                continue
            # A trace for the sake of one span is that span.
            parent = step.parent or (roots[0].id if found is not roots[0] else None)
            wrong.expect(where, "the parent", parent, found.parent)
            check_step(wrong, where, step, found, backend)
            if run.session:
                wrong.expect(where, "the session", run.session, found.session)
        check_sums(wrong, run, traces.get(run.id))
    return wrong


def check_root(wrong, run, root):
    where = run.name
    wrong.expect_in(where, "the name of the root", run.name.split(".")[0], " ".join([root.name, root.input]))
    if run.status in ("ok", "error"):
        wrong.expect(where, "the status", run.status, root.status)
    if run.session:
        wrong.expect(where, "the session", run.session, root.session)
    if run.user:
        wrong.expect(where, "the user", run.user, root.user)
    works = {step.kind for step in run.steps} & {"llm", "tool", "retrieval", "agent"}
    if works and root.id not in {step.id for step in run.steps}:
        wrong.expect(where, "the kind", "agent", root.kind)
        for what, value, shown in (("input", run.input, root.input), ("output", run.output, root.output)):
            if value not in (None, "", {}, []):
                check_value(wrong, where, what, value, shown)


def check_step(wrong, where, step, found, backend):
    wrong.expect(where, "the kind", step.kind, found.kind)
    # Nobody calls what was cancelled good or bad.
    status = {"ok": "ok", "error": "error"}.get(step.status, "open")
    wrong.expect(where, "the status", status, found.status)
    if step.status == "error":
        wrong.expect_in(where, "the message of the error", step.message, found.message)
    if step.kind == "llm":
        wrong.expect(where, "the model", step.model, found.model)
        # Zero is what nobody needs to be told.
        shown = {"input", "output", "cached", "written"} | backend.shows
        for name, number in step.tokens.items():
            if name in shown and (number or name in found.tokens):
                wrong.expect(where, f"{name} tokens", number, found.tokens.get(name))
        if {"input", "output"} <= step.tokens.keys():
            total = step.tokens["input"] + step.tokens["output"]
            wrong.expect(where, "all tokens", total, found.tokens.get("total"))
        for what, value, shown in (("input", step.input, found.input), ("output", step.output, found.output)):
            for text in spoken(value):
                check_text(wrong, where, what, text, shown)
    elif step.kind == "tool":
        if step.input is not None:
            check_value(wrong, where, "input", step.input, found.input)
        if step.output is not None and step.status == "ok":
            check_value(wrong, where, "output", step.output, found.output)


def check_sums(wrong, run, trace):
    """Each token is counted once, however many spans there are."""
    if trace is None:
        wrong.append(f"{run.name}: the trace is not there")
        return
    for name in ("input", "output"):
        expected = sum(step.tokens.get(name, 0) for step in run.steps if step.kind == "llm")
        wrong.expect(run.name, f"{name} tokens of the trace", expected, trace.tokens[name])


def spoken(value, key=""):
    """Yields the texts in a request or an answer."""
    if isinstance(value, str):
        if key in SPOKEN and value:
            yield value
    elif isinstance(value, list):
        for item in value:
            yield from spoken(item, key)
    elif isinstance(value, dict):
        for name, item in value.items():
            # Texts of a schema describe, and what echoes the request is no answer.
            if name not in ("tools", "text_format", "metadata", "format"):
                yield from spoken(item, name)


def check_value(wrong, where, what, value, shown):
    if isinstance(value, str):
        return check_text(wrong, where, what, value, shown)
    lines = [shown, *shown.splitlines()]
    if not any(parsed(line) == value for line in lines):
        wrong.append(f"{where}: the {what} is {shown[:300]!r}, expected {value!r}")
    return None


def check_text(wrong, where, what, text, shown):
    # As it is, or within JSON, or within JSON in JSON.
    once = json.dumps(text, ensure_ascii=False)[1:-1]
    twice = json.dumps(once, ensure_ascii=False)[1:-1]
    if not any(form in shown for form in (text, once, twice)):
        # JSON may be spaced in another way.
        value = parsed(text)
        squeezed = shown.replace(" ", "").replace("\\", "")
        if isinstance(value, (dict, list)) and text.replace(" ", "").replace("\\", "") in squeezed:
            return
        wrong.append(f"{where}: the {what} has no {text!r}: {shown[:300]!r}")


def parsed(text):
    try:
        return json.loads(text)
    except ValueError:
        return None
