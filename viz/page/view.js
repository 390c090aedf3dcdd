// A picture that can be moved and enlarged: by dragging, by the wheel, by keys and buttons, and after the lit elements.

const SVG = "http://www.w3.org/2000/svg";
const LEAST_TEXT = 9.5; // pixels of the smallest text that a whole picture may have before the view follows the step
const LARGEST = 2.2; // pixels for a unit of a picture that is fitted
const FOLLOWED_TEXT = 14; // pixels of the texts where it does
const WIDEST_CHARACTER = 0.65; // of fonts whose characters are equally wide, as a part of the font's size
const DRAG = 4; // pixels that a pointer moves before it moves the picture: less is a click

class View {
  constructor(host) {
    this.host = host;
    this.svg = host.querySelector("svg");
    const box = this.svg.viewBox.baseVal;
    this.whole = { x: box.x, y: box.y, width: box.width, height: box.height };
    this.shown = { ...this.whole };
    this.isFitted = true;
    this.pointers = new Map();
    this.isDragged = false;
    this.svg.removeAttribute("width");
    this.svg.removeAttribute("height");
    this.svg.setAttribute("preserveAspectRatio", "xMidYMid meet");
    host.addEventListener("wheel", (event) => this.onWheel(event), { passive: false });
    host.addEventListener("pointerdown", (event) => this.onPointerDown(event));
    host.addEventListener("pointermove", (event) => this.onPointerMove(event));
    host.addEventListener("mousedown", (event) => this.onMouseDown(event));
    host.addEventListener("click", (event) => this.isDragged && event.stopPropagation(), { capture: true });
    for (const kind of ["pointerup", "pointercancel", "pointerleave"]) {
      host.addEventListener(kind, (event) => this.pointers.delete(event.pointerId));
    }
  }

  /** Pixels of the screen for a unit of the picture. */
  scale(box = this.shown) {
    const { clientWidth, clientHeight } = this.host;
    return Math.min(clientWidth / box.width, clientHeight / box.height) || 1;
  }

  /** Whether the texts of the whole picture, of some units, are too small to be read. */
  isSmall(units) {
    return this.scale(this.whole) * units < LEAST_TEXT;
  }

  show(box, isFitted = false) {
    this.shown = box;
    this.isFitted = isFitted;
    this.svg.setAttribute("viewBox", `${box.x} ${box.y} ${box.width} ${box.height}`);
  }

  /** Show the whole picture, a small one no larger than it can be read with ease. */
  fit() {
    const margin = Math.max(this.scale(this.whole) / LARGEST, 1);
    const [width, height] = [this.whole.width * margin, this.whole.height * margin];
    const x = this.whole.x - (width - this.whole.width) / 2;
    const y = this.whole.y - (height - this.whole.height) / 2;
    this.show({ x, y, width, height }, true);
  }

  /** Enlarge by a factor around a point of the screen, or around the middle. */
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

  toPicture(x, y) {
    const point = new DOMPoint(x, y).matrixTransform(this.svg.getScreenCTM().inverse());
    return { x: point.x, y: point.y };
  }

  /**
   * Bring elements into sight, so large that texts of some units can be read, with what is around them.
   * The picture stays where it is as long as they are in sight: that is calmer, and moving is slow in large ones.
   * Of elements that lie too far apart to be read together, the first is shown.
   */
  follow(elements, units) {
    if (!elements.length) return;
    const all = this.bounds(elements);
    const isFar = this.scale({ width: all.right - all.left + 80, height: all.bottom - all.top + 40 }) * units < LEAST_TEXT;
    const { left, right, top, bottom } = isFar ? this.bounds(elements.slice(0, 1)) : all;
    const readable = this.host.clientWidth / (FOLLOWED_TEXT / units);
    const ratio = this.host.clientHeight / this.host.clientWidth;
    const margin = 8;
    const isInSight = left - margin >= this.shown.x && right + margin <= this.shown.x + this.shown.width
      && top - margin >= this.shown.y && bottom + margin <= this.shown.y + this.shown.height;
    if (isInSight && this.scale() * units >= LEAST_TEXT) return;
    const width = Math.min(Math.max(right - left + 80, (bottom - top + 40) / ratio, readable), this.whole.width);
    const height = width * ratio;
    const center = { x: (left + right) / 2, y: (top + bottom) / 2 };
    this.show({
      x: clamped(center.x - width / 2, this.whole.x, this.whole.x + this.whole.width - width),
      y: height >= this.whole.height
        ? this.whole.y + (this.whole.height - height) / 2
        : clamped(center.y - height / 2, this.whole.y, this.whole.y + this.whole.height - height),
      width,
      height,
    });
  }

  /** The edges of some elements, in units of the picture. */
  bounds(elements) {
    const corners = elements.flatMap((element) => {
      const box = element.getBoundingClientRect();
      return [this.toPicture(box.left, box.top), this.toPicture(box.right, box.bottom)];
    });
    const [xs, ys] = [corners.map((corner) => corner.x), corners.map((corner) => corner.y)];
    return { left: Math.min(...xs), right: Math.max(...xs), top: Math.min(...ys), bottom: Math.max(...ys) };
  }

  isInRightHalf(element) {
    const [mine, whole] = [element.getBoundingClientRect(), this.host.getBoundingClientRect()];
    return mine.left + mine.right > whole.left + whole.right;
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

  /** Leave the keyboard to the player: a node that is clicked gets no focus, in which space would not play. */
  onMouseDown(event) {
    event.preventDefault();
    document.activeElement?.blur();
    focus();
  }

  /** One pointer moves the picture, two enlarge it. */
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

function clamped(number, least, most) {
  return Math.min(Math.max(number, least), Math.max(least, most));
}

/**
 * Write a text into an SVG text element; where it is wider than the place that was laid out for it, narrow it.
 * Measuring makes a browser lay out the whole picture, so it is done only where the text may be too wide.
 */
function fillText(element, text, room) {
  element.textContent = text;
  element.removeAttribute("textLength");
  const mostWidth = text.length * WIDEST_CHARACTER * Number(element.getAttribute("font-size"));
  if (room && mostWidth > room && element.getComputedTextLength() > room) {
    element.setAttribute("textLength", room);
    element.setAttribute("lengthAdjust", "spacingAndGlyphs");
  }
}

/** Let a dot run along paths, one after the other; `back` runs each from its end. */
class Pulse {
  constructor() {
    this.dot = document.createElementNS(SVG, "circle");
    this.dot.setAttribute("r", "6");
    this.dot.classList.add("pulse");
    this.dot.style.pointerEvents = "none";
    this.run = 0;
    this.still = matchMedia("(prefers-reduced-motion: reduce)");
  }

  start(paths, back, milliseconds) {
    this.stop();
    if (!paths.length || this.still.matches || milliseconds < 120) return;
    const run = this.run;
    paths[0].ownerSVGElement.querySelector("g").append(this.dot);
    const begin = performance.now();
    const frame = (now) => {
      if (run !== this.run) return;
      const done = (Math.max(now - begin, 0) / milliseconds) * paths.length;
      if (done >= paths.length) return this.stop();
      const path = paths[Math.floor(done)];
      const along = done % 1;
      const point = path.getPointAtLength(path.getTotalLength() * (back ? 1 - along : along));
      this.dot.setAttribute("cx", point.x);
      this.dot.setAttribute("cy", point.y);
      requestAnimationFrame(frame);
    };
    requestAnimationFrame(frame);
  }

  stop() {
    this.run += 1;
    this.dot.remove();
  }
}
