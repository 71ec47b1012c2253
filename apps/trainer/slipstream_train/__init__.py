"""Slipstream's trainer: from pictures and prompts to an ONNX bundle."""

__version__ = "0.1.0"
