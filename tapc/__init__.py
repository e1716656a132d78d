"""tapc compiles declarative dataset specs (`.tap`) into SFT and preference datasets."""

__version__ = "0.1.0"

__all__ = ["__version__"]
