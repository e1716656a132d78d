"""Trees from elsewhere as `.tap` modules: bytes in, text or findings out."""

from tapc.importing.convert import Imported, convert_file, convert_folder
from tapc.importing.tabular import Columns

__all__ = ["Columns", "Imported", "convert_file", "convert_folder"]
