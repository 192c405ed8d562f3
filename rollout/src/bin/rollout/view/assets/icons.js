// Signs for what a step is and how it went. Each differs in shape, and not only in colour.

import { h, s } from "./dom.js";

// Looked up by names out of recordings, of which one may be that of a method.
const PATHS = Object.assign(Object.create(null), {
  // How it went
  ok: ["M3.5 8.5l3 3 6-7"],
  failed: ["M4 4l8 8M12 4l-8 8"],
  cancelled: ["M4 8h8"],
  interrupted: ["M2 8h3l1.5-4 2.5 8L10.5 8H11", "M13.5 8h.01"],
  running: ["M8 2.5a5.5 5.5 0 1 1-5.5 5.5"],
  unfinished: ["M8 3v.01M11.5 4.5v.01M13 8v.01M11.5 11.5v.01M8 13v.01M4.5 11.5v.01M3 8v.01M4.5 4.5v.01"],
  other: ["M8 5v.01M8 8v3.5"],
  // What it is
  model: ["M8 2l1.6 4.4L14 8l-4.4 1.6L8 14l-1.6-4.4L2 8l4.4-1.6z"],
  tool: ["M10 2.5a3.5 3.5 0 0 0-3.3 4.7L2.5 11.4l2.1 2.1 4.2-4.2A3.5 3.5 0 0 0 13.4 5l-2.2 2.2-2.4-2.4L11 2.6"],
  span: ["M5.5 3H3.5v10h2M10.5 3h2v10h-2"],
  run: ["M5 3.5l7 4.5-7 4.5z"],
  event: ["M8 7.5a.5.5 0 1 1 0 1 .5.5 0 0 1 0-1"],
  message: ["M2.5 3.5h11v7h-6l-3 2.5v-2.5h-2z"],
  // What to do
  light: ["M8 5.5a2.5 2.5 0 1 1 0 5 2.5 2.5 0 0 1 0-5M8 1.5v1.5M8 13v1.5M1.5 8H3M13 8h1.5M3.4 3.4l1.1 1.1M11.5 11.5l1.1 1.1M3.4 12.6l1.1-1.1M11.5 4.5l1.1-1.1"],
  dark: ["M13 9.5A5.5 5.5 0 0 1 6.5 3 5.5 5.5 0 1 0 13 9.5z"],
  back: ["M10 3L5 8l5 5"],
  chevron: ["M6 4l4 4-4 4"],
  search: ["M7 2.5a4.5 4.5 0 1 1 0 9 4.5 4.5 0 0 1 0-9M10.5 10.5l3 3"],
  close: ["M4 4l8 8M12 4l-8 8"],
  copy: ["M5.5 5.5h7v7h-7zM3.5 10.5v-7h7"],
  image: ["M2.5 3.5h11v9h-11zM2.5 11l3.5-3.5 3 3 2-2 2.5 2.5"],
});

const WORDS = Object.assign(Object.create(null), {
  ok: "ok",
  failed: "failed",
  cancelled: "cancelled",
  interrupted: "interrupted",
  running: "running",
  unfinished: "not finished",
});

export function icon(name, label) {
  const paths = PATHS[name] ?? PATHS.other;
  const props = { viewBox: "0 0 16 16", width: 16, height: 16, class: `sign sign-${name}` };
  if (label) Object.assign(props, { role: "img", "aria-label": label });
  else props["aria-hidden"] = "true";
  return s("svg", props, label && s("title", {}, label), paths.map((d) => s("path", { d })));
}

/** Returns how something went: a status of the record, or `running` where it still does. */
export function state(item) {
  return item.status === "unfinished" && item.live ? "running" : item.status;
}

export function statusWord(item) {
  return WORDS[state(item)] ?? state(item);
}

/** Returns the class that colours a status. */
export function statusClass(item) {
  const name = state(item);
  return `is-${Object.hasOwn(WORDS, name) ? name : "other"}`;
}

export function statusIcon(item) {
  const name = state(item);
  const known = Object.hasOwn(WORDS, name) ? name : "other";
  return h("span", { class: `status ${statusClass(item)}` }, icon(known, statusWord(item)));
}

export function statusPill(item) {
  return h("span", { class: `pill ${statusClass(item)}` }, icon(Object.hasOwn(WORDS, state(item)) ? state(item) : "other"), statusWord(item));
}

export function kindIcon(step) {
  const name = step.kind === "event" && step.label === "message" ? "message" : step.kind;
  return h("span", { class: `kind kind-${step.kind}` }, icon(name, step.label || step.kind));
}
