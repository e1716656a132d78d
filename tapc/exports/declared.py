"""The registered exports. A new one is a module of `targets` and two lines here."""

from tapc.exports.export import Export
from tapc.exports.targets.axolotl import AXOLOTL
from tapc.exports.targets.llama_factory import LLAMA_FACTORY
from tapc.exports.targets.openai import OPENAI
from tapc.exports.targets.trl import TRL
from tapc.exports.targets.verl import VERL

EXPORTS: tuple[Export, ...] = (TRL, OPENAI, LLAMA_FACTORY, AXOLOTL, VERL)
