// Images, sounds and documents: a picture where the data is there, else what is known of it.

import { get } from "./api.js";
import { h } from "./dom.js";
import { bytes } from "./format.js";
import { icon } from "./icons.js";

// Not SVG: it is a document of its own.
const PICTURES = ["image/png", "image/jpeg", "image/gif", "image/webp"];

export function mediaView({ what, type, data, url, size, hash }) {
  const kind = String(type ?? "");
  if (data && PICTURES.includes(kind) && /^[A-Za-z0-9+/=\s]+$/.test(data)) return picture(what, kind, data.replace(/\s/g, ""));
  // Nothing is fetched from elsewhere: who looks at a trace does not want to be seen doing so.
  const described = h("div", { class: "media" }, icon("image"),
    h("span", {}, kind || what),
    (size ?? data?.length) !== undefined && h("span", { class: "note" }, bytes(size ?? Math.floor(data.length * 0.75))),
    url && h("code", {}, url),
    hash && h("code", { title: `sha256 ${hash}` }, `sha256 ${hash.slice(0, 12)}\u2026`));
  if (hash && PICTURES.includes(kind)) showKept(described, what, hash);
  return described;
}

/** Puts the image in the place of its description, if the program kept it beside its runs. */
async function showKept(described, what, hash) {
  try {
    const kept = await get(`media/${hash}`);
    if (kept && PICTURES.includes(kept.type)) described.replaceWith(picture(what, kept.type, kept.data));
  } catch {
    // The description stays.
  }
}

function picture(what, kind, data) {
  const image = h("img", { src: `data:${kind};base64,${data}`, alt: `${what}, ${kind}`, loading: "lazy" });
  const button = h("button", { class: "thumb", type: "button", "aria-label": "Show the image large", on: { click: () => button.classList.toggle("is-large") } }, image);
  return button;
}
