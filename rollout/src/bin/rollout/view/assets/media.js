// Images, sounds and documents: a picture where the data is there, else what is known of it.

import { h } from "./dom.js";
import { bytes } from "./format.js";
import { icon } from "./icons.js";

// Not SVG: it is a document of its own.
const PICTURES = ["image/png", "image/jpeg", "image/gif", "image/webp"];

export function mediaView({ what, type, data, url, size, hash }) {
  const kind = String(type ?? "");
  if (data && PICTURES.includes(kind) && /^[A-Za-z0-9+/=\s]+$/.test(data)) {
    const image = h("img", { src: `data:${kind};base64,${data.replace(/\s/g, "")}`, alt: `${what}, ${kind}`, loading: "lazy" });
    const button = h("button", { class: "thumb", type: "button", "aria-label": "Show the image large", on: { click: () => button.classList.toggle("is-large") } }, image);
    return button;
  }
  // Nothing is fetched: who looks at a trace does not want to be seen doing so.
  return h("div", { class: "media" }, icon("image"),
    h("span", {}, kind || what),
    (size ?? data?.length) !== undefined && h("span", { class: "note" }, bytes(size ?? Math.floor(data.length * 0.75))),
    url && h("code", {}, url),
    hash && h("code", { title: `sha256 ${hash}` }, `sha256 ${hash.slice(0, 12)}\u2026`));
}
