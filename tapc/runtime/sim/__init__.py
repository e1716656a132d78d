"""The simulated endpoint: an OpenAI-compatible server without a model, in process or over HTTP."""

from tapc.runtime.sim.banks import Language, languages
from tapc.runtime.sim.config import ENVIRONMENT, SimConfig, change_config, config_from_environment, parse_config
from tapc.runtime.sim.endpoint import SimulatedEndpoint
from tapc.runtime.sim.quality import model_quality
from tapc.runtime.sim.server import SimServer, serve
from tapc.runtime.sim.wire import SimResponse

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
