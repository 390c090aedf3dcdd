// For printing: one page for each phase, with the picture at its end and the formulas of its steps.

class Paper {
  constructor(player) {
    this.player = player;
    this.host = byId("paper");
    addEventListener("beforeprint", () => this.write());
    addEventListener("afterprint", () => this.host.replaceChildren());
  }

  write() {
    const summary = this.player.prediction.summary.paper;
    if (summary) {
      this.host.replaceChildren(summary);
      return;
    }
    const { program, reading, pass, position } = this.player;
    const phases = [...new Set(reading.entries.map((entry) => entry.heading))];
    this.host.replaceChildren(
      ...phases.map((phase) => this.page(phase, reading.entries.filter((entry) => entry.heading === phase))),
    );
    const moment = new Moment(program, reading, pass, position, false);
    for (const picture of this.player.pictures) picture.paint(moment);
  }

  page(phase, entries) {
    const { program, reading, pass, openPicture } = this.player;
    openPicture.paint(new Moment(program, reading, pass, entries.at(-1).index + 1, false));
    const lines = entries.map((entry) => {
      const line = element("li", { value: entry.index + 1 });
      line.innerHTML = formulaHtml(program, pass, entry, false);
      return line;
    });
    return element("section", {}, [
      element("h2", {}, [`${document.title}: ${phase}`]),
      element("div", { class: openPicture.host.className }, [openPicture.view.copy()]),
      element("ol", { class: entries.length > 30 ? "dense" : "" }, lines),
    ]);
  }
}

const program = programOf(storedProgram());
new Paper(new Player(program));
