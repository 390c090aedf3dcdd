// The list of steps, the tabs, and the colours.

const LISTED_AT_ONCE = 50; // a browser watches each list, and lays out those in sight

/** The list of steps or lines, by phase; a click goes to one. Lines have their numbers as soon as these are known. */
class EntryList {
  constructor(host, program, reading, onChosen) {
    Object.assign(this, { host, program, reading, buttons: [], bodies: [] });
    host.replaceChildren();
    let phase = "";
    for (const { heading, index, text, listed = text } of reading.entries) {
      if (heading !== phase) host.append(element("h2", {}, [heading]));
      if (heading !== phase || this.items.childElementCount === LISTED_AT_ONCE) this.items = host.appendChild(element("ol"));
      phase = heading;
      const number = element("span", { class: "number" }, [`${index + 1}`]);
      const body = element("span", { class: "body" }, [listed]);
      const button = element("button", { type: "button" }, [number, " ", body]);
      button.addEventListener("click", () => onChosen(index + 1));
      this.items.append(element("li", {}, [button]));
      this.items.style.setProperty("--count", this.items.childElementCount);
      this.buttons.push(button);
      this.bodies.push(body);
    }
    this.written = [];
  }

  /** Write the formulas of the lines up to a position with their numbers, and those to come in symbols, if at all. */
  write(pass, position, hidden, level) {
    if (this.reading.unit !== "line") return;
    this.reading.entries.forEach((entry, index) => {
      const state = index >= position ? "coming" : hidden && index === position - 1 ? "hidden" : "done";
      const kind = `${state}${state === "done" ? "" : level}`;
      const written = this.written[index];
      if (written?.kind === kind && (written.pass === pass || state === "coming")) return;
      this.written[index] = { kind, pass };
      this.bodies[index].innerHTML = state === "coming"
        ? symbolsHtml(entry, level)
        : formulaHtml(this.program, pass, entry, state === "hidden" ? level : 0);
      const coming = level >= HIDES_FORMULA ? nameOf(entry) : entry.text;
      const text = state === "coming" ? coming : entryText(this.program, pass, entry, state === "hidden" ? level : 0);
      this.buttons[index].setAttribute("aria-label", `${index + 1}: ${text}`);
      this.buttons[index].classList.toggle("coming", state === "coming");
    });
  }

  show(position) {
    this.current?.removeAttribute("aria-current");
    this.current = this.buttons[position - 1];
    this.current?.setAttribute("aria-current", "step");
    const { scrollTop, clientHeight } = this.host;
    const listed = this.host.getBoundingClientRect().top;
    const top = this.current ? this.current.getBoundingClientRect().top - listed + scrollTop : 0;
    if (top < scrollTop + 30 || top > scrollTop + clientHeight - 60) this.host.scrollTop = top - clientHeight / 2;
  }
}

function moveAmongTabs(event) {
  const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  if (!step) return;
  const tabs = [...event.target.parentElement.querySelectorAll("[role=tab]")];
  const next = tabs[(tabs.indexOf(event.target) + step + tabs.length) % tabs.length];
  next.focus();
  next.click();
}

/** Switch from the system's colours to the opposite ones, then to fixed ones like the system's, and back. */
function switchTheme() {
  const root = document.documentElement;
  const themes = matchMedia("(prefers-color-scheme: dark)").matches ? ["", "light", "dark"] : ["", "dark", "light"];
  const next = themes[(themes.indexOf(root.dataset.theme ?? "") + 1) % themes.length];
  root.dataset.theme = next;
  byId("theme").setAttribute("aria-label", `Colours: ${next || "as the system has them"}`);
  byId("theme").title = `Colours: ${next || "as the system has them"}`;
}

function byId(id) {
  return document.getElementById(id);
}
