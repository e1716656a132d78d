"""Files a spec names beside modules and tables: rows of inputs, benchmark texts, programs."""

from tapc.inputs.lend import Borrowed, lend
from tapc.inputs.named import Named, literal_part, named_files
from tapc.inputs.troubles import InputError

__all__ = ["Borrowed", "InputError", "Named", "lend", "literal_part", "named_files"]
