"""The table of operations. Each row defines one operation: its value and its derivatives stand nowhere else.

A row is mathematics, without a number type. Its formulas are ordinary functions of the operands x and y; a local
derivative may also use the result z. They run on every kind of operand: Values record a graph that can be
differentiated again, dual numbers give forward mode, fractions exact results, and symbols the text of the formula and
the source of the kernels.

To add an operation, add its row and run `python -m autograd.generate`, which writes the row's float kernel and its
method. A row with the value None is a primitive: its function has the same name in `ieee`. `words` gives its name in
other languages, if it is another one, or a formula where a language has no such function; NumPy's name becomes a method
too. Name an ONNX operator only if onnxruntime runs it in double precision.
"""

import math
from typing import TYPE_CHECKING, Any

from autograd.table.op import TABLE, Level, Op, where

ANYWHERE = (-3.0, 3.0)
POSITIVE = (0.1, 4.0)

add: Op = Op(
    "add",
    lambda x, y: x + y,
    (lambda x, y, z: 1, lambda x, y, z: 1),
    "the sum",
    (ANYWHERE, ANYWHERE),
    symbol="+",
    level=Level.SUM,
    method="add",
    words={"onnx": "Add"},
)
mul: Op = Op(
    "mul",
    lambda x, y: x * y,
    (lambda x, y, z: y, lambda x, y, z: x),
    "the product",
    (ANYWHERE, ANYWHERE),
    symbol="*",
    level=Level.PRODUCT,
    method="mul",
    latex=r"#1 \cdot #2",
    words={"onnx": "Mul"},
)
sub: Op = Op(
    "sub",
    lambda x, y: x - y,
    (lambda x, y, z: 1, lambda x, y, z: -1),
    "the difference",
    (ANYWHERE, ANYWHERE),
    symbol="-",
    level=Level.SUM,
    method="sub",
    words={"onnx": "Sub"},
)
div: Op = Op(
    "div",
    lambda x, y: x / y,
    (lambda x, y, z: 1 / y, lambda x, y, z: -z / y),
    "the quotient; x / 0 is an infinity, 0 / 0 is nan",
    (ANYWHERE, POSITIVE),
    symbol="/",
    level=Level.PRODUCT,
    method="truediv",
    latex=r"\frac{#1}{#2}",
    words={"python": "divide", "onnx": "Div"},
)
pow: Op = Op(
    "pow",
    lambda x, y: x**y,
    (
        lambda x, y, z: where(abs(y) <= 0, 0, y * x ** (y - 1)),
        lambda x, y, z: where(abs(x) <= 0, where(y >= 0, 0, z * log(x)), z * log(x)),
    ),
    "x to the power of y; a fractional power of a negative x is nan",
    (POSITIVE, ANYWHERE),
    symbol="**",
    level=Level.POWER,
    method="pow",
    latex=r"#1^{#2}",
    convention="x**0 has the derivative 0 in x everywhere, and 0**y the derivative 0 in y for y >= 0",
    words={
        "python": "power",
        "c": "pow",
        "javascript": "((x, y) => (x === 1 || (x === -1 && Math.abs(y) === Infinity) ? 1 : x ** y))",  # as C's pow
        "onnx": "Pow",
    },
)
neg: Op = Op(
    "neg",
    lambda x: -x,
    (lambda x, z: -1,),
    "the negative",
    (ANYWHERE,),
    symbol="-",
    level=Level.SUM,
    method="neg",
    words={"onnx": "Neg"},
)
pos: Op = Op(
    "pos",
    lambda x: +x,
    (lambda x, z: 1,),
    "x itself, as a new node",
    (ANYWHERE,),
    symbol="+",
    level=Level.SUM,
    method="pos",
    words={"onnx": "Identity"},
)
abs: Op = Op(
    "abs",
    None,
    (lambda x, z: where(x > 0, 1, where(x < 0, -1, 0)),),
    "the magnitude",
    (ANYWHERE,),
    method="abs",
    latex=r"\left|{#1}\right|",
    kink=lambda x: x,
    convention="abs'(0) = 0, between the slopes -1 on the left and 1 on the right",
    words={"python": "absolute", "c": "fabs", "onnx": "Abs"},
)
relu: Op = Op(
    "relu",
    lambda x: where(x < 0, 0, x),
    (lambda x, z: where(x <= 0, 0, 1),),
    "the rectifier: 0 for x < 0, x for x >= 0",
    (ANYWHERE,),
    latex=r"\mathrm{ReLU}",
    kink=lambda x: x,
    convention="relu'(0) = 0, the slope on the left, as in PyTorch; the slope on the right is 1",
    words={"onnx": "Relu"},
)
leaky_relu: Op = Op(
    "leaky_relu",
    lambda x, slope=0.01: where(x > 0, x, slope * x),
    (lambda x, slope, z: where(x > 0, 1, slope), lambda x, slope, z: where(x > 0, 0, x)),
    "x for x > 0, slope * x for x <= 0; the parametric ReLU if slope is a Value",
    (ANYWHERE, (0.05, 0.9)),
    latex=r"\mathrm{LeakyReLU}",
    kink=lambda x, slope: x,
    convention="at x = 0 the derivative is the slope on the left, as in PyTorch; the slope on the right is 1",
)
elu: Op = Op(
    "elu",
    lambda x, alpha=1.0: where(x <= 0, alpha * expm1(x), x),
    (lambda x, alpha, z: where(x <= 0, alpha * exp(x), 1), lambda x, alpha, z: where(x > 0, 0, expm1(x))),
    "the exponential linear unit: alpha * (e**x - 1) for x <= 0, x for x > 0",
    (ANYWHERE, (0.2, 2.0)),
    latex=r"\mathrm{ELU}",
    kink=lambda x, alpha: x,
    convention="at x = 0 the derivative is alpha, the slope on the left; the slope on the right is 1",
)
sigmoid: Op = Op(
    "sigmoid",
    lambda x: 1 / (1 + exp(-x)),
    (lambda x, z: z * (1 - z),),
    "the logistic function 1 / (1 + e**-x)",
    (ANYWHERE,),
    latex=r"\sigma",
)
tanh: Op = Op(
    "tanh",
    None,
    (lambda x, z: 1 - z * z,),
    "the hyperbolic tangent",
    (ANYWHERE,),
    latex=r"\tanh",
    words={"onnx": "Tanh"},
)
softplus: Op = Op(
    "softplus",
    lambda x: where(x > 0, x, 0) + log1p(exp(-abs(x))),
    (lambda x, z: sigmoid(x),),
    "log(1 + e**x), in a form that does not overflow",
    (ANYWHERE,),
    latex=r"\ln\left(1 + e^{#1}\right)",
)
exp: Op = Op("exp", None, (lambda x, z: z,), "e to the power of x", (ANYWHERE,), latex=r"e^{#1}", words={"onnx": "Exp"})
expm1: Op = Op(
    "expm1",
    None,
    (lambda x, z: exp(x),),
    "e**x - 1, accurate near 0",
    (ANYWHERE,),
    latex=r"\left(e^{#1} - 1\right)",
    words={"onnx": lambda x: tanh(x / 2) * (exp(x) + 1)},  # since tanh(x / 2) is (e**x - 1) / (e**x + 1)
)
log: Op = Op(
    "log",
    None,
    (lambda x, z: 1 / x,),
    "the natural logarithm; -inf at 0, nan below",
    (POSITIVE,),
    latex=r"\ln",
    words={"onnx": "Log"},
)
log1p: Op = Op(
    "log1p",
    None,
    (lambda x, z: 1 / (1 + x),),
    "log(1 + x), accurate near 0",
    ((-0.9, 3.0),),
    words={"onnx": lambda x: where(abs(1 + x - 1) <= 0, x, log(1 + x) * where(abs(x) <= 1, x / (1 + x - 1), 1))},
    # log(1 + x) alone loses the digits of a small x; the quotient corrects this
)
sqrt: Op = Op(
    "sqrt",
    None,
    (lambda x, z: 1 / (2 * z),),
    "the square root; nan below 0",
    (POSITIVE,),
    latex=r"\sqrt{#1}",
    words={"onnx": "Sqrt"},
)
sin: Op = Op(
    "sin", None, (lambda x, z: cos(x),), "the sine of x radians", (ANYWHERE,), latex=r"\sin", words={"onnx": "Sin"}
)
cos: Op = Op(
    "cos", None, (lambda x, z: -sin(x),), "the cosine of x radians", (ANYWHERE,), latex=r"\cos", words={"onnx": "Cos"}
)
tan: Op = Op("tan", None, (lambda x, z: 1 + z * z,), "the tangent of x radians", ((-1.4, 1.4),), latex=r"\tan")
asin: Op = Op(
    "asin",
    None,
    (lambda x, z: 1 / sqrt(1 - x * x),),
    "the arc sine in radians; nan outside [-1, 1]",
    ((-0.9, 0.9),),
    latex=r"\arcsin",
    words={"numpy": "arcsin"},
)
acos: Op = Op(
    "acos",
    None,
    (lambda x, z: -1 / sqrt(1 - x * x),),
    "the arc cosine in radians; nan outside [-1, 1]",
    ((-0.9, 0.9),),
    latex=r"\arccos",
    words={"numpy": "arccos"},
)
atan: Op = Op(
    "atan",
    None,
    (lambda x, z: 1 / (1 + x * x),),
    "the arc tangent in radians",
    (ANYWHERE,),
    latex=r"\arctan",
    words={"numpy": "arctan"},
)
sinh: Op = Op("sinh", None, (lambda x, z: cosh(x),), "the hyperbolic sine", (ANYWHERE,), latex=r"\sinh")
cosh: Op = Op("cosh", None, (lambda x, z: sinh(x),), "the hyperbolic cosine", (ANYWHERE,), latex=r"\cosh")
maximum: Op = Op(
    "maximum",
    lambda x, y: where(x >= y, x, where(x < y, y, x + y)),
    (
        lambda x, y, z: where(x < y, 0, where(x <= y, 1 / 2, 1)),
        lambda x, y, z: where(y < x, 0, where(y <= x, 1 / 2, 1)),
    ),
    "the larger of two numbers; nan if one of them is nan",
    (ANYWHERE, ANYWHERE),
    latex=r"\max",
    kink=lambda x, y: x - y,
    convention="if x = y, each operand has the derivative 1/2, as in PyTorch",
)
minimum: Op = Op(
    "minimum",
    lambda x, y: where(x <= y, x, where(x > y, y, x + y)),
    (
        lambda x, y, z: where(x > y, 0, where(x >= y, 1 / 2, 1)),
        lambda x, y, z: where(y > x, 0, where(y >= x, 1 / 2, 1)),
    ),
    "the smaller of two numbers; nan if one of them is nan",
    (ANYWHERE, ANYWHERE),
    latex=r"\min",
    kink=lambda x, y: x - y,
    convention="if x = y, each operand has the derivative 1/2, as in PyTorch",
)
log2: Op = Op(
    "log2",
    None,
    (lambda x, z: 1 / (x * log(2)),),
    "the logarithm to base 2; -inf at 0, nan below",
    (POSITIVE,),
    latex=r"\log_2",
    words={"onnx": lambda x: log(x) / log(2)},
)
log10: Op = Op(
    "log10",
    None,
    (lambda x, z: 1 / (x * log(10)),),
    "the logarithm to base 10; -inf at 0, nan below",
    (POSITIVE,),
    latex=r"\log_{10}",
    words={"onnx": lambda x: log(x) / log(10)},
)
exp2: Op = Op(
    "exp2",
    None,
    (lambda x, z: z * log(2),),
    "2 to the power of x",
    (ANYWHERE,),
    latex="2^{#1}",
    words={"javascript": lambda x: 2**x, "onnx": lambda x: 2**x},
)
cbrt: Op = Op(
    "cbrt",
    None,
    (lambda x, z: 1 / (3 * z * z),),
    "the cube root, also of a negative x; its slope at 0 is inf",
    (POSITIVE,),
    latex=r"\sqrt[3]{#1}",
    words={"onnx": lambda x: where(x < 0, -(abs(x) ** (1 / 3)), x ** (1 / 3))},
)
hypot: Op = Op(
    "hypot",
    None,
    (lambda x, y, z: where(z <= 0, 0, x / z), lambda x, y, z: where(z <= 0, 0, y / z)),
    "the length sqrt(x**2 + y**2) of the vector (x, y), without overflow",
    (ANYWHERE, ANYWHERE),
    latex=r"\sqrt{#1^2 + #2^2}",
    kink=lambda x, y: abs(x) + abs(y),
    convention="at (0, 0) both derivatives are 0, between the slopes -1 on the left and 1 on the right",
    words={"onnx": lambda x, y: sqrt(x * x + y * y)},
)
atan2: Op = Op(
    "atan2",
    None,
    (
        lambda y, x, z: where(x * x + y * y <= 0, 0, x / (x * x + y * y)),
        lambda y, x, z: where(x * x + y * y <= 0, 0, -y / (x * x + y * y)),
    ),
    "the angle of the point (x, y) in radians, from -pi to pi; y is the first operand",
    (ANYWHERE, POSITIVE),
    convention="at (0, 0) both derivatives are 0, as in PyTorch",
    words={"numpy": "arctan2"},
)
asinh: Op = Op(
    "asinh",
    None,
    (lambda x, z: 1 / sqrt(1 + x * x),),
    "the inverse of sinh",
    (ANYWHERE,),
    latex=r"\mathrm{arsinh}",
    words={
        "numpy": "arcsinh",
        "onnx": lambda x: (
            where(x < 0, -1, 1)
            * where(
                abs(x) < 1,
                log1p(abs(x) + x * x / (1 + sqrt(1 + x * x))),
                log(abs(x)) + log(1 + sqrt(1 + 1 / x / x)),
            )
        ),
    },
)
acosh: Op = Op(
    "acosh",
    None,
    (lambda x, z: 1 / sqrt((x - 1) * (x + 1)),),
    "the inverse of cosh, from 0 up; nan below 1",
    ((1.2, 4.0),),
    latex=r"\mathrm{arcosh}",
    words={"numpy": "arccosh", "onnx": lambda x: log1p(x - 1 + sqrt(x - 1) * sqrt(x + 1))},
)
atanh: Op = Op(
    "atanh",
    None,
    (lambda x, z: 1 / ((1 - x) * (1 + x)),),
    "the inverse of tanh; an infinity at -1 and 1, nan outside",
    ((-0.9, 0.9),),
    latex=r"\mathrm{artanh}",
    words={"numpy": "arctanh", "onnx": lambda x: log1p(2 * x / (1 - x)) / 2},
)


def _erf_near_zero(x: Any) -> Any:
    """Return erf(x) for abs(x) < 2, by its series: 2 / sqrt(pi) e**-x**2 (x + 2 x**3 / 3 + 4 x**5 / 15 + ...)."""
    total: Any = 1
    for n in range(30, 0, -1):
        total = 1 + x * x / (n + 1 / 2) * total
    return 2 / math.sqrt(math.pi) * x * exp(-x * x) * total


def _erfc_from_2(x: Any) -> Any:
    """Return erfc(x) for x >= 2, by its continued fraction: e**-x**2 / sqrt(pi) / (x + 1/2 / (x + 1 / (x + ...)))."""
    total = x
    for n in range(50, 0, -1):
        total = x + n / 2 / total
    return exp(-x * x) / math.sqrt(math.pi) / total


def _erf(x: Any) -> Any:
    """Return erf(x) for languages that do not have it."""
    far = where(x < 0, -1, 1) * (1 - _erfc_from_2(abs(x)))
    return where(abs(x) < 2, _erf_near_zero(x), far)


def _erfc(x: Any) -> Any:
    """Return erfc(x) for languages that do not have it."""
    far = where(x < 0, 2, 0) + where(x < 0, -1, 1) * _erfc_from_2(abs(x))
    return where(abs(x) < 2, 1 - _erf_near_zero(x), far)


erf: Op = Op(
    "erf",
    None,
    (lambda x, z: 2 / math.sqrt(math.pi) * exp(-(x**2)),),
    "the error function 2 / sqrt(pi) times the integral of e**-t**2 from 0 to x",
    (ANYWHERE,),
    words={"javascript": _erf, "onnx": _erf},
)
erfc: Op = Op(
    "erfc",
    None,
    (lambda x, z: -(2 / math.sqrt(math.pi) * exp(-(x**2))),),
    "1 - erf(x), accurate for a large x",
    (ANYWHERE,),
    words={"javascript": _erfc, "onnx": _erfc},
)
silu: Op = Op(
    "silu",
    lambda x: x * sigmoid(x),
    (lambda x, z: z + sigmoid(x) * (1 - z),),
    "x * sigmoid(x), also called swish",
    (ANYWHERE,),
    latex=r"#1 \cdot \sigma(#1)",
)
gelu: Op = Op(
    "gelu",
    lambda x: x * erfc(-(math.sqrt(1 / 2) * x)) / 2,  # erfc(-t) is 1 + erf(t), which loses its digits for t < 0
    (lambda x, z: erfc(-(math.sqrt(1 / 2) * x)) / 2 + 1 / math.sqrt(2 * math.pi) * x * exp(-(x**2 / 2)),),
    "x * (1 + erf(x / sqrt(2))) / 2, exactly: not the approximation with tanh",
    (ANYWHERE,),
    latex=r"\frac{#1}{2} \cdot \left(1 + \mathrm{erf}\left(\frac{#1}{\sqrt{2}}\right)\right)",
)
softsign: Op = Op(
    "softsign",
    lambda x: x / (1 + abs(x)),
    (lambda x, z: 1 / (1 + abs(x)) ** 2,),
    "x / (1 + |x|)",
    (ANYWHERE,),
    latex=r"\frac{#1}{1 + \left|{#1}\right|}",
)

if not TYPE_CHECKING:  # a type checker reads the names above; it cannot read a computed list
    __all__ = [op.name for op in TABLE]
