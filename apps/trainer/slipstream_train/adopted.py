"""Bases that others published and a run has adopted from their bundles: what each layout does in its own way."""

from __future__ import annotations

from . import adopt_dimoo, adopt_maskgit

LAYOUTS = {"maskgit": adopt_maskgit, "dimoo": adopt_dimoo}
