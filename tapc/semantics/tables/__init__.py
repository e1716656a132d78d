"""Rows of CSV and JSON-lines files, with the line each comes from."""

from tapc.semantics.tables.read import Row, Table, TableProblem, read_table

__all__ = ["Row", "Table", "TableProblem", "read_table"]
