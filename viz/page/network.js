// The network diagram: shows the same moment in the circles and on the edges of a network.

const NETWORK_TEXT = 10; // the size of the diagram's texts, in units of the picture

class NetworkDiagram {
  constructor(host, program, diagram, onChosen, onLeft) {
    this.program = program;
    this.diagram = diagram;
    this.view = new View(host);
    this.numbers = new Map(program.nodes.map((node, number) => [node.name, number]));
    this.slots = diagram.slots
      .filter((slot) => this.numbers.has(slot.node))
      .map((slot) => ({ ...slot, node: this.numbers.get(slot.node), ...this.place(slot) }));
    this.lines = diagram.lines.map(({ id, node }) => ({ node: this.numbers.get(node), group: this.element(id) }));
    this.groups = new Map(); // for each node, the groups that show it
    for (const { node, group } of [...this.slots, ...this.lines]) {
      this.groups.set(node, (this.groups.get(node) ?? new Set()).add(group));
      group.addEventListener("click", () => onChosen(node, true, true));
      group.addEventListener("mouseenter", () => onChosen(node, false));
      group.addEventListener("mouseleave", onLeft);
    }
    this.lit = [];
  }

  element(id) {
    return this.view.element(id);
  }

  place(slot) {
    const group = this.element(slot.id);
    const text = group.querySelectorAll("text")[slot.line];
    const afterIndices = text.lastElementChild; // a name with indices keeps them; its number is the last part
    return { group, text: afterIndices ?? text, before: afterIndices ? "=" : slot.before };
  }

  paint(moment) {
    for (const { text, before, node, part } of this.slots) {
      const number = before + (part === "grad" ? moment.gradientText(node) : moment.dataText(node));
      if (text.textContent !== number) text.textContent = number;
    }
    this.paintWeights(moment);
    this.mark(moment);
  }

  travel() {}

  /** Draw edges wider for larger weights, and dashed for negative ones. */
  paintWeights(moment) {
    const weights = this.lines.map(({ node }) => moment.isHidden(node, false) ? moment.pass.values[node] : moment.data(node));
    const largest = Math.max(...weights.map(Math.abs).filter(Number.isFinite)) || 1;
    this.lines.forEach(({ group }, k) => {
      const share = Number.isFinite(weights[k]) ? Math.abs(weights[k]) / largest : 1;
      group.querySelector("path").style.strokeWidth = this.diagram.thinnest + this.diagram.range * share;
      group.classList.toggle("positive", weights[k] > 0);
      group.classList.toggle("negative", weights[k] < 0);
    });
  }

  mark({ entry, steps }) {
    for (const element of this.lit) element.classList.remove("lit", "from");
    const groupsOf = (nodes) => nodes.flatMap((node) => [...(this.groups.get(node) ?? [])]);
    this.lit = entry === null ? [] : groupsOf([entry.node, ...steps.map((step) => step.node)]);
    for (const element of this.lit) element.classList.add("lit");
    const sources = steps.filter((step) => step.kind === "posting").map((step) => step.source);
    const from = groupsOf(sources).filter((element) => !this.lit.includes(element));
    for (const element of from) element.classList.add("from");
    this.lit.push(...from);
  }

  follow() {
    this.view.follow(this.lit, NETWORK_TEXT);
  }

  isInRightHalf(node) {
    return this.view.isInRightHalf([...(this.groups.get(node) ?? [])][0]);
  }

  get isSmall() {
    return this.view.isSmall(NETWORK_TEXT);
  }
}
