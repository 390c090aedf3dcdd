// The computation graph: shows the numbers of a moment in its boxes, and highlights the current step.

const GRAPH_TEXT = 12; // the size of the graph's texts, in units of the picture

class Graph {
  constructor(host, program, onChosen, onLeft) {
    this.program = program;
    this.view = new View(host);
    this.element = (id) => this.view.svg.getElementById(id);
    this.boxes = program.nodes.map((_, number) => this.box(number, onChosen, onLeft));
    for (const { operation } of this.boxes) operation?.append(this.offMark(operation));
    this.edges = program.nodes.map((node, number) => node.operands.map((_, place) => this.edge(number, place)));
    this.lit = [];
  }

  /** The parts of a node's box, its operation and the edge between the two. */
  box(number, onChosen, onLeft) {
    const node = this.program.nodes[number];
    const group = this.element(`v${number}`);
    group.classList.add(node.kind);
    group.setAttribute("tabindex", "0");
    group.setAttribute("role", "button"); // its name is its texts; this says what it is
    group.setAttribute("aria-description", node.kind === "computed" ? node.op : node.kind);
    const [data, gradient] = [group.querySelector("text.data"), group.querySelector("text.grad")];
    const rooms = [data, gradient].map((text) => outlineOf(group).right - 3 - Number(text.getAttribute("x")));
    group.addEventListener("click", () => onChosen(number, true, true));
    group.addEventListener("focus", () => {
      this.view.follow([group], GRAPH_TEXT); // the Tab key can reach nodes that are out of sight
      onChosen(number, true);
    });
    group.addEventListener("mouseenter", () => onChosen(number, false));
    for (const kind of ["mouseleave", "blur"]) group.addEventListener(kind, onLeft);
    const operation = node.op === null ? null : this.element(`o${number}`);
    const result = node.op === null ? null : this.element(`r${number}`);
    return { group, data, gradient, rooms, operation, result };
  }

  offMark(operation) {
    const { left, right, top } = outlineOf(operation);
    const mark = document.createElementNS(SVG, "text");
    mark.setAttribute("x", (left + right) / 2);
    mark.setAttribute("y", top - 3);
    mark.setAttribute("text-anchor", "middle");
    mark.classList.add("off-mark");
    mark.textContent = "off";
    return mark;
  }

  /** An edge with its label, and the bar that marks it as blocked. */
  edge(number, place) {
    const group = this.element(`e${number}_${place}`);
    const path = group.querySelector("path");
    const [[x, y], [endX, endY]] = along(path).slice(-2); // beside the operation, where no label stands
    const length = Math.hypot(endX - x, endY - y) || 1;
    const [dx, dy] = [(endX - x) / length, (endY - y) / length];
    const [atX, atY] = [endX - 4 * dx, endY - 4 * dy];
    const bar = document.createElementNS(SVG, "line");
    const ends = { x1: atX + 8 * dy, y1: atY - 8 * dx, x2: atX - 8 * dy, y2: atY + 8 * dx };
    for (const [name, coordinate] of Object.entries(ends)) bar.setAttribute(name, coordinate);
    bar.classList.add("bar");
    group.append(bar);
    return { group, path, label: group.querySelector("text.partial") };
  }

  paint(moment) {
    this.boxes.forEach((box, number) => this.paintNode(moment, box, number));
    this.mark(moment);
  }

  /** Let a dot travel where the numbers of a single step do, in so many milliseconds. */
  travel({ steps: [step, ...others] }, milliseconds) {
    const paths = step === undefined || others.length ? [] : this.pathsOf(step);
    this.view.pulse.start(paths, step?.kind === "posting", milliseconds);
  }

  paintNode(moment, box, number) {
    const [data, gradient] = [moment.dataText(number), moment.gradientText(number)];
    if (box.data.textContent !== data) fillText(box.data, data, box.rooms[0]);
    if (box.gradient.textContent !== gradient) fillText(box.gradient, gradient, box.rooms[1]);
    const known = moment.isComputed(number);
    for (const part of [box.group, box.operation, box.result]) part?.classList.toggle("coming", !known);
    const isSecret = moment.isHidden(number, false);
    box.operation?.classList.toggle("off", known && !isSecret && isOff(this.program, moment.pass, number));
    this.edges[number].forEach((edge, place) => this.paintEdge(moment, edge, number, place, known));
  }

  paintEdge(moment, edge, number, place, known) {
    const partial = moment.pass.partials[number][place];
    const isSecret = moment.isHidden(number, false); // the local derivative of exp is its result
    const text = `∂=${isSecret ? "?" : shown(known ? partial : null)}`;
    if (edge.label && edge.label.textContent !== text) edge.label.textContent = text;
    edge.group.classList.toggle("coming", !known);
    const operand = this.program.nodes[number].operands[place];
    const stopped = moment.postings(operand).some((index) => {
      const step = this.program.steps[index];
      const isHere = step.source === number && step.position === place;
      return isHere && moment.pass.events[index].amount === 0 && !moment.isHidden(operand, true);
    });
    edge.group.classList.toggle("blocked", stopped && partial === 0);
    edge.group.classList.toggle("silent", stopped && partial !== 0);
  }

  /** The paths along which the numbers of a step travel, in order. */
  pathsOf(step) {
    if (step.kind === "posting") {
      return [this.boxes[step.source].result.querySelector("path"), this.edges[step.source][step.position].path];
    }
    if (step.kind !== "computed") return [];
    return [...this.edges[step.node].map((edge) => edge.path), this.boxes[step.node].result.querySelector("path")];
  }

  /** Highlight what a moment's steps made known, first the node that it is about. */
  mark({ entry, steps }) {
    for (const element of this.lit) element.classList.remove("lit", "from");
    const own = entry?.node ?? null;
    this.lit = own === null ? [] : [this.boxes[own].group];
    const from = [];
    for (const step of steps) {
      const box = this.boxes[step.node];
      this.lit.push(box.group);
      if (step.kind === "posting") {
        const source = this.boxes[step.source];
        this.lit.push(source.operation, source.result, this.edges[step.source][step.position].group);
        from.push(source.group);
      } else if (step.kind === "computed") {
        this.lit.push(box.operation, box.result, ...this.edges[step.node].map((edge) => edge.group));
      }
    }
    for (const element of this.lit) element.classList.add("lit");
    for (const element of from) if (!this.lit.includes(element)) element.classList.add("from");
    this.lit.push(...from);
  }

  follow() {
    this.view.follow(this.lit, GRAPH_TEXT);
  }

  isInRightHalf(node) {
    return this.view.isInRightHalf(this.boxes[node].group);
  }

  get isSmall() {
    return this.view.isSmall(GRAPH_TEXT);
  }
}
