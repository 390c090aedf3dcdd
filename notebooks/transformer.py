"""A transformer in single numbers: it learns to spell first names, and every number of it can be looked at.

Run `python notebooks/transformer.py`. It has 4,128 parameters; a step on a name of five letters computes about 48,000
nodes. The model only adds, multiplies, divides, takes powers, exponentials, logarithms and ReLUs of scalars, so each
scalar class with these operations, `backward()`, `data` and `grad` can stand in for gradstep's: change the import.
"""

import math
import random
import sys
from contextlib import nullcontext

from autograd import Value

NAMES = """\
ada aiko alma amara amir anika anton aoife arjun aylin bela bruno carla chidi cora dalia dario deniz dina elena elias
emre enzo esra farah felix femi fiona freya goran greta hana hugo ida ines isla ivan jalil jana jonas juan kaito kenji
kiran kofi lara leila lena leon lina luca lucia maja malik marco maria mateo mei mila milan mina nadia naomi niels nina
noah nora olga omar oscar otto paula pedro priya quinn rafa ravi rosa ruben sami sara selma simon sofia soren suki tala
tariq tess theo tomas uma vera viktor wanda xenia yara yusuf zara zoe
""".split()  # noqa: SIM905 - easier to read than a hundred strings
END = "."  # stands before and after each name
LETTERS = [END, *sorted({letter for name in NAMES for letter in name})]


def dot(a, b):
    """Return the sum of the products of two rows."""
    total = a[0] * b[0]
    for x, y in zip(a[1:], b[1:], strict=True):
        total = total + x * y
    return total


def times(matrix, column):
    """Return a matrix times a column."""
    return [dot(row, column) for row in matrix]


def plus(a, b):
    """Return the sum of two rows, number by number."""
    return [x + y for x, y in zip(a, b, strict=True)]


def normalized(row):
    """Return a row divided by its root mean square."""
    factor = (dot(row, row) / len(row) + 1e-5) ** -0.5
    return [x * factor for x in row]


def exponentials(row):
    """Return e**(x - m) for each x of a row, their sum, and m, the largest number of the row, which is no Value."""
    largest = max(x.data for x in row)
    powers = [(x - largest).exp() for x in row]
    return powers, sum(powers[1:], powers[0]), largest


def softmax(row):
    """Return positive numbers of sum 1 in the proportions e**x."""
    powers, total, _ = exponentials(row)
    return [power / total for power in powers]


class Speller:
    """One block of a transformer: attention to the letters so far, then a layer of ReLU units, for each place.

    `scalar` makes a parameter from a number. `width` numbers describe a place, `heads` of equal width share them, and
    `units` are the hidden units. A name with the sign before it may have `places` letters. `part` opens a context for
    each part by its name: with autograd.scope, pictures show the parts as boxes.
    """

    def __init__(self, scalar=Value, width=16, heads=2, units=64, places=12, seed=1, part=nullcontext):
        generator = random.Random(seed)

        self.heads, self.size, self.places, self.part = heads, width // heads, places, part
        shapes = {
            "letter": (len(LETTERS), width),
            "place": (places, width),
            "query": (width, width),
            "key": (width, width),
            "value": (width, width),
            "join": (width, width),
            "hidden": (units, width),
            "back": (width, units),
            "score": (len(LETTERS), width),
        }
        self.matrices = {}
        for name, (rows, columns) in shapes.items():
            size = 1 / math.sqrt(columns)
            with part(name):
                self.matrices[name] = [[scalar(generator.gauss(0, size)) for _ in range(columns)] for _ in range(rows)]
        self.parameters = [number for rows in self.matrices.values() for row in rows for number in row]

    def label_parameters(self):
        """Give each parameter its place as a name, such as key[3][0], for pictures and texts of gradstep."""
        for name, rows in self.matrices.items():
            for i, row in enumerate(rows):
                for j, number in enumerate(row):
                    number.label = f"{name}[{i}][{j}]"

    def scores(self, letters):
        """Return for each place a row: how well each letter would follow."""
        m = self.matrices
        with self.part("embedding"):
            stream = [plus(m["letter"][LETTERS.index(x)], m["place"][t]) for t, x in enumerate(letters)]
        with self.part("attention"):
            heard = self.attention([normalized(row) for row in stream])
            stream = [plus(row, times(m["join"], one)) for row, one in zip(stream, heard, strict=True)]
        with self.part("units"):
            hidden = [[z.relu() for z in times(m["hidden"], normalized(row))] for row in stream]
            stream = [plus(row, times(m["back"], h)) for row, h in zip(stream, hidden, strict=True)]
        with self.part("scores"):
            return [times(m["score"], normalized(row)) for row in stream]

    def attention(self, rows):
        """Return for each place what it takes from itself and from the places before it, head beside head."""
        queries, keys, values = (
            [times(self.matrices[name], row) for row in rows] for name in ("query", "key", "value")
        )
        heard = []
        for t, query in enumerate(queries):
            joined = []
            for start in range(0, self.heads * self.size, self.size):
                head = slice(start, start + self.size)
                # The mask: keys[: t + 1] has no place after t.
                weights = softmax([dot(query[head], key[head]) / math.sqrt(self.size) for key in keys[: t + 1]])
                columns = zip(*(value[head] for value in values[: t + 1]), strict=True)
                joined += [dot(weights, column) for column in columns]
            heard.append(joined)
        return heard

    def loss(self, name):
        """Return the mean over the places of -ln of the probability of the letter that follows."""
        rows = self.scores(END + name)
        with self.part("loss"):
            losses = []
            for row, letter in zip(rows, name + END, strict=True):
                _, total, largest = exponentials(row)
                losses.append(total.log() + largest - row[LETTERS.index(letter)])
            return sum(losses[1:], losses[0]) / len(losses)

    def spell(self, generator):
        """Return a name drawn letter by letter with the probabilities that the model gives."""
        text = END
        while len(text) < self.places:
            chances = [chance.data for chance in softmax(self.scores(text)[-1])]
            [letter] = generator.choices(LETTERS, chances)
            if letter == END:
                break
            text += letter
        return text[1:]


class Adam:
    """Keeps, for each parameter, a moving mean of its gradient and one of the gradient's square."""

    def __init__(self, parameters, rate=0.01, decay=(0.9, 0.99)):
        self.parameters, self.rate, self.decay, self.steps = parameters, rate, decay, 0
        self.means, self.squares = ([0.0] * len(parameters) for _ in range(2))

    def step(self):
        """Move each parameter against its gradient, and reset the gradient."""
        self.steps += 1
        first, second = self.decay
        whole, whole_square = 1 - first**self.steps, 1 - second**self.steps  # the means began at 0
        for i, p in enumerate(self.parameters):
            self.means[i] = first * self.means[i] + (1 - first) * p.grad
            self.squares[i] = second * self.squares[i] + (1 - second) * p.grad**2
            p.data -= self.rate * self.means[i] / whole / (math.sqrt(self.squares[i] / whole_square) + 1e-8)
            p.grad = 0.0


def train(speller, names, rate=0.01):
    """Take one step for each name; yield the loss before each."""
    adam = Adam(speller.parameters, rate)
    for name in names:
        loss = speller.loss(name)
        loss.backward()
        adam.step()
        yield loss.data


def main(steps, speller):
    """Train, print the mean loss of every 50 steps, and spell five names."""
    generator = random.Random(2)
    print(f"{len(speller.parameters):,} parameters; the loss of a guess is {math.log(len(LETTERS)):.3f}")
    recent = []
    for step, loss in enumerate(train(speller, generator.choices(NAMES, k=steps)), 1):
        recent.append(loss)
        if step % 50 == 0:
            print(f"step {step:4}: mean loss {sum(recent) / len(recent):.3f}")
            recent.clear()
    print(*(speller.spell(generator) for _ in range(5)))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 200, Speller())
