"""Columns on their way into the engine: contiguous arrays of the exact type, without copying those that are already."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from passport.errors import Malformed

Number = TypeVar("Number", np.uint8, np.uint32, np.int64)


class Column(Protocol):
    """An Arrow array or chunked array, or whatever else shows itself to NumPy; whole chunks are not copied."""

    def __array__(self, dtype: Any = None) -> NDArray[Any]:
        """The values."""


Integers = Column | NDArray[np.uint8] | NDArray[np.uint32] | NDArray[np.int64] | Sequence[int]


def column(values: Integers, dtype: type[Number], name: str) -> NDArray[Number]:
    """The values as one contiguous column of this type.

    Raises:
        Malformed: a value is missing, does not fit the type, is no integer, or the shape is not one-dimensional.
    """
    missing = getattr(
        values, "null_count", 0
    )  # Arrow's; NumPy would make them NaN, and all the others inexact.
    if missing:
        raise Malformed(f"{name}: expected a value in every row, got {missing} without one")
    given = np.asarray(values)
    if given.ndim != 1:
        raise Malformed(f"{name}: expected one dimension, got {given.ndim}")
    if given.size == 0:
        return np.empty(0, dtype=dtype)
    if given.dtype.kind not in "iu":
        raise Malformed(f"{name}: expected integers, got {given.dtype}")
    if given.dtype != np.dtype(dtype):
        limits = np.iinfo(dtype)
        least, most = int(given.min()), int(given.max())
        if least < limits.min or most > limits.max:
            raise Malformed(f"{name}: expected {limits.min} to {limits.max}, got {least} to {most}")
    return np.ascontiguousarray(given, dtype=dtype)
