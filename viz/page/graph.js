// The computation graph: shows the numbers of a moment in its boxes, and highlights the current step.

const GRAPH_TEXT = 12; // the size of the graph's texts, in units of the picture

class Graph {
  constructor(host, program, onChosen, onLeft) {
    this.program = program;
    this.view = new View(host);
    this.pulse = new Pulse();
    this.element = (id) => this.view.svg.getElementById(id);
    this.boxes = program.nodes.map((_, number) => this.box(number, onChosen, onLeft));
    for (const { operation } of this.boxes) operation?.append(this.offMark(operation)); // all boxes are measured by now
    this.edges = program.nodes.map((node, number) => node.operands.map((_, place) => this.edge(number, place)));
    this.lit = [];
  }

  /** The parts of a node's box, its operation and the edge between the two. */
  box(number, onChosen, onLeft) {
    const node = this.program.nodes[number];
    const group = this.element(`v${number}`);
    group.classList.add(node.kind);
    group.setAttribute("tabindex", "0");
    group.setAttribute("role", "button");
    const [data, gradient] = [group.querySelector("text.data"), group.querySelector("text.grad")];
    const outline = group.querySelector("polygon, path").getBBox();
    const right = outline.x + outline.width - 3;
    const rooms = [data, gradient].map((text) => right - Number(text.getAttribute("x")));
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
    const shape = operation.querySelector("ellipse");
    const mark = document.createElementNS(SVG, "text");
    mark.setAttribute("x", shape.getAttribute("cx"));
    mark.setAttribute("y", shape.cy.baseVal.value - shape.ry.baseVal.value - 3);
    mark.setAttribute("text-anchor", "middle");
    mark.classList.add("off-mark");
    mark.textContent = "off";
    return mark;
  }

  /** An edge with its label, and the bar that marks it as blocked. */
  edge(number, place) {
    const group = this.element(`e${number}_${place}`);
    const path = group.querySelector("path");
    const end = path.getTotalLength() - 4; // beside the operation, where no label stands
    const [point, next] = [path.getPointAtLength(end - 1), path.getPointAtLength(end)];
    const length = Math.hypot(next.x - point.x, next.y - point.y) || 1;
    const [dx, dy] = [(-(next.y - point.y) / length) * 8, ((next.x - point.x) / length) * 8];
    const bar = document.createElementNS(SVG, "line");
    const ends = { x1: point.x - dx, y1: point.y - dy, x2: point.x + dx, y2: point.y + dy };
    for (const [name, coordinate] of Object.entries(ends)) bar.setAttribute(name, coordinate);
    bar.classList.add("bar");
    group.append(bar);
    return { group, path, label: group.querySelector("text.partial") };
  }

  /** Show a moment; `milliseconds` is the time for the pulse, 0 for none. */
  paint(moment, milliseconds) {
    this.boxes.forEach((box, number) => this.paintNode(moment, box, number));
    this.mark(moment);
    const [step, ...others] = moment.steps;
    if (step === undefined || others.length) return this.pulse.stop();
    const paths = this.pathsOf(step);
    this.pulse.start(paths, step.kind === "posting", milliseconds);
  }

  paintNode(moment, box, number) {
    const node = this.program.nodes[number];
    const [data, gradient] = [moment.dataText(number), moment.gradientText(number)];
    if (box.data.textContent !== data) fillText(box.data, data, box.rooms[0]);
    if (box.gradient.textContent !== gradient) fillText(box.gradient, gradient, box.rooms[1]);
    const known = moment.isComputed(number);
    for (const part of [box.group, box.operation, box.result]) part?.classList.toggle("coming", !known);
    const isSecret = moment.isHidden(number, false);
    box.operation?.classList.toggle("off", known && !isSecret && isOff(this.program, moment.pass, number));
    const what = node.kind === "computed" ? node.op : node.kind;
    box.group.setAttribute("aria-label", `${node.name}, ${what}, data ${data}, gradient ${gradient}`);
    this.edges[number].forEach((edge, place) => this.paintEdge(moment, edge, number, place, known));
  }

  paintEdge(moment, edge, number, place, known) {
    const partial = moment.pass.partials[number][place];
    const operand = this.program.nodes[number].operands[place];
    const isSecret = moment.isHidden(number, false) || moment.slopes.has(operand); // that of exp is its result
    const text = `∂=${isSecret ? "?" : shown(known ? partial : null)}`;
    if (edge.label && edge.label.textContent !== text) edge.label.textContent = text;
    edge.group.classList.toggle("coming", !known);
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
