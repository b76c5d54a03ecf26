// Words and times.

export const titles = { anomify: "Anomify", alertsite: "AlertSite", misaka: "Misaka", babel: "Babel" };
export const title = (vendor) => titles[vendor] ?? vendor;

// What events are called, and their signs.
export const kinds = {
  login: { text: "signed in", icon: "login", tone: "good" },
  challenged: { text: "second factor asked for", icon: "asked", tone: "warn" },
  refused: { text: "login refused", icon: "refused", tone: "bad" },
  refresh: { text: "refreshed", icon: "refresh", tone: "good" },
  reuse: { text: "refresh token used twice", icon: "refused", tone: "bad" },
  logout: { text: "signed out", icon: "end", tone: "" },
  expired: { text: "found expired", icon: "expired", tone: "warn" },
  unauthorized: { text: "call refused, no live session", icon: "refused", tone: "bad" },
  replaced: { text: "replaced by a later login", icon: "end", tone: "warn" },
  revoked: { text: "revoked by the vendor", icon: "end", tone: "bad" },
  fault: { text: "fault applied", icon: "fault", tone: "warn" },
  bug: { text: "request breaks the description", icon: "fault", tone: "bad" },
  replay: { text: "sent again in the new session", icon: "replay", tone: "good" },
  call: { text: "call", icon: "call", tone: "" },
};

export const levels = ["documented", "observed", "inferred"];

const clock = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" });
const short = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
const day = new Intl.DateTimeFormat(undefined, { weekday: "short", day: "numeric", month: "short" });

export const timeOf = (ms) => clock.format(ms);
export const minuteOf = (ms) => short.format(ms);
export const dayOf = (ms) => day.format(ms);

// duration says how long something takes, in its one or two largest units.
export function duration(ms) {
  let seconds = Math.max(0, Math.round(ms / 1000));
  const parts = [];
  for (const [unit, length] of [["d", 86400], ["h", 3600], ["min", 60], ["s", 1]]) {
    const n = Math.floor(seconds / length);
    seconds -= n * length;
    if (n > 0) parts.push(`${n} ${unit}`);
  }
  const enough = parts.length > 1 && /^\d\d+ min$/.test(parts[0]) ? 1 : 2;
  return parts.slice(0, enough).join(" ") || "0 s";
}

export const plural = (n, word) => `${n} ${word}${n === 1 ? "" : "s"}`;
