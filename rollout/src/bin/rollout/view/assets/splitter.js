// The line between the steps and the pane, which can be moved.

import { h } from "./dom.js";

const KEY = "rollout.split";

export class Splitter {
  constructor(container) {
    this.container = container;
    this.element = h("div", {
      class: "splitter", role: "separator", tabindex: "0", "aria-orientation": "vertical", "aria-label": "Width of the steps",
      "aria-valuemin": 25, "aria-valuemax": 80,
    });
    this.set(Number(localStorage.getItem(KEY)) || 56);
    this.element.addEventListener("pointerdown", (event) => this.drag(event));
    this.element.addEventListener("keydown", (event) => {
      const by = { ArrowLeft: -2, ArrowRight: 2 }[event.key];
      if (!by) return;
      event.preventDefault();
      this.set(this.share + by);
    });
  }

  set(share) {
    this.share = Math.min(80, Math.max(25, share));
    this.container.style.setProperty("--split", `${this.share}%`);
    this.element.setAttribute("aria-valuenow", Math.round(this.share));
    localStorage.setItem(KEY, String(this.share));
  }

  drag(start) {
    start.preventDefault();
    this.element.setPointerCapture(start.pointerId);
    const { left, width } = this.container.getBoundingClientRect();
    const move = (event) => this.set(((event.clientX - left) / width) * 100);
    this.element.addEventListener("pointermove", move);
    this.element.addEventListener("lostpointercapture", () => this.element.removeEventListener("pointermove", move), { once: true });
  }
}
