// The list of steps, the tabs, the address of the page, and the colours.

const PHASES = { computed: "Forward", seed: "Backward", posting: "Backward", prepared: "Update", updated: "Update" };

/** The list of steps, by phase; a click goes to a step. */
class StepList {
  constructor(host, program, onChosen) {
    this.buttons = [];
    let phase = "";
    program.steps.forEach((step, index) => {
      if (PHASES[step.kind] !== phase) {
        phase = PHASES[step.kind];
        host.append(element("h3", {}, [phase]));
        this.items = host.appendChild(element("ol"));
      }
      const button = element("button", { type: "button" }, [element("span", {}, [`${index + 1}`]), ` ${step.text}`]);
      button.addEventListener("click", () => onChosen(index + 1));
      this.items.append(element("li", {}, [button]));
      this.buttons.push(button);
    });
    this.host = host;
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

/** The step in the address: "#step=12" or "#12". */
function positionInAddress(count) {
  const match = /^#(?:step=)?(\d+)$/.exec(location.hash);
  return match ? Math.min(Number(match[1]), count) : 0;
}

/** Write the address after a short pause: browsers refuse to change it too often. */
function writeAddress(position) {
  clearTimeout(writeAddress.timer);
  writeAddress.timer = setTimeout(() => {
    try {
      history.replaceState(null, "", `#step=${position}`);
    } catch {
      // A page inside a notebook's frame has no address of its own.
    }
  }, 150);
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
