// The operations of a vendor with how certain they are and where that is from.

import { find, h } from "./dom.js";
import { certaintyBar } from "./cards.js";
import { levels, plural } from "./words.js";

const details = { full: "known in full", partial: "known in part", path: "only the path is known" };

export function showOperations(vendor) {
  const root = find("#operations");
  if (root.dataset.vendor === vendor.name) return;
  root.dataset.vendor = vendor.name;
  const sources = new Map(vendor.sources.map((source) => [source.id, source]));
  const word = h("input", { type: "search", id: "filter", placeholder: "path, name or summary", autocomplete: "off", spellcheck: "false" });
  const chosen = new Set(levels);
  const count = h("span", { class: "quiet", role: "status" });
  const body = h("tbody");
  const draw = () => {
    const text = word.value.trim().toLowerCase();
    const list = vendor.operations.filter((op) => chosen.has(op.certainty) && [op.path, op.id, op.summary, op.method].join(" ").toLowerCase().includes(text));
    body.replaceChildren(...list.map((op) => row(vendor, op, sources)));
    count.textContent = plural(list.length, "operation");
  };
  word.addEventListener("input", draw);
  const toggles = levels.map((level) => {
    const button = h("button", { type: "button", class: "toggle", "aria-pressed": "true" }, h("i", { class: "swatch " + level }), " " + level);
    button.addEventListener("click", () => {
      if (chosen.has(level)) chosen.delete(level);
      else chosen.add(level);
      button.setAttribute("aria-pressed", String(chosen.has(level)));
      draw();
    });
    return button;
  });
  root.replaceChildren(
    h("div", { class: "panel" },
      h("p", {}, h("b", {}, vendor.title), " at ", h("code", {}, vendor.server), ", described after ", plural(vendor.sources.length, "source"), "."),
      certaintyBar(vendor),
      sourceList(vendor)),
    h("div", { class: "panel" },
      h("div", { class: "head filters" },
        h("label", { for: "filter" }, "Find ", word),
        h("div", { class: "buttons", role: "group", "aria-label": "Certainty" }, toggles),
        count),
      h("table", { class: "operations" },
        h("caption", { class: "hidden" }, `Operations of ${vendor.title}`),
        h("thead", {}, h("tr", {}, ["Operation", "Certainty", "Source", "Try"].map((text) => h("th", { scope: "col" }, text)))),
        body)));
  draw();
}

function row(vendor, op, sources) {
  return h("tr", { "data-operation": op.id },
    h("th", { scope: "row" },
      h("span", { class: "method " + op.method.toLowerCase() }, op.method), " ", h("code", { class: "path" }, op.path),
      h("span", { class: "summary" }, op.summary)),
    h("td", {},
      h("span", { class: "chip " + op.certainty }, h("i", { class: "swatch " + op.certainty }), " " + op.certainty),
      op.detail ? h("span", { class: "note" }, details[op.detail] ?? op.detail) : null,
      op.reason ? h("span", { class: "note" }, op.reason) : null),
    h("td", {}, h("ul", { class: "sources" }, op.sources.map((id) => h("li", {}, sourceLink(sources.get(id) ?? { id, title: id }))))),
    h("td", {}, h("a", { href: `#reference/${vendor.name}/${op.id}`, "aria-label": `Try ${op.id} out` }, "Try")));
}

function sourceLink(source) {
  if (!/^https:\/\//.test(source.address ?? "")) return source.title;
  return h("a", { href: source.address, target: "_blank", rel: "noreferrer noopener" }, source.title);
}

function sourceList(vendor) {
  return h("details", {},
    h("summary", {}, "Sources"),
    h("ul", { class: "sources" }, vendor.sources.map((source) => {
      const edition = source.edition && source.edition !== "unknown" ? `, ${source.edition}` : "";
      return h("li", {}, sourceLink(source), edition);
    })));
}
