// Predict, then reveal: the next number is hidden until the viewer guesses it or asks for it.

const [HIDES_RESULT, HIDES_NUMBERS, HIDES_FORMULA] = [1, 2, 3]; // the levels: each hides what the one before does

class Prediction {
  constructor(onRevealed, onNext, onLevel) {
    this.onRevealed = onRevealed;
    this.onNext = onNext;
    this.isOn = false;
    this.revealedUpTo = 0;
    this.question = null;
    this.summary = new Summary();
    this.form = byId("prediction");
    this.field = byId("guess");
    this.verdict = byId("verdict");
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.answer();
    });
    byId("reveal").addEventListener("click", () => this.show());
    byId("hiding").addEventListener("change", onLevel);
  }

  turn(on, position) {
    this.isOn = on;
    this.revealedUpTo = position;
    this.summary.clear();
    this.say("");
  }

  /** What is hidden of the lines that are still to be guessed. */
  get level() {
    return this.isOn ? Number(byId("hiding").value) : 0;
  }

  /** What is hidden of the entry before this position: 0 for nothing, else the level. */
  hides(position) {
    return position > this.revealedUpTo ? this.level : 0;
  }

  /** Ask for the result of an entry: see Question in judging.js. */
  ask(question) {
    const isSame = this.question?.entry === question.entry;
    if (!isSame) this.field.value = "";
    this.question = question;
    this.record = this.summary.record(question);
    byId("question").textContent = question.text;
    byId("reveal").disabled = false;
  }

  /** Nothing to ask: the number is shown. */
  rest() {
    this.question = null;
    byId("question").textContent = "Press Enter for the next number";
    byId("reveal").disabled = true;
  }

  /** Judge the guess. If the number is shown already, go on, so that Enter alone moves through the numbers. */
  answer() {
    if (this.question === null) {
      this.onNext();
      return;
    }
    const guess = typedGuess(this.field.value);
    if (guess === null) {
      this.say("Type a number, such as -0.5, 18/625 or 1e-3.");
      return;
    }
    const { isRight, sentence } = judged(this.question, guess);
    this.record.guesses.push({ guess, sentence });
    if (isRight) this.end("right");
    else this.say(`${sentence} Try again, or press Show it.`, "wrong");
  }

  /** Show the number, if one is asked for. */
  show() {
    if (this.question) this.end("shown");
  }

  end(how) {
    const { result } = this.question;
    this.record.end = how;
    this.onRevealed();
    if (how === "right") this.say(`Right: ${shown(result)}. ${this.summary.score}.`, "right");
    else this.say("Shown.");
  }

  say(verdict, kind = "") {
    this.verdict.textContent = verdict;
    this.verdict.className = kind;
    if (verdict) this.verdict.scrollIntoView({ block: "nearest" }); // on a phone it is below the field
  }
}
