// What Label Studio 1.23.2 does not say: how many tasks of the queue are answered, and that the server does not answer.
// There, an answer that meets a server that went away is gone from the page. Here it waits and is sent once, when the
// server is back; the page says so meanwhile.
(() => {
  "use strict";
  const SLOW = 5000; // milliseconds without an answer after which the page says so
  const AGAIN = 2000; // between two looks whether the server is back
  const GONE = [502, 503, 504];
  const READS = 3; // times that a page is asked for of a server that is back; an answer is sent until it is taken
  // The answers and the next task. Other actions of the data manager take their time and may not be done twice.
  const WAITS = /^\/api\/((tasks\/\d+|annotations|drafts|projects\/\d+\/next)\b|dm\/actions\b.*[?&]id=next_task\b)/;
  const MOVES = /\/(next|annotations)\b|id=next_task/; // what changes how many are answered
  // A proxy may serve Label Studio below a path: the one before that of this script.
  const BELOW = new URL(document.currentScript.src).pathname.replace(/\/goldleaf\/.*/, "");
  const ENGLISH = {
    progress: "{done} of {total} answered",
    silent: "Label Studio does not answer. Leave this page open: your answer is kept here and sent as soon as it does.",
  };
  const PLACE = "position: fixed; z-index: 2000; font-size: 13px; border-radius: 4px; pointer-events: none; ";
  const LOOKS = {
    progress: "top: 12px; right: 392px; padding: 3px 8px; color: #fff; background: #374151",
    silent: "top: 4px; left: 50%; transform: translateX(-50%); padding: 8px 16px; color: #fff; background: #991b1b",
  };
  const send = window.fetch.bind(window);
  const pause = (time) => new Promise((done) => setTimeout(done, time));

  // The style of the project has the words in its language, and leaves the page with the task.
  const known = {};
  const words = (name) => {
    const said = getComputedStyle(document.documentElement).getPropertyValue(`--gl-${name}`).trim();
    if (said) known[name] = said.replace(/^"|"$/g, "");
    return known[name] ?? ENGLISH[name];
  };
  const say = (name, text) => {
    let note = document.querySelector(`.gl-status-${name}`);
    if (!text) return note?.remove();
    if (!note) {
      note = document.createElement("div");
      note.className = `gl-status-${name}`;
      note.role = "status";
      note.style.cssText = PLACE + LOOKS[name];
      document.body.append(note);
    }
    if (note.textContent !== text) note.textContent = text;
  };

  const isOurs = () => document.querySelector(".gl") && new URLSearchParams(location.search).has("labeling");
  const project = () => /\/projects\/(\d+)/.exec(location.pathname)?.[1];
  const look = () => {
    words("silent");
    if (!isOurs()) say("progress", "");
  };
  const count = async () => {
    const number = project();
    for (let look = 0; number && look < 40 && !isOurs(); look++) await pause(250);
    if (!number || !isOurs()) return;
    const asked = `${BELOW}/api/projects/${number}/?include=queue_done,queue_total`;
    const found = await send(asked).catch(() => null);
    if (!found?.ok) return;
    const { queue_done: done, queue_total: total } = await found.json();
    if (isOurs() && total) say("progress", words("progress").replace("{done}", done).replace("{total}", total));
  };

  const unanswered = new Set(); // requests that the server owes an answer for too long
  const tell = () => say("silent", unanswered.size ? words("silent") : "");
  const answers = async () => {
    for (; ; await pause(AGAIN)) {
      const found = await send(`${BELOW}/health`, { signal: AbortSignal.timeout(SLOW) }).catch(() => null);
      if (found?.ok) return;
    }
  };
  const failed = (error) => error instanceof TypeError; // the network's: no answer came

  // Every answer is sent with an identifier of its own, which Label Studio keeps unique: one that it took, whose reply was
  // lost, is refused when it is sent again (409), and is then read back.
  const ANSWERED = 409;
  const ANSWER = /\/tasks\/\d+\/annotations\/?$/;
  // crypto.randomUUID is there over https alone.
  const identifier = () => {
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  };
  const isAnswer = (url, options) => options?.method === "POST" && ANSWER.test(url.pathname);
  const identified = (options) => {
    try {
      return { ...options, body: JSON.stringify({ unique_id: identifier(), ...JSON.parse(options.body) }) };
    } catch {
      return options; // not as Label Studio 1.23.2 sends it
    }
  };
  const me = () => window.APP_SETTINGS?.user?.id;
  const taken = async (url) => {
    const found = await send(url.pathname.replace(/annotations\/?$/, ""));
    if (found.status >= 500) throw new TypeError(found.statusText); // not back yet: asked again
    if (!found.ok) return found; // logged out, or the task is gone
    const { annotations } = await found.json();
    const mine = annotations.filter(({ completed_by: who }) => (who?.id ?? who) === me());
    const last = mine.reduce((one, other) => (one?.id > other.id ? one : other), undefined);
    return last ? new Response(JSON.stringify(last), { status: 201 }) : found;
  };

  let line = Promise.resolve(); // what is sent again is sent in the order in which it was asked for
  const again = (input, options, url) =>
    (line = line.catch(() => null).then(async () => {
      const reads = (options?.method ?? "GET") === "GET";
      for (let tries = 1; ; tries++) {
        await answers();
        try {
          const found = await send(input, options);
          if (found.status === ANSWERED && isAnswer(url, options)) return await taken(url);
          if (!GONE.includes(found.status) || (reads && tries >= READS)) return found;
        } catch (error) {
          if (!failed(error)) return Promise.reject(error);
        }
        await pause(AGAIN);
      }
    }));

  window.fetch = async (input, options) => {
    const url = typeof input === "string" || input instanceof URL ? new URL(input, location.href) : null;
    const asked = url?.origin === location.origin && url.pathname.startsWith(BELOW) && url.pathname + url.search;
    if (!asked || !WAITS.test(asked.slice(BELOW.length))) return send(input, options);
    if (isAnswer(url, options)) options = identified(options);
    const mark = {};
    const late = setTimeout(() => tell(unanswered.add(mark)), SLOW);
    try {
      let found = await send(input, options).catch((error) => (failed(error) ? null : Promise.reject(error)));
      if (!found || GONE.includes(found.status)) {
        tell(unanswered.add(mark));
        found = await again(input, options, url);
      }
      if (MOVES.test(asked)) count();
      return found;
    } finally {
      clearTimeout(late);
      unanswered.delete(mark);
      tell();
    }
  };
  new MutationObserver(look).observe(document.documentElement, { childList: true, subtree: true });
})();
