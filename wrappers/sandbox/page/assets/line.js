// The time line: each session as a bar, with signs for what happened in it.

import { find, h, icon } from "./dom.js";
import { now, onChange, stateOf, store } from "./store.js";
import { duration, kinds, minuteOf, plural, timeOf, title } from "./words.js";

const fewRows = 12;
let all = false; // rows are shown, not only the latest few
const minute = 60_000;

const legend = ["login", "call", "refresh", "replay", "expired", "end"];
const legendTexts = { end: "signed out, replaced or revoked", replay: "sent again", expired: "found expired", call: "used" };

export function startLine(vendors) {
  const choice = find("#line-vendor");
  choice.append(...vendors.map((vendor) => h("option", { value: vendor.name }, title(vendor.name))));
  find("#legend").replaceChildren(
    ...legend.map((name) => h("li", {}, icon(name), " " + (legendTexts[name] ?? kinds[name].text))),
    h("li", {}, h("i", { class: "sample past" }), " session"),
    h("li", {}, h("i", { class: "sample rest" }), " until it expires, if it is not used"));
  let planned = false;
  const plan = () => {
    if (planned) return;
    planned = true;
    requestAnimationFrame(() => {
      planned = false;
      draw();
    });
  };
  onChange(plan);
  setInterval(plan, 1000);
  addEventListener("resize", plan);
  choice.addEventListener("change", plan);
  find("#line-span").addEventListener("change", plan);
  find("#line-all").addEventListener("click", () => {
    all = !all;
    plan();
  });
  plan();
}

function draw() {
  const vendor = find("#line-vendor").value;
  const span = Number(find("#line-span").value) * minute;
  const time = now();
  const since = span > 0 ? time - span : -Infinity;
  const list = [...store.sessions.values()]
    .filter((session) => session.told && (vendor === "" || session.vendor === vendor))
    .map((session) => ({ session, ...stateOf(session) }))
    .filter(({ state, end }) => state === "live" || end >= since)
    .sort((a, b) => b.session.created - a.session.created);
  const count = list.length;
  if (!all) list.splice(fewRows);
  drawMore(vendor, list.length, count);
  find("#line-empty").hidden = list.length > 0;
  find("#line").hidden = list.length === 0;
  if (list.length === 0) {
    find("#rows").replaceChildren();
    return;
  }
  const first = Math.min(...list.map(({ session }) => session.created));
  const from = Math.max(since, Math.min(first, time - 2 * minute) - (time - first) * 0.02);
  const rest = Math.max(0, ...list.filter(({ state, end }) => state === "live" && end !== null).map(({ end }) => end - time));
  const to = time + Math.min(Math.max(rest * 1.03, minute), Math.max((time - from) * 0.6, 5 * minute));
  const at = (t) => ((t - from) / (to - from)) * 100;
  drawAxis(from, to, at, time);
  const width = find("#axis").clientWidth;
  find("#rows").replaceChildren(...list.map((item) => row(item, at, time, width)));
}

// drawMore says that there are more sessions than are shown: others of those that
// the sandbox tells of, and earlier ones that it does not.
function drawMore(vendor, shown, count) {
  const untold = store.vendors.filter((v) => vendor === "" || v.name === vendor).reduce((sum, v) => sum + v.total - v.sessions.length, 0);
  const words = [];
  if (count > shown) words.push(`The latest ${shown} of ${plural(count, "session")}.`);
  if (untold > 0) words.push(`${plural(untold, "earlier session")} left out.`);
  find("#line-count").textContent = words.join(" ");
  find("#line-all").textContent = all ? "Show fewer" : "Show all";
  find("#line-all").hidden = count <= fewRows;
  find("#line-more").hidden = count <= fewRows && untold === 0;
}

// drawAxis writes times at round distances.
function drawAxis(from, to, at, time) {
  const steps = [1, 2, 5, 10, 15, 30, 60, 120, 240, 480, 1440].map((n) => n * minute);
  const most = Math.max(2, Math.min(8, Math.floor(find("#axis").clientWidth / 90)));
  const step = steps.find((s) => (to - from) / s <= most) ?? Math.ceil((to - from) / most / (1440 * minute)) * 1440 * minute;
  const offset = new Date(time).getTimezoneOffset() * minute;
  const ticks = [];
  for (let t = Math.ceil((from - offset) / step) * step + offset; t <= to; t += step) {
    const left = at(t);
    if (left < 3 || left > 97) continue;
    ticks.push(place(h("span", { class: "tick" }, minuteOf(t)), left));
  }
  ticks.push(place(h("span", { class: "now" }), at(time)));
  find("#axis").replaceChildren(...ticks);
}

function place(element, left, right) {
  element.style.left = left + "%";
  if (right !== undefined) element.style.width = Math.max(0, right - left) + "%";
  return element;
}

function row({ session, state, end }, at, time, width) {
  const clip = (value) => Math.max(0, Math.min(100, value));
  const track = h("div", { class: "track", "aria-hidden": "true" });
  const until = state === "live" ? time : end;
  track.append(place(h("span", { class: "past" }), clip(at(session.created)), clip(at(until))));
  if (state === "live") {
    const limit = end === null ? 100 : clip(at(end));
    const open = end === null || at(end) > 100;
    track.append(place(h("span", { class: "rest" + (open ? " open" : "") }), clip(at(time)), limit));
  }
  track.append(...marks(session, at, width), place(h("span", { class: "now" }), at(time)));
  return h("li", { class: "row " + (state === "live" ? "live" : "over"), "data-vendor": session.vendor, "data-session": session.id, "data-state": state },
    h("div", { class: "who" },
      h("b", {}, h("i", { class: "dot" }), title(session.vendor)), " ",
      h("code", {}, session.id.slice(0, 4)), " ",
      h("span", { class: "state" }, describe(session, state, end, time))),
    track);
}

// describe says in words what the bar shows.
function describe(session, state, end, time) {
  const since = h("span", { class: "hidden" }, `, signed in at ${timeOf(session.created)}, last used at ${timeOf(session.used)}`);
  if (state !== "live") return h("span", {}, `${state} ${timeOf(end)}`, since);
  return h("span", {}, end === null ? "live, no end" : `live, ${duration(end - time)} left`, since);
}

// marks makes the signs of a session. Those of one kind that would cover one
// another are left out, others are moved aside.
function marks(session, at, width) {
  const room = (16 / Math.max(width, 200)) * 100;
  const list = [];
  const last = {};
  let taken = -Infinity;
  for (const { time, kind } of session.marks) {
    let left = at(time);
    if (left < 0 || left > 100 || !kinds[kind]) continue;
    if (left - (last[kind] ?? -Infinity) < (kind === "call" ? room / 6 : room)) continue;
    last[kind] = left;
    if (kind !== "call") {
      left = Math.min(Math.max(left, taken + room), 100);
      taken = left;
    }
    const sign = h("span", { class: `mark ${kinds[kind].icon} tone-${kinds[kind].tone || "plain"}`, title: `${kinds[kind].text}, ${timeOf(time)}` }, icon(kinds[kind].icon));
    list.push(place(sign, left));
  }
  return list;
}
