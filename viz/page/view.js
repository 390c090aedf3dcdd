// A picture that can be moved and zoomed by dragging, wheel, keys and buttons, and that can follow the current step.

const SVG = "http://www.w3.org/2000/svg";
const LEAST_TEXT = 9.5; // pixels; if the texts of the whole picture are smaller, the view follows the step
const LARGEST = 2.2; // pixels per unit when the whole picture is shown
const FOLLOWED_TEXT = 14; // pixels of the texts when the view follows the step
const WIDEST_CHARACTER = 0.61; // as a share of the font size, for fonts with equal widths
const CURVE_STEPS = 6; // of the dot along each curve
const ON_SHEET = 100; // groups
const DRAG = 4; // pixels; a shorter move of the pointer is a click

class View {
  constructor(host) {
    this.host = host;
    this.pulse = new Pulse(this);
    this.pointers = new Map();
    this.isDragged = false;
    this.measure();
    this.load();
    host.addEventListener("wheel", (event) => this.onWheel(event), { passive: false });
    host.addEventListener("pointerdown", (event) => this.onPointerDown(event));
    host.addEventListener("pointermove", (event) => this.onPointerMove(event));
    host.addEventListener("mousedown", (event) => this.onMouseDown(event));
    host.addEventListener("click", (event) => this.isDragged && event.stopPropagation(), { capture: true });
    for (const kind of ["pointerup", "pointercancel", "pointerleave"]) {
      host.addEventListener(kind, (event) => this.pointers.delete(event.pointerId));
    }
  }

  /** Read the picture that the host holds, and divide it into sheets. */
  load() {
    const svg = this.host.querySelector("svg");
    this.laidOut = null; // the box that its attribute viewBox has
    const [x, y, width, height] = svg.getAttribute("viewBox").split(" ").map(Number);
    this.whole = { x, y, width, height };
    this.shown = { ...this.whole };
    this.isFitted = true;
    this.origin = originOf(svg);
    svg.removeAttribute("width");
    svg.removeAttribute("height");
    svg.setAttribute("preserveAspectRatio", "xMidYMid meet");
    this.sheets = sheetsOf(svg);
    this.elements = new Map([...this.host.querySelectorAll("svg [id]")].map((found) => [found.id, found]));
  }

  /** The element of the picture with an id. */
  element(id) {
    return this.elements.get(id);
  }

  /** A copy of the whole picture, as one SVG. */
  copy() {
    const [copy, ...others] = this.sheets.map((sheet) => sheet.cloneNode(true));
    copy.firstElementChild.append(...others.flatMap((sheet) => [...sheet.firstElementChild.children]));
    const { x, y, width, height } = this.whole;
    copy.setAttribute("viewBox", `${x} ${y} ${width} ${height}`);
    copy.style.transform = "";
    for (const element of copy.querySelectorAll("[id]")) element.removeAttribute("id");
    return copy;
  }

  replace(svg) {
    this.host.innerHTML = svg;
    this.load();
    this.fit();
  }

  /** Read the size of the place. Reading makes a browser lay out the page, so this is done only when it may change. */
  measure() {
    this.width = this.host.clientWidth;
    this.height = this.host.clientHeight;
    this.laidOut = null;
  }

  /** Pixels of the screen per unit of the picture. */
  scale(box = this.shown) {
    return Math.min(this.width / box.width, this.height / box.height) || 1;
  }

  /** Whether texts of this size (in units) are too small to read when the whole picture is shown. */
  isSmall(units) {
    return this.scale(this.whole) * units < LEAST_TEXT;
  }

  show(box, isFitted = false) {
    this.pulse.stop();
    this.shown = box;
    this.isFitted = isFitted;
    // A new viewBox makes a browser lay out every text again, so one of the same size only moves the picture.
    const { x, y, width, height } = this.laidOut ?? {};
    const isSame = Math.abs(width - box.width) < 1e-6 * width && Math.abs(height - box.height) < 1e-6 * height;
    const scale = this.scale();
    const transform = isSame ? `translate(${(x - box.x) * scale}px, ${(y - box.y) * scale}px)` : "";
    for (const sheet of this.sheets) sheet.style.transform = transform;
    if (isSame) return;
    this.laidOut = box;
    for (const sheet of this.sheets) sheet.setAttribute("viewBox", `${box.x} ${box.y} ${box.width} ${box.height}`);
  }

  /**
   * Show the whole picture; do not enlarge a small one too much. If its scale would be less than `least`, show its left
   * part, with `above` of what is too high above the part.
   */
  fit(least = 0, above = 0) {
    this.measure();
    if (this.scale(this.whole) < least) {
      const [width, height] = [this.width / least, this.height / least];
      const from = (start, whole, size, share) => start + (whole - size) * (size > whole ? 0.5 : share);
      const x = from(this.whole.x, this.whole.width, width, 0);
      const y = from(this.whole.y, this.whole.height, height, above);
      return this.show({ x, y, width, height }, true);
    }
    const margin = Math.max(this.scale(this.whole) / LARGEST, 1);
    const [width, height] = [this.whole.width * margin, this.whole.height * margin];
    const x = this.whole.x - (width - this.whole.width) / 2;
    const y = this.whole.y - (height - this.whole.height) / 2;
    this.show({ x, y, width, height }, true);
  }

  /** Zoom by a factor around a point of the screen, or around the middle. */
  zoom(factor, point = null) {
    const bounds = this.host.getBoundingClientRect();
    const { x, y } = point ?? { x: bounds.x + bounds.width / 2, y: bounds.y + bounds.height / 2 };
    const before = this.toPicture(x, y);
    const width = Math.min(Math.max(this.shown.width / factor, 40), this.whole.width * 4);
    const height = (this.shown.height * width) / this.shown.width;
    this.show({ ...this.shown, width, height });
    const after = this.toPicture(x, y);
    this.move(before.x - after.x, before.y - after.y);
  }

  move(dx, dy) {
    this.show({ ...this.shown, x: this.shown.x + dx, y: this.shown.y + dy });
  }

  /** A point of the screen in units of the picture. */
  toPicture(x, y) {
    const { left, top } = this.host.getBoundingClientRect();
    const scale = this.scale();
    return {
      x: this.shown.x + this.shown.width / 2 + (x - left - this.width / 2) / scale,
      y: this.shown.y + this.shown.height / 2 + (y - top - this.height / 2) / scale,
    };
  }

  /**
   * Bring elements into view, with their surroundings, large enough to read texts of this size (in units).
   * The picture does not move if they are in view already: that is calmer, and moving a large picture is slow.
   * If the elements are too far apart to read together, the first is shown.
   */
  follow(elements, units) {
    if (!elements.length) return;
    const all = this.bounds(elements);
    const isFar = this.scale({ width: all.right - all.left + 80, height: all.bottom - all.top + 40 }) * units < LEAST_TEXT;
    const { left, right, top, bottom } = isFar ? this.bounds(elements.slice(0, 1)) : all;
    const readable = this.width / this.readable(units);
    const ratio = this.height / this.width;
    const margin = 8;
    const isInSight = left - margin >= this.shown.x && right + margin <= this.shown.x + this.shown.width
      && top - margin >= this.shown.y && bottom + margin <= this.shown.y + this.shown.height;
    if (isInSight && this.scale() * units >= LEAST_TEXT) return;
    const width = Math.max(right - left + 80, (bottom - top + 40) / ratio, readable);
    const height = width * ratio;
    const from = (middle, size, start, whole) =>
      size >= whole ? start + (whole - size) / 2 : clamped(middle - size / 2, start, start + whole - size);
    this.show({
      x: from((left + right) / 2, width, this.whole.x, this.whole.width),
      y: from((top + bottom) / 2, height, this.whole.y, this.whole.height),
      width,
      height,
    });
  }

  /** Pixels per unit to follow with: large enough to read, but the whole width or height is shown if it can be read. */
  readable(units) {
    const whole = [this.width / this.whole.width, this.height / this.whole.height];
    return Math.min(FOLLOWED_TEXT / units, ...whole.filter((scale) => scale * units >= LEAST_TEXT));
  }

  /** The edges of some elements, in units of the picture. */
  bounds(elements) {
    const all = elements.map(outlineOf);
    const [{ x, y }, of] = [this.origin, (name, choose) => choose(...all.map((outline) => outline[name]))];
    return { left: x + of("left", Math.min), right: x + of("right", Math.max), top: y + of("top", Math.min), bottom: y + of("bottom", Math.max) };
  }

  isInRightHalf(element) {
    const { left, right } = this.bounds([element]);
    return left + right > 2 * this.shown.x + this.shown.width;
  }

  /** A point of the drawing in pixels of the host. */
  toHost([x, y]) {
    const scale = this.scale();
    const { x: left, y: top, width, height } = this.shown;
    return [
      (x + this.origin.x - left) * scale + (this.width - width * scale) / 2,
      (y + this.origin.y - top) * scale + (this.height - height * scale) / 2,
    ];
  }

  onWheel(event) {
    event.preventDefault();
    this.zoom(Math.exp(-event.deltaY * (event.deltaMode ? 0.05 : 0.0015)), { x: event.clientX, y: event.clientY });
    this.host.dispatchEvent(new Event("moved"));
  }

  onPointerDown(event) {
    if (event.button !== 0) return;
    if (!this.pointers.size) this.isDragged = false;
    this.pointers.set(event.pointerId, { x: event.clientX, y: event.clientY });
  }

  /** Keep the keyboard for the player: a clicked node gets no focus, because the space key would not play then. */
  onMouseDown(event) {
    event.preventDefault();
    document.activeElement?.blur();
    focus();
  }

  /** One pointer moves the picture, two zoom it. */
  onPointerMove(event) {
    const before = this.pointers.get(event.pointerId);
    if (!before) return;
    const now = { x: event.clientX, y: event.clientY };
    if (!this.isDragged && Math.hypot(now.x - before.x, now.y - before.y) < DRAG) return;
    this.isDragged = true;
    this.host.setPointerCapture(event.pointerId);
    const scale = this.scale();
    if (this.pointers.size === 1) this.move((before.x - now.x) / scale, (before.y - now.y) / scale);
    else {
      const other = [...this.pointers].find(([id]) => id !== event.pointerId)[1];
      const distance = (point) => Math.hypot(point.x - other.x, point.y - other.y);
      this.zoom(distance(now) / Math.max(distance(before), 1), other);
    }
    this.pointers.set(event.pointerId, now);
    this.host.dispatchEvent(new Event("moved"));
  }
}

/** An HTML element with attributes and children; a text is never read as HTML. */
function element(tag, attributes = {}, children = []) {
  const made = document.createElement(tag);
  for (const [name, content] of Object.entries(attributes)) made.setAttribute(name, content);
  made.append(...children);
  return made;
}

function clamped(number, least, most) {
  return Math.min(Math.max(number, least), Math.max(least, most));
}

/**
 * Divide the groups of a picture among several SVGs, in their order one above the other. A browser paints an SVG as a
 * whole, so at a step it paints those sheets in which something changes.
 */
function sheetsOf(svg) {
  const [drawing] = svg.children;
  const groups = [...drawing.children];
  const sheets = [svg];
  for (let first = ON_SHEET; first < groups.length; first += ON_SHEET) {
    const sheet = svg.cloneNode();
    sheet.appendChild(drawing.cloneNode()).append(...groups.slice(first, first + ON_SHEET));
    sheets.push(sheet);
  }
  svg.after(...sheets.slice(1));
  return sheets;
}

/** The drawing's origin in units of its picture: Graphviz moves all of a drawing. */
function originOf(svg) {
  const [, x, y] = /translate\((\S+) (\S+)\)/.exec(svg.querySelector("g").getAttribute("transform")).map(Number);
  return { x, y };
}

const NUMBER = /-?\d+(?:\.\d+)?/g;
const outlines = new WeakMap();

/** The points of a polygon or a path as Graphviz writes them: pairs of numbers. */
function pointsOf(shape) {
  const numbers = (shape.getAttribute("points") ?? shape.getAttribute("d")).match(NUMBER).map(Number);
  return Array.from({ length: numbers.length / 2 }, (_, k) => numbers.slice(2 * k, 2 * k + 2));
}

/** The edges of the first shape of a node or an edge, from its attributes: a browser measures only after a layout. */
function outlineOf(group) {
  if (outlines.has(group)) return outlines.get(group);
  const shape = group.querySelector("polygon, path, ellipse");
  const [cx, cy, rx, ry] = ["cx", "cy", "rx", "ry"].map((name) => Number(shape.getAttribute(name)));
  const points = shape.localName === "ellipse" ? [[cx - rx, cy - ry], [cx + rx, cy + ry]] : pointsOf(shape);
  const [xs, ys] = [points.map(([x]) => x), points.map(([, y]) => y)];
  const outline = { left: Math.min(...xs), right: Math.max(...xs), top: Math.min(...ys), bottom: Math.max(...ys) };
  outlines.set(group, outline);
  return outline;
}

/** Points along a path of cubic curves, as Graphviz writes them, at equal steps of each curve. */
function along(path) {
  const [start, ...controls] = pointsOf(path);
  const found = [start];
  for (let k = 0; k + 2 < controls.length; k += 3) {
    const [from, [one, two, to]] = [found.at(-1), controls.slice(k, k + 3)];
    for (let part = 1; part <= CURVE_STEPS; part += 1) {
      const t = part / CURVE_STEPS;
      const at = (axis) => (1 - t) ** 3 * from[axis] + 3 * (1 - t) ** 2 * t * one[axis] + 3 * (1 - t) * t * t * two[axis] + t ** 3 * to[axis];
      found.push([at(0), at(1)]);
    }
  }
  return found;
}

/** Write a text into an SVG text element, and narrow it if it may be wider than its place; nothing is measured. */
function fillText(element, text, room) {
  element.textContent = text;
  if (text.length * WIDEST_CHARACTER * Number(element.getAttribute("font-size")) > room) {
    element.setAttribute("textLength", room);
    element.setAttribute("lengthAdjust", "spacingAndGlyphs");
  } else element.removeAttribute("textLength");
}

/** Moves a dot along paths, one after the other; with `back`, from the end of each. It has its own layer. */
class Pulse {
  constructor(view) {
    this.view = view;
    this.dot = element("div", { class: "pulse" });
    this.still = matchMedia("(prefers-reduced-motion: reduce)");
  }

  start(paths, back, milliseconds) {
    this.stop();
    if (!paths.length || this.still.matches || milliseconds < 120) return;
    const points = paths.flatMap((path) => (back ? along(path).reverse() : along(path)));
    this.view.host.append(this.dot);
    const frames = points.map((point) => ({ transform: `translate(${this.view.toHost(point).map((at) => `${at}px`)})` }));
    this.run = this.dot.animate(frames, milliseconds);
    this.run.onfinish = () => this.dot.remove();
  }

  stop() {
    this.run?.cancel();
    this.dot.remove();
  }
}
