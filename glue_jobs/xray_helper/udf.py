# SPDX-License-Identifier: Apache-2.0
"""Python functions of Spark with a span for each task that runs them.

They are made like PySpark's own, once and anywhere, before the job begins or without one::

    @traced_pandas_udf("double")
    def in_euro(dollars: pd.Series) -> pd.Series: ...

    rows = rows.withColumn("euro", in_euro("dollars"))
    rows = rows.mapInPandas(traced_map_in_pandas(load), rows.schema)

The step in which a function is put to use is the parent of its spans. Outside of a traced job Spark gets the
function as it is.
"""

from __future__ import annotations

import contextlib
import functools
import inspect
import operator
from collections.abc import Callable
from typing import Any, Final, overload

from xray_helper.context.places import current_step
from xray_helper.job import current_job, plan_function

Function = Callable[..., Any]
_GROUPED_AGGREGATE: Final = 202  # pyspark.util.PythonEvalType.SQL_GROUPED_AGG_PANDAS_UDF, since Spark 2.4


@overload
def traced_udf(f: Function, *types: Any, **options: Any) -> TracedUdf: ...
@overload
def traced_udf(f: Any = None, *types: Any, **options: Any) -> Callable[[Function], TracedUdf]: ...


def traced_udf(f: Any = None, *types: Any, **options: Any) -> TracedUdf | Callable[[Function], TracedUdf]:
    """Make a function of single rows; takes what ``pyspark.sql.functions.udf`` takes.

    In a traced job each row costs two readings of a clock more (about half a microsecond).
    """
    return _made("udf", "row", f, types, options)


@overload
def traced_pandas_udf(f: Function, *types: Any, **options: Any) -> TracedUdf: ...
@overload
def traced_pandas_udf(f: Any = None, *types: Any, **options: Any) -> Callable[[Function], TracedUdf]: ...


def traced_pandas_udf(
    f: Any = None, *types: Any, **options: Any
) -> TracedUdf | Callable[[Function], TracedUdf]:
    """Make a vectorized function of any kind; takes what ``pyspark.sql.functions.pandas_udf`` takes."""
    return _made("pandas_udf", "batch", f, types, options)


def traced_map_in_pandas(function: Function) -> Function:
    """Wrap a function for ``DataFrame.mapInPandas`` or ``mapInArrow``."""
    return Traced(function, "batch")


def traced_apply_in_pandas(function: Function) -> Function:
    """Wrap a function for ``applyInPandas`` of a ``groupBy``, or of two that are cogrouped."""
    return Traced(function, "group")


class Traced:
    """A function that is bound to the step at the moment when Spark pickles it for its workers."""

    def __init__(self, function: Function, kind: str) -> None:
        functools.update_wrapper(self, function)
        with contextlib.suppress(TypeError, ValueError):  # a builtin without one
            self.__signature__ = inspect.signature(function)  # Spark looks at the arguments
        self._function, self.kind = function, kind

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Run the function here."""
        return self._function(*args, **kwargs)

    def __reduce__(self) -> tuple[Any, ...]:
        rebuilt = plan_function(self._function, kind=self.kind)
        # Else the function itself, rebuilt by nothing that a worker might lack.
        return rebuilt or (operator.itemgetter(0), ((self._function,),))


class TracedUdf:
    """Makes the UDF anew in each step that uses it, because Spark pickles each only once.

    Whatever else a UDF knows (``returnType``, ``asNondeterministic``, what ``spark.udf.register`` looks at)
    is that of the UDF of the step.
    """

    def __init__(self, make: Callable[[Function], Any], function: Function, kind: str) -> None:
        functools.update_wrapper(self, function)
        self._make, self._function, self._kind = make, function, kind
        self._last: tuple[Any, Any] | None = None  # the place, and its UDF

    def __call__(self, *columns: Any, **named: Any) -> Any:
        """Make a column."""
        return self._current()(*columns, **named)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return getattr(self._current(), name)

    def _current(self) -> Any:
        job = current_job()
        place = (job, current_step()) if job is not None and job.is_traced else None
        last = self._last
        if last is None or last[0] != place:
            last = self._last = (place, self._make_traced() if place else self._make(self._function))
        return last[1]

    def _make_traced(self) -> Any:
        traced = Traced(self._function, self._kind)
        made = self._make(traced)
        if getattr(made, "evalType", None) == _GROUPED_AGGREGATE:
            traced.kind = "aggregate"
        return made


def _made(
    maker: str, kind: str, f: Any, types: tuple[Any, ...], options: dict[str, Any]
) -> TracedUdf | Callable[[Function], TracedUdf]:
    """Serve ``udf(function, ...)``, ``@udf(type)`` and ``@udf()``, as PySpark does."""
    is_function = callable(f)

    def make(function: Function) -> Any:
        from pyspark.sql import functions

        door = getattr(functions, maker)
        return door(function, *types, **options) if is_function else door(f, *types, **options)(function)

    return TracedUdf(make, f, kind) if is_function else lambda function: TracedUdf(make, function, kind)
