// What Label Studio 1.23.2 does not say: how many tasks of the queue are answered, and that the server does not answer.
// There, an answer that meets a server that went away is gone from the page. Here it waits and is sent once, when the
// server is back; the page says so meanwhile.
(() => {
  "use strict";
  const SLOW = 5000; // milliseconds without an answer after which the page says so
  const AGAIN = 2000; // between two looks whether the server is back
  const GONE = [502, 503, 504];
  const WAITS = /^\/api\/(tasks|annotations|drafts|projects\/\d+\/next|dm\/actions)\b/;
  const MOVES = /\/(next|annotations)\b|id=next_task/; // what changes how many are answered
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
    if (!number) return;
    const found = await send(`/api/projects/${number}/?include=queue_done,queue_total`).catch(() => null);
    if (!found?.ok) return;
    const { queue_done: done, queue_total: total } = await found.json();
    for (let look = 0; look < 40 && !isOurs(); look++) await pause(250);
    if (isOurs() && total) say("progress", words("progress").replace("{done}", done).replace("{total}", total));
  };

  const unanswered = new Set(); // requests that the server owes an answer for too long
  const tell = () => say("silent", unanswered.size ? words("silent") : "");
  const answers = async () => {
    for (; ; await pause(AGAIN)) {
      const found = await send("/health", { signal: AbortSignal.timeout(SLOW) }).catch(() => null);
      if (found?.ok) return;
    }
  };
  const failed = (error) => error instanceof TypeError; // the network's: no answer came

  // A request may have been acted on although no answer came: the same annotation is not stored again. One of somebody
  // else's may be equal, where both took a draft as it was.
  const same = (one, other) => JSON.stringify(one) === JSON.stringify(other);
  const me = () => window.APP_SETTINGS?.user?.id;
  const stored = async (url, options) => {
    if (options?.method !== "POST" || !/\/tasks\/\d+\/annotations/.test(url.pathname)) return null;
    const found = await send(url.pathname.replace(/\/?$/, "/"));
    if (!found.ok) throw new TypeError(found.statusText); // not back yet: asked again
    const result = JSON.parse(options.body).result;
    const known = (await found.json()).find((each) => each.completed_by === me() && same(each.result, result));
    return known ? new Response(JSON.stringify(known), { status: 201 }) : null;
  };

  let line = Promise.resolve(); // what is sent again is sent in the order in which it was asked for
  const again = (input, options, url) =>
    (line = line.catch(() => null).then(async () => {
      for (;;) {
        await answers();
        try {
          const found = (await stored(url, options)) ?? (await send(input, options));
          if (!GONE.includes(found.status)) return found;
        } catch (error) {
          if (!failed(error)) return Promise.reject(error);
        }
        await pause(AGAIN);
      }
    }));

  window.fetch = async (input, options) => {
    const url = typeof input === "string" || input instanceof URL ? new URL(input, location.href) : null;
    if (!url || url.origin !== location.origin || !WAITS.test(url.pathname)) return send(input, options);
    const mark = {};
    const late = setTimeout(() => tell(unanswered.add(mark)), SLOW);
    try {
      let found = await send(input, options).catch((error) => (failed(error) ? null : Promise.reject(error)));
      if (!found || GONE.includes(found.status)) {
        tell(unanswered.add(mark));
        found = await again(input, options, url);
      }
      if (MOVES.test(url.pathname + url.search)) count();
      return found;
    } finally {
      clearTimeout(late);
      unanswered.delete(mark);
      tell();
    }
  };
  new MutationObserver(look).observe(document.documentElement, { childList: true, subtree: true });
})();
