"""Arize Phoenix."""

import os
from pathlib import Path

from seen import Seen, Trace
from server import Backend, Refused

KINDS = {"LLM": "llm", "TOOL": "tool", "AGENT": "agent", "EMBEDDING": "embedding", "RETRIEVER": "retrieval"}
TOKENS = {
    "input": "llm.token_count.prompt",
    "output": "llm.token_count.completion",
    "total": "llm.token_count.total",
    "cached": "llm.token_count.prompt_details.cache_read",
    "written": "llm.token_count.prompt_details.cache_write",
    "reasoning": "llm.token_count.completion_details.reasoning",
}
GRPC_PORT = 14317

TOTALS = """query($id: String!) { getTraceByOtelId(traceId: $id) { rootSpan {
    statusCode cumulativeTokenCountPrompt cumulativeTokenCountCompletion
} } }"""

# It opens its gRPC port on every interface, whatever `PHOENIX_HOST` says.
PROGRAM = """
from grpc.aio import Server
add = Server.add_insecure_port
Server.add_insecure_port = lambda self, address: add(self, address.replace("[::]", "127.0.0.1"))
import sys
from phoenix.server.main import main
sys.argv = ["phoenix", "serve"]
main()
"""


class Phoenix(Backend):
    name = "phoenix"
    port = 16006
    health = "/healthz"
    profile = "openinference"
    # What it shows of what is sent.
    shows = {"reasoning"}

    def command(self):
        return [Path(os.environ["BACKENDS"]) / "phoenix/bin/python", "-c", PROGRAM]

    def variables(self):
        return {
            "PHOENIX_WORKING_DIR": str(self.folder),
            "PHOENIX_HOST": "127.0.0.1",
            "PHOENIX_PORT": str(self.port),
            "PHOENIX_GRPC_PORT": str(GRPC_PORT),
            "PHOENIX_TELEMETRY_ENABLED": "false",
        }

    def ways(self):
        """How it can be sent to: a name, and the variables that say so."""
        grpc = f"http://127.0.0.1:{GRPC_PORT}"
        return {
            "gzip": {"OTEL_EXPORTER_OTLP_COMPRESSION": "gzip"},
            "grpc": {"OTEL_EXPORTER_OTLP_PROTOCOL": "grpc", "OTEL_EXPORTER_OTLP_ENDPOINT": grpc},
        }

    def address(self, place):
        """Returns the variables by which a program's traces go to a place of their own."""
        return {
            "OTEL_EXPORTER_OTLP_ENDPOINT": self.url,
            "OTEL_RESOURCE_ATTRIBUTES": f"openinference.project.name={place}",
        }

    def spans(self, place):
        spans, path = [], f"/v1/projects/{place}/spans?limit=1000"
        cursor = ""
        while cursor is not None:
            try:
                page = self.get(path + cursor)
            except Refused as error:
                # There is none before the first span.
                if error.status == 404:
                    return []
                raise
            spans += map(read, page["data"])
            cursor = page["next_cursor"] and f"&cursor={page['next_cursor']}"
        return spans

    def traces(self, place, ids):
        traces = {}
        for trace in ids:
            body = {"query": TOTALS, "variables": {"id": trace}}
            answer = self.post("/graphql", body)
            if answer.get("errors"):
                raise AssertionError(answer["errors"])
            root = answer["data"]["getTraceByOtelId"]["rootSpan"]
            tokens = {
                "input": int(root["cumulativeTokenCountPrompt"] or 0),
                "output": int(root["cumulativeTokenCountCompletion"] or 0),
            }
            traces[trace] = Trace(tokens, root["statusCode"].lower())
        return traces


def read(span):
    said = span["attributes"]

    def text(prefix, *more):
        # Messages are spread over many attributes.
        parts = [str(value) for name, value in said.items() if name.startswith(prefix) or name in more]
        return "\n".join(parts)

    return Seen(
        trace=span["context"]["trace_id"],
        id=span["context"]["span_id"],
        parent=span["parent_id"],
        name=span["name"],
        kind=KINDS.get(span["span_kind"], "other"),
        status={"OK": "ok", "ERROR": "error"}.get(span["status_code"], "open"),
        message=span["status_message"],
        model=said.get("llm.model_name") or said.get("embedding.model_name"),
        tokens={name: int(said[key]) for name, key in TOKENS.items() if key in said},
        input=text("llm.input_messages.", "input.value"),
        output=text("llm.output_messages.", "output.value"),
        session=said.get("session.id"),
        user=said.get("user.id"),
    )
