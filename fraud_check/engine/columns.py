"""Columns on their way into the engine: contiguous arrays of the exact type, without copying those that are already."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from passport.errors import Malformed

Number = TypeVar("Number", np.uint8, np.uint32, np.int64)
Integers = NDArray[np.uint8] | NDArray[np.uint32] | NDArray[np.int64] | Sequence[int]


def column(values: Integers, dtype: type[Number], name: str) -> NDArray[Number]:
    """The values as one contiguous column of this type.

    Raises:
        Malformed: a value does not fit the type, is no integer, or the shape is not one-dimensional.
    """
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
