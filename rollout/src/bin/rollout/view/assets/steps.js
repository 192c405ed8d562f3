// The steps of a run as the tree shows them: which are open, which match, where each belongs.

/** The server lists steps in the order of the tree, each with its depth. */
export class Steps {
  constructor() {
    this.all = [];
    this.closed = new Set();
    this.needle = "";
    this.visible = [];
    this.byKey = new Map();
  }

  set(all) {
    this.all = all;
    this.byKey = new Map(all.map((step, index) => [step.key, index]));
    const open = [];
    all.forEach((step, index) => {
      while (open.length > 0 && all[open.at(-1)].depth >= step.depth) all[open.pop()].end = index;
      step.parent = open.at(-1) ?? -1;
      step.index = index;
      step.children = 0;
      if (step.parent >= 0) {
        step.place = (all[step.parent].children += 1);
      } else {
        step.place = 1;
      }
      open.push(index);
    });
    for (const index of open) all[index].end = all.length;
    this.update();
  }

  get(key) {
    return this.all[this.byKey.get(key)];
  }

  isOpen(step) {
    // A search looks into what is closed as well.
    return this.needle !== "" || !this.closed.has(step.key);
  }

  /** Works out which steps are in the list. */
  update() {
    this.hits = [];
    const keep = this.needle === "" ? null : this.matches();
    this.isHit = new Set(this.hits);
    this.visible = [];
    for (let index = 0; index < this.all.length;) {
      const step = this.all[index];
      if (keep === null || keep.has(index)) this.visible.push(index);
      index = step.end > index + 1 && !this.isOpen(step) ? step.end : index + 1;
    }
    this.rowOf = new Map(this.visible.map((index, row) => [index, row]));
  }

  /** Those that match, and what is around them. */
  matches() {
    const found = new Set();
    this.all.forEach((step, index) => {
      if (!matches(step, this.needle)) return;
      this.hits.push(index);
      for (let at = index; at >= 0 && !found.has(at); at = this.all[at].parent) found.add(at);
    });
    return found;
  }

  /** What was found after a step, or before it; round and round. */
  nextHit(step, by) {
    const at = step?.index ?? -1;
    const { hits } = this;
    return this.all[by > 0 ? (hits.find((hit) => hit > at) ?? hits[0]) : (hits.findLast((hit) => hit < at) ?? hits.at(-1))];
  }

  filter(text) {
    this.needle = text.trim().toLowerCase();
    this.update();
  }

  toggle(step, open = this.closed.has(step.key)) {
    if (open) this.closed.delete(step.key);
    else this.closed.add(step.key);
    this.update();
  }

  /** Opens whatever hides a step. */
  uncover(step) {
    let changed = false;
    for (let at = step.parent; at >= 0; at = this.all[at].parent) changed = this.closed.delete(this.all[at].key) || changed;
    if (changed) this.update();
  }

  row(step) {
    return step ? (this.rowOf.get(step.index) ?? -1) : -1;
  }

  at(row) {
    return this.all[this.visible[row]];
  }

  /** Returns the first failed step after this one, around the end. */
  nextError(after) {
    const start = after?.index ?? -1;
    const isCause = (step) => step.status === "failed" && !this.all.slice(step.index + 1, step.end).some((inner) => inner.status === "failed");
    const order = [...this.all.slice(start + 1), ...this.all.slice(0, start + 1)];
    return order.find(isCause);
  }
}

function matches(step, needle) {
  const texts = [step.name, step.label, step.model, step.response_model, step.input?.text, step.output?.text, step.error?.message, step.error?.type, step.status, step.key];
  return texts.some((text) => text?.toLowerCase().includes(needle));
}
