"""Solutions and the lab's comparisons as JSON: whole numbers without a fraction, no -0, all other numbers exact."""

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from autograd.passes.steps import as_json
from autograd.table.scalars import report_number
from nn import Solution

if TYPE_CHECKING:
    from autograd.lab import Comparison, Event  # takes 7 ms; the JSON of an exercise does not need it


def solutions_json(solutions: Sequence[Solution]) -> str:
    """Return the last iteration as a JSON object; if there are several, all of them are under "iterations" too.

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
    predictions = [report_number(prediction) for prediction in solution.predictions]
    return {
        "prediction": predictions[0] if len(predictions) == 1 else predictions,
        "loss": report_number(solution.loss),
        "lines": [line.as_json() | {"result": report_number(float(line.result))} for line in solution.lines],
        "quantities": {
            name: {
                "value": report_number(value.data),
                "gradient": report_number(value.grad) if value.has_grad else None,
            }
            for name, value in solution.values.items()
        },
        "weights": {
            name: {key: report_number(number) for key, number in numbers.items()}
            for name, numbers in (
                ("before", solution.before),
                ("gradients", solution.gradients),
                ("after", solution.after),
            )
        },
    }


def comparison_report(comparison: "Comparison") -> dict[str, Any]:
    """Return a comparison as plain data for JSON.

    For each step of the wrong pass, `beside` holds the place of the matching step in the right pass. `first` is the
    place, in the wrong pass, of the first step that differs; null if there is none. Places count from 0.

    >>> from autograd import lab
    >>> comparison_report(lab.run("no-zero-grad"))["gradients"]
    [{'name': 'w', 'right': 8, 'wrong': 18, 'difference': 10}]
    """
    return {
        "mistake": comparison.mistake.name,
        "title": comparison.mistake.title,
        "first": comparison.first,
        "sentence": comparison.sentence,
        "right": [_event(event) for event in comparison.right],
        "wrong": [_event(event) for event in comparison.wrong],
        "beside": list(comparison.beside),
        "gradients": [
            {
                "name": gradient.name,
                "right": report_number(gradient.right),
                "wrong": report_number(gradient.wrong),
                "difference": report_number(gradient.difference),
            }
            for gradient in comparison.gradients
        ],
    }


def _event(event: "Event") -> dict[str, Any]:
    numbers: dict[str, Any] = _with_plain_numbers(as_json(event.step))
    return {"pass": event.part} | numbers


def _with_plain_numbers(content: Any) -> Any:
    """Return the data of a step with its floats written by `report_number`."""
    if isinstance(content, dict):
        return {key: _with_plain_numbers(item) for key, item in content.items()}
    if isinstance(content, list):
        return [_with_plain_numbers(item) for item in content]
    return report_number(content) if isinstance(content, float) else content
