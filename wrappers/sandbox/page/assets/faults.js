// Faults, and requests that broke the description.

import { post } from "./api.js";
import { find, findAll, h, notice } from "./dom.js";
import { onChange, store } from "./store.js";
import { title } from "./words.js";

export function startFaults(vendors) {
  const form = find("#fault");
  form.vendor.append(...vendors.map((vendor) => h("option", { value: vendor.name }, title(vendor.name))));
  const showOperations = () => {
    const vendor = vendors.find((v) => v.name === form.vendor.value);
    const ids = vendor.operations.map((operation) => operation.id).sort();
    form.operation.replaceChildren(h("option", { value: "" }, "all"), ...ids.map((id) => h("option", { value: id }, id)));
  };
  const showKind = () => {
    for (const label of findAll("[data-for]", form)) {
      label.hidden = label.dataset.for !== form.kind.value;
      find("input", label).disabled = label.hidden;
    }
  };
  form.vendor.addEventListener("change", showOperations);
  form.kind.addEventListener("change", showKind);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    send(form);
  });
  showOperations();
  showKind();
  onChange(draw);
  draw();
}

async function send(form) {
  const fault = { kind: form.kind.value, operation: form.operation.value, times: Number(form.times.value) };
  if (fault.kind === "status") fault.status = Number(form.status.value);
  if (fault.kind === "delay") fault.millis = Number(form.millis.value);
  if ((await post(`vendors/${form.vendor.value}/faults`, fault)) !== undefined) notice(`The fault of ${title(form.vendor.value)} is on.`);
}

let drawn = "";

function draw() {
  const told = JSON.stringify(store.vendors.map((vendor) => [vendor.name, vendor.faults, vendor.bugs]));
  if (told === drawn) return;
  drawn = told;
  const items = [];
  const bugs = [];
  for (const vendor of store.vendors) {
    bugs.push(...vendor.bugs.map((text) => h("li", {}, text)));
    if (vendor.faults.length === 0) continue;
    items.push(h("li", {},
      h("span", {}, h("b", {}, title(vendor.name)), ": ", vendor.faults.map(describe).join("; ")),
      h("button", { type: "button", "aria-label": `Clear the faults of ${title(vendor.name)}`, onclick: () => clear(vendor.name) }, "Clear")));
  }
  find("#faults").replaceChildren(...items);
  find("#bugs").replaceChildren(...bugs);
  find("#bugs-empty").hidden = bugs.length > 0;
}

function describe(fault) {
  const what = {
    status: `status ${fault.status}`, delay: `${fault.millis} ms late`, drop: "dropped connection", html: "HTML page", refuse: "session said to be over",
  }[fault.kind];
  const times = fault.times === 0 ? "until cleared" : fault.times === 1 ? "once" : `${fault.times} times`;
  return `${what}, ${fault.operation || "all operations"}, ${times}`;
}

async function clear(vendor) {
  if ((await post(`vendors/${vendor}/faults/clear`)) !== undefined) notice(`${title(vendor)} works again.`);
}
