// The page: its views, its clock, and what holds them together.

import { get, post } from "./api.js";
import { find, findAll, h, notice } from "./dom.js";
import { connect, now, onChange, store } from "./store.js";
import { dayOf, duration, plural, timeOf, title } from "./words.js";
import { startCards } from "./cards.js";
import { startLine } from "./line.js";
import { startLog } from "./log.js";
import { startFaults } from "./faults.js";
import { showOperations } from "./operations.js";
import { showReference } from "./reference.js";

const views = ["sessions", "operations", "reference"];

async function main() {
  startClock();
  connect((lost) => (find("#connection").hidden = !lost));
  const vendors = await get("vendors");
  startCards(vendors);
  startLine(vendors);
  startLog();
  startFaults(vendors);
  const go = () => route(vendors);
  addEventListener("hashchange", go);
  go();
  document.documentElement.dataset.ready = "yes";
}

// route shows the view that the address asks for: #operations/misaka or
// #reference/misaka/login.
function route(vendors) {
  const [asked, name, operation] = location.hash.slice(1).split("/").map(decodeURIComponent);
  if (asked === "content") return;
  const view = views.includes(asked) ? asked : "sessions";
  for (const other of views) find("#view-" + other).hidden = other !== view;
  for (const link of findAll(".views a")) mark(link, link.hash === "#" + view);
  const vendor = vendors.find((v) => v.name === name) ?? vendors[0];
  if (!vendor) return;
  const names = { sessions: "", operations: `Operations of ${title(vendor.name)} – `, reference: `Try out ${title(vendor.name)} – ` };
  document.title = names[view] + "Latchkey sandbox";
  for (const tabs of findAll(".tabs")) {
    tabs.replaceChildren(...vendors.map((v) => {
      const link = h("a", { href: `#${tabs.dataset.view}/${v.name}`, "data-vendor": v.name }, title(v.name));
      mark(link, v === vendor);
      return link;
    }));
  }
  if (view === "operations") showOperations(vendor);
  if (view === "reference") showReference(vendor, operation);
}

function mark(link, current) {
  if (current) link.setAttribute("aria-current", "page");
  else link.removeAttribute("aria-current");
}

function startClock() {
  for (const button of findAll("[data-minutes]")) {
    button.addEventListener("click", async () => {
      const minutes = Number(button.dataset.minutes);
      if ((await post("clock", { minutes })) !== undefined) notice(`The clock of the sandbox is ${plural(minutes, "minute")} further.`);
    });
  }
  const show = () => {
    const time = now();
    const today = dayOf(time) === dayOf(Date.now());
    find("#now").textContent = (today ? "" : dayOf(time) + " ") + timeOf(time);
    find("#now").dateTime = new Date(time).toISOString();
    find("#ahead").textContent = store.ahead > 1 ? `${duration(store.ahead * 1000)} ahead` : "";
  };
  setInterval(show, 1000);
  onChange(show);
  show();
}

main().catch((error) => notice("The page could not be built: " + error.message, true));
