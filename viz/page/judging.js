// Judges a guess: by the intervals and the slips that the marking put into the page, see `Key` in viz/questions/keys.py.
//
// A question has the `entry` that is asked for, its `name` and `result`, the `text` that asks, the number `before` of a
// weight that is updated, and the `key`; null where the numbers are others than those that were marked.

const TWO_DIGITS = 2; // a number with so few is not rounded

/** Read a guess: the number, and the place of its last digit; -Infinity for what is exact. Null for anything else. */
function typedGuess(text) {
  const number = typedNumber(text);
  if (number === null || (/\d/.test(text) && !Number.isFinite(number))) return null; // 1/0, 1e999
  const [, decimals = "", exponent = "0"] = /^[^.e]*(?:\.(\d*))?(?:e([-+]?\d+))?$/i.exec(plainText(text)) ?? [];
  const isExact = number === 0 || text.includes("/");
  return { number, place: isExact ? -Infinity : Number(exponent) - decimals.length };
}

/** The key of an entry, whose parts stand in the program, each once; null for an entry without one. */
function keyOf({ shared }, { key }) {
  if (!key) return null;
  const [rooms, spread, old, slips] = key;
  return [shared[rooms], spread, old, slips.map(([number, around, said]) => [number, shared[around], shared[said]])];
}

/** Whether a guess is right, and a sentence about a wrong one. */
function judged({ name, result, before, key }, guess) {
  const said = `${name} = ${shown(guess.number)}`;
  const [rooms, spread, old, slips] = key ?? [null, 0, before, []];
  const isOld = guess.number === old && old !== result;
  if (!isOld && isNear(guess, result, rooms, spread)) return { isRight: true, sentence: "" };
  const exact = { ...guess, place: -Infinity };
  const found = slips.find(([number, around]) => isNear(exact, number, around))
    ?? slips.find(([number, around]) => isNear(guess, number, around));
  return { isRight: false, sentence: found ? found[2].replace("{guess}", said) : `${said} is not right.` };
}

/** Whether a guess is this number, when rounded to its digits. `rooms` has the rooms by the place of the last digit. */
function isNear({ number, place }, wanted, rooms, spread = 0) {
  if (Object.is(number, wanted) || number === wanted) return true;
  const room = rooms ? rooms[1][clamped(rooms[0] - place, 0, rooms[1].length - 1)] : roomAround(wanted, place);
  return Math.abs(number - wanted) <= room + spread + CLOSE * Math.abs(wanted);
}

/** The room around a number that was not marked: half a unit of the last digit, none for a number of few digits. */
function roomAround(number, place) {
  const rounded = Number(number.toPrecision(TWO_DIGITS));
  if (Number.isInteger(number) || Math.abs(number - rounded) <= CLOSE * Math.abs(number)) return 0;
  const first = Math.floor(Math.log10(Math.abs(number)));
  return 0.5 * 10 ** Math.min(place, first - TWO_DIGITS + 1);
}
