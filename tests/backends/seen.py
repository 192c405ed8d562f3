"""A span as a backend shows it, in words that are the same for all of them."""

from dataclasses import dataclass, field


@dataclass
class Seen:
    trace: str
    id: str
    parent: str | None
    name: str
    # llm, embedding, tool, agent, retrieval, or none of these: other.
    kind: str
    # ok, error, or open.
    status: str
    message: str = ""
    model: str | None = None
    # By the names that `recorded.py` uses.
    tokens: dict[str, int] = field(default_factory=dict)
    input: str = ""
    output: str = ""
    session: str | None = None
    user: str | None = None


@dataclass
class Trace:
    """What a backend makes of a trace as a whole."""

    # What it believes that all of it used.
    tokens: dict[str, int]
    # ok or error, where it says one.
    status: str | None = None
