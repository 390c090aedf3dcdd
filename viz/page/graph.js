// The computation graph: shows the numbers of a moment in its boxes, and highlights the current step.
// A box shows a node, or all nodes of a folded sum or of a closed scope. The picture of another scope has other boxes.

const GRAPH_TEXT = 12; // the size of the graph's texts, in units of the picture

/** Which nodes the boxes of a picture show; `places` has the number of the box for each node, -1 for none. */
class Units {
  constructor(program, units) {
    this.all = units.map((unit) => {
      if (typeof unit === "number") return { key: `v${unit}`, node: unit, last: unit };
      const [key, title, result, content] = unit;
      return { key, title, result, path: typeof content[0] === "string" ? content : null, nodes: content };
    });
    const outside = program.scopes.map((scope) =>
      this.all.findIndex(({ path }) => path?.every((name, depth) => scope[depth] === name)));
    this.places = Int32Array.from(program.nodes, ({ scope }) => outside[scope]);
    this.all.forEach(({ node, path, nodes = [node] }, place) => {
      if (!path) for (const number of nodes) this.places[number] = place;
    });
    this.places.forEach((place, number) => {
      if (place >= 0) this.all[place].last = number;
    });
  }

  of(node) {
    return this.all[this.places[node]];
  }
}

class Graph {
  /** `pictures` are the pictures of the scopes, the first of the whole graph; null for a graph with one picture. */
  constructor(host, program, pictures, handlers) {
    Object.assign(this, { program, pictures, handlers });
    this.element = (id) => this.view.element(id);
    this.paths = pictures?.map(({ scope }) => scope.join("/")) ?? [""];
    if (pictures) host.innerHTML = byId("picture-0").textContent;
    this.view = new View(host);
    this.load(0);
  }

  /** Show the picture of a scope. */
  open(path) {
    const number = this.paths.indexOf(path);
    this.view.replace(byId(`picture-${number}`).textContent);
    this.load(number);
  }

  load(number) {
    this.path = this.paths[number];
    this.units = new Units(this.program, this.pictures?.[number].units ?? [...this.program.nodes.keys()]);
    this.boxes = this.units.all.map((unit) => this.box(unit));
    for (const { operation } of this.boxes) operation?.append(this.offMark(operation));
    this.edges = this.program.nodes.map(() => null);
    for (const { node } of this.units.all) {
      if (node !== undefined) this.edges[node] = this.program.nodes[node].operands.map((_, place) => this.edge(`e${node}_${place}`));
    }
    this.lit = [];
    this.painted = null; // the moment that it shows
  }

  /** The parts of a box; for a node its operation and the edge between the two. */
  box({ key, node: number, result, path, last }) {
    const node = this.program.nodes[number ?? last];
    const group = this.element(key);
    const opens = path && this.paths.includes(path.join("/"));
    group.classList.add(...(number === undefined ? ["several"] : [node.kind]));
    group.setAttribute("tabindex", "0");
    group.setAttribute("role", "button"); // its name is its texts; this says what it is
    group.setAttribute("aria-description", opens ? "a closed scope: press to open it" : node.op ?? node.kind);
    const texts = [group.querySelector("text.data"), group.querySelector("text.grad")];
    const rooms = texts.map((text) => text && outlineOf(group).right - 3 - Number(text.getAttribute("x")));
    const { onChosen, onLeft, onOpened } = this.handlers;
    const about = result >= 0 ? result : last;
    group.addEventListener("click", () => (opens ? onOpened(path.join("/")) : onChosen(about, true, true)));
    group.addEventListener("focus", () => {
      this.view.follow([group], GRAPH_TEXT); // the Tab key can reach nodes that are out of sight
      onChosen(about, true);
    });
    group.addEventListener("mouseenter", () => onChosen(about, false));
    for (const kind of ["mouseleave", "blur"]) group.addEventListener(kind, onLeft);
    const [operation, edge] = number === undefined ? [] : [this.element(`o${number}`), this.element(`r${number}`)];
    return { group, texts, rooms, operation, result: edge };
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
  edge(id) {
    const group = this.element(id);
    if (!group) return null; // from a node that the picture does not show
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
    for (const place of this.changed(moment)) this.paintNode(moment, this.boxes[place], this.units.all[place]);
    this.mark(moment);
    this.painted = moment;
  }

  /** The places of the boxes that may differ from the moment painted before: all, or those of the steps between the two. */
  changed(moment) {
    const steps = moment.stepsSince(this.painted);
    if (!steps || steps.length > this.boxes.length) return this.boxes.keys();
    const nodes = steps.map((at) => this.program.steps[at]).flatMap(({ node, source = node }) => [node, source]);
    return new Set(nodes.map((node) => this.units.places[node]).filter((place) => place >= 0));
  }

  /** Let a dot travel where the numbers of a single step do, in so many milliseconds. */
  travel({ steps: [step, ...others] }, milliseconds) {
    const paths = step === undefined || others.length ? [] : this.pathsOf(step);
    this.view.pulse.start(paths, step?.kind === "posting", milliseconds);
  }

  paintNode(moment, box, { node, result = node, last }) {
    const numbers = result >= 0 ? [moment.dataText(result), moment.gradientText(result)] : [];
    numbers.forEach((text, k) => box.texts[k] && box.texts[k].textContent !== text && fillText(box.texts[k], text, box.rooms[k]));
    const known = moment.isComputed(last);
    for (const part of [box.group, box.operation, box.result]) part?.classList.toggle("coming", !known);
    if (node === undefined) return;
    const isSecret = moment.isHidden(node, false);
    box.operation?.classList.toggle("off", known && !isSecret && isOff(this.program, moment.pass, node));
    this.edges[node].forEach((edge, place) => edge && this.paintEdge(moment, edge, node, place, known));
  }

  paintEdge(moment, edge, number, place, known) {
    const partial = moment.pass.partials[number][place];
    const operand = this.program.nodes[number].operands[place];
    const isSecret = moment.isHidden(number, false) || moment.slopes.has(operand); // that of exp is its result
    const text = `∂=${isSecret ? "?" : shown(known ? partial : null)}`;
    if (edge.label && edge.label.textContent !== text) edge.label.textContent = text;
    edge.group.classList.toggle("coming", !known);
    const step = moment.postingFrom(number, place);
    const stopped = step !== null && moment.pass.events[step].amount === 0 && !moment.isHidden(operand, true);
    edge.group.classList.toggle("blocked", stopped && partial === 0);
    edge.group.classList.toggle("silent", stopped && partial !== 0);
  }

  /** The groups of the edges that end at a node: those at these places of its operands, and the one from its operation. */
  edgesOf(node, places) {
    const { operands } = this.program.nodes[node];
    const head = this.units.of(node);
    const edges = places.map((place) => {
      if (head?.node !== undefined) return this.edges[node][place]?.group;
      const tail = this.units.of(operands[place]);
      return head && tail && this.element(`${tail.key}_${head.key}`);
    });
    return [...edges, this.boxOf(node)?.result].filter(Boolean);
  }

  boxOf(node) {
    return this.boxes[this.units.places[node]];
  }

  /** The paths along which the numbers of a step travel, in order. */
  pathsOf(step) {
    const edges = step.kind === "posting" ? this.edgesOf(step.source, [step.position]).reverse()
      : step.kind === "computed" ? this.edgesOf(step.node, [...this.program.nodes[step.node].operands.keys()]) : [];
    return edges.map((edge) => edge.querySelector("path"));
  }

  /** Highlight what a moment's steps made known, first the node that it is about. */
  mark({ entry, steps }) {
    for (const element of this.lit) element.classList.remove("lit", "from");
    const lit = new Set(entry ? [this.boxOf(entry.node)?.group] : []);
    const from = new Set();
    for (const step of steps) {
      const at = step.kind === "posting" ? step.source : step.node;
      if (step.kind === "posting") from.add(this.boxOf(at)?.group);
      const places = step.kind === "posting" ? [step.position] : [...this.program.nodes[at].operands.keys()];
      const isUpdate = step.line !== undefined || step.kind === "seed";
      const edges = isUpdate ? [] : [this.boxOf(at)?.operation, ...this.edgesOf(at, places)];
      for (const element of [this.boxOf(step.node)?.group, ...edges]) lit.add(element);
    }
    this.lit = [...lit].filter(Boolean);
    for (const element of this.lit) element.classList.add("lit");
    const sources = [...from].filter((element) => element && !lit.has(element));
    for (const element of sources) element.classList.add("from");
    this.lit.push(...sources);
  }

  /** The nodes that have a box of their own. */
  get nodes() {
    return this.units.all.flatMap(({ node }) => node ?? []);
  }

  follow() {
    this.view.follow(this.lit, GRAPH_TEXT);
  }

  isInRightHalf(node) {
    const box = this.boxOf(node);
    return Boolean(box) && this.view.isInRightHalf(box.group);
  }

  get isSmall() {
    return this.view.isSmall(GRAPH_TEXT);
  }
}
