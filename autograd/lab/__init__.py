"""The lab: a backward pass with a classic mistake beside the right pass, and the first step that differs.

    >>> from autograd import lab
    >>> print(lab.run("overwrite").sentence)
    b received two contributions; the second replaced the first: 3 instead of 1 + 3 = 4.

`mistakes` are rows of data, `sweep` runs a pass by a rule. Open `comparison.py` first. `marking` compares a student's
numbers with a pass, and `slips` has the mistakes of one line as rows of data.
"""

from autograd.lab.comparison import Comparison, Gradient, run, running_total
from autograd.lab.mistakes import MISTAKES, Mistake, find
from autograd.lab.slips import SLIPS, Slip
from autograd.lab.sweep import Event

__all__ = ["MISTAKES", "SLIPS", "Comparison", "Event", "Gradient", "Mistake", "Slip", "find", "run", "running_total"]
