// A list of which only the rows in sight exist: a run may have ten thousand steps.

import { h } from "./dom.js";

const AROUND = 12;

/**
 * `count()` rows, each `height` pixels high; `make(index)` returns the element of one. The rows stand
 * inside `element`, which scrolls.
 */
export class VirtualList {
  constructor({ element, height, count, make }) {
    Object.assign(this, { element, height, count, make });
    this.space = h("div", { class: "space", role: "presentation" });
    element.append(this.space);
    this.rows = new Map();
    this.frame = 0;
    this.onScroll = () => this.request();
    element.addEventListener("scroll", this.onScroll, { passive: true });
    this.observer = new ResizeObserver(() => this.request());
    this.observer.observe(element);
  }

  close() {
    this.observer.disconnect();
    cancelAnimationFrame(this.frame);
  }

  /** Makes the rows anew: what they show has changed. */
  refresh() {
    this.stale = true;
    this.request();
  }

  request() {
    if (this.frame === 0) {
      this.frame = requestAnimationFrame(() => {
        this.frame = 0;
        this.draw();
      });
    }
  }

  draw() {
    const height = this.height();
    const total = this.count();
    this.space.style.height = `${total * height}px`;
    // What sticks to the top of the list covers rows, and never shows any.
    const from = Math.max(0, Math.floor(this.element.scrollTop / height) - AROUND);
    const to = Math.min(total, Math.ceil((this.element.scrollTop + this.element.clientHeight) / height) + AROUND);
    for (const [index, row] of this.rows) {
      if (this.stale || index < from || index >= to) {
        row.remove();
        this.rows.delete(index);
      }
    }
    this.stale = false;
    for (let index = from; index < to; index += 1) {
      if (this.rows.has(index)) continue;
      const row = this.make(index);
      row.style.transform = `translateY(${index * height}px)`;
      row.style.height = `${height}px`;
      this.rows.set(index, row);
      this.space.append(row);
    }
  }

  /** Scrolls as little as needed to have a row in sight; `top` pixels of the list are covered. */
  reveal(index, top = 0) {
    const height = this.height();
    const { scrollTop, clientHeight } = this.element;
    const at = index * height;
    if (at < scrollTop) this.element.scrollTop = at;
    else if (at + height + top > scrollTop + clientHeight) this.element.scrollTop = at + height + top - clientHeight;
    this.draw();
  }
}
