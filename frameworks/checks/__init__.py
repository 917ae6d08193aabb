"""The rules of meaning, one module for each part of a framework; `frameworks.rules.check` runs them all."""
