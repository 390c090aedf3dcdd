// The program: nodes and steps, made from the JSON of the page, which holds each kind of step once.

/** The JSON of the page, with its pieces that repeat at their places: see packing.py. */
function storedProgram() {
  const pieces = JSON.parse(byId("pieces").textContent);
  const whole = (text) => text.replace(/[\u0100-\u07ff]/g, (code) => whole(pieces[code.charCodeAt() - 0x100]));
  return JSON.parse(whole(byId("program").textContent));
}

/** The program of a page: its nodes by name, and its steps in their order. */
function programOf(content) {
  const nodes = content.nodes.map((row, number) => new ProgramNode(content, row, number));
  return { ...content, nodes, steps: stepsOf(content, nodes) };
}

/** A node of the program. The MathML of its name is made when it is asked for: of many nodes it is never shown. */
class ProgramNode {
  #template;
  #math;

  constructor({ maths, forms }, row, number) {
    const own = forms[row[1]];
    [this.kind, this.form, this.operands, this.scope, this.data] = row;
    this.name = row[5] ?? `v${number}`;
    this.#template = maths[row[6]] ?? "<msub><mi>v</mi><mn>\x01</mn></msub>";
    this.named = row[7] ?? false;
    this.word = row[8] ?? this.name;
    this.source = row[9] ?? "";
    this.op = own?.op ?? null;
    this.varies = own ? own.postings.some((template) => template !== null) : this.kind === "leaf" || this.kind === "parameter";
  }

  get math() {
    return (this.#math ??= nameMath(this.name, this.#template));
  }
}

/** The MathML of a name, from its template, in which each number is a mark. */
function nameMath(name, template) {
  const numbers = name.match(/[0-9]+/g);
  let place = 0;
  return template.replaceAll("\x01", () => numbers[place++]);
}

/** The steps: every computation, the seed, the contributions from the last node to the first, the update of each leaf. */
function stepsOf({ forms, templates, update }, nodes) {
  const steps = [];
  nodes.forEach(({ form }, node) => form >= 0 && steps.push({ kind: "computed", node, template: forms[form].computed }));
  steps.push({ kind: "seed", node: nodes.length - 1, template: 0 });
  for (let source = nodes.length - 1; source >= 0; source -= 1) {
    const { form, operands } = nodes[source];
    forms[form]?.postings.forEach((template, position) => {
      if (template !== null) steps.push({ kind: "posting", node: operands[position], source, position, template });
    });
  }
  const first = templates.length;
  templates.push(...update.lines);
  for (const node of Object.keys(update.starts).map(Number)) {
    update.lines.forEach((_, line) => {
      steps.push({ kind: line === update.lines.length - 1 ? "updated" : "prepared", node, line, template: first + line });
    });
  }
  return steps;
}

/** A text of a step: its "sentence", its "text", or what its result is "said" to be. */
function stepText(program, step, which) {
  const through = program.nodes[step.kind === "posting" ? step.source : step.node];
  const nodes = { name: program.nodes[step.node], through, loss: program.nodes.at(-1) };
  through.operands.forEach((operand, position) => (nodes[`operand${position}`] = program.nodes[operand]));
  const text = program.templates[step.template][which];
  return text.replace(/\{(\w+)(!?)(\w*)\}/g, (_, place, isWord, end) => {
    const { name, word } = nodes[place];
    const needsParentheses = isWord && (word !== name || (end && name.includes("(")));
    return needsParentheses ? `(${name}${end})` : name + end;
  });
}
