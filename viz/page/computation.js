// Computes the pass again: values, local derivatives, and gradients, in the same order as the engine.

/** Compute all numbers of a pass from the numbers of its leaves and the optimizer's state for each leaf. */
function computePass(program, leaves, rate, kept = keptAtFirst(program)) {
  const values = program.nodes.map((node, number) => leaves[number]);
  const partials = program.nodes.map(() => []);
  program.nodes.forEach((node, number) => {
    if (node.op === null) return;
    const operation = operations[node.op];
    const operands = node.operands.map((operand) => values[operand]);
    values[number] = operation.value(...operands);
    partials[number] = node.operands.map((operand, position) =>
      program.nodes[operand].varies ? operation.partials[position](...operands, values[number]) : null,
    );
  });
  return { values, partials, ...postings(program, values, partials, rate, kept) };
}

/** The optimizer's state for each leaf that it updates, such as a velocity, before the first update. */
function keptAtFirst(program) {
  return Object.fromEntries(Object.entries(program.update.starts).map(([node, kept]) => [node, numbersFromJson(kept)]));
}

/** Go through the steps after the forward pass, and store the numbers of each: before, added, after. */
function postings(program, values, partials, rate, kept) {
  const gradients = values.map(() => null);
  const update = new Update(program.update, rate, kept);
  const events = program.steps.map((step) => {
    if (step.kind === "computed") return { before: null, result: values[step.node] };
    const before = gradients[step.node];
    if (step.line !== undefined) return update.event(step, values[step.node], before ?? 0);
    if (step.kind === "seed") {
      gradients[step.node] = 1;
      return { before, result: 1 };
    }
    const upstream = gradients[step.source] ?? 0;
    const local = partials[step.source][step.position];
    const amount = upstream * local;
    gradients[step.node] = before === null ? amount + 0 : before + amount;
    return { before, upstream, local, amount, result: gradients[step.node] };
  });
  return { gradients, events, ...update.results(values) };
}

/** The optimizer's update of the leaves, line by line. */
class Update {
  constructor({ settings }, rate, kept) {
    this.settings = { ...numbersFromJson(settings), lr: rate };
    this.kept = kept;
    this.quantities = {};
  }

  /** The result of a line of the update, and the quantities before it. */
  event({ node, line }, w, g) {
    const kept = this.kept[node];
    const quantities = (this.quantities[node] ??= { ...this.settings, ...kept, t: kept.t + 1, w, g });
    const { name, value } = updateLines[line];
    const known = { ...quantities };
    quantities[name] = value(known);
    const before = name === "g" ? null : known[name] ?? null; // the result is not the gradient of the loss
    return { known, before, result: quantities[name] };
  }

  /** The numbers of all nodes after the update, and the optimizer's state for the next one. */
  results(values) {
    const updated = values.map((number, node) => this.quantities[node]?.w ?? number);
    const next = {};
    for (const [node, kept] of Object.entries(this.kept)) {
      next[node] = Object.fromEntries(Object.keys(kept).map((name) => [name, (this.quantities[node] ?? kept)[name]]));
    }
    return { updated, next };
  }
}

/** The number at the end of a formula; for a contribution the amount that is added, not the total. */
function resultOf(program, pass, entry) {
  if (entry.forms) return numberOf(program, pass, entry.result);
  const event = pass.events[entry.at];
  return entry.kind === "posting" ? event.amount : event.result;
}

/** Which step belongs to which node, and at which position it is done; the same for all numbers of a pass. */
class Order {
  constructor(program, doneAt) {
    this.doneAt = doneAt;
    this.computedAt = program.nodes.map(() => 0);
    this.computedBy = program.nodes.map(() => null);
    this.updatedAt = program.nodes.map(() => Infinity);
    this.postings = program.nodes.map(() => []);
    this.postingsFrom = program.nodes.map(() => []);
    program.steps.forEach((step, index) => {
      if (step.kind === "computed") {
        this.computedAt[step.node] = doneAt[index];
        this.computedBy[step.node] = index;
      } else if (step.kind === "updated") this.updatedAt[step.node] = doneAt[index];
      else if (step.line === undefined) {
        this.postings[step.node].push(index);
        if (step.kind === "posting") this.postingsFrom[step.source][step.position] = index;
      }
    });
  }
}

/** A moment of a pass: what is known after `position` entries of a reading. If it is hidden, the last result is not. */
class Moment {
  constructor(program, reading, pass, position, hidden, isPredicted = false) {
    Object.assign(this, { program, reading, order: reading.order, pass, position, hidden, isPredicted });
    const coming = isPredicted ? reading.entries.slice(hidden ? position - 1 : position) : [];
    this.slopes = new Set(coming.filter(({ result }) => result?.[0] === "line").map(({ node }) => node)); // still to predict
    this.entry = position ? reading.entries[position - 1] : null;
    this.steps = (this.entry?.steps ?? []).map((step) => program.steps[step]);
  }

  /** The numbers of the steps between this moment and another one; null if more than these may make a difference. */
  stepsSince(other) {
    if (other?.pass !== this.pass || other.reading !== this.reading || other.isPredicted || this.isPredicted) return null;
    const [first, last] = [this.position, other.position].sort((a, b) => a - b);
    return this.reading.entries.slice(first, last).flatMap(({ steps }) => steps);
  }

  /** The number of a node; null if it is not computed yet. */
  data(node) {
    if (this.order.updatedAt[node] <= this.position) return this.pass.updated[node];
    return this.order.computedAt[node] <= this.position ? this.pass.values[node] : null;
  }

  /** The gradient of a node so far; null before its first contribution. */
  gradient(node) {
    const [all, done] = [this.order.postings[node], this.postings(node)];
    if (!done.length) return null;
    const { events } = this.pass;
    if (done.at(-1) === all[done.length - 1]) return events[done.at(-1)].result;
    return done.reduce((sum, step) => sum + (events[step].amount ?? events[step].result), 0); // parts change the order
  }

  /** The contributions that a node has received, by the numbers of their steps. */
  postings(node) {
    return this.order.postings[node].filter((step) => this.order.doneAt[step] <= this.position);
  }

  /** The contribution of a node to its operand at this place, by the number of its step; null before it is made. */
  postingFrom(source, place) {
    const step = this.order.postingsFrom[source][place];
    return this.order.doneAt[step] <= this.position ? step : null;
  }

  isComputed(node) {
    return this.order.computedAt[node] <= this.position;
  }

  /** Whether the viewer has to predict the number of this node, or its gradient. */
  isHidden(node, isGradient) {
    const own = isGradient ? ["posting"] : ["computed", "updated"];
    return this.hidden && this.steps.some((step) => step.node === node && own.includes(step.kind));
  }

  dataText(node) {
    return this.isHidden(node, false) ? "?" : shown(this.data(node));
  }

  gradientText(node) {
    return this.isHidden(node, true) ? "?" : shown(this.gradient(node));
  }
}
