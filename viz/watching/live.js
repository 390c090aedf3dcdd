// The live page: asks Python for its newest state, again and again, and shows it. All texts come as data.

const LONGEST_WAIT = 30_000; // milliseconds for an answer; Python gives one each ten seconds
const AGAIN = 1_000; // milliseconds until the next try if there was no answer
const TEXT = 12; // the size of the graph's numbers, in units of the picture
const FROM_RIGHT = /([\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]+(?: [\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]+)*)/;
const byId = (id) => document.getElementById(id);
const pause = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));

/** A picture from Python, in which texts and marks change. */
class LivePicture {
  constructor(name, above = 0) {
    this.above = above; // of a part of it: how much of the rest is above
    this.host = byId(name);
    this.frame = byId(`${name}-frame`);
    this.view = null;
    this.marked = [];
    new ResizeObserver(() => this.view?.isFitted && this.fit(this.isWhole)).observe(this.frame);
    this.isMoved = false; // whether the viewer has moved it
    this.isWhole = false; // whether the viewer wants to see it whole, however small its letters are
  }

  /** Show an SVG, or nothing if it is null. */
  show(svg, kinds) {
    this.frame.hidden = svg === null;
    this.groups = new Map();
    this.marked = [];
    if (svg === null) return (this.view = null);
    const parsed = new DOMParser().parseFromString(svg, "image/svg+xml").documentElement;
    const fresh = this.host.cloneNode(false); // without the listeners of the view before
    this.host.replaceWith(fresh);
    this.host = fresh;
    this.host.append(document.importNode(parsed, true));
    this.view = new View(this.host);
    this.isMoved = false;
    this.isWhole = false;
    for (const kind of ["moved", "wheel"]) this.host.addEventListener(kind, () => this.onMove());
    const sizes = [...this.host.querySelectorAll("svg text")].map((text) => Number(text.getAttribute("font-size")));
    this.least = sizes.length ? LEAST_TEXT / Math.min(...sizes) : 0; // the scale at which its letters can be read
    for (const group of this.host.querySelectorAll("svg g[id]")) this.groups.set(group.id, { group, texts: [...group.querySelectorAll("text")] });
    for (const [id, kind] of Object.entries(kinds)) this.groups.get(id)?.group.classList.add(kind);
    this.measure();
  }

  /** Show the whole picture if its letters can be read then, or if the viewer wants it; else its beginning. */
  fit(isWhole) {
    this.isWhole = isWhole;
    this.isMoved = false;
    this.view?.fit(isWhole ? 0 : this.least, this.above);
    this.frame.classList.toggle("cut", Boolean(this.view) && !isWhole && this.view.scale(this.view.whole) < this.least);
  }

  onMove() {
    this.isMoved = true;
    this.frame.classList.remove("cut");
  }

  /** Bring what is marked into view, if the texts of the whole picture are too small to read. */
  follow() {
    const lit = this.marked.filter(([, name]) => name === "lit").map(([element]) => element);
    if (!this.view || !lit.length || this.isMoved || !this.view.isSmall(TEXT)) return;
    this.frame.classList.remove("cut");
    this.view.follow(lit, TEXT);
  }

  /** Find the room of each number in a box; all boxes are measured at once, since that is slow. */
  measure() {
    for (const entry of this.groups.values()) {
      const outline = entry.group.matches(".node") ? entry.group.querySelector("polygon, path") : null;
      const right = outline ? outline.getBBox().x + outline.getBBox().width - 3 : 0;
      entry.rooms = entry.texts.map((text) => (outline && text.matches(".data, .grad") ? right - Number(text.getAttribute("x")) : 0));
    }
  }

  write(id, at, text) {
    const entry = this.groups?.get(id);
    const place = at < 0 ? (entry?.texts.length ?? 0) + at : at;
    const element = entry?.texts[place];
    if (element && element.textContent !== text) fillText(element, text, entry.rooms[place]);
  }

  mark(marks) {
    for (const [element, name] of this.marked) element.classList.remove(name);
    this.marked = [];
    for (const [name, ids] of Object.entries(marks)) {
      for (const id of ids) {
        const element = this.groups?.get(id)?.group;
        if (element) this.marked.push([element, name]);
      }
    }
    for (const [element, name] of this.marked) element.classList.add(name);
  }
}

/** The diagram of the network: its numbers, and lines that are thick for large weights and dashed for negative ones. */
function paintNetwork(picture, { texts = [], lines = [] }) {
  for (const [id, line, before, number] of texts) {
    const text = picture.groups?.get(id)?.texts[line];
    if (!text) continue;
    const afterIndices = text.lastElementChild; // a name with indices keeps them; its number is the last part
    const [element, said] = afterIndices ? [afterIndices, `=${number}`] : [text, before + number];
    if (element.textContent !== said) element.textContent = said;
  }
  for (const [id, thickness, sign] of lines) {
    const group = picture.groups?.get(id)?.group;
    if (!group) continue;
    group.querySelector("path").style.strokeWidth = thickness;
    group.classList.toggle("positive", sign > 0);
    group.classList.toggle("negative", sign < 0);
  }
}

/** Show rows in an element, each as the element that `made` returns; only rows that have changed are made. */
function fill(host, rows, made) {
  const before = host.written ?? [];
  host.written = rows.map((row) => JSON.stringify(row));
  rows.forEach((row, k) => {
    if (host.written[k] === before[k]) return;
    const old = host.children[k];
    if (old) old.replaceWith(made(row));
    else host.append(made(row));
  });
  while (host.children.length > rows.length) host.lastElementChild.remove();
}

function paintLines(lines, isStepped) {
  byId("lines-part").hidden = !lines.length;
  const rows = lines.flatMap(([heading, text], k) => {
    const line = ["p", isStepped && k === lines.length - 1 ? { "aria-current": "step" } : {}, text];
    return heading === lines[k - 1]?.[0] ? [line] : [["h3", {}, heading], line];
  });
  fill(byId("lines"), rows, ([tag, attributes, text]) => element(tag, attributes, ordered(text)));
}

function paintNumbers(rows) {
  byId("numbers-part").hidden = !rows.length;
  fill(document.querySelector("#numbers tbody"), rows, ([name, data, gradient]) => {
    return element("tr", {}, [element("th", { scope: "row" }, ordered(name)), element("td", {}, [data]), element("td", {}, [gradient])]);
  });
}

/** The curve of the loss, on a logarithmic scale if it spans more than two powers of ten; and that of the accuracy. */
function paintCurve(points, total) {
  const all = points.filter((point) => Number.isFinite(point[1]));
  byId("curve-part").hidden = all.length < 2;
  if (all.length < 2) return;
  const losses = all.map((point) => point[1]);
  const [least, most] = [Math.min(...losses), Math.max(...losses)];
  const isLog = least > 0 && most / least > 100;
  const scaled = (loss) => (isLog ? Math.log(loss) : loss);
  const span = scaled(most) - scaled(least) || 1;
  const [first, last] = [all[0][0], Math.max(total, all.at(-1)[0])];
  const x = (number) => 52 + (342 * (number - first)) / Math.max(last - first, 1);
  const y = (share) => 158 - 130 * share;
  const line = (places, name) => drawn("polyline", { points: places.map((place) => place.map((n) => n.toFixed(1)).join()).join(" "), class: name });
  const parts = [
    drawn("path", { d: "M52 28V158H394" }),
    line(all.map(([number, loss]) => [x(number), y((scaled(loss) - scaled(least)) / span)]), "loss"),
    label(52, 12, `loss ${brief(losses.at(-1))}`, "start", "name loss-name"),
    label(48, 34, brief(most), "end"), label(48, 158, brief(least), "end"),
    label(52, 176, String(first), "start"), label(394, 176, last.toLocaleString("en"), "end"),
  ];
  const accuracies = all.filter((point) => point[2] !== null);
  if (accuracies.length > 1) {
    parts.push(line(accuracies.map(([number, , accuracy]) => [x(number), y(accuracy)]), "accuracy"));
    parts.push(label(394, 12, `- - accuracy ${percent(accuracies.at(-1)[2])}`, "end", "name accuracy-name"));
  }
  byId("curve-scale").textContent = isLog ? ", on a logarithmic scale" : "";
  byId("curve").replaceChildren(...parts);
}

/** A share in percent; only the whole is 100%. */
function percent(share) {
  const rounded = (100 * share).toFixed(1);
  return `${share < 1 && rounded === "100.0" ? "99.9" : rounded}%`;
}

function brief(number) {
  return String(Number(number.toPrecision(3)));
}

function drawn(tag, attributes) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  return element;
}

function label(x, y, text, anchor, name = "") {
  const element = drawn("text", { x, y, "text-anchor": anchor, class: name });
  element.textContent = text;
  return element;
}

/** The page as a whole. */
class Live {
  constructor() {
    this.graph = new LivePicture("graph");
    this.network = new LivePicture("network", 0.5); // its inputs are in the middle
    this.version = this.pictures = 0;
    this.painted = 0; // how many states were shown, for tests
    this.resume = null;
    byId("pause").addEventListener("click", () => this.pauseOrGoOn());
    byId("whole").addEventListener("click", () => this.fit(true));
    byId("follow").addEventListener("change", () => this.arrange());
    byId("theme").addEventListener("click", () => changeTheme());
    new ResizeObserver(() => this.arrange()).observe(byId("pictures"));
    addEventListener("keydown", (event) => this.onKey(event));
    showTheme();
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", showTheme);
  }

  async listen() {
    for (;;) {
      const state = await this.ask();
      if (this.paused && state && !state.closed) {
        await Promise.race([this.paused, pause(AGAIN)]); // Python hears that somebody is still there
      } else if (state === null) {
        write("connection", "Python does not answer: it has ended, or the connection is cut. This page shows its last state, and tries again.");
        await pause(AGAIN);
      } else if (state.closed) {
        return write("connection", "The view was closed, or Python has ended. This page shows its last state.");
      } else {
        write("connection", "");
        if (state.version) this.paint(state);
        if (!document.hidden) await new Promise(requestAnimationFrame); // a slow page asks less often
      }
    }
  }

  /** Return the next state; null if there was no answer. */
  async ask() {
    try {
      const signal = AbortSignal.timeout(LONGEST_WAIT);
      const answer = await fetch(`state?after=${this.version}&pictures=${this.pictures}`, { signal, cache: "no-store" });
      return answer.ok ? await answer.json() : null;
    } catch {
      return null;
    }
  }

  paint(state) {
    this.version = state.version;
    this.pictures = state.pictures;
    byId("step").hidden = byId("follow").parentElement.hidden = !state.step.length;
    if (state.svgs) this.showPictures(state.svgs);
    if (byId("title").textContent !== state.title) document.title = `${state.title} · gradstep`;
    write("title", state.title);
    write("status", state.status);
    byId("notes").hidden = !state.notes.length;
    fill(byId("notes"), state.notes, (text) => element("p", {}, ordered(text)));
    fill(byId("step"), state.step, ([part, text]) => element("p", { class: part }, ordered(text)));
    for (const [id, at, text] of state.texts) this.graph.write(id, at, text);
    this.graph.mark(state.marks);
    paintNetwork(this.network, state.network);
    this.network.mark({ lit: state.network.lit ?? [] });
    paintLines(state.lines, state.step.length > 0);
    paintNumbers(state.numbers);
    paintCurve(state.curve, state.total);
    this.follow(); // before heights are read: that makes a browser lay out the page
    if (state.step.length) byId("lines").scrollTop = byId("lines").scrollHeight;
    this.painted += 1;
  }

  showPictures({ graph, network, kinds, error }) {
    byId("empty").hidden = Boolean(graph || network);
    byId("empty").textContent = error || "There is nothing to draw yet.";
    this.graph.show(graph, kinds);
    this.network.show(network, {});
    for (const name of ["lines", "numbers-place"]) byId(name).scrollTop = 0;
    this.arrange();
  }

  /** Put the pictures side by side or one above the other, whichever makes the smaller letters larger. */
  arrange() {
    let best = { share: 1, isColumn: false };
    if (this.graph.view && this.network.view) {
      best = this.bestPlaces(0.25);
      // A graph that is too small there can be read in any frame, since the view follows the step.
      if (this.isFollowing && best.scale * TEXT < LEAST_TEXT) best = this.bestPlaces(0.5, Infinity);
    }
    byId("pictures").classList.toggle("column", best.isColumn);
    this.graph.frame.style.flexGrow = best.share;
    this.network.frame.style.flexGrow = 1 - best.share || 1;
    this.fit(false);
    this.follow();
  }

  /** Return the graph's share of the room, at least `least`, with the largest scale of the smaller picture. */
  bestPlaces(least, graphScale = 0) {
    const { clientWidth: width, clientHeight: height } = byId("pictures");
    const scale = ({ view: { whole } }, across, down) => Math.min((across * width) / whole.width, (down * height) / whole.height);
    const smaller = (mine, rest) => Math.min(Math.max(scale(this.graph, ...mine), graphScale), scale(this.network, ...rest));
    let best = { scale: 0 };
    for (let share = least; share < 0.8; share += 0.05) {
      const beside = smaller([share, 1], [1 - share, 1]);
      const above = smaller([1, share], [1, 1 - share]);
      if (Math.max(beside, above) > best.scale) best = { scale: Math.max(beside, above), share, isColumn: above > beside };
    }
    return best;
  }

  /** Keep the present step of a Stepper in view. */
  follow() {
    if (this.isFollowing) this.graph.follow();
  }

  get isFollowing() {
    return !byId("step").hidden && byId("follow").checked;
  }

  pauseOrGoOn() {
    if (this.resume) {
      this.resume();
      this.resume = this.paused = null;
    } else this.paused = new Promise((done) => { this.resume = done; });
    byId("pause").textContent = this.paused ? "Go on" : "Pause";
    byId("pause").setAttribute("aria-pressed", String(Boolean(this.paused)));
  }

  fit(isWhole) {
    for (const picture of [this.graph, this.network]) picture.fit(isWhole);
  }

  onKey(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const zoom = (factor) => [this.graph, this.network].forEach((picture) => picture.view?.zoom(factor));
    const isButton = event.target instanceof HTMLButtonElement || event.target instanceof HTMLInputElement;
    const follow = () => byId("follow").click();
    const keys = { f: follow, " ": () => this.pauseOrGoOn(), 0: () => this.fit(true), d: changeTheme, "+": () => zoom(1.25), "-": () => zoom(0.8) };
    if (!(event.key in keys) || (isButton && event.key === " ")) return;
    event.preventDefault();
    keys[event.key]();
  }
}

/** Write a text into an element if it says something else: a browser lays out what is written, even the same. */
function write(id, text) {
  if (byId(id).textContent !== text) byId(id).replaceChildren(...ordered(text));
}

/** The parts of a text. Words from right to left are elements of their own, so that a formula around them keeps its order. */
function ordered(text) {
  return text.split(FROM_RIGHT).map((part, k) => (k % 2 ? element("bdi", {}, [part]) : part));
}

function isDark() {
  return (document.documentElement.dataset.theme ?? (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light")) === "dark";
}

function changeTheme() {
  document.documentElement.dataset.theme = isDark() ? "light" : "dark";
  showTheme();
}

function showTheme() {
  byId("theme").textContent = isDark() ? "Light" : "Dark";
}

const page = new Live();
page.listen();
