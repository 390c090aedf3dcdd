"""Solutions as JSON: integral numbers without a fraction, no -0, everything else exact.

Reads solutions.
"""

import json
import math
from collections.abc import Sequence
from typing import Any

from autograd.scalars import LARGEST_PLAIN_INTEGER
from nn import Solution


def solutions_json(solutions: Sequence[Solution]) -> str:
    """Return the last iteration as a JSON object; where there are several, all of them under "iterations" too.

    >>> from nn import Exercise
    >>> solution = Exercise({"w12": 2}, inputs=[3], target=0, eta=0.1).solve()
    >>> json.loads(solutions_json([solution]))["weights"]["gradients"]
    {'w12': 18}
    """
    report = _report(solutions[-1])
    if len(solutions) > 1:
        report["iterations"] = [_report(solution) for solution in solutions]
    return json.dumps(report, indent=2, allow_nan=False)


def _report(solution: Solution) -> dict[str, Any]:
    predictions = [_number(prediction) for prediction in solution.predictions]
    return {
        "prediction": predictions[0] if len(predictions) == 1 else predictions,
        "loss": _number(solution.loss),
        "lines": [
            {"name": line.name, "symbols": line.symbols, "numbers": line.numbers, "result": _number(line.result)}
            for line in solution.lines
        ],
        "weights": {
            name: {key: _number(number) for key, number in numbers.items()}
            for name, numbers in (
                ("before", solution.before),
                ("gradients", solution.gradients),
                ("after", solution.after),
            )
        },
    }


def _number(number: float) -> float | int | str:
    """Return a number for JSON, which has no infinities and no nan: those become text."""
    if not math.isfinite(number):
        return str(number)
    return int(number) if number.is_integer() and abs(number) < LARGEST_PLAIN_INTEGER else number
