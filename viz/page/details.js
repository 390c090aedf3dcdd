// What is known of one node: its number, its gradient, the ledger of its postings, and the line that made it.

class Details {
  constructor(host, program) {
    this.host = host;
    this.program = program;
  }

  show(moment, number) {
    const node = this.program.nodes[number];
    const formula = node.op === null ? node.kind : this.formula(moment, number);
    this.host.replaceChildren(
      element("h3", {}, [mathElement(node.math), element("span", { class: "kind" }, [formula])]),
      element("dl", {}, [
        ...described("data", moment.dataText(number, DIGITS)),
        ...described("gradient", node.varies ? moment.gradientText(number, DIGITS) : "- (a constant has none)"),
        ...described("made at", node.source || "not recorded; inside autograd.record_lines() it is"),
      ]),
      ...this.ledger(moment, number),
    );
  }

  formula(moment, number) {
    const index = moment.order.computedAt[number] - 1;
    return stepText(this.program, moment.pass, index, moment.isHidden(number, false) || !moment.isComputed(number));
  }

  /** The postings to a node as a table: those that are done, and how many are to come. */
  ledger(moment, number) {
    const all = moment.order.postedAt[number];
    const done = moment.postings(number);
    const rows = done.map((position) => this.row(moment, position));
    if (!all.length) return [];
    const coming = all.length - done.length;
    const note = coming ? `${coming} posting${coming > 1 ? "s" : ""} to come` : "";
    if (!rows.length) return [element("p", {}, [`Ledger: ${note}.`])];
    const head = ["through", "upstream", "local", "amount", "total"].map((text) => element("th", { scope: "col" }, [text]));
    const table = element("table", {}, [
      element("caption", {}, ["Ledger of its gradient"]),
      element("thead", {}, [element("tr", {}, head)]),
      element("tbody", {}, rows),
    ]);
    return note ? [table, element("p", {}, [`${note}.`])] : [table];
  }

  row(moment, position) {
    const step = this.program.steps[position - 1];
    const event = moment.pass.events[position - 1];
    const hidden = moment.hidden && position === moment.position;
    const through = step.kind === "seed" ? "the start" : this.program.nodes[step.source].name;
    const factors = step.kind === "seed" ? ["-", "-"] : [shown(event.upstream), shown(event.local)];
    const results = hidden ? ["?", "?"] : [shown(event.amount ?? event.result), shown(event.result)];
    return element("tr", {}, [through, ...factors, ...results].map((text) => element("td", {}, [text])));
  }
}

function described(name, text) {
  return [element("dt", {}, [name]), element("dd", {}, [text])];
}

/** An HTML element with attributes and children; texts stay texts. */
function element(tag, attributes = {}, children = []) {
  const made = document.createElement(tag);
  for (const [name, content] of Object.entries(attributes)) made.setAttribute(name, content);
  made.append(...children);
  return made;
}

/** Elements of MathML, made by the writer of this page, in a <math>. */
function mathElement(elements) {
  const holder = document.createElement("span");
  holder.innerHTML = `<math>${elements}</math>`;
  return holder.firstChild;
}
