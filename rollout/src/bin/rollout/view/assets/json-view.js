// JSON, folded: what is small stands on one line, what is big opens.

import { h } from "./dom.js";
import { bytes, count } from "./format.js";
import { longText } from "./text-view.js";

const AT_ONCE = 100;
const SHORT_LINE = 72;

/** Returns a view of a value; what is less than `depth` deep is open from the start. */
export function jsonView(value, { path = "", depth = 2 } = {}) {
  return h("div", { class: "json" }, node(value, path, depth));
}

/** Returns the value that a text holds if it is an object or a list in JSON; else the text. */
export function parsed(text) {
  if (typeof text !== "string" || !/^\s*[[{]/.test(text)) return text;
  try {
    return JSON.parse(text);
  } catch {
    // Cut, or from a model that can't write JSON: it is shown as it is.
    return text;
  }
}

function node(value, path, depth) {
  if (value === null || typeof value !== "object") return leaf(value, path);
  const entries = Array.isArray(value) ? value.map((item, index) => [index, item]) : Object.entries(value);
  const line = oneLine(value);
  if (line !== null) return line;
  const summary = Array.isArray(value) ? `[${count(entries.length)}]` : `{${count(entries.length)}}`;
  const details = h("details", { data: { path }, open: depth > 0 },
    h("summary", {}, h("span", { class: "j-count" }, summary), h("span", { class: "j-peek" }, peek(entries))));
  // Made when it is opened: a list may have a hundred thousand items.
  const fill = () => {
    if (details.open && details.children.length === 1) details.append(members(entries, path, depth - 1, 0));
  };
  details.addEventListener("toggle", fill);
  fill();
  return details;
}

function members(entries, path, depth, from) {
  const list = h("div", { class: "j-members" });
  for (const [key, item] of entries.slice(from, from + AT_ONCE)) {
    list.append(h("div", { class: "j-member" }, h("span", { class: typeof key === "number" ? "j-index" : "j-key" }, `${key}`), node(item, `${path}/${key}`, depth)));
  }
  const left = entries.length - from - AT_ONCE;
  if (left > 0) {
    const button = h("button", { class: "quiet more", type: "button", on: { click: () => button.replaceWith(members(entries, path, depth, from + AT_ONCE)) } },
      `Show more (${count(left)} left)`);
    list.append(button);
  }
  return list;
}

function leaf(value, path) {
  if (typeof value !== "string") return h("span", { class: `j-${value === null ? "null" : typeof value}` }, String(value));
  const blob = blobOf(value);
  if (blob) return h("span", { class: "j-blob", title: value }, `${blob.type}, ${bytes(blob.size)}`);
  if (value.length > 80 || value.includes("\n")) return h("div", { class: "j-string j-long" }, longText(value, { path, mono: true }));
  return h("span", { class: "j-string" }, JSON.stringify(value).replaceAll("\\u001b", "\u001b"));
}

/** Returns what stands in the place of an image, a sound or a document that was not kept. */
export function blobOf(text) {
  const found = /^rollout-blob:sha256-([0-9a-f]+);type=([^;]*);size=(\d+)$/.exec(text);
  return found && { hash: found[1], type: found[2], size: Number(found[3]) };
}

/** A small list or object on one line. */
function oneLine(value) {
  const items = Array.isArray(value) ? value.map((item) => [null, item]) : Object.entries(value);
  if (items.length > 8 || items.some(([, item]) => item !== null && typeof item === "object" && Object.keys(item).length > 0)) return null;
  if (items.some(([, item]) => typeof item === "string" && (item.length > 60 || item.includes("\n")))) return null;
  const length = items.reduce((sum, [key, item]) => sum + (key?.length ?? 0) + String(item).length + 4, 0);
  if (length > SHORT_LINE) return null;
  const [begin, end] = Array.isArray(value) ? ["[", "]"] : ["{", "}"];
  const parts = items.flatMap(([key, item], index) => [
    index > 0 && ", ",
    key !== null && [h("span", { class: "j-key" }, key), ": "],
    item !== null && typeof item === "object" ? (Array.isArray(item) ? "[]" : "{}") : leaf(item, ""),
  ]);
  return h("span", { class: "j-line" }, begin, parts, end);
}

/** The beginning of what is inside of something folded. */
function peek(entries) {
  let text = "";
  for (const [key, item] of entries) {
    if (text.length > 60) return `${text}\u2026`;
    const value = item !== null && typeof item === "object" ? (Array.isArray(item) ? "[\u2026]" : "{\u2026}") : String(item).slice(0, 30);
    text += `${text && ", "}${typeof key === "number" ? "" : `${key}: `}${value}`;
  }
  return text;
}
