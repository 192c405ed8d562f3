// Which words of two texts are not in the other.

/** More words than this are compared as a whole: the table grows with their product. */
const MOST = 1200;

/** Returns the two texts in pieces: `[[text, isOnlyHere], …]` each. */
export function diffWords(left, right) {
  if (left === right) return [[[left, false]], [[right, false]]];
  const [a, b] = [words(left), words(right)];
  if (a.length > MOST || b.length > MOST) return [[[left, true]], [[right, true]]];
  const common = longest(a, b);
  return [pieces(a, common.left), pieces(b, common.right)];
}

function words(text) {
  return text.match(/\s+|[\p{L}\p{N}_]+|[^\s\p{L}\p{N}_]/gu) ?? [];
}

/** Returns which words are part of the longest common sequence. */
function longest(a, b) {
  const width = b.length + 1;
  const table = new Uint16Array((a.length + 1) * width);
  for (let i = a.length - 1; i >= 0; i -= 1) {
    for (let j = b.length - 1; j >= 0; j -= 1) {
      const at = i * width + j;
      table[at] = a[i] === b[j] ? table[at + width + 1] + 1 : Math.max(table[at + width], table[at + 1]);
    }
  }
  const left = new Set();
  const right = new Set();
  for (let i = 0, j = 0; i < a.length && j < b.length;) {
    const at = i * width + j;
    if (a[i] === b[j]) {
      left.add(i);
      right.add(j);
      i += 1;
      j += 1;
    } else if (table[at + width] >= table[at + 1]) i += 1;
    else j += 1;
  }
  return { left, right };
}

function pieces(words, common) {
  const all = [];
  const isNew = (index) => index >= 0 && index < words.length && !common.has(index);
  words.forEach((word, index) => {
    // A blank between two words that are new is a part of what is new.
    const changed = isNew(index) || (/^\s+$/.test(word) && isNew(index - 1) && isNew(index + 1));
    const last = all.at(-1);
    if (last && last[1] === changed) last[0] += word;
    else all.push([word, changed]);
  });
  return all;
}
