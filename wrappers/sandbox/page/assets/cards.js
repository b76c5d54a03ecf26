// One card per vendor: certainty, counters, and the page's own client.

import { post } from "./api.js";
import { find, h, notice } from "./dom.js";
import { onChange, store } from "./store.js";
import { levels, plural, title } from "./words.js";

const counters = [
  ["logins", "logins"],
  ["failed", "refused logins"],
  ["refreshes", "refreshes"],
  ["replays", "sent again"],
  ["refused", "refused calls"],
  ["logouts", "logouts"],
  ["requests", "requests"],
];

export function startCards(vendors) {
  const cards = new Map(vendors.map((vendor) => [vendor.name, makeCard(vendor)]));
  find("#cards").replaceChildren(...[...cards.values()].map((card) => card.element));
  find("#reset").addEventListener("click", async () => {
    if ((await post("counters/reset")) !== undefined) notice("All counters begin at 0 again.");
  });
  const update = () => {
    for (const vendor of store.vendors) cards.get(vendor.name)?.update(vendor);
  };
  onChange(update);
  update();
}

// certaintyBar makes the bar of how many operations are documented, observed
// and inferred, with its key.
export function certaintyBar(vendor) {
  const parts = levels.map((level) => [level, vendor.certainty[level]]);
  const bar = h("div", { class: "bar", role: "img", "aria-label": parts.map(([level, n]) => `${n} ${level}`).join(", ") });
  for (const [level, n] of parts) {
    if (n === 0) continue;
    const part = h("span", { class: "part " + level });
    part.style.flexGrow = String(n);
    bar.append(part);
  }
  const key = h("ul", { class: "key", "aria-hidden": "true" }, parts.map(([level, n]) => h("li", {}, h("i", { class: "swatch " + level }), " ", h("b", {}, n), " " + level)));
  return h("div", { class: "certainty" }, bar, key);
}

function makeCard(vendor) {
  const values = Object.fromEntries(counters.map(([name]) => [name, h("b", { "data-counter": name }, "0")]));
  const live = h("span", { class: "live quiet" });
  const one = h("input", { type: "checkbox" });
  const second = h("input", { type: "checkbox" });
  const setRules = async () => {
    const rules = { oneSession: one.checked, secondFactor: second.checked };
    if ((await post(`vendors/${vendor.name}/rules`, rules)) !== undefined) notice(`The rules of ${title(vendor.name)} are changed.`);
  };
  one.addEventListener("change", setRules);
  second.addEventListener("change", setRules);
  const element = h("article", { class: "card", "data-vendor": vendor.name, "aria-labelledby": "card-" + vendor.name },
    h("header", {},
      h("h3", { id: "card-" + vendor.name }, h("i", { class: "dot" }), title(vendor.name)),
      live),
    h("p", { class: "address" }, h("code", {}, location.origin + "/" + vendor.name)),
    certaintyBar(vendor),
    h("p", { class: "links" },
      h("a", { href: "#operations/" + vendor.name }, plural(vendor.operations.length, "operation")), " · ",
      h("a", { href: "#reference/" + vendor.name }, "try it out")),
    h("dl", { class: "counters" }, counters.map(([name, text]) => h("div", {}, h("dt", {}, text), h("dd", {}, values[name])))),
    h("p", { class: "own quiet", id: "own-" + vendor.name }, "A client that the page keeps signed in:"),
    h("div", { class: "buttons", role: "group", "aria-labelledby": `own-${vendor.name} card-${vendor.name}` },
      h("button", { type: "button", class: "primary", "data-do": "call", onclick: () => call(vendor.name, 1) }, "Call"),
      h("button", { type: "button", "data-do": "many", onclick: () => call(vendor.name, 20) }, "20 at once"),
      h("button", { type: "button", "data-do": "close", onclick: () => close(vendor.name) }, "Sign out")),
    h("details", {},
      h("summary", {}, "Session rules"),
      h("label", { class: "check" }, one, " one session per user"),
      vendor.account.code ? h("label", { class: "check" }, second, " second factor at login") : null,
      h("button", { type: "button", onclick: () => revoke(vendor.name) }, "Revoke all sessions")));

  const update = (told) => {
    for (const [name] of counters) {
      const text = String(told[name]);
      if (values[name].textContent === text) continue;
      values[name].textContent = text;
      values[name].parentElement.parentElement.classList.toggle("some", told[name] > 0);
    }
    live.textContent = told.live === 0 ? "" : plural(told.live, "live session");
    one.checked = told.rules.oneSession;
    second.checked = told.rules.secondFactor;
  };
  return { element, update };
}

async function call(vendor, times) {
  const result = await post(`vendors/${vendor}/call`, { times });
  if (!result) return;
  const what = times === 1 ? result.operation : `${times} calls of ${result.operation}`;
  if (result.failed === 0) notice(`${what}: answered.`);
  else notice(`${what}: ${times === 1 ? "" : result.failed + " failed, "}${result.errors.join("; ")}`, true);
}

async function close(vendor) {
  if ((await post(`vendors/${vendor}/close`)) !== undefined) notice(`The page's client of ${title(vendor)} is signed out.`);
}

async function revoke(vendor) {
  if ((await post(`vendors/${vendor}/revoke`)) !== undefined) notice(`All sessions of ${title(vendor)} are revoked.`);
}
