// Requests to the sandbox.

import { notice } from "./dom.js";

// get returns the JSON of an answer.
export async function get(path) {
  const answer = await fetch("/_sandbox/" + path, { headers: { Accept: "application/json" } });
  if (!answer.ok) throw new Error(await reason(answer));
  return answer.json();
}

// post changes something. It returns the JSON of the answer, null if there is
// none, and undefined if it failed, which the user is told.
export async function post(path, body = {}) {
  try {
    const answer = await fetch("/_sandbox/" + path, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(body),
    });
    if (!answer.ok) throw new Error(await reason(answer));
    return answer.status === 204 ? null : await answer.json();
  } catch (error) {
    notice(error.message, true);
    return undefined;
  }
}

async function reason(answer) {
  const text = await answer.text();
  try {
    return JSON.parse(text).error;
  } catch {
    return `${answer.status} ${text.slice(0, 200)}`;
  }
}
