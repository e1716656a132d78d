"""What is left out or renamed in the next request, because an endpoint refused it."""

import re

from tapc.endpoints.client.request import LIMIT_FIELDS, Habits
from tapc.endpoints.replies.ends import spoken
from tapc.jobs import Job

_FORMAT_WORDS = ("response_format", "json_schema", "structured", "guided", "grammar")
_NOT_KNOWN = re.compile(
    r"unsupported|not supported|isn't supported|does not support|unrecognized|unknown|unexpected|extra|not permitted|"
    r"not allowed|deprecated|invalid_parameter|no such"
)


def adapt(job: Job, body: bytes, content: bytes, habits: Habits) -> bool:
    """Remember what an endpoint refuses; whether another try will look different.

    Args:
        job: what was asked.
        body: as it was sent.
        content: of the refusal.
        habits: of the endpoint, changed here.
    """
    said = spoken(content)
    if job.recipe.kind == "chat" and _limit(job, body, said, habits):
        return True
    if job.recipe.schema is not None and b'"response_format":' in body and any(w in said for w in _FORMAT_WORDS):
        habits.schema = False
        habits.say("it refuses `response_format`; schemas are sent in the prompt instead")
        return True
    if job.recipe.seeded and b',"seed":' in body[-32:] and "seed" in said:
        habits.seed = False
        habits.say("it refuses `seed`; none is sent")
        return True
    return False


def _limit(job: Job, body: bytes, said: str, habits: Habits) -> bool:
    """Whether the name of the output limit is refused, and the other one is left to try."""
    for name, other in LIMIT_FIELDS.items():
        if b'"%b":%d' % (name.encode(), job.recipe.max_tokens) not in body:
            continue
        if habits.refused_limit == name:
            return True  # sent before it was known
        if habits.refused_limit or not _refuses(name, other, said):
            return False
        habits.refused_limit = name
        habits.say(f"it refuses `{name}`; the limit is sent as `{other}`")
        return True
    return False


def _refuses(name: str, other: str, said: str) -> bool:
    """Whether a refusal is about the name of a limit, not about its value."""
    if re.search(rf"\b{name}\b", said) is None:
        return False
    return (
        re.search(rf"\buse\W+{other}\b|\b{other}\b.{{0,40}}\binstead\b", said) is not None
        or re.search(rf"(?:{_NOT_KNOWN.pattern})[^\n]{{0,80}}\b{name}\b", said) is not None
        or re.search(rf"\b{name}\b[^\n]{{0,80}}(?:{_NOT_KNOWN.pattern})", said) is not None
        or any(line.startswith(("unsupported_parameter", "extra_forbidden")) for line in said.splitlines())
    )
