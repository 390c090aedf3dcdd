// The address of a moment: "#step=12&view=network&w13=5", the step or line, what is shown, and the changed numbers.

const VIEWS = ["graph", "network", "both"];
const MOST_CHANGED = 200; // numbers in an address; browsers and mail programs cut longer ones
const LONGEST_SAID = 120; // characters of what is wrong with an address

/** A moment from an address, or `refusal`, a sentence that says what is wrong; then nothing of it is used. */
function momentInAddress(address, program, views) {
  const moment = { unit: null, position: 0, leaves: new Map(), rate: null, view: null, open: "" };
  const hash = new URL(address).hash.slice(1);
  const seen = new Set();
  for (const part of hash ? (/^\d+$/.test(hash) ? `step=${hash}` : hash).split("&") : []) {
    try {
      const [key, text, ...more] = part.split("=").map(decodeURIComponent);
      if (text === undefined || more.length) throw new Refusal(`expected name=number, got "${part}"`);
      if (seen.has(key)) throw new Refusal(`"${key}" is there twice`);
      seen.add(key);
      readInto(moment, key, text, program, views);
    } catch (error) {
      if (!(error instanceof Refusal || error instanceof URIError)) throw error;
      const why = error instanceof Refusal ? error.message : `"${part}" has a broken % sign`;
      return { refusal: `The link does not fit this page: ${shortened(why)}. Nothing of it was used.` };
    }
  }
  return moment;
}

class Refusal extends Error {}

function shortened(sentence) {
  return sentence.length > LONGEST_SAID ? `${sentence.slice(0, LONGEST_SAID)}…` : sentence;
}

/** Read one part of an address. Names of nodes never hide what the page uses itself; `addressName` tells them apart. */
function readInto(moment, key, text, program, views) {
  const expect = (isRight, what) => {
    if (!isRight) throw new Refusal(`expected ${what} for "${key}", got "${text}"`);
  };
  if (Object.hasOwn(UNITS, key)) {
    expect(/^\d{1,9}$/.test(text), "a whole number");
    if (!(key === "line" ? program.lines.length : key === "step" || program.pictures)) throw new Refusal(`this page has no ${key}s`);
    if (moment.unit) throw new Refusal(`it has "${moment.unit}" and "${key}"`);
    Object.assign(moment, { unit: key, position: Number(text) });
  } else if (key === "view") {
    expect(VIEWS.includes(text) && (text === "graph" || program.network), program.network ? "graph, network or both" : "graph");
    moment.view = text;
  } else if (key === "open") {
    expect(views.includes(text), "a scope");
    moment.open = text;
  } else {
    const node = key === "lr" ? -1 : program.nodes.findIndex((each) => each.op === null && addressName(each.name) === key);
    if (node < 0 && key !== "lr") throw new Refusal(`there is no number "${key}" to change`);
    const number = typedNumber(text);
    expect(number !== null, "a number");
    if (key === "lr") {
      expect(Number.isFinite(number) && number >= 0, "a number from 0");
      moment.rate = text;
    } else moment.leaves.set(node, number);
  }
}

/** The name of a node in an address; one that the page uses itself has a dot before it. */
function addressName(name) {
  return /^\.*(step|line|part|view|open|lr)$/.test(name) ? `.${name}` : name;
}

/** The part of an address after #: the unit and the position, the view and the open scope, the changed leaves. */
function fragmentOf(program, { unit, position, view, open, leaves, rate }) {
  const changed = [...leaves].map(([node, number]) => [addressName(program.nodes[node].name), plainNumber(number)]);
  const parts = [[unit, position], ...(view ? [["view", view]] : []), ...(open ? [["open", open]] : [])];
  if (changed.length <= MOST_CHANGED) parts.push(...changed, ...(rate === null ? [] : [["lr", rate]]));
  return parts.map((pair) => pair.map(encodeURIComponent).join("=")).join("&");
}

/** A number with all of its digits. */
function plainNumber(number) {
  if (Object.is(number, -0)) return "-0";
  return Number.isFinite(number) ? String(number) : shown(number);
}

/** Write the address after a short pause: browsers refuse to change it too often. */
function writeAddress(fragment) {
  clearTimeout(writeAddress.timer);
  writeAddress.timer = setTimeout(() => {
    try {
      history.replaceState(null, "", `#${fragment()}`);
    } catch {
      // A page inside a notebook's frame has no address of its own.
    }
  }, 150);
}

/** Copy a text; say whether the browser allowed it. */
async function copied(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const field = document.body.appendChild(element("textarea", { "aria-label": "link" }));
    field.value = text;
    field.select();
    const done = document.execCommand("copy");
    field.remove();
    return done;
  }
}
