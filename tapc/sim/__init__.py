"""The simulated endpoint: an OpenAI-compatible server without a model, in process or over HTTP."""

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
