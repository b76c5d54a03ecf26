// What the sandbox tells, kept for the views.

const keptEvents = 2000;

export const store = {
  vendors: [], // as the sandbox has them
  events: [], // oldest first
  sessions: new Map(), // id to {vendor, created, used, expires, state, marks, ended}
  skew: 0, // of the sandbox's clock to that of this machine, in milliseconds
  ahead: 0,
  run: "",
};

const listeners = new Set();
let source = null;

// onChange calls f after every news.
export function onChange(f) {
  listeners.add(f);
}

// now returns the time of the sandbox in milliseconds.
export const now = () => Date.now() + store.skew;

// connect listens to the sandbox for as long as the page can be seen.
export function connect(onLost) {
  const open = () => {
    source?.close();
    reset();
    source = new EventSource("/_sandbox/events");
    source.onopen = () => {
      reset();
      onLost(false);
    };
    source.onmessage = (message) => take(JSON.parse(message.data));
    source.onerror = () => {
      onLost(true);
      if (source.readyState === EventSource.CLOSED) setTimeout(open, 3000);
    };
  };
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) source?.close();
    else open();
  });
  open();
}

// reset forgets what was told: a connection begins with all there is.
function reset() {
  store.events = [];
  store.sessions = new Map();
}

function take(state) {
  if (store.run !== state.run) {
    store.run = state.run;
    reset();
  }
  store.skew = Date.parse(state.now) - Date.now();
  store.ahead = state.ahead;
  store.vendors = state.vendors;
  for (const vendor of state.vendors) for (const session of vendor.sessions) takeSession(vendor.name, session);
  for (const event of state.events) takeEvent(event);
  store.events = store.events.slice(-keptEvents);
  for (const listener of listeners) listener(state);
}

function takeSession(vendor, told) {
  const session = known(vendor, told.id);
  session.created = Date.parse(told.created);
  session.used = Date.parse(told.used);
  session.expires = told.expires === null ? null : Date.parse(told.expires);
  session.state = told.state;
  session.told = true;
}

function known(vendor, id) {
  if (!store.sessions.has(id)) store.sessions.set(id, { id, vendor, marks: [], ended: null, told: false });
  return store.sessions.get(id);
}

const endings = new Set(["logout", "replaced", "revoked", "reuse"]);

function takeEvent(told) {
  const event = { ...told, time: Date.parse(told.time) };
  store.events.push(event);
  if (!event.session) return;
  const session = known(event.vendor, event.session);
  session.marks.push({ time: event.time, kind: event.kind });
  if (session.marks.length > 400) session.marks.splice(1, 100);
  if (endings.has(event.kind)) session.ended = event.time;
}

// stateOf returns how a session stands now, and when it ended or will end: it
// may have expired since the sandbox last told of it.
export function stateOf(session) {
  if (session.state !== "live") {
    const end = session.ended ?? (session.state === "expired" ? session.expires : null) ?? session.used;
    return { state: session.state, end };
  }
  if (session.expires !== null && session.expires <= now()) return { state: "expired", end: session.expires };
  return { state: "live", end: session.expires };
}
