// The present step in words and as a formula: the template of the step, filled with the names and numbers of the moment.

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
    before: event.before,
    rate: pass.rate,
    gradient: event.gradient,
  };
  source.operands.forEach((operand, position) => {
    places[`operand${position}`] = program.nodes[operand].math;
    places[`value${position}`] = pass.values[operand];
  });
  return places;
}

/** Elements of MathML with their places filled. */
function filled(elements, places) {
  return elements.replace(/<mrow data-place="(\w+)"( data-fenced="")? ?\/>/g, (_, place, fenced) => {
    const content = places[place];
    return `<mrow>${typeof content === "string" ? content : numberMath(content, Boolean(fenced))}</mrow>`;
  });
}

/** A step's formula as HTML: each part with its sign is a piece, so that a long line breaks before a sign. */
function formulaHtml(program, pass, index, hidden) {
  const step = program.steps[index];
  const template = program.templates[step.template];
  const places = placesOf(program, pass, index);
  const result = pass.events[index][step.kind === "posting" ? "amount" : "result"];
  const parts = template.parts.map((part) => filled(part, places)).filter((part, k, all) => part !== all[k - 1]);
  const last = `<mrow>${numberMath(result, false)}</mrow>`;
  if (parts.at(-1) !== last) parts.push(hidden ? '<mtext class="unknown">?</mtext>' : last);
  const sign = step.kind === "posting" ? "+=" : "=";
  const pieces = parts.map((part, k) => {
    const name = k ? "" : filled(template.name, places);
    const lead = `<mo lspace="0.28em" rspace="0.28em">${k ? "=" : sign}</mo>`;
    return `<math class="${k === parts.length - 1 ? "result" : "part"}">${name}${lead}${part}</math>`;
  });
  return pieces.join(" ");
}

/** What changed by a step, and why, in plain sentences. */
function explanations(program, moment) {
  const { step, event } = moment;
  if (step === null) return ["Nothing is computed yet: a number that is not known shows as -."];
  const name = program.nodes[step.node].name;
  const result = moment.hidden ? "?" : shown(event.result);
  if (step.kind === "computed") return [...flatness(program, moment, step.node)];
  if (step.kind === "updated") return [`${name} was ${shown(event.before)}, and is ${result}.`];
  const sentences = [`The gradient of ${name} was ${shown(event.before)}, and is ${result}.`];
  if (step.kind === "posting") sentences.push(...blockage(program, moment, name));
  return sentences;
}

/** Where an operation is flat, or stands at its kink, say so when it is computed. */
function flatness(program, moment, number) {
  const node = program.nodes[number];
  const inputs = node.operands.map((operand) => moment.pass.values[operand]);
  const { kink } = operations[node.op];
  if (kink !== null && kink(...inputs) === 0 && program.conventions[node.op]) {
    return [`This is the kink: ${program.conventions[node.op]}.`];
  }
  if (!isFlat(program, moment.pass, number)) return [];
  const operand = program.nodes[node.operands[0]].name;
  return [`${node.op} is flat at ${operand} = ${shown(inputs[0])}: no gradient will come back through it.`];
}

/** Whether an operation with a kink has the local derivative 0 in an operand that varies, such as a dead ReLU. */
function isFlat(program, pass, number) {
  const node = program.nodes[number];
  const varying = pass.partials[number].filter((partial) => partial !== null);
  return node.op !== null && node.operands.length === 1 && operations[node.op].kink !== null && varying[0] === 0;
}

function blockage(program, moment, name) {
  const { step, event, pass } = moment;
  const source = program.nodes[step.source];
  if (event.local === 0 && isFlat(program, pass, step.source)) {
    const number = shown(pass.values[source.operands[0]]);
    const dead = source.op === "relu" ? " A unit whose ReLU is off for every sample is dead: it learns nothing." : "";
    return [`Blocked: ${source.op} is flat at ${name} = ${number}, so nothing gets through to ${name}.${dead}`];
  }
  if (event.local === 0) return [`Blocked: the local derivative is 0, so nothing gets through to ${name} here.`];
  if (event.upstream === 0) return [`Nothing arrives: the gradient of ${source.name} is 0.`];
  return [];
}

/** A step as plain text with its result, for the list's titles and for screen readers. */
function stepText(program, pass, index, hidden) {
  const step = program.steps[index];
  const result = pass.events[index][step.kind === "posting" ? "amount" : "result"];
  if (step.kind === "seed") return step.text;
  return `${step.text} = ${hidden ? "?" : shown(result)}`;
}
