// The current step in words and as a formula: the step's template, filled with its names and numbers.

const LONG = 240; // in characters of MathML; a shorter formula fits into a line

/** The names and numbers that fill the places of a step's template. */
function placesOf(program, pass, index) {
  const step = program.steps[index];
  const event = pass.events[index];
  const root = program.nodes.length - 1;
  const source = program.nodes[step.kind === "posting" ? step.source : step.node];
  const places = {
    name: program.nodes[step.node].math,
    through: source.math,
    loss: program.nodes[root].math,
    upstream: event.upstream,
    local: event.local,
  };
  if (event.known) program.update.names.forEach((name, number) => (places[`quantity${number}`] = event.known[name]));
  source.operands.forEach((operand, position) => {
    places[`operand${position}`] = program.nodes[operand].math;
    places[`value${position}`] = pass.values[operand];
  });
  return places;
}

/** MathML elements with their places filled. */
function filled(elements, places) {
  return elements.replace(/<mrow data-place="(\w+)"( data-fenced="")? ?\/>/g, (_, place, fenced) => {
    const content = places[place];
    return `<mrow>${typeof content === "string" ? content : numberMath(content, Boolean(fenced))}</mrow>`;
  });
}

/** The parts of a step: its name and sign, the formula in symbols and in numbers, and the result. */
function stepParts(program, pass, step) {
  const template = program.templates[step.template];
  const places = placesOf(program, pass, step.at);
  return {
    name: filled(template.name, places),
    sign: step.kind === "posting" ? "+=" : "=",
    parts: template.parts.map((part) => filled(part, places)),
    result: resultOf(program, pass, step),
  };
}

/** A formula as HTML, without what is hidden. Each part with its sign is one piece: a long line breaks before a sign. */
function formulaHtml(program, pass, entry, hidden) {
  const { name, sign, result, parts: all } = (entry.forms ? lineParts : stepParts)(program, pass, entry);
  const last = `<mrow>${numberMath(result, false)}</mrow>`;
  const shown = hidden >= HIDES_FORMULA ? [] : hidden >= HIDES_NUMBERS ? all.slice(0, -1) : all;
  const parts = shown.filter((part, k) => part && part !== shown[k - 1] && part !== last);
  parts.push(hidden ? '<mtext class="unknown">?</mtext>' : last);
  const written = parts.map((part, k) => {
    const lead = `<mo lspace="0.28em" rspace="0.28em">${k ? "=" : sign}</mo>`;
    return breakable(`${k ? "" : name}${lead}${part}`, k === parts.length - 1 ? "result" : "part");
  });
  return written.join(" ");
}

/** A line's formula in symbols as HTML, or its name only. */
function symbolsHtml({ name, forms: [[symbols]] }, level) {
  return breakable(level >= HIDES_FORMULA ? name : `${name}<mo>=</mo>${symbols}`, "part");
}

/** MathML elements in a <math>; a long sum, or a product with a choice, in several, since a browser breaks a line only between these. */
function breakable(elements, kind) {
  if (elements.length < LONG) return `<math class="${kind}">${elements}</math>`;
  const pieces = [document.createElement("div")];
  const rows = [...mathElement(elements).children];
  const children = rows.flatMap((row) => (row.localName === "mrow" && row.children.length > 3 ? [...row.children] : [row]));
  children.forEach((child, k) => {
    const before = pieces.at(-1).lastElementChild;
    const isFactor = child.textContent === "·" && children[k + 1]?.querySelector("mtable");
    const isTerm = /^[+−-]$/.test(child.textContent) && before && !/^[(=·]$/.test(before.textContent);
    if (isTerm || isFactor) {
      child.setAttribute("form", "infix");
      pieces.push(document.createElement("div"));
    }
    pieces.at(-1).append(child);
  });
  if (pieces.length === 1) return `<math class="${kind}">${elements}</math>`;
  return `<span class="sum">${pieces.map((piece) => `<math class="${kind}">${piece.innerHTML}</math>`).join("<wbr>")}</span>`;
}

/** What an entry changed, and why, in sentences. */
function explanations(program, moment) {
  const { entry } = moment;
  if (entry === null) return ["Nothing is computed yet. Unknown numbers are shown as -."];
  if (entry.part) return entry.opens ? [`Open ${entry.part} in the picture to see each of its steps.`] : [];
  return entry.forms ? lineExplanations(program, moment) : stepExplanations(program, moment, entry);
}

/** Why a line's result is 0, from the first of its steps that says it; and what the lines after an update use. */
function lineExplanations(program, moment) {
  const { entry, pass, steps } = moment;
  if (moment.hidden) return [];
  const isLast = steps.length && steps.at(-1).kind === "updated";
  if (isLast) {
    const name = program.nodes[entry.node].name;
    return [`${name} was ${shown(pass.values[entry.node])}. The other lines of this pass use that number.`];
  }
  for (const index of entry.steps) {
    const step = program.steps[index];
    const [found] = step.kind === "computed" ? flatness(program, pass, step.node)
      : isOneFunction(program, step) && pass.events[index].local === 0 ? blockage(program, pass, index) : [];
    if (found) return [found];
  }
  return [];
}

/** Whether a step is a contribution through a function of one operand. */
function isOneFunction(program, step) {
  return step.kind === "posting" && program.nodes[step.source].operands.length === 1;
}

function stepExplanations(program, moment, step) {
  const event = moment.pass.events[step.at];
  const name = program.nodes[step.node].name;
  const result = moment.hidden ? "?" : shown(event.result);
  if (step.kind === "computed") return moment.hidden ? [] : flatness(program, moment.pass, step.node);
  if (step.line !== undefined) {
    const was = event.before === null ? "" : ` was ${shown(event.before)}, and`;
    return [`${stepText(program, step, "said")}${was} is ${result}.`];
  }
  const sentences = [`The gradient of ${name} was ${shown(event.before)}, and is ${result}.`];
  if (step.kind === "posting" && !moment.hidden) sentences.push(...blockage(program, moment.pass, step.at));
  return sentences;
}

/** Sentences for a ReLU that is off, or an operation at its kink, when it is computed. */
function flatness(program, pass, number) {
  const node = program.nodes[number];
  if (isAtKink(program, pass, number)) return [`This is the kink: ${program.conventions[node.op]}.`];
  if (!isOff(program, pass, number)) return [];
  const operand = node.operands[0];
  const place = `${program.nodes[operand].name} = ${shown(pass.values[operand])}`;
  return [`${node.op} is flat at ${place}: no gradient will flow back through it.`];
}

function isAtKink(program, pass, number) {
  const node = program.nodes[number];
  const { kink } = operations[node.op];
  return kink !== null && node.op in program.conventions && kink(...node.operands.map((operand) => pass.values[operand])) === 0;
}

/** Whether a node is a ReLU, or a similar function, that lets no gradient through. */
function isOff(program, pass, number) {
  return Boolean(operations[program.nodes[number].op]?.flat) && pass.partials[number][0] === 0;
}

/** Why a contribution is 0; or why it is nan although one factor is 0. */
function blockage(program, pass, index) {
  const [step, event] = [program.steps[index], pass.events[index]];
  const [source, name] = [program.nodes[step.source], program.nodes[step.node].name];
  if (Number.isNaN(event.amount)) {
    const { upstream, local } = event;
    if (local !== 0 && upstream !== 0) return [];
    return [`A factor 0 does not stop inf or nan: ${shown(upstream)} times ${shown(local)} is nan.`];
  }
  if (event.local !== 0) return event.upstream === 0 ? [`Nothing arrives: the gradient of ${source.name} is 0.`] : [];
  const off = isOff(program, pass, step.source);
  const dead = off ? ` If ${source.op} is off for every sample, its unit is dead: it learns nothing.` : "";
  if (source.operands.length === 1 && isAtKink(program, pass, step.source)) {
    return [`Blocked: this is the kink, where ${program.conventions[source.op]}.${dead}`];
  }
  if (!off) return [`Blocked: the local derivative is 0, so no gradient reaches ${name} on this edge.`];
  const number = shown(pass.values[source.operands[0]]);
  return [`Blocked: ${source.op} is flat at ${name} = ${number}, so no gradient reaches ${name} on this edge.${dead}`];
}

/** The name of what an entry computes. */
function nameOf(entry) {
  return entry.text.split(/ \+?= /)[0];
}

/** A step or line as plain text with its result, for screen readers. */
function entryText(program, pass, entry, hidden) {
  if (hidden >= HIDES_FORMULA) return `${nameOf(entry)} = ?`;
  const end = ` = ${hidden ? "?" : shown(resultOf(program, pass, entry))}`;
  return entry.text.endsWith(end) ? entry.text : entry.text + end;
}
