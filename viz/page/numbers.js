// Reads numbers from JSON and from what people type, and writes them in texts and formulas.

const WORDS = { inf: Infinity, infinity: Infinity, "-inf": -Infinity, "-infinity": -Infinity, nan: NaN };
const RAISED = "⁺⁻⁰¹²³⁴⁵⁶⁷⁸⁹";
const POWER = /[*x×⋅·]10\^?\(?([-+]?\d+|[⁺⁻]?[⁰¹²³⁴-⁹]+)\)?$/i;
const TYPED = /^([-+]?(?:\d+\.?\d*|\.\d+))(?:e[-+]?\d+|\/(\d+\.?\d*|\.\d+))?$/i;

/** Read a number from JSON; infinities and nan are texts there. */
function numberFromJson(number) {
  return typeof number === "number" ? number : WORDS[number];
}

/** Read numbers by name from JSON. */
function numbersFromJson(numbers) {
  return Object.fromEntries(Object.entries(numbers).map(([name, number]) => [name, numberFromJson(number)]));
}

/** Write a number rounded to some significant digits, as format_number of autograd does; "-" for null. */
function shown(number, digits = DIGITS) {
  if (number === null) return "-";
  if (Number.isNaN(number)) return "nan";
  if (number === 0) return "0";
  const magnitude = Math.abs(number);
  const sign = number < 0 ? "-" : "";
  if (magnitude === Infinity) return `${sign}inf`;
  if (Number.isInteger(magnitude) && magnitude < 1e15) return sign + magnitude;
  const [mantissa, power] = roundedHalfEven(magnitude, digits).split("e");
  const exponent = Number(power);
  if (exponent < -4 || exponent >= digits) {
    const size = String(Math.abs(exponent)).padStart(2, "0");
    return `${sign}${withoutZeros(mantissa)}e${exponent < 0 ? "-" : "+"}${size}`;
  }
  const figures = mantissa.replace(".", "");
  if (exponent < 0) return sign + withoutZeros(`0.${"0".repeat(-exponent - 1)}${figures}`);
  return sign + withoutZeros(`${figures.slice(0, exponent + 1)}.${figures.slice(exponent + 1)}`);
}

/** Write with an exponent; ties round to even, but in JavaScript they round up. */
function roundedHalfEven(magnitude, digits) {
  if (!/5e/.test(magnitude.toExponential(digits))) return magnitude.toExponential(digits - 1); // no tie; this is fast
  const [figures, exponent] = magnitude.toExponential(100).split("e");
  const all = figures.replace(".", "");
  const isTie = /^50*$/.test(all.slice(digits)) && Number(all[digits - 1]) % 2 === 0;
  return isTie ? `${all[0]}.${all.slice(1, digits)}e${exponent}` : magnitude.toExponential(digits - 1);
}

function withoutZeros(decimal) {
  return decimal.includes(".") ? decimal.replace(/\.?0*$/, "") : decimal;
}

/** What was typed, as a plain decimal or fraction; the marking reads the same spellings, see answers.py. */
function plainText(text) {
  const clean = text.replace(/[\s_']/g, "").replace(/[−–‒‑—]/g, "-");
  const lowered = (power) => power.replace(/[⁺⁻⁰¹²³⁴-⁹]/g, (sign) => "+-0123456789"[RAISED.indexOf(sign)]);
  const plain = clean.replace(POWER, (_, power) => `e${lowered(power)}`);
  return plain.split(",").length === 2 && !plain.includes(".") ? plain.replace(",", ".") : plain;
}

/** Read what was typed: a finite decimal, a fraction such as 18/625, inf or nan; null for anything else. */
function typedNumber(text) {
  const plain = plainText(text);
  const word = plain.toLowerCase().replace(/^\+/, "");
  if (Object.hasOwn(WORDS, word)) return WORDS[word];
  const match = TYPED.exec(plain);
  const number = match?.[2] === undefined ? Number(plain) : match[1] / match[2];
  return match && Number.isFinite(number) ? number : null;
}

/** A number as MathML, with a power of ten for an exponent; in parentheses if it is fenced and negative. */
function numberMath(number, fenced) {
  const [mantissa, exponent] = shown(number).split("e");
  let elements = mathOf(mantissa);
  if (exponent) elements += `<mo>·</mo><msup><mn>10</mn><mrow>${mathOf(String(Number(exponent)))}</mrow></msup>`;
  const needed = fenced && (mantissa.startsWith("-") || exponent);
  return needed ? `<mo stretchy="false">(</mo>${elements}<mo stretchy="false">)</mo>` : elements;
}

function mathOf(decimal) {
  const digits = decimal.replace("-", "").replace("inf", "∞");
  return decimal.startsWith("-") && decimal !== "-" ? `<mo form="prefix">−</mo><mn>${digits}</mn>` : `<mn>${digits}</mn>`;
}
