// For printing: one page for each phase, with the picture at its end and the formulas of its steps.

class Paper {
  constructor(player) {
    this.player = player;
    this.host = byId("paper");
    addEventListener("beforeprint", () => this.write());
    addEventListener("afterprint", () => this.host.replaceChildren());
  }

  write() {
    const { program, order, pass, position } = this.player;
    const phases = [...new Set(Object.values(PHASES))];
    const pages = phases.map((phase) => {
      const indices = program.steps.map((_, index) => index).filter((index) => PHASES[program.steps[index].kind] === phase);
      return indices.length ? this.page(phase, indices) : null;
    });
    this.host.replaceChildren(...pages.filter(Boolean));
    const moment = new Moment(program, order, pass, position, false);
    for (const picture of this.player.pictures) picture.paint(moment, 0);
  }

  page(phase, indices) {
    const { program, order, pass, openPicture } = this.player;
    openPicture.paint(new Moment(program, order, pass, indices.at(-1) + 1, false), 0);
    const picture = openPicture.view.svg.cloneNode(true);
    const { x, y, width, height } = openPicture.view.whole;
    picture.setAttribute("viewBox", `${x} ${y} ${width} ${height}`);
    for (const element of picture.querySelectorAll("[id]")) element.removeAttribute("id");
    const lines = indices.map((index) => {
      const line = element("li", { value: index + 1 });
      line.innerHTML = formulaHtml(program, pass, index, false);
      return line;
    });
    return element("section", {}, [
      element("h2", {}, [`${document.title}: ${phase}`]),
      element("div", { class: openPicture.host.className }, [picture]),
      element("ol", { class: indices.length > 30 ? "dense" : "" }, lines),
    ]);
  }
}

const program = JSON.parse(byId("program").textContent);
new Paper(new Player(program));
