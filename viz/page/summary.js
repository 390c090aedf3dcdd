// The summary of the predictions: each number with its guesses, on the screen and on paper.

class Summary {
  constructor() {
    this.dialog = byId("summary");
    this.clear();
    byId("summarize").addEventListener("click", () => {
      byId("summary-content").replaceChildren(...this.content());
      this.dialog.showModal();
    });
    byId("print-summary").addEventListener("click", () => print());
  }

  clear() {
    this.records = new Map();
  }

  /** The record of a question: the guesses, and how it ended, "right" or "shown"; "" before. */
  record({ entry, name }) {
    if (!this.records.has(entry)) this.records.set(entry, { name, guesses: [], end: "" });
    return this.records.get(entry);
  }

  get ended() {
    return [...this.records.values()].filter(({ end }) => end);
  }

  /** How many numbers were right at the first try. */
  get score() {
    const { ended } = this;
    return `${ended.filter(isRightAtOnce).length} of ${ended.length} right at the first try`;
  }

  /** The summary as elements. */
  content() {
    const ended = this.ended;
    const later = ended.filter((record) => record.end === "right" && !isRightAtOnce(record)).length;
    const given = ended.filter(({ end }) => end === "shown").length;
    const rows = [...this.records.values()].filter(({ guesses, end }) => end || guesses.length).map(summaryRow);
    const head = ["number", "guesses", "how it went"].map((text) => element("th", { scope: "col" }, [text]));
    const table = element("table", {}, [element("thead", {}, [element("tr", {}, head)]), element("tbody", {}, rows)]);
    return [element("h2", {}, [`${document.title}: predictions`]), element("p", {}, [`${this.score}, ${later} later, ${given} shown.`]), table];
  }

  /** What is printed in place of the pass while the summary is open. */
  get paper() {
    return this.dialog.open ? element("section", { class: "summary" }, this.content()) : null;
  }
}

function isRightAtOnce({ guesses, end }) {
  return end === "right" && guesses.length === 1;
}

function summaryRow({ name, guesses, end }) {
  const typed = guesses.map(({ guess }) => shown(guess.number)).join(", ");
  const ways = { right: `right at try ${guesses.length}`, shown: "shown", "": "open" };
  const said = guesses.map(({ sentence }) => sentence).filter((sentence) => sentence && !sentence.endsWith("is not right."));
  const how = [ways[end], ...new Set(said)].map((text) => element("div", {}, [text]));
  return element("tr", {}, [element("th", { scope: "row" }, [name]), element("td", {}, [typed]), element("td", {}, how)]);
}
