"""Token counts by an estimate: four bytes of UTF-8 a token, as byte-pair encodings average on mixed text."""

from tapc.sim.wire import ChatMessage

BYTES_PER_TOKEN = 4
MESSAGE_TOKENS = 4


def count(text: str) -> int:
    """Tokens of a text, rounded up."""
    size = len(text) if text.isascii() else len(text.encode("utf-8", "surrogatepass"))
    return (size + BYTES_PER_TOKEN - 1) // BYTES_PER_TOKEN


def count_prompt(messages: list[ChatMessage]) -> int:
    """Tokens of a prompt: never more than its bytes plus the overhead a client must allow for."""
    return sum(count(message.text) + MESSAGE_TOKENS for message in messages)


def cut(text: str, tokens: int) -> str:
    """The longest beginning of at most so many tokens."""
    size = tokens * BYTES_PER_TOKEN
    if text.isascii():
        return text[:size]
    return text.encode("utf-8", "surrogatepass")[:size].decode("utf-8", "ignore")
