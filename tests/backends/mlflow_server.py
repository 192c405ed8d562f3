"""MLflow."""

import base64
import json
import os
from pathlib import Path

from seen import Seen, Trace
from server import Backend

KINDS = {
    "CHAT_MODEL": "llm", "LLM": "llm", "TOOL": "tool", "AGENT": "agent", "EMBEDDING": "embedding",
    "RETRIEVER": "retrieval",
}
TOKENS = {
    "input": "input_tokens",
    "output": "output_tokens",
    "total": "total_tokens",
    "cached": "cache_read_input_tokens",
    "written": "cache_creation_input_tokens",
}


class MlFlow(Backend):
    name = "mlflow"
    port = 15000
    health = "/health"
    profile = "mlflow"
    shows = set()

    def __init__(self):
        super().__init__()
        self.experiments = {}

    def command(self):
        program = Path(os.environ["BACKENDS"]) / "mlflow/bin/mlflow"
        store = ["--backend-store-uri", f"sqlite:///{self.folder}/mlflow.db"]
        files = ["--artifacts-destination", str(self.folder / "artifacts")]
        address = ["--host", "127.0.0.1", "--port", str(self.port), "--workers", "1"]
        return [program, "server", *address, *store, *files]

    def variables(self):
        path = f"{Path(os.environ['BACKENDS']) / 'mlflow/bin'}:{os.environ['PATH']}"
        return {"MLFLOW_DISABLE_TELEMETRY": "true", "PATH": path}

    def ways(self):
        return {
            "gzip": {"OTEL_EXPORTER_OTLP_COMPRESSION": "gzip"},
            "json": {"OTEL_EXPORTER_OTLP_PROTOCOL": "http/json"},
        }

    def address(self, place):
        if place not in self.experiments:
            answer = self.post("/api/2.0/mlflow/experiments/create", {"name": place})
            self.experiments[place] = answer["experiment_id"]
        return {
            "OTEL_EXPORTER_OTLP_ENDPOINT": self.url,
            "OTEL_EXPORTER_OTLP_HEADERS": f"x-mlflow-experiment-id={self.experiments[place]}",
        }

    def search(self, place):
        experiment = {"experiment_id": self.experiments[place]}
        body = {"locations": [{"type": "MLFLOW_EXPERIMENT", "mlflow_experiment": experiment}], "max_results": 500}
        return self.post("/api/3.0/mlflow/traces/search", body).get("traces", [])

    def spans(self, place):
        spans = []
        for info in self.search(place):
            metadata = info.get("trace_metadata", {})
            answer = self.get(f"/api/3.0/mlflow/traces/get?trace_id={info['trace_id']}")
            for span in answer["trace"].get("spans", []):
                seen = read(span, info["trace_id"].removeprefix("tr-"))
                # Of people and sessions it speaks with the trace only.
                seen.session = metadata.get("mlflow.trace.session")
                seen.user = metadata.get("mlflow.trace.user")
                spans.append(seen)
        return spans

    def traces(self, place, ids):
        traces = {}
        for info in self.search(place):
            usage = json.loads(info.get("trace_metadata", {}).get("mlflow.trace.tokenUsage", "{}"))
            tokens = {name: usage.get(TOKENS[name], 0) for name in ("input", "output")}
            state = {"OK": "ok", "ERROR": "error"}.get(info.get("state"), "open")
            traces[info["trace_id"].removeprefix("tr-")] = Trace(tokens, state)
        return traces


def read(span, trace):
    said = {pair["key"]: plain(pair.get("value")) for pair in span.get("attributes", [])}
    usage = parsed(said.get("mlflow.chat.tokenUsage")) or {}
    status = span.get("status") or {}
    parent = base64.b64decode(span.get("parent_span_id") or "").hex()
    return Seen(
        trace=trace,
        id=base64.b64decode(span["span_id"]).hex(),
        parent=parent or None,
        name=span["name"],
        kind=KINDS.get(parsed(said.get("mlflow.spanType")), "other"),
        status={"STATUS_CODE_OK": "ok", "STATUS_CODE_ERROR": "error"}.get(status.get("code"), "open"),
        message=status.get("message", ""),
        model=parsed(said.get("mlflow.llm.model")),
        tokens={name: usage[key] for name, key in TOKENS.items() if key in usage},
        input=shown(said.get("mlflow.spanInputs")),
        output=shown(said.get("mlflow.spanOutputs")),
    )


def plain(value):
    """Returns what OTLP's typed value says."""
    ((kind, inner),) = value.items() if value else (("none", None),)
    if kind == "array_value":
        return [plain(item) for item in inner.get("values", [])]
    if kind == "kvlist_value":
        return {pair["key"]: plain(pair.get("value")) for pair in inner.get("values", [])}
    return int(inner) if kind == "int_value" else inner


def parsed(value):
    """Returns what a text says that may be JSON."""
    try:
        return json.loads(value) if isinstance(value, str) else value
    except ValueError:
        return value


def shown(value):
    return value if isinstance(value, str) else "" if value is None else json.dumps(value, ensure_ascii=False)
