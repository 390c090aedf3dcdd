// The readings of a pass: by contribution, one step for each number; by line, one equation for each named quantity; by
// part, where the steps inside a box of the picture are one.

const PHASES = { computed: "Forward", seed: "Backward", posting: "Backward", prepared: "Update", updated: "Update" };
const UNITS = { line: "Line", step: "Step", part: "Part" };
const CLOSE = 1e-9; // how close a taught formula must be to the result, relative to it

/** A reading: its entries, which are steps or lines, and what is known after each. An entry does some of the steps. */
class Reading {
  constructor(program, unit, units) {
    this.unit = unit;
    this.entries = {
      line: () => program.lines.map((line, index) => ({ ...line, index })),
      step: () => program.steps.map((_, at) => ({ ...entryOf(program, at), index: at })),
      part: () => partsOf(program, units),
    }[unit]();
    this.count = this.entries.length;
    this.doneAt = program.steps.map(() => Infinity); // a line does not write the gradient of an input, for example
    for (const { steps, index } of this.entries) for (const step of steps) this.doneAt[step] = index + 1;
    this.order = new Order(program, this.doneAt);
    this.steps = program.steps;
  }

  /**
   * The position at which another reading is at the same place: after the last step of the present node. By part, which
   * changes the order, what is known there is known here too.
   */
  positionIn(other, position) {
    if (position === this.count) return other.count;
    if (other.unit === "part") {
      const next = other.entries.findIndex(({ steps }) => steps.some((step) => this.doneAt[step] > position));
      return next < 0 ? other.count : next;
    }
    const entry = this.entries.slice(0, position).findLast(({ steps }) => steps.length);
    if (!entry) return 0;
    const step = entry.steps.findLast((number) => this.steps[number].node === entry.node) ?? entry.steps.at(-1);
    return other.doneAt.slice(0, step + 1).findLast(Number.isFinite) ?? 0;
  }
}

/** A step as an entry of a reading; `at` is its number. */
function entryOf(program, at) {
  const step = program.steps[at];
  const texts = { text: stepText(program, step, "text"), sentence: stepText(program, step, "sentence") };
  return { ...step, ...texts, at, heading: PHASES[step.kind], steps: [at] };
}

/** The steps by what is visible: those that follow one another inside a box that holds several nodes are one entry. */
function partsOf(program, units) {
  const runs = [];
  for (const at of stepsByUnit(program, units)) {
    const unit = units.of(whereOf(program.steps[at]));
    const last = runs.at(-1);
    const heading = PHASES[program.steps[at].kind];
    const isMore = last && last.unit === unit && last.heading === heading && unit?.node === undefined;
    if (isMore) last.steps.push(at);
    else runs.push({ unit, heading, steps: [at] });
  }
  return runs.map(({ unit, heading, steps }, index) => {
    const entry = entryOf(program, steps.at(-1));
    if (steps.length === 1) return { ...entry, index };
    const part = unit?.title ?? "the rest of the graph";
    return {
      ...entry,
      ...{ index, steps, part, opens: Boolean(unit?.path) },
      sentence: `${heading.toLowerCase()}: ${part}, ${steps.length} steps, the last:`,
      listed: `${part}, ${steps.length} steps`,
    };
  });
}

/** The node that does a step: for a contribution, the one that it comes from. */
function whereOf(step) {
  return step.kind === "posting" ? step.source : step.node;
}

/** The numbers of the steps, box after box where no box waits for another that waits for it; else in their order. */
function stepsByUnit(program, units) {
  const boxOf = (node) => (units.places[node] < 0 ? units.all.length + node : units.places[node]);
  const steps = { Forward: new Map(), Backward: new Map(), Update: new Map() };
  program.steps.forEach((step, at) => {
    const phase = PHASES[step.kind];
    const box = phase === "Update" ? units.places[step.node] : boxOf(whereOf(step)); // updates wait for no others
    const ofPhase = steps[phase];
    if (ofPhase.has(box)) ofPhase.get(box).push(at);
    else ofPhase.set(box, [at]);
  });
  const order = orderedBoxes(program, boxOf);
  if (!order) return program.steps.keys();
  const of = (phase, boxes) => boxes.flatMap((box) => steps[phase].get(box) ?? []);
  return [...of("Forward", order), ...of("Backward", order.reverse()), ...of("Update", [...steps.Update.keys()])];
}

/** The boxes, each after those that it needs, else by their last nodes; null if some need each other. */
function orderedBoxes(program, boxOf) {
  const needs = new Map();
  program.nodes.forEach(({ operands }, node) => {
    const box = boxOf(node);
    const needed = needs.get(box) ?? new Set();
    needs.delete(box);
    needs.set(box, needed); // now behind the boxes whose last nodes come before
    for (const operand of operands) if (boxOf(operand) !== box) needed.add(boxOf(operand));
  });
  const done = new Set();
  const open = new Set();
  for (const first of needs.keys()) {
    const waiting = [first];
    while (waiting.length) {
      const box = waiting.at(-1);
      const missing = done.has(box) ? [] : [...needs.get(box)].filter((needed) => !done.has(needed));
      if (missing.some((needed) => open.has(needed))) return null;
      if (missing.length) {
        open.add(box);
        waiting.push(missing[0]);
      } else {
        open.delete(waiting.pop());
        done.add(box);
      }
    }
  }
  return [...done];
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
