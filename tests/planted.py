"""An independent solver of exercises, with classic slips: plain arithmetic by name, no formula of the package.

A program is a list of lines (name, function of the numbers by name). `carried` runs it as a student does who makes a
slip in one line and goes on with that number.
"""

import math

ACTIVATIONS = {
    "relu": (lambda x: max(x, 0.0), lambda x: 1.0 if x > 0 else 0.0),
    "sigmoid": (lambda x: 1 / (1 + math.exp(-x)), lambda x: math.exp(-x) / (1 + math.exp(-x)) ** 2),
    "tanh": (math.tanh, lambda x: 1 - math.tanh(x) ** 2),
    "linear": (lambda x: x, lambda x: 1.0),
}


def start(exercise):
    """Return the numbers that an exercise gives, by name."""
    numbers = {**exercise.weights, **exercise.biases, "eta": exercise.eta}
    for name, number in {**exercise.inputs_by_name, **exercise.targets}.items():
        numbers[name] = float(number)
    return {name: float(number) for name, number in numbers.items()}


def activations(exercise):
    """Return the name of the activation of each unit."""
    return [choice.name for layer, choice in zip(exercise.network.layers, exercise.choices, strict=True) for _ in layer]


class Solver:
    """The program of an exercise, and the slips of each of its lines."""

    def __init__(self, exercise):
        self.exercise, self.units = exercise, exercise.units
        self.names = activations(exercise)
        self.count = len(exercise.all_examples)
        self.suffixes = [f"({place + 1})" for place in range(self.count)] if self.count > 1 else [""]
        self.numbers = start(exercise)
        self.lines, self.slips = [], []
        self.apart = exercise.plan.apart
        self.inputs = set(exercise.all_examples[0].inputs)
        self.targets = list(exercise.all_examples[0].targets)
        used = {source for unit in self.units for source, _ in unit.weights}
        self.outputs = [unit for unit in self.units if unit.post not in used]
        for end in self.suffixes:
            self.forward(end)
        if self.count > 1:
            losses = [f"{exercise.notation.loss}{end}" for end in self.suffixes]
            self.add(exercise.notation.loss, lambda n: sum(n[name] for name in losses) / self.count)
        self.backward()

    def add(self, name, function, **slips):
        self.lines.append((name, function))
        self.slips += [(name, slip.replace("_", "-").rstrip("0123456789"), wrong) for slip, wrong in slips.items()]

    def of(self, name, end):
        """Return the name of a quantity of an example; weights have none."""
        own = name in self.exercise.weights or name in self.exercise.biases
        return name if own else f"{name}{end}"

    def forward(self, end):
        for unit, kind in zip(self.units, self.names, strict=True):
            pairs = [(self.of(source, end), weight) for source, weight in unit.weights]

            def total(n, pairs=pairs, unit=unit, biased=True):
                return sum(n[s] * n[w] for s, w in pairs) + (n[unit.bias] if unit.bias and biased else 0.0)

            slips = {"no_bias": lambda n, total=total: total(n, biased=False)} if unit.bias else {}
            if len(pairs) > 1:
                (first, one), (second, _), *_ = pairs
                slips["other_input"] = lambda n, t=total, f=first, o=one, s=second: t(n) + (n[s] - n[f]) * n[o]
                others = [other for other in self.units if other is not unit and len(other.weights) == len(pairs)]
                others = [other for other in others if [s for s, _ in other.weights] == [s for s, _ in unit.weights]]
                if others:
                    other = others[0].weights[0][1]
                    slips["other_weight"] = lambda n, t=total, f=first, o=one, w=other: t(n) + (n[w] - n[o]) * n[f]
            self.add(f"{unit.pre}{end}", total, **slips)
            if kind != "softmax":
                f = ACTIVATIONS[kind][0]
                self.add(f"{unit.post}{end}", lambda n, f=f, x=f"{unit.pre}{end}": f(n[x]))
        if self.names[-1] == "softmax":
            self.softmax()
        self.loss(end)

    def softmax(self):
        names = [f"e{unit.pre[1:]}" for unit in self.outputs]
        for name, unit in zip(names, self.outputs, strict=True):
            self.add(name, lambda n, x=unit.pre: math.exp(n[x]))
        self.add("s", lambda n: sum(n[name] for name in names))
        for name, unit in zip(names, self.outputs, strict=True):
            self.add(unit.post, lambda n, e=name: n[e] / n["s"])

    def loss(self, end):
        pairs = [(f"{unit.post}{end}", f"{t}{end}") for unit, t in zip(self.outputs, self.targets, strict=True)]
        squares = lambda n: sum((n[y] - n[t]) ** 2 for y, t in pairs)  # noqa: E731
        kinds = {
            "half_squared_error": lambda n: squares(n) / 2,
            "mean_squared_error": lambda n: squares(n) / len(pairs),
            "binary_cross_entropy": lambda n: (
                -sum(n[t] * math.log(n[y]) + (1 - n[t]) * math.log(1 - n[y]) for y, t in pairs)
            ),
            "cross_entropy": lambda n: -sum(n[t] * math.log(n[y]) for y, t in pairs),
        }
        slips = {"no_half": squares} if self.exercise.loss == "half_squared_error" else {}
        self.add(f"{self.exercise.notation.loss}{end}", kinds[self.exercise.loss], **slips)

    def backward(self):
        for unit in self.exercise.network.backward_order():
            for end in self.suffixes:
                self.delta(unit, end)
            for _, weight in unit.weights:
                self.weight(weight, [(u, s) for u in self.units for s, w in u.weights if w == weight])
            if unit.bias and unit.bias not in self.exercise.fixed:
                self.weight(unit.bias, [(u, None) for u in self.units if u.bias == unit.bias])

    def delta(self, unit, end):
        kind = self.names[self.units.index(unit)]
        slope = ACTIVATIONS[kind][1] if kind != "softmax" else None
        x, y, name = f"{unit.pre}{end}", f"{unit.post}{end}", f"{unit.delta}{end}"
        if unit in self.outputs:
            t = f"{self.targets[self.outputs.index(unit)]}{end}"
            scale = (2 / len(self.outputs) if self.exercise.loss == "mean_squared_error" else 1) / self.count
            if "cross_entropy" in self.exercise.loss:
                self.add(name, lambda n: scale * (n[y] - n[t]), reversed_error=lambda n: scale * (n[t] - n[y]))
                return
            slips = {
                "reversed_error": lambda n: scale * (n[t] - n[y]) * slope(n[x]),
                "no_derivative": lambda n: scale * (n[y] - n[t]),
                "slope_of_result": lambda n: scale * (n[y] - n[t]) * slope(n[y]),
            }
            if self.exercise.loss == "half_squared_error":
                slips["no_half"] = lambda n: 2 * scale * (n[y] - n[t]) * slope(n[x])
            self.add(name, lambda n: scale * (n[y] - n[t]) * slope(n[x]), **slips)
            return
        pairs = [(f"{u.delta}{end}", w) for u in self.units for s, w in u.weights if s == unit.post]

        def back(n, weights=None):
            return sum(
                n[d] * n[w] for d, w in zip([d for d, _ in pairs], weights or [w for _, w in pairs], strict=True)
            )

        new = [f"{w}_new" for _, w in pairs]
        slips = {
            "early_update": lambda n: back(n, new) * slope(n[x]),
            "no_derivative": back,
            "slope_of_result": lambda n: back(n) * slope(n[y]),
        }
        siblings = [
            u for u in self.units if u is not unit and [s for s, _ in u.weights] == [s for s, _ in unit.weights]
        ]
        if siblings:
            other = [w for u in self.units for s, w in u.weights if s == siblings[0].post]
            slips["other_weight"] = lambda n: back(n, other) * slope(n[x])
        if len(pairs) > 1:
            slips["overwrite"] = lambda n: n[pairs[-1][0]] * n[pairs[-1][1]] * slope(n[x])
        self.add(name, lambda n: back(n) * slope(n[x]), **slips)

    def weight(self, name, uses):
        if f"{name}_new" in dict(self.lines):
            return
        paths = [(f"{u.delta}{end}", self.of(s, end) if s else None) for u, s in uses for end in self.suffixes]

        def gradient(n, paths=paths):
            return sum(n[d] * (n[s] if s else 1.0) for d, s in paths)

        slips, last = {}, paths[-1:]
        if len(paths) > 1:
            slips["overwrite"] = lambda n: gradient(n, last)
        if paths[0][1] and self.count == 1 and len(paths) == 1:
            rows = [s for s, _ in uses[0][0].weights]
            other = next((s for s in rows if s != paths[0][1]), None)
            if other:
                slips["other_input"] = lambda n: gradient(n, [(paths[0][0], other)])
        if self.apart:
            self.add(f"d{name}", gradient, **slips)
            step, slips = lambda n: n[f"d{name}"], {}
        else:
            step = gradient
        slips = {slip: lambda n, wrong=wrong: n[name] - n["eta"] * wrong(n) for slip, wrong in slips.items()} | {
            "ascent": lambda n: n[name] + n["eta"] * step(n),
            "no_rate": lambda n: n[name] - step(n),
            "no_update": lambda n: n[name],
        }
        self.add(f"{name}_new", lambda n: n[name] - n["eta"] * step(n), **slips)

    def carried(self, planted="", wrong=None, written=lambda number: number):
        """Return all numbers, where one line is computed wrongly and all others are carried on."""
        right = dict(self.numbers)
        for name, line in self.lines:
            right[name] = line(right)
        numbers = dict(self.numbers)
        for name, line in self.lines:
            numbers[name] = written(wrong({**right, **numbers}) if name == planted else line(numbers))
        return {name: numbers[name] for name, _ in self.lines}
