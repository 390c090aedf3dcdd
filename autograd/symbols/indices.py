"""The parts of a name that says its indices: z[1]_2(3) is a z with [1](3) above and 2 below, out_h1 has h1 below."""

import re
from typing import NamedTuple

GREEK = (
    *("alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta", "iota", "kappa", "lambda", "mu", "nu"),
    *("xi", "pi", "rho", "sigma", "tau", "upsilon", "phi", "chi", "psi", "omega"),
    *("Gamma", "Delta", "Theta", "Lambda", "Xi", "Pi", "Sigma", "Upsilon", "Phi", "Psi", "Omega"),
)
"""The Greek letters that formulas show for their names."""
NEW = "_new"
"""The end of the name of a number after its update."""
_NAME = re.compile(
    r"(?P<base>[^\W\d_]+(?:_hat)?)(?:\[(?P<layer>[0-9]+)\](?=[_(]))?"
    r"(?:_?(?P<places>[0-9]+(?:_[0-9]+)*)|_(?!new$)(?P<word>[A-Za-z][A-Za-z0-9]*))?"
    r"(?:\((?P<example>[0-9]+)\))?(?P<new>_new)?"
)


class Indices(NamedTuple):
    """A name without its indices, and these: layer, example and "new" above; places or a word below."""

    base: str
    above: tuple[str, ...]
    below: tuple[str, ...]


def new_name(name: str) -> str:
    """Return the name of a number after its update.

    >>> new_name("w35")
    'w35_new'
    """
    return f"{name}{NEW}"


def indices_of(name: str) -> Indices | None:
    """Return the parts of a name with a layer, an example, a word as its subscript, or "new"; None for another name.

    >>> indices_of("w[1]_2_1(3)")
    Indices(base='w', above=('[1](3)',), below=('2', '1'))
    >>> indices_of("out_h1"), indices_of("w35")
    (Indices(base='out', above=(), below=('h1',)), None)
    """
    found = _NAME.fullmatch(name)
    if found is None or not any(found[part] for part in ("layer", "word", "example", "new")):
        return None
    base, layer, places, word, example, new = found.group("base", "layer", "places", "word", "example", "new")
    numbers = (f"[{layer}]" if layer else "") + (f"({example})" if example else "")
    above = (*([numbers] if numbers else []), *(["new"] if new else []))
    return Indices(base, above, tuple(places.split("_")) if places else (word,) if word else ())
