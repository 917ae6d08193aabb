"""What is kept: the only SQL of the application. Each noun's tables are known once its module is imported here."""

import importlib
import pkgutil

for _module in pkgutil.iter_modules(__path__):
    importlib.import_module(f"{__name__}.{_module.name}")
