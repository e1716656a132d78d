"""Chat completions, as OpenAI's API has them and nearly every server takes them."""

from tapc.endpoints.protocols.chat.reply import ChatReader
from tapc.endpoints.protocols.chat.request import LIMIT_FIELDS, PROMPTED_OVERHEAD, ChatRequests
from tapc.endpoints.protocols.protocol import Capabilities, EndpointProtocol, ReplyContext
from tapc.jobs import Recipe


class _Chat(ChatRequests):
    """Requests and replies of one recipe."""

    def __init__(self, recipe: Recipe, capabilities: Capabilities, context: ReplyContext) -> None:
        super().__init__(recipe, capabilities)
        self.read = ChatReader(context).read


CHAT = EndpointProtocol(
    name="chat", path=lambda base: f"{base}/chat/completions", speaker=_Chat, most_added=PROMPTED_OVERHEAD
)

__all__ = ["CHAT", "LIMIT_FIELDS"]
