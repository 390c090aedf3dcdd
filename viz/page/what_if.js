// What if: a field and a slider for each leaf, updates by the optimizer, and the curve of the loss.

class WhatIf {
  constructor(program, onChange) {
    this.program = program;
    this.onChange = onChange;
    this.original = program.nodes.map((node) => (node.op === null ? numberFromJson(node.data) : null));
    this.leaves = [...this.original];
    this.kept = keptAtFirst(this.program);
    this.updates = 0;
    this.losses = [];
    this.rows = new Map();
    this.rate = byId("rate");
    this.rate.value = String(program.lr);
    this.rate.addEventListener("input", () => this.changed());
    this.message = byId("descent-message");
    this.curve = new Curve(byId("curve"));
    for (const button of document.querySelectorAll("[data-updates]")) {
      button.addEventListener("click", () => this.descend(Number(button.dataset.updates)));
    }
    byId("reset").addEventListener("click", () => this.reset());
    byId("logarithmic").addEventListener("change", () => this.curve.draw(this.losses));
  }

  /** The pass with the current numbers and learning rate. */
  computed() {
    return computePass(this.program, this.leaves, this.learningRate, this.kept);
  }

  /** The learning rate that was typed, or else the one that the page began with. */
  get learningRate() {
    const typed = typedNumber(this.rate.value);
    const usable = typed !== null && Number.isFinite(typed) && typed >= 0;
    this.rate.setAttribute("aria-invalid", String(!usable));
    return usable ? typed : this.program.lr;
  }

  /** List the leaves among these nodes. */
  list(numbers) {
    const leaves = numbers.filter((number) => {
      const { op, kind, named } = this.program.nodes[number];
      return op === null && (kind !== "constant" || named);
    });
    for (const number of leaves) if (!this.rows.has(number)) this.rows.set(number, this.row(this.program.nodes[number], number));
    byId("leaves").replaceChildren(...leaves.map((number) => this.rows.get(number).item));
    for (const number of leaves) this.fill(number);
  }

  row(node, number) {
    const field = element("input", { type: "text", inputmode: "decimal", "aria-label": `${node.name}, number` });
    const slider = element("input", { type: "range", step: "any", "aria-label": `${node.name}, slider` });
    const label = element("label", {}, [mathElement(node.math)]);
    field.addEventListener("input", () => {
      const typed = typedNumber(field.value);
      field.setAttribute("aria-invalid", String(typed === null));
      if (typed !== null) this.set(number, typed, slider);
    });
    field.addEventListener("change", () => this.fill(number));
    slider.addEventListener("input", () => this.set(number, roundedForSlider(slider), field));
    return { field, slider, item: element("li", { class: node.kind, "data-leaf": node.name }, [label, field, slider]) };
  }

  /** Write the number of a leaf into its field, its slider, or both. */
  fill(number, only = null) {
    const { field, slider } = this.rows.get(number);
    const data = this.leaves[number];
    if (only !== slider) {
      field.value = shown(data, 10);
      field.setAttribute("aria-invalid", "false");
    }
    if (only === field || !Number.isFinite(data)) return;
    const reach = Math.max(Number(slider.max) || 0, niceReach(data), niceReach(this.original[number]));
    slider.min = -reach;
    slider.max = reach;
    slider.value = data;
  }

  set(number, data, other) {
    this.leaves[number] = data;
    this.fill(number, other);
    this.changed();
  }

  changed() {
    this.message.textContent = "";
    this.onChange();
  }

  /** Store the loss of the current weights; after an update it is a new point of the curve. */
  record(loss) {
    this.losses[this.updates] = loss;
    this.losses.length = this.updates + 1;
    const { length } = this.program.examples;
    const example = length ? `, example ${(this.updates % length) + 1} of ${length}` : "";
    byId("updates-done").textContent = updatesText(this.updates) + example;
    this.curve.draw(this.losses);
  }

  /** Show the loss and its curve, or hide them while the viewer has to predict the loss. */
  showLoss(on) {
    byId("loss-now").textContent = on ? shown(this.losses.at(-1)) : "?";
    this.curve.host.toggleAttribute("hidden", !on);
  }

  /** Update the parameters several times; stop if a number is not finite. */
  descend(count) {
    const root = this.program.nodes.length - 1;
    const rate = this.learningRate;
    const before = this.losses.at(-1);
    this.message.textContent = Number.isFinite(before) ? "" : `The loss is ${shown(before)}. Change a number first.`;
    if (!Number.isFinite(before)) return;
    for (let k = 0; k < count; k += 1) {
      const { updated, next: kept } = computePass(this.program, this.leaves, rate, this.kept);
      const next = this.leaves.map((data, number) => (number in kept ? updated[number] : data));
      Object.assign(next, this.exampleAfter(this.updates + 1));
      const loss = computePass(this.program, next, rate, kept).values[root];
      if (!Number.isFinite(loss)) {
        this.message.textContent = `Update ${this.updates + 1} would make the loss ${shown(loss)}. Try a smaller rate.`;
        break;
      }
      this.leaves = next;
      this.kept = kept;
      this.updates += 1;
      this.losses[this.updates] = loss;
    }
    for (const number of this.rows.keys()) this.fill(number);
    this.onChange();
  }

  /** The numbers of the example that follows some updates, if each update uses the next one. */
  exampleAfter(updates) {
    const { examples } = this.program;
    return examples.length ? numbersFromJson(examples[updates % examples.length]) : {};
  }

  reset() {
    this.leaves = [...this.original];
    this.kept = keptAtFirst(this.program);
    this.updates = 0;
    this.losses = [];
    this.rate.value = String(this.program.lr);
    for (const [number, { slider }] of this.rows) {
      slider.max = 0;
      this.fill(number);
    }
    this.changed();
  }

  /** Begin with these numbers for some leaves, and the others as they were; `rate` is a learning rate, or null. */
  begin(leaves, rate) {
    this.reset();
    for (const [number, data] of leaves) this.leaves[number] = data;
    if (rate !== null) this.rate.value = rate;
    for (const number of this.rows.keys()) this.fill(number);
    this.changed();
  }

  /** The leaves that have another number than at first, each with it. */
  get differences() {
    return [...this.leaves.entries()].filter(([number, data]) => !Object.is(data, this.original[number]));
  }

  /** The learning rate if it was changed, else null. */
  get changedRate() {
    return this.learningRate === this.program.lr ? null : String(this.learningRate);
  }

  get isChanged() {
    return this.differences.length > 0;
  }
}

/** The largest number of a slider: 1, 2 or 5 times a power of ten, and at least twice the present number. */
function niceReach(data) {
  if (!Number.isFinite(data)) return 1;
  const wanted = Math.max(2 * Math.abs(data), 1);
  const power = 10 ** Math.floor(Math.log10(wanted));
  return power * [1, 2, 5, 10].find((factor) => power * factor >= wanted);
}

/** The number of a slider, rounded to 1/200 of its largest number, so that round numbers are easy to set. */
function roundedForSlider(slider) {
  const step = Number(slider.max) / 200;
  return Number((Math.round(Number(slider.value) / step) * step).toPrecision(12));
}

/** The curve of the loss over the updates, in an SVG. */
class Curve {
  constructor(host) {
    this.host = host;
    this.width = 340;
    this.height = 150;
    this.margin = { left: 52, right: 10, top: 10, bottom: 20 };
  }

  draw(losses) {
    const logarithmic = byId("logarithmic").checked;
    const heights = losses.map((loss) => (logarithmic ? Math.log10(loss) : loss));
    const finite = heights.filter(Number.isFinite);
    const least = Math.min(...finite, ...(logarithmic ? [] : [0]));
    const most = Math.max(...finite);
    const { left, right, top, bottom } = this.margin;
    const x = (k) => left + ((this.width - left - right) * k) / Math.max(losses.length - 1, 1);
    const y = (h) => this.height - bottom - ((this.height - top - bottom) * (h - least)) / (most - least || 1);
    const points = heights.map((h, k) => [x(k), y(h)]).filter(([, h]) => Number.isFinite(h));
    const ends = [...new Set(finite.length ? [least, most] : [])].map((h) => [y(h), shown(logarithmic ? 10 ** h : h, 4)]);
    this.host.setAttribute("viewBox", `0 0 ${this.width} ${this.height}`);
    this.host.replaceChildren(
      drawn("path", { class: "axis", d: `M${left} ${top}V${this.height - bottom}H${this.width - right}` }),
      ...ends.map(([h, text]) => drawn("text", { x: left - 5, y: h + 4, "text-anchor": "end" }, text)),
      drawn("text", { x: left, y: this.height - 5 }, "0"),
      drawn("text", { x: this.width - right, y: this.height - 5, "text-anchor": "end" }, updatesText(losses.length - 1)),
      drawn("polyline", { class: "loss", points: points.map((point) => point.join(",")).join(" ") }),
      ...points.slice(-1).map(([cx, cy]) => drawn("circle", { class: "loss", cx, cy, r: 4 })),
    );
    const [first, last] = [losses[0], losses.at(-1)].map((loss) => shown(loss));
    this.host.setAttribute("aria-label", `The loss over ${updatesText(losses.length - 1)}, from ${first} to ${last}`);
  }
}

function drawn(tag, attributes, text = "") {
  const made = document.createElementNS(SVG, tag);
  for (const [name, content] of Object.entries(attributes)) made.setAttribute(name, content);
  made.textContent = text;
  return made;
}

function updatesText(count) {
  return count === 1 ? "1 update" : `${count} updates`;
}
