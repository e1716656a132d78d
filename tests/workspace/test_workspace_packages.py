"""Packages one can explain: each says in its docstring what it holds, and no function hides a module of its name."""

import importlib
import pkgutil
import re
import types

import pytest

import tapc

PACKAGES = sorted(["tapc", *(found.name for found in pkgutil.walk_packages(tapc.__path__, "tapc.") if found.ispkg)])


@pytest.mark.parametrize("name", PACKAGES)
def test_no_function_of_a_package_hides_a_module_of_its_name(name):
    package = importlib.import_module(name)
    for module in pkgutil.iter_modules(package.__path__):
        known = vars(package).get(module.name)
        assert known is None or isinstance(known, types.ModuleType), f"{name}.{module.name} is a {type(known).__name__}"


@pytest.mark.parametrize(
    "name", [name for name in PACKAGES if name.split(".")[1:2] in (["cli"], ["ui"], ["workspace"])]
)
def test_a_package_of_the_shell_says_what_it_holds(name):
    package = importlib.import_module(name)
    said = package.__doc__ or ""
    for module in pkgutil.iter_modules(package.__path__):
        if name != "tapc.cli.commands":  # its modules are the commands, which `tapc --help` lists
            assert re.search(rf"`(?:\w+\.)?{module.name}[`.]", said), f"{name} does not say what {module.name} is"
