/** Markdown as the server reads it: a tree of known elements, built here with `createElement`. */

import { post } from "../lib/api.js";
import { el, fill } from "../lib/el.js";
import { visible } from "../model/letters.js";

const KEPT = 300;
const trees = new Map();

/** An element that shows a text: as it is at once, and as Markdown once the server has read it. */
export const markdown = (text) => {
  const host = el("div", { class: "prose" });
  const show = (nodes) => fill(host, nodes.map(build));
  if (trees.has(text)) show(trees.get(text));
  else {
    host.classList.add("plain");
    host.textContent = visible(text);
    read(text).then(
      (nodes) => {
        host.classList.remove("plain");
        show(nodes);
      },
      () => {}, // the text can be read as it is
    );
  }
  return host;
};

const read = async (text) => {
  const { nodes } = await post("/api/markdown", { text });
  trees.set(text, nodes);
  if (trees.size > KEPT) trees.delete(trees.keys().next().value);
  return nodes;
};

const TAGS = new Set(
  "p h1 h2 h3 h4 h5 h6 ul ol li blockquote pre hr table thead tbody tr th td code em strong s a br input".split(" "),
);
const ATTRIBUTES = new Set(["href", "rel", "title", "start", "align", "lang", "type", "disabled", "checked"]);
const LINK = /^(https?|mailto):/i;
const MENTION = /(?<![\p{L}\p{N}])(@(?:"[^"\n]{1,64}"|[\p{L}\p{N}._/-]{1,64}))/u;

const build = (node) => {
  if (typeof node === "string") return mentions(node);
  if (!TAGS.has(node.tag)) return node.children.map(build);
  const attributes = Object.fromEntries(Object.entries(node.attrs ?? {}).filter(([name]) => ATTRIBUTES.has(name)));
  if (node.tag === "a") {
    if (!LINK.test(attributes.href ?? "")) return node.children.map(build);
    Object.assign(attributes, { target: "_blank", rel: "noopener nofollow" });
  }
  if (attributes.lang) Object.assign(attributes, { lang: null, dataset: { language: attributes.lang } });
  if (node.tag === "input") attributes["aria-label"] = attributes.checked ? "done" : "to do";
  // A ticket's headings stand below its title
  const tag = /^h[1-6]$/.test(node.tag) ? `h${Math.min(6, Number(node.tag[1]) + 2)}` : node.tag;
  return el(tag, attributes, node.children.map(build));
};

const mentions = (text) =>
  text.split(MENTION).map((part, index) => (index % 2 ? el("span", { class: "mention" }, part) : part));
