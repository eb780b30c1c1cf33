"""How much: the many spellings of CPU, memory and GPU amounts, and the one we keep of each.

Spellings follow the seed (8gb is 1000-based, bare numbers are bytes) and Kubernetes (16Gi, 500m).
Every amount has exactly one canonical text, so that another spelling of it is no difference.
"""

import re
from fractions import Fraction
from functools import lru_cache
from math import ceil, isfinite
from typing import TypeVar

_AMOUNT = re.compile(r"\s*([0-9]{1,20}(?:\.[0-9]{0,20})?|\.[0-9]{1,20})\s*([A-Za-z]*)\s*")
_LETTERS = ("k", "m", "g", "t", "p")
_BINARY = {f"{letter.upper()}i": 1024**power for power, letter in enumerate(_LETTERS, start=1)}
_DECIMAL = {letter if letter == "k" else letter.upper(): 1000**power for power, letter in enumerate(_LETTERS, start=1)}

Number = TypeVar("Number", int, Fraction)

#: Lower-case unit → bytes: "gi" and "gib" are 1024-based; "g" and "gb" are 1000-based.
_UNITS = {"": 1, "b": 1}
_UNITS |= {unit.lower() + end: size for unit, size in (_BINARY | _DECIMAL).items() for end in ("", "b")}


def cpu_millis(value: int | float | str) -> int:
    """Thousandths of a CPU core in ``value``: 2, 0.5, "500m" or "2". Raises ValueError with a sentence."""
    amount, unit = _split(value, example='2, 0.5 or "500m"')
    if unit not in ("", "m"):
        raise ValueError(f'{value!r} is not an amount of CPU; write cores as in 2 or 0.5, or thousandths as in "500m"')
    millis = amount if unit == "m" else amount * 1000
    _check_countable(millis, value)
    if millis != int(millis):
        raise ValueError(f"{value!r} is finer than a thousandth of a CPU core, which is the smallest step there is")
    return int(millis)


def canonical_cpu(value: int | float | str) -> str:
    """The one text of an amount of CPU that Kubernetes is given: "2", "500m"."""
    millis = cpu_millis(value)
    return f"{millis}m" if millis % 1000 else str(millis // 1000)


def memory_bytes(value: int | float | str) -> int:
    """Bytes in ``value``: "16Gi", "15GB", "512Mi", "8gb" or a plain number. A part of a byte counts as a whole one.

    Raises ValueError with a sentence.
    """
    amount, unit = _split(value, example='"16Gi", "15GB" or a number of bytes')
    if unit == "m":
        # In Kubernetes a small m means thousandths of a byte, which nobody ever wants.
        raise ValueError(f"{value!r} would be thousandths of a byte; write Mi (1024-based) or MB (1000-based)")
    if unit.lower() not in _UNITS:
        raise ValueError(
            f'the unit in {value!r} is unknown; write for example "16Gi" (1024-based) or "15GB" (1000-based)'
        )
    return _check_countable(ceil(amount * _UNITS[unit.lower()]), value)


def canonical_memory(value: int | float | str) -> str:
    """The one text of an amount of memory that Kubernetes is given: the shortest exact one, "16Gi" or "15G"."""
    amount = memory_bytes(value)
    exact = [f"{amount // size}{unit}" for unit, size in (_BINARY | _DECIMAL).items() if amount and amount % size == 0]
    # min() keeps the first of equals, and 1024-based units come first.
    return min([*exact, str(amount)], key=len)


def gpu_count(value: int | float | str) -> int:
    """A whole number of GPUs. Raises ValueError; for a part of one with a hint where parts can be had."""
    amount, unit = _split(value, example="1 or 2")
    if unit:
        raise ValueError(f"{value!r} is not a number of GPUs; write 1 or 2")
    if amount != int(amount):
        raise ValueError(
            f"{value!r} is not a whole number of GPUs, and Kubernetes hands out whole devices only; for a part of one, "
            "let the cluster offer MIG slices or shared GPUs as devices of their own and ask for whole ones of those"
        )
    return _check_countable(int(amount), value)


def _check_countable(amount: Number, value: object) -> Number:
    if amount >= 2**63:
        raise ValueError(f"{value!r} is more than Kubernetes can count")
    return amount


@lru_cache(maxsize=256, typed=True)  # the same few amounts stand in every Workload of a program
def _split(value: int | float | str, *, example: str) -> tuple[Fraction, str]:
    """The number and the unit in ``value``; numbers have no unit."""
    if isinstance(value, str):
        match = _AMOUNT.fullmatch(value)
        if match is None:
            raise ValueError(f"{value!r} is not an amount; write for example {example}")
        return Fraction(match[1]), match[2]
    if not isfinite(value):
        raise ValueError(f"{value!r} is not an amount; write for example {example}")
    # Doubles carry noise such as 0.30000000000000004: repr is the shortest exact text, nine places are enough.
    amount = round(Fraction(repr(value)), 9)
    if amount < 0:
        raise ValueError(f"{value!r} is negative; write for example {example}")
    return amount, ""
