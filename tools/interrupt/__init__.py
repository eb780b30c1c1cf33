"""Interrupting the real CLI on purpose: strike it at a chosen step of a replacement, and watch what becomes of it."""
