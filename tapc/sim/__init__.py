"""The simulated endpoint: an OpenAI-compatible server without a model, in process or over HTTP.

Specs can be tried without a key and without cost: the texts are made of sentence banks in many languages, depend on the
request alone, and fail at rates that the spec states. It is a server like any other to the rest of tapc, which knows it
as a `Handler` (request head and body in, answer out; see `tapc/endpoints/client/transport.py`) or as an address:

- `endpoint.py`: routes, authentication and faults; `wire.py`: the JSON of requests and answers; `server.py`: the same
  over HTTP (`tapc sim serve`); `embedded.py`: the same as a `Handler` in this process.
- `chat.py`, `writer.py`: which text answers a chat request; `fill.py`: structured replies that meet their schema;
  `judging.py`, `quality.py`, `rewards.py`: verdicts and scores that agree with each other.
- `language.py`, `banks.py`, `topic.py`, `prose.py`: what it is asked to write about, and in which language.
- `config.py`: everything that can be set; `draws.py`: chance, derived from digests of the request.

Above it is the workspace; it imports `tapc.endpoints` for the types of answers, and nothing of steps, plans or stores.
Start reading in `endpoint.py`, then `chat.py`. A changed text changes the rows of simulated datasets: the golden files
of `tests/golden` show which, and what the endpoint promises is in docs/simulated-endpoint.md.
"""

from tapc.sim.banks import Language, languages
from tapc.sim.config import ENVIRONMENT, SimConfig, change_config, config_from_environment, parse_config
from tapc.sim.endpoint import SimulatedEndpoint
from tapc.sim.quality import model_quality
from tapc.sim.server import SimServer, serve
from tapc.sim.wire import SimResponse

__all__ = [
    "ENVIRONMENT",
    "Language",
    "SimConfig",
    "SimResponse",
    "SimServer",
    "SimulatedEndpoint",
    "change_config",
    "config_from_environment",
    "languages",
    "model_quality",
    "parse_config",
    "serve",
]
