// The list of what happens, the latest first.

import { find, h, icon } from "./dom.js";
import { onChange, store } from "./store.js";
import { kinds, timeOf, title } from "./words.js";

const shown = 150;

export function startLog() {
  find("#log-calls").addEventListener("change", draw);
  onChange((state) => {
    if (state.events.length > 0 || store.events.length === 0) draw();
  });
  draw();
}

function draw() {
  const calls = find("#log-calls").checked;
  const lines = [];
  for (let i = store.events.length - 1; i >= 0 && lines.length < shown; i--) {
    const event = store.events[i];
    if (event.kind === "call" && !calls) continue;
    const before = lines.at(-1);
    if (before && same(before.event, event)) before.count++;
    else lines.push({ event, count: 1 });
  }
  find("#log").replaceChildren(...lines.map(line));
  find("#log-empty").hidden = lines.length > 0;
}

const same = (a, b) =>
  a.vendor === b.vendor && a.kind === b.kind && a.operation === b.operation && a.status === b.status && a.session === b.session;

function line({ event, count }) {
  const kind = kinds[event.kind] ?? { text: event.kind, icon: "call", tone: "" };
  const failed = event.kind === "call" && (event.status === undefined || event.status >= 400);
  let text = kind.text;
  if (event.kind === "call") text = event.status === undefined ? "connection cut" : String(event.status);
  return h("li", { class: "tone-" + (failed ? "bad" : kind.tone || "plain"), "data-kind": event.kind, "data-vendor": event.vendor },
    h("time", { datetime: new Date(event.time).toISOString() }, timeOf(event.time)),
    h("span", { class: "vendor" }, h("i", { class: "dot" }), title(event.vendor)),
    h("span", { class: "what" }, icon(kind.icon), " ", text, count > 1 ? h("b", { class: "count" }, ` ×${count}`) : null),
    h("span", { class: "where quiet" }, event.operation ?? "", event.session ? h("code", {}, " " + event.session.slice(0, 4)) : ""));
}
