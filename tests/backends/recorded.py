"""What a program recorded into its local folder, read without any of rollout's code: the other witness."""

import json
from dataclasses import dataclass, field
from pathlib import Path

KINDS = {"llm": "llm", "tool": "tool", "retrieval": "retrieval", "embedding": "embedding", "agent": "agent"}
ENDS = {"span.end", "tool.result"}


@dataclass
class Step:
    trace: str
    id: str
    parent: str | None
    name: str
    kind: str
    status: str
    message: str = ""
    model: str | None = None
    tokens: dict[str, int] = field(default_factory=dict)
    input: object = None
    output: object = None


@dataclass
class Run:
    """A trace."""

    id: str
    name: str
    status: str
    message: str
    session: str | None
    user: str | None
    input: object
    output: object
    steps: list[Step]


def read(folder):
    """Returns the runs in a folder by their ids; a folder that is not there has none."""
    events = []
    for file in sorted(Path(folder).glob("*.jsonl")):
        events += map(json.loads, file.read_text().splitlines())
    by_trace = {}
    for event in events:
        if "trace_id" in event:
            by_trace.setdefault(event["trace_id"], []).append(event)
    runs = (run(trace, told) for trace, told in by_trace.items())
    return {found.id: found for found in runs if found}


def run(trace, events):
    ended = [event for event in events if event["event_type"] == "trace.end"]
    if not ended:
        return None
    began = [event for event in events if event["event_type"] == "trace.start"]
    by_span = {}
    for event in events:
        if "span_id" in event and event["event_type"].startswith(("span.", "tool.", "llm.")):
            by_span.setdefault(event["span_id"], []).append(event)
    end, context = ended[-1], {}
    for event in began + ended:
        context |= event.get("context", {})
    return Run(
        id=trace.removeprefix("trace_").replace("-", ""),
        name=end.get("name", ""),
        status=end.get("status", ""),
        message=end.get("error", {}).get("message_preview", ""),
        session=context.get("session_id"),
        user=context.get("user_id"),
        input=last(began + ended, "input"),
        output=last(ended, "output"),
        steps=[step(trace, span, told) for span, told in by_span.items()],
    )


def step(trace, span, events):
    end = next((event for event in events if event["event_type"] in ENDS), events[-1])
    model = {}
    for event in events:
        model |= event.get("model", {})
    kind = KINDS.get(end.get("span_type"), "other")
    # A model that makes vectors is a span of its own kind.
    if kind == "llm" and end.get("attributes", {}).get("gen_ai.operation.name") == "embeddings":
        kind = "embedding"
    return Step(
        trace=trace.removeprefix("trace_").replace("-", ""),
        id=span.removeprefix("span_"),
        parent=end.get("parent_span_id", "").removeprefix("span_") or None,
        name=end.get("name", ""),
        kind=kind,
        status=end.get("status", ""),
        message=end.get("error", {}).get("message_preview", ""),
        model=model.get("model_version") or model.get("model"),
        tokens=tokens(end, model.get("provider")),
        input=last(events, "input", "arguments"),
        output=last(events, "output", "result"),
    )


def last(events, *names):
    for event in reversed(events):
        for name in names:
            if name in event.get("raw", {}):
                return event["raw"][name]
    return None


def tokens(end, provider):
    """Returns what a call used as the conventions count it: what was cached is part of the input."""
    usage, said = end.get("usage", {}), end.get("attributes", {})
    found = {
        "input": usage.get("input_tokens"),
        "output": usage.get("output_tokens"),
        "cached": said.get("gen_ai.usage.cache_read.input_tokens", usage.get("cached_tokens")),
        "written": said.get("gen_ai.usage.cache_write.input_tokens"),
        "reasoning": usage.get("reasoning_tokens"),
    }
    if provider == "anthropic" and found["input"] is not None and end.get("name") == "anthropic.messages":
        # Its API counts them apart.
        found["input"] += (found["cached"] or 0) + (found["written"] or 0)
    return {name: number for name, number in found.items() if number is not None}
