"""Files with many rows: read as a stream, checked row by row, brought in once however often they are sent.

A room that wants its own kind of file writes an `Adapter` and calls `register(kind, Adapter)` from its `AppConfig.ready`.
"""

from marketplace.catalogue.importing.adapters import Adapter, named, register
from marketplace.catalogue.importing.faults import FileFault, RowFault
from marketplace.catalogue.importing.rows import Row

__all__ = ["Adapter", "FileFault", "Row", "RowFault", "named", "register"]
