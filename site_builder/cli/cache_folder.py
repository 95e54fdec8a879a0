"""Where what can be used again is kept on this machine."""

from ledger.cli.cache_folder import find_cache_folder

__all__ = ["find_cache_folder"]
