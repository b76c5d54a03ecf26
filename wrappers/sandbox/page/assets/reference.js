// The reference, in which operations can be tried out: Swagger UI, which is
// loaded when it is first asked for.

import { find, h, notice } from "./dom.js";
import { title } from "./words.js";

// How to sign in at each vendor, and what calls carry then.
const logins = {
  anomify: {
    path: "/login", scheme: "sessionId",
    body: (account) => new URLSearchParams({ email: account.login, password: account.password }),
    token: (answer) => (answer?.data?.two_factor_auth_required ? "" : answer?.status?.session_id),
  },
  alertsite: {
    path: "/login", scheme: "bearer",
    body: (account) => JSON.stringify({ login: account.login, password: account.password }),
    token: (answer) => answer?.metadata?.status === "0" && btoa(`${answer.metadata.login}:${answer.metadata.session}`),
  },
  misaka: {
    path: "/v3/session/login", scheme: "bearer",
    body: (account) => JSON.stringify({ email: account.login, password: account.password }),
    token: (answer) => answer?.access_token ?? answer?.access,
  },
  babel: {
    path: "/v1/auth/login", scheme: "bearer",
    body: (account) => JSON.stringify({ username: account.login, password: account.password }),
    token: (answer) => answer?.success === true && answer.token,
  },
};

let loading = null;
let current = { vendor: "", ui: null };

// load adds Swagger UI to the page.
function load() {
  loading ??= Promise.all([
    added(h("link", { rel: "stylesheet", href: "/_sandbox/swagger/swagger-ui.css" })),
    added(h("link", { rel: "stylesheet", href: "/_sandbox/assets/reference.css" })),
    added(h("script", { src: "/_sandbox/swagger/swagger-ui-bundle.js" })),
  ]);
  return loading;
}

function added(element) {
  return new Promise((resolve, reject) => {
    element.addEventListener("load", resolve);
    element.addEventListener("error", () => reject(new Error("Swagger UI could not be loaded")));
    document.head.append(element);
  });
}

export async function showReference(vendor, operation) {
  if (current.vendor !== vendor.name) {
    current = { vendor: vendor.name, ui: null };
    drawHead(vendor);
    find("#reference").replaceChildren(h("p", { class: "empty" }, "Loading …"));
    try {
      await load();
    } catch (error) {
      loading = null;
      current.vendor = "";
      notice(error.message, true);
      return;
    }
    if (current.vendor !== vendor.name) return; // another one was chosen meanwhile
    await build(vendor);
  }
  if (operation) open(vendor, operation);
}

function drawHead(vendor) {
  const account = vendor.account;
  const state = h("p", { id: "signed-in", class: "quiet", role: "status" }, "Not signed in: operations that need a session are refused.");
  find("#reference-head").replaceChildren(h("div", { class: "panel signin" },
    h("div", {},
      h("p", {}, "The account of the stand-in: ", h("code", {}, account.login), " with ", h("code", {}, account.password),
        account.code ? [", second factor ", h("code", {}, account.code)] : null, "."),
      state),
    h("button", { type: "button", id: "sign-in", class: "primary", onclick: () => signIn(vendor) }, `Sign in to ${title(vendor.name)}`)));
}

// plainInputs gives items of these formats the same input as other texts;
// Swagger UI would look for one of their own, and complain.
function plainInputs(system) {
  const input = (props) => system.React.createElement(system.getComponent("JsonSchema_string"), props);
  const types = { integer: ["int32", "int64", "unix-time"], number: ["double"], string: ["email", "uri", "date-time", "byte", "password"] };
  const names = Object.entries(types).flatMap(([type, formats]) => formats.map((format) => `JsonSchema_${type}_${format}`));
  return { components: Object.fromEntries(names.map((name) => [name, input])) };
}

function build(vendor) {
  return new Promise((resolve) => {
    const root = h("div");
    find("#reference").replaceChildren(root);
    current.ui = window.SwaggerUIBundle({
      url: `/_sandbox/specs/${vendor.name}.yaml`,
      domNode: root,
      presets: [window.SwaggerUIBundle.presets.apis],
      plugins: [plainInputs],
      layout: "BaseLayout",
      deepLinking: false,
      docExpansion: "list",
      defaultModelsExpandDepth: 0,
      displayOperationId: true,
      displayRequestDuration: true,
      filter: false,
      showExtensions: true,
      tryItOutEnabled: true,
      validatorUrl: null,
      onComplete: () => {
        root.dataset.complete = vendor.name;
        resolve();
      },
      responseInterceptor: (answer) => {
        noteLogin(vendor, answer);
        return answer;
      },
    });
  });
}

// signIn opens a session as the login of the vendor does, and lets the
// reference send it.
async function signIn(vendor) {
  const login = logins[vendor.name];
  const body = login.body(vendor.account);
  const headers = typeof body === "string" ? { "Content-Type": "application/json" } : {};
  try {
    const answer = await fetch(`/${vendor.name}${login.path}`, { method: "POST", headers, body });
    const data = await answer.json().catch(() => null);
    if (!use(vendor, data)) notice(`${title(vendor.name)} did not open a session: ${reason(answer, data)}`, true);
  } catch (error) {
    notice(`${title(vendor.name)} cannot be reached: ${error.message}`, true);
  }
}

function reason(answer, data) {
  if (data?.data?.two_factor_auth_required) return "it wants the second factor";
  return data?.detail ?? data?.message ?? data?.metadata?.message ?? data?.data?.message ?? `status ${answer.status}`;
}

// noteLogin looks whether an operation that was tried out opened a session.
function noteLogin(vendor, answer) {
  if (!answer.ok || new URL(answer.url, location.origin).pathname !== `/${vendor.name}${logins[vendor.name].path}`) return;
  use(vendor, answer.body ?? answer.obj);
}

// use lets the reference send the session that an answer to a login holds.
function use(vendor, data) {
  const login = logins[vendor.name];
  const token = login.token(data);
  if (!token || !current.ui || current.vendor !== vendor.name) return false;
  current.ui.preauthorizeApiKey(login.scheme, token);
  find("#signed-in").textContent = "Signed in: operations carry the session until it ends.";
  find("#signed-in").classList.add("good");
  return true;
}

// open shows one operation.
function open(vendor, id) {
  const operation = vendor.operations.find((op) => op.id === id);
  if (!operation || !current.ui) return;
  const tag = operation.tags[0] ?? "default";
  current.ui.layoutActions.show(["operations-tag", tag], true);
  current.ui.layoutActions.show(["operations", tag, id], true);
  requestAnimationFrame(() => {
    const block = document.getElementById(`operations-${tag.replaceAll(/[^\w-]/g, "_")}-${id}`);
    block?.scrollIntoView({ block: "start" });
    block?.querySelector("button")?.focus({ preventScroll: true });
  });
}
