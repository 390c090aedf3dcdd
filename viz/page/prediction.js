// Predict, then reveal: the next number is hidden until the viewer guesses it or asks for it.

class Prediction {
  constructor(onRevealed, onNext) {
    this.onRevealed = onRevealed;
    this.onNext = onNext;
    this.isOn = false;
    this.revealedUpTo = 0;
    this.right = 0;
    this.tried = 0;
    this.form = byId("prediction");
    this.field = byId("guess");
    this.verdict = byId("verdict");
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.answer();
    });
    byId("reveal").addEventListener("click", () => this.reveal("Shown."));
  }

  turn(on, position) {
    this.isOn = on;
    this.revealedUpTo = position;
    this.right = 0;
    this.tried = 0;
    this.say("");
  }

  /** Whether the result of the step before this position is still to be guessed. */
  hides(position) {
    return this.isOn && position > this.revealedUpTo;
  }

  /** Ask for the result of a step. */
  ask(result, question) {
    if (this.question !== question) this.field.value = "";
    this.result = result;
    this.question = question;
    byId("question").textContent = question;
    byId("reveal").disabled = false;
  }

  /** Nothing to ask: the number is shown. */
  rest() {
    this.question = null;
    byId("question").textContent = "Press Enter for the next number";
    byId("reveal").disabled = true;
  }

  /** Check the guess. If the number is shown already, go on, so that Enter alone moves through the numbers. */
  answer() {
    if (this.question === null) {
      this.onNext();
      return;
    }
    const guess = typedNumber(this.field.value);
    if (guess === null) {
      this.say("Type a number, such as -0.5, 18/625 or 1e-3.");
      return;
    }
    this.tried += 1;
    const isRight = isRightGuess(guess, this.result);
    if (isRight) this.right += 1;
    const score = `${this.right} of ${this.tried} right so far.`;
    if (isRight) this.reveal(`Right: ${shown(this.result)}. ${score}`, "right");
    else this.say(`${shown(guess)} is wrong. Try again, or press Show it. ${score}`, "wrong");
  }

  reveal(verdict, kind = "") {
    this.onRevealed();
    this.say(verdict, kind);
  }

  say(verdict, kind = "") {
    this.verdict.textContent = verdict;
    this.verdict.className = kind;
  }
}
