// The details of one node: its number, its gradient, the ledger of contributions to it, and its line of code.

class Details {
  constructor(host, program) {
    this.host = host;
    this.program = program;
  }

  show(moment, number) {
    const node = this.program.nodes[number];
    const formula = node.op === null ? node.kind : this.formula(moment, number);
    this.host.replaceChildren(
      element("h2", {}, [mathElement(node.math), element("span", { class: "kind" }, [formula])]),
      element("dl", {}, [
        ...described("data", moment.dataText(number)),
        ...described("gradient", node.varies ? moment.gradientText(number) : "- (constants have none)"),
        ...described("made at", node.source || "not recorded (use autograd.record_lines())"),
      ]),
      ...this.ledger(moment, number),
    );
  }

  formula(moment, number) {
    const index = moment.order.computedBy[number];
    const step = entryOf(this.program, index);
    return entryText(this.program, moment.pass, step, moment.isHidden(number, false) || !moment.isComputed(number));
  }

  /** A table of the contributions that a node has received, and how many are still to come. */
  ledger(moment, number) {
    const all = moment.order.postings[number];
    const done = moment.postings(number);
    const rows = done.map((index) => this.row(moment, index));
    if (!all.length) return [];
    const coming = all.length - done.length;
    const note = coming ? `${coming} contribution${coming > 1 ? "s" : ""} to come` : "";
    if (!rows.length) return [element("p", {}, [`Ledger: ${note}.`])];
    const head = ["through", "upstream", "local", "amount", "total"].map((text) => element("th", { scope: "col" }, [text]));
    const table = element("table", {}, [
      element("caption", {}, ["Ledger of its gradient"]),
      element("thead", {}, [element("tr", {}, head)]),
      element("tbody", {}, rows),
    ]);
    return note ? [table, element("p", {}, [`${note}.`])] : [table];
  }

  row(moment, index) {
    const step = this.program.steps[index];
    const event = moment.pass.events[index];
    const hidden = moment.hidden && moment.order.doneAt[index] === moment.position;
    const through = step.kind === "seed" ? "the start" : this.program.nodes[step.source].name;
    const factors = step.kind === "seed" ? ["-", "-"] : [shown(event.upstream), shown(event.local)];
    const results = hidden ? ["?", "?"] : [shown(event.amount ?? event.result), shown(event.result)];
    return element("tr", {}, [through, ...factors, ...results].map((text) => element("td", {}, [text])));
  }
}

function described(name, text) {
  return [element("dt", {}, [name]), element("dd", {}, [text])];
}

/** MathML elements of this page's own, in a <math>. */
function mathElement(elements) {
  const holder = document.createElement("span");
  holder.innerHTML = `<math>${elements}</math>`;
  return holder.firstChild;
}
