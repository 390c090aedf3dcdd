// The two readings of a pass: by contribution, one step for each number; by line, one equation for each named quantity.

const PHASES = { computed: "Forward", seed: "Backward", posting: "Backward", prepared: "Update", updated: "Update" };
const CLOSE = 1e-9; // how close a taught formula must be to the result, relative to it

/** A reading: its entries, which are steps or lines, and what is known after each. An entry does some of the steps. */
class Reading {
  constructor(program, unit) {
    this.unit = unit;
    this.entries = unit === "line"
      ? program.lines.map((line, index) => ({ ...line, index }))
      : program.steps.map((step, index) => ({ ...step, index, heading: PHASES[step.kind], steps: [index] }));
    this.count = this.entries.length;
    this.doneAt = program.steps.map(() => Infinity); // a line does not write the gradient of an input, for example
    for (const { steps, index } of this.entries) for (const step of steps) this.doneAt[step] = index + 1;
    this.order = new Order(program, this.doneAt);
    this.steps = program.steps;
  }

  /** The position at which another reading is at the same place: after the last step of the present node. */
  positionIn(other, position) {
    const entry = this.entries.slice(0, position).findLast(({ steps }) => steps.length);
    if (!entry) return 0;
    const step = entry.steps.findLast((number) => this.steps[number].node === entry.node) ?? entry.steps.at(-1);
    return other.doneAt.slice(0, step + 1).findLast(Number.isFinite) ?? 0;
  }
}

/** A number of a line: see Reference in lines.py. */
function numberOf(program, pass, [kind, at, name]) {
  if (kind === "data") return pass.values[at];
  if (kind === "gradient") return pass.gradients[at];
  if (kind === "before") return pass.events[at].known[name];
  if (kind === "after") return pass.events[at].result;
  const { forms } = program.lines[at];
  return lineFunctions[at][0].value(numbersOf(program, pass, forms[0]));
}

/** The numbers for the places of a form of a line. */
function numbersOf(program, pass, [, , references]) {
  return references.map((reference) => numberOf(program, pass, reference));
}

/** The parts of a line: its name, the formula in symbols and in numbers, and the result. */
function lineParts(program, pass, line) {
  const result = numberOf(program, pass, line.result);
  const number = line.forms.findIndex((_, form) => isTrue(program, pass, line, form, result));
  const [symbols, template] = line.forms[number];
  const numbers = numbersOf(program, pass, line.forms[number]);
  const places = Object.fromEntries(numbers.map((found, place) => [`quantity${place}`, found]));
  const choices = (lineFunctions[line.index]?.[number].choices ?? []).map((choice) => choice(numbers) === 1);
  return { name: line.name, sign: "=", parts: [symbols, marked(filled(template, places), choices)], result };
}

/** Whether a form of a line holds for the present numbers; the last one always does. */
function isTrue(program, pass, line, form, result) {
  if (form === line.forms.length - 1) return true;
  const found = lineFunctions[line.index][form].value(numbersOf(program, pass, line.forms[form]));
  return Math.abs(found - result) <= CLOSE * Math.max(Math.abs(found), Math.abs(result));
}

/** MathML elements in which the case that holds is marked; `choices` say of each choice whether it is the first case. */
function marked(elements, choices) {
  if (!choices.length) return elements;
  const holder = mathElement(elements);
  [...holder.querySelectorAll("mtable")].forEach((table, place) => {
    const [yes, no] = [...table.children].filter((row) => row.localName === "mtr");
    (choices[place] ? yes : no)?.classList.add("taken");
    (choices[place] ? no : yes)?.classList.add("other");
  });
  return holder.innerHTML;
}
