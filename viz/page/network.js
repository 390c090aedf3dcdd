// The network diagram: the same moment in the circles and on the edges of a network.

const NETWORK_TEXT = 12; // the size of the diagram's texts, in units of the picture

class NetworkDiagram {
  constructor(host, program, diagram, onChosen) {
    this.program = program;
    this.diagram = diagram;
    this.view = new View(host);
    this.numbers = new Map(program.nodes.map((node, number) => [node.name, number]));
    this.slots = diagram.slots
      .filter((slot) => this.numbers.has(slot.label))
      .map((slot) => ({ ...slot, node: this.numbers.get(slot.label), ...this.place(slot) }));
    this.groups = new Map(); // of a node: the groups that show it
    for (const { node, group } of this.slots) {
      this.groups.set(node, (this.groups.get(node) ?? new Set()).add(group));
      group.addEventListener("click", () => onChosen(node, true));
      group.addEventListener("mouseenter", () => onChosen(node, false));
    }
    this.lit = [];
  }

  place(slot) {
    const group = this.view.svg.getElementById(slot.id);
    return { group, text: group.querySelectorAll("text")[slot.index] };
  }

  paint(moment) {
    for (const { text, prefix, node, part } of this.slots) {
      const shownNumber = part === "grad" ? moment.gradientText(node) : moment.dataText(node);
      text.textContent = prefix + shownNumber;
    }
    this.paintWeights(moment);
    this.mark(moment);
  }

  /** Edges as wide as their weights are large, dashed where they are negative. */
  paintWeights(moment) {
    const weights = this.diagram.edges.map((edge) => moment.data(this.numbers.get(edge.label)) ?? 0);
    const largest = Math.max(...weights.map(Math.abs).filter(Number.isFinite)) || 1;
    this.diagram.edges.forEach((edge, k) => {
      const path = this.view.svg.getElementById(edge.id)?.querySelector("path");
      if (!path || !Number.isFinite(weights[k])) return;
      path.setAttribute("stroke-width", 0.6 + (3.2 * Math.abs(weights[k])) / largest);
      path.classList.toggle("negative", weights[k] < 0);
    });
  }

  mark({ step }) {
    for (const element of this.lit) element.classList.remove("lit", "from");
    this.lit = step === null ? [] : [...(this.groups.get(step.node) ?? [])];
    for (const element of this.lit) element.classList.add("lit");
    if (step?.kind !== "posting") return;
    const from = [...(this.groups.get(step.source) ?? [])].filter((element) => !this.lit.includes(element));
    for (const element of from) element.classList.add("from");
    this.lit.push(...from);
  }

  follow() {
    this.view.follow(this.lit, NETWORK_TEXT);
  }

  get isSmall() {
    return this.view.isSmall(NETWORK_TEXT);
  }
}
