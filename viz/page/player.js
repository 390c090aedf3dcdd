// The player: the current position in the steps of a pass, and all that shows or changes it.

const LEAST_SPOKEN = 1400; // milliseconds; shorter steps are not announced while playing
const FORMULA_SIZES = { one: [1.6, 1.9, 2.2, 2.6, 3, 3.4], several: [1.5, 1.3, 1.1] }; // in rem, by lines

class Player {
  constructor(program) {
    this.program = program;
    this.readings = {};
    this.position = 0;
    this.chosen = program.nodes.length - 1;
    this.isPinned = false;
    this.timer = null;
    this.prediction = new Prediction(() => this.revealed(), () => this.next(), () => this.render(false));
    this.details = new Details(byId("details"), program);
    this.card = new Details(byId("card"), program);
    this.whatIf = new WhatIf(program, () => this.recompute());
    this.pictures = this.makePictures();
    this.pass = this.whatIf.computed();
    this.connectControls();
    this.whatIf.record(this.loss);
    byId("by-line").parentElement.hidden = !program.lines.length;
    this.goToAddress(location.href, { pulse: false });
  }

  get count() {
    return this.reading.count;
  }

  /** Read by line, by contribution, or by what the picture of a scope shows. */
  read(unit) {
    const key = unit === "part" ? `part ${this.graph.path}` : unit;
    const reading = (this.readings[key] ??= new Reading(this.program, unit, this.graph.units));
    if (this.reading === reading) return;
    this.reading = reading;
    const name = `${UNITS[unit]}s`;
    this.list = new EntryList(byId("steps"), this.program, this.reading, (position) => this.go(position));
    byId("by-line").checked = unit === "line";
    document.querySelector("[aria-controls=steps-panel]").textContent = name;
    byId("steps-panel").setAttribute("aria-label", name);
    byId("stage").setAttribute("aria-label", `The current ${unit}`);
    byId("position").setAttribute("aria-label", UNITS[unit]);
    byId("position").max = this.count;
  }

  /** Change the reading, and stay at the same place. */
  reread(unit) {
    this.play(false);
    const before = this.reading;
    this.read(unit);
    const position = before.positionIn(this.reading, this.position);
    if (this.prediction.isOn) this.prediction.revealedUpTo = position;
    this.go(position, { pulse: false });
  }

  get loss() {
    return this.pass.values.at(-1);
  }

  /** What is hidden until the viewer has guessed the current result; the 1 at the start of a backward pass is not. */
  get isHidden() {
    return this.reading.entries[this.position - 1]?.kind === "seed" ? 0 : this.prediction.hides(this.position);
  }

  makePictures() {
    const onChosen = (...choice) => this.choose(...choice);
    const onLeft = () => (byId("card").hidden = true);
    const onOpened = (path) => this.open(path);
    this.graph = new Graph(byId("graph"), this.program, this.program.pictures, { onChosen, onLeft, onOpened });
    const pictures = [this.graph];
    if (this.program.network) {
      pictures.push(new NetworkDiagram(byId("network"), this.program, this.program.network, onChosen, onLeft));
    }
    for (const picture of pictures) {
      picture.host = picture.view.host;
      picture.host.addEventListener("moved", () => this.follows(false));
      picture.host.addEventListener("click", (event) => event.target.closest(".node, .edge") || this.release());
    }
    return pictures;
  }

  /** Open a scope in the picture, and stay at the same place. */
  open(path) {
    this.graph.open(path);
    this.showGraph();
    this.reread("part");
  }

  /** Show what belongs to the picture of the open scope. */
  showGraph() {
    byId("card").hidden = true;
    this.showScopes();
    this.whatIf.list(this.graph.nodes);
    this.fit();
    this.follows(this.openPicture.isSmall);
  }

  /** Write the way from the whole graph to the open scope; each of its parts leads back. */
  showScopes() {
    const { path } = this.graph;
    const names = path ? path.split("/") : [];
    const ways = ["whole graph", ...names].map((name, depth) => {
      const way = element("button", { type: "button" }, [name]);
      way.addEventListener("click", () => this.open(names.slice(0, depth).join("/")));
      if (depth === names.length) way.setAttribute("aria-current", "location");
      return way;
    });
    byId("scopes").replaceChildren(...ways);
    byId("scopes").hidden = !this.program.pictures;
    if (document.activeElement === document.body) ways.at(-1).focus({ focusVisible: false });
  }

  connectControls() {
    const actions = {
      first: () => this.go(0),
      back: () => this.go(this.position - 1),
      play: () => this.play(this.timer === null),
      next: () => this.next(),
      last: () => this.go(this.count),
      "zoom-in": () => this.zoom(1.4),
      "zoom-out": () => this.zoom(1 / 1.4),
      fit: () => this.fit(),
      theme: () => switchTheme(),
      link: () => this.copyLink(),
      skip: () => byId("play").focus(),
    };
    for (const [id, action] of Object.entries(actions)) byId(id).addEventListener("click", action);
    const slider = byId("position");
    slider.addEventListener("input", () => this.go(Number(slider.value), { pulse: false }));
    byId("speed").addEventListener("input", () => this.showSpeed());
    this.showSpeed();
    byId("follow").addEventListener("change", (event) => this.follows(event.target.checked, true));
    byId("predict").addEventListener("change", (event) => this.predict(event.target.checked));
    byId("by-line").addEventListener("change", (event) => this.reread(event.target.checked ? "line" : "step"));
    for (const button of document.querySelectorAll("[role=tab]")) {
      button.addEventListener("click", () => this.chooseTab(button));
      button.addEventListener("keydown", (event) => moveAmongTabs(event));
    }
    addEventListener("hashchange", (event) => this.goToAddress(event.newURL));
    addEventListener("resize", () => this.resize());
    document.addEventListener("keydown", (event) => this.onKey(event));
  }

  onKey(event) {
    if (byId("summary").open) return; // it has keys of its own
    const where = event.target.closest("input, button, select, [role=button]");
    if (event.ctrlKey || event.altKey || event.metaKey || where?.matches("input[type=text], select")) return;
    const isSlider = where?.matches("input[type=range]");
    if (isSlider && event.key !== " ") return;
    if (where?.matches("[role=button]") && [" ", "Enter"].includes(event.key)) {
      event.preventDefault();
      where.dispatchEvent(new Event("click", { bubbles: true }));
      return;
    }
    if (event.key === " " && where && !isSlider) return;
    if (where?.matches("[role=tab]") && event.key.startsWith("Arrow")) return;
    const actions = {
      ArrowRight: () => this.next(),
      ArrowLeft: () => this.go(this.position - 1),
      Home: () => this.go(0),
      End: () => this.go(this.count),
      " ": () => this.play(this.timer === null),
      f: () => this.fit(),
      "+": () => this.zoom(1.4),
      "-": () => this.zoom(1 / 1.4),
      Escape: () => this.release(),
      Backspace: () => this.graph.path && this.open(this.graph.path.split("/").slice(0, -1).join("/")),
    };
    if (!(event.key in actions)) return;
    event.preventDefault();
    actions[event.key]();
  }

  /** Show the moment in an address; if it is malformed, say so, and stay. */
  goToAddress(address, settings) {
    clearTimeout(writeAddress.timer); // the address that is about to be written is an older one
    const found = momentInAddress(address, this.program, this.graph.paths);
    const { unit, position, leaves, rate, view, open } = found.refusal ? momentInAddress("file:", this.program, []) : found;
    if (found.refusal && this.reading) return this.say(found.refusal);
    if (this.graph.path !== open) this.graph.open(open);
    this.showView(view);
    this.showGraph();
    const isInPart = unit === "step" && this.program.pictures; // the picture shows the step inside a box
    this.position = 0;
    this.read(isInPart ? "part" : unit ?? this.reading?.unit ?? this.program.by);
    if (leaves.size || rate !== null || this.whatIf.isChanged) this.whatIf.begin(leaves, rate);
    this.go(isInPart ? this.reading.doneAt[Math.min(position, this.program.steps.length) - 1] ?? 0 : position, settings);
    if (found.refusal) this.say(found.refusal);
  }

  /** The address of the present moment, after #. */
  get fragment() {
    const { position, whatIf, graph, view } = this;
    return fragmentOf(this.program, {
      ...{ unit: this.reading.unit, position, view, open: graph.path, leaves: whatIf.differences, rate: whatIf.changedRate },
    });
  }

  async copyLink() {
    const link = `${location.href.split("#")[0]}#${this.fragment}`;
    const isWhole = this.whatIf.differences.length <= MOST_CHANGED;
    const said = (await copied(link)) ? "The link to this moment is copied" : `Copy this link: ${link}`;
    this.say(isWhole ? `${said}.` : `${said}, without the ${this.whatIf.differences.length} numbers that you changed.`);
  }

  /** Say something above the pictures until the next step. */
  say(sentence) {
    byId("notice").textContent = sentence;
    byId("notice").hidden = !sentence;
    this.resize();
  }

  /** Go to a position; the steps between are done at once. */
  go(position, { pulse = true } = {}) {
    const before = this.position;
    this.position = clamped(position, 0, this.count);
    this.prediction.say("");
    this.chooseOwn();
    this.render(pulse && this.position === before + 1);
    if (!byId("notice").hidden) this.say("");
    writeAddress(() => this.fragment);
  }

  /** Go to the next step; if the current result is still to be guessed, show it first. */
  next() {
    if (this.isHidden) this.prediction.show();
    else this.go(this.position + 1);
  }

  play(on) {
    clearTimeout(this.timer);
    this.timer = null;
    if (on) {
      if (this.position === this.count) this.go(0);
      this.tick();
    }
    byId("play").setAttribute("aria-label", this.timer === null ? "Play" : "Pause");
    byId("play").classList.toggle("playing", this.timer !== null);
  }

  /** Show the next step, wait, and go on until the end, or until there is a number to guess. */
  tick() {
    this.timer = setTimeout(() => {
      if (this.position === this.count || this.isHidden) return this.play(false);
      this.go(this.position + 1);
      if (this.position === this.count) this.play(false);
      else this.tick();
    }, this.stepTime);
  }

  /** Milliseconds for each step while playing. */
  get stepTime() {
    return 1400 / 2 ** Number(byId("speed").value);
  }

  showSpeed() {
    const pace = `${shown(this.stepTime / 1000, 2)} s each`;
    byId("speed").setAttribute("aria-valuetext", pace);
    byId("speed").title = pace;
  }

  predict(on) {
    this.play(false);
    this.prediction.turn(on, this.position);
    byId("prediction").hidden = !on;
    this.render(false);
  }

  revealed() {
    this.prediction.revealedUpTo = Math.max(this.position, this.prediction.revealedUpTo);
    this.render(false);
  }

  recompute() {
    this.pass = this.whatIf.computed();
    this.whatIf.record(this.loss);
    byId("changed").hidden = !this.whatIf.isChanged;
    this.render(false);
    writeAddress(() => this.fragment);
  }

  /**
   * Show a node on a card beside it, and in the panel. It stays until the next step or node; a pinned one stays until
   * it is released.
   */
  choose(node, pin, opens = false) {
    if (opens) this.openTab(document.querySelector("[aria-controls=details-panel]"));
    this.showCard(node);
    if (this.isPinned && !pin) return;
    this.isPinned = pin;
    this.chosen = node;
    this.details.show(this.moment, node);
  }

  /** Show the card of a node in the other half of the picture, or over the other picture, unless the panel shows it. */
  showCard(node) {
    const card = byId("card");
    card.hidden = !byId("details-panel").hidden;
    if (card.hidden) return;
    this.carded = node;
    this.card.show(this.moment, node);
    const isBeside = this.openPictures.length > 1;
    card.classList.toggle("left", isBeside ? byId("network").matches(":hover") : this.openPicture.isInRightHalf(node));
  }

  release() {
    this.isPinned = false;
    this.chooseOwn();
    this.details.show(this.moment, this.chosen);
  }

  /** Choose the node of the present entry, unless another one is pinned. */
  chooseOwn() {
    if (!this.isPinned && this.position) this.chosen = this.reading.entries[this.position - 1].node ?? this.chosen;
  }

  render(withPulse) {
    const hidden = this.isHidden;
    this.moment = new Moment(this.program, this.reading, this.pass, this.position, hidden, this.prediction.isOn);
    for (const picture of this.pictures) picture.paint(this.moment);
    if (this.isFollowing) this.openPicture.follow();
    this.openPicture.travel(this.moment, withPulse ? Math.min(this.stepTime * 0.8, 900) : 0);
    this.showEntry(hidden);
    this.list.write(this.pass, this.position, hidden, this.prediction.level);
    this.details.show(this.moment, this.chosen);
    if (!byId("card").hidden) this.card.show(this.moment, this.carded);
    const loss = this.program.nodes.length - 1;
    this.whatIf.showLoss(!this.prediction.isOn || (this.moment.isComputed(loss) && !this.moment.isHidden(loss, false)));
    byId("position").value = this.position;
    byId("position").setAttribute("aria-valuetext", this.spoken(hidden));
    // Measuring comes last: a browser lays out everything that changed before it measures.
    this.list.show(this.position);
    this.fitFormula();
  }

  showEntry(hidden) {
    const { entry } = this.moment;
    byId("count").textContent = `${this.reading.unit} ${this.position} of ${this.count}`;
    const sentence = entry ? entry.sentence : "the beginning: press Next, the right arrow key, or Play";
    byId("sentence").textContent = sentence[0].toUpperCase() + sentence.slice(1);
    byId("formula").innerHTML = entry ? formulaHtml(this.program, this.pass, entry, hidden) : "";
    byId("explanation").replaceChildren(
      ...explanations(this.program, this.moment).map((text) => element("p", {}, [text])),
    );
    if (this.timer === null || this.stepTime >= LEAST_SPOKEN) byId("live").textContent = this.spoken(hidden);
    if (hidden) this.ask(entry);
    else this.prediction.rest();
  }

  ask(entry) {
    this.prediction.say("");
    this.prediction.ask({
      entry,
      name: nameOf(entry),
      result: resultOf(this.program, this.pass, entry),
      text: this.isHidden >= HIDES_FORMULA ? `${nameOf(entry)} = ?` : `${entry.text} = ?`,
      before: this.moment.steps.at(-1)?.kind === "updated" ? this.pass.values[entry.node] : null,
      key: this.whatIf.isChanged ? null : keyOf(this.program, entry),
    });
  }

  spoken(hidden) {
    const { entry } = this.moment;
    const unit = UNITS[this.reading.unit];
    if (entry === null) return `${unit} 0 of ${this.count}: the beginning.`;
    const said = entryText(this.program, this.pass, entry, hidden);
    return `${unit} ${this.position} of ${this.count}, ${entry.heading}: ${said}. ${explanations(this.program, this.moment).join(" ")}`;
  }

  /** Make the formula as large as its place allows; on one line if that is not too small. */
  fitFormula() {
    const formula = byId("formula");
    const { clientWidth, clientHeight } = formula.parentElement;
    const room = () => Math.min(clientWidth / formula.scrollWidth, clientHeight / formula.offsetHeight);
    const show = (size, isOnOneLine) => {
      formula.style.fontSize = `${size}rem`;
      formula.classList.toggle("one-line", isOnOneLine);
    };
    const [least] = FORMULA_SIZES.one;
    show(least, true);
    const most = least * room();
    if (most >= least) return show(FORMULA_SIZES.one.findLast((size) => size <= most), true);
    for (const size of FORMULA_SIZES.several) {
      show(size, false);
      if (room() >= 1) return;
    }
  }

  resize() {
    this.fitFormula();
    for (const { view } of this.openPictures) {
      view.measure();
      if (view.isFitted) view.fit();
      else view.show(view.shown);
    }
    if (this.isFollowing) this.openPicture.follow();
  }

  get openPictures() {
    return this.pictures.filter((picture) => !picture.host.hidden);
  }

  get openPicture() {
    return this.openPictures[0];
  }

  follows(on, now = false) {
    this.isFollowing = on;
    byId("follow").checked = on;
    if (!now) return;
    if (on) this.openPicture.follow();
    else this.fit();
  }

  zoom(factor) {
    this.follows(false);
    this.openPicture.view.zoom(factor);
  }

  fit() {
    this.follows(false);
    for (const { view } of this.openPictures) view.fit();
  }

  /** Open a tab; a view that was chosen so belongs to the address. */
  chooseTab(button) {
    this.openTab(button);
    if (button.closest("header")) this.view = this.openPictures.length > 1 ? "both" : this.openPicture.host.id;
    writeAddress(() => this.fragment);
  }

  openTab(button) {
    const panelsOf = (tab) => tab.getAttribute("aria-controls").split(" ");
    for (const other of button.parentElement.querySelectorAll("[role=tab]")) {
      const isOpen = other === button;
      other.setAttribute("aria-selected", String(isOpen));
      other.tabIndex = isOpen ? 0 : -1;
      for (const panel of panelsOf(other)) byId(panel).hidden = !panelsOf(button).includes(panel);
    }
    if (button.closest("header")) byId("pictures").classList.toggle("both", panelsOf(button).length > 1);
    // A selector with :has would make a browser look at all of the graph whenever a formula changes.
    document.querySelector("main").classList.toggle("what-if", !byId("what-if-panel").hidden);
    this.resize(); // a wide panel leaves less room for the others
    this.openPictures[1]?.view.fit();
  }

  /** Show a view: "graph", "network" or "both"; null for both if the network can be read beside the graph, else the graph. */
  showView(view) {
    const [graph, network, both] = document.querySelectorAll("header [role=tab]");
    const widest = both.offsetParent ? both : graph; // a narrow page has no button for both
    this.openTab({ graph, network }[view] ?? widest);
    if (view === null && this.openPictures[1]?.isSmall) this.openTab(graph);
    this.view = view;
  }
}
