"""Files a spec names beside modules and tables: rows of inputs, benchmark texts, programs."""

from tapc.inputs.errors import InputError
from tapc.inputs.lend import Borrowed, lend
from tapc.inputs.named import Named, literal_part, named_files

__all__ = ["Borrowed", "InputError", "Named", "lend", "literal_part", "named_files"]
