"use strict";
// Everything that comes from a run is shown by textContent alone: it is hostile text. Offsets are code points.
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const $ = (id) => document.getElementById(id);
  const IDLE = 120000; // ms without a key or movement after which the clock stops
  const OUTCOMES = [["c", "correct", "Correct"], ["w", "incorrect", "Wrong"], ["a", "abstained", "Gives no answer"],
    ["x", "cannot_tell", "Cannot tell"]];
  const HARMS = [["1", "minor", "Minor"], ["2", "moderate", "Moderate"], ["3", "severe", "Severe"]];
  const CLAIMS = [["s", "supported", "Supported"], ["p", "partially_supported", "Partly"],
    ["n", "not_supported", "Not supported"], ["r", "refuted", "Contradicted"], ["u", "cannot_tell", "Cannot tell"]];
  const KEYS = [["C W A X", "the whole answer: correct, wrong, gives no answer, cannot tell"],
    ["1 2 3", "harm of a wrong answer: minor, moderate, severe"],
    ["S P N R U", "the claim: supported, partly, not supported, contradicted, cannot tell"],
    ["↓ ↑ or J K", "next and previous claim"], ["M", "write a note; Esc leaves it"], ["Enter", "save, and the next answer"],
    ["B", "back to the answer before; among disagreements, skip"], ["Z", "pause and go on"], ["D", "disagreements: decide, or go back to labelling"],
    ["L", "download the labels (offline file)"], ["?", "these keys"]];
  let reviewer = "", view = null, draft = null, shown = "", chosen = 0, deciding = false, done = [], after = "", busy = false;

  // ---- storage: a draft and what is not yet saved survive the tab, the browser and the server
  const memory = new Map();
  let storageFails = false;
  const store = {
    get(key) {
      try { const text = localStorage.getItem(data.scope + key); return text === null ? memory.get(key) ?? null : JSON.parse(text); }
      catch { storageFails = true; return memory.get(key) ?? null; }
    },
    set(key, value) {
      memory.set(key, value);
      try { localStorage.setItem(data.scope + key, JSON.stringify(value)); } catch { storageFails = true; }
    },
    drop(key) { memory.delete(key); try { localStorage.removeItem(data.scope + key); } catch { storageFails = true; } },
  };

  // ---- text
  const CONTROLS = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069\ufeff]/g;
  const visible = (text) => text.replace(CONTROLS, (c) => {
    const code = c.charCodeAt(0);
    return code < 32 ? String.fromCharCode(0x2400 + code) : "\ufffd";
  });
  function element(name, text, className) {
    const made = document.createElement(name);
    if (text !== undefined) made.textContent = visible(text);
    if (className) made.className = className;
    return made;
  }
  const words = (list, value) => (list.find((entry) => entry[1] === value) ?? ["", "", value])[2];

  // ---- where labels go: the server, or this file
  class Refused extends Error { constructor(status, message) { super(message); this.status = status; } }
  const online = {
    token: new URLSearchParams(location.search).get("token") ?? "",
    async call(path, body) {
      const headers = { "X-Vcpd-Token": this.token, "X-Vcpd-Reviewer": encodeURIComponent(reviewer) };
      if (body) headers["Content-Type"] = "application/json";
      const answer = await fetch(path, { method: body ? "POST" : "GET", headers, body: body && JSON.stringify(body),
        cache: "no-store", credentials: "omit", referrerPolicy: "no-referrer" });
      const found = await answer.json();
      if (!answer.ok) throw new Refused(answer.status, found.error);
      return found;
    },
    session() { return this.call("/api/session?reviewer=" + encodeURIComponent(reviewer)); },
    next() { return this.call("/api/item"); },
    item(name) { return this.call("/api/item?item=" + encodeURIComponent(name)); },
    disputed(name) { return this.call("/api/item?of=disputed&after=" + encodeURIComponent(name)); },
    save(kind, label) { return this.call("/api/" + kind, label); },
    cells() { return this.call("/api/cells"); },
  };
  const offline = {
    labels() { return store.get("labels") ?? {}; },
    progress() {
      const labels = this.labels();
      return { answers: data.items.length, complete: Object.keys(labels).length, mine: Object.keys(labels).length, disputed: 0 };
    },
    found(name) {
      const entry = data.items.find((one) => one.view.item === name);
      const labels = this.labels();
      return { view: entry ? entry.view : null, shown: entry ? entry.shown : "", mine: labels[name] ?? null,
        progress: this.progress(), done: Object.keys(labels) };
    },
    async session() { return { name: "", role: "reviewer", blind_to: data.blind_to, progress: this.progress() }; },
    async next() { const labels = this.labels(); return this.found((data.items.find((one) => !(one.view.item in labels)) ?? { view: {} }).view.item); },
    async item(name) { return this.found(name); },
    async save(kind, label) {
      const labels = this.labels();
      delete labels[label.item]; // the newest last: "back" goes through them in that order
      labels[label.item] = { kind, at: new Date().toISOString(), ...label };
      store.set("labels", labels);
      store.set("fresh", true);
      return { progress: this.progress() };
    },
    async cells() { return { cells: [] }; },
    lines() {
      const head = { kind: "offline", export: data.export, reviewer, at: new Date().toISOString() };
      return [head, ...Object.values(this.labels())].map((line) => JSON.stringify(line) + "\n").join("");
    },
  };
  const desk = data.items ? offline : online;

  // ---- the clock: time in view and in use
  let last = performance.now(), active = last, resting = false;
  function tick() {
    const now = performance.now(), passed = now - last;
    last = now;
    if (!draft) return;
    const away = document.visibilityState !== "visible" || resting || now - active > IDLE || passed > 10000;
    draft[away ? "paused_s" : "seconds"] += passed / 1000;
    const seconds = Math.floor(draft.seconds);
    $("clock").textContent = Math.floor(seconds / 60) + ":" + String(seconds % 60).padStart(2, "0");
    $("clock").classList.toggle("paused", away);
  }
  setInterval(() => { tick(); keep(); }, 1000);
  for (const kind of ["keydown", "pointerdown", "pointermove", "wheel", "scroll", "touchstart"]) {
    addEventListener(kind, () => { tick(); active = performance.now(); }, { capture: true, passive: true });
  }
  document.addEventListener("visibilitychange", tick);
  addEventListener("pagehide", () => { tick(); keep(); });
  function rest(on) {
    tick();
    resting = on;
    document.body.classList.toggle("resting", on);
    $("work").inert = on;
    $("pause").setAttribute("aria-pressed", String(on));
  }

  // ---- drafts and the outbox
  const draftKey = () => "draft/" + reviewer + "/" + (deciding ? "decide/" : "") + view.item;
  function keep() { if (draft && view) store.set(draftKey(), draft); }
  function banner(text) { $("banner").textContent = text; $("banner").hidden = !text; }
  const outbox = () => store.get("outbox/" + reviewer) ?? []; // one for each reviewer of this browser
  const sent = (label) => store.set("outbox/" + reviewer, outbox().filter((one) => one.label.id !== label.id));
  async function flush() {
    for (;;) {
      const waiting = outbox();
      if (!waiting.length) return true;
      const { kind, label } = waiting[0];
      try {
        const saved = await desk.save(kind, label);
        progress(saved.progress);
        store.drop("draft/" + reviewer + "/" + (kind === "adjudication" ? "decide/" : "") + label.item);
        banner("");
      } catch (error) {
        if (!(error instanceof Refused)) { banner("Not saved yet: the server does not answer. Your label is kept in this browser; trying again."); return false; }
        if (error.status === 403) { banner("Not saved yet: the server was started anew. Open the address that it printed; your label is kept in this browser."); return false; }
        banner("Not saved: " + error.message);
        sent(label);
        return null;
      }
      sent(label);
    }
  }
  setInterval(async () => { if (outbox().length && !busy) { busy = true; if (await flush()) await go(fetched); busy = false; } }, 3000);

  // ---- drawing
  function progress(now) {
    $("bar").max = Math.max(1, now.answers);
    $("bar").value = now.complete;
    $("count").textContent = now.complete + " of " + now.answers + " answers done; labels of yours: " + now.mine;
    $("disputes").hidden = desk === offline;
    $("disputes").lastChild.textContent = " Disagreements (" + now.disputed + ")";
  }
  function buttons(place, entries, value, choose) {
    place.replaceChildren(...entries.map(([key, name, label]) => {
      const button = element("button");
      button.type = "button";
      button.dataset.value = name;
      button.setAttribute("aria-pressed", String(value === name));
      button.append(element("kbd", key.toUpperCase()), " " + label);
      button.addEventListener("click", (event) => {
        choose(name);
        if (event.detail === 0) place.querySelector(`[data-value="${name}"]`)?.focus(); // pressed by keyboard: stay on it
      });
      return button;
    }));
  }
  function drawAnswer() {
    const signs = Array.from(view.answer), parts = [];
    let at = 0;
    view.claims.forEach((claim, n) => {
      const start = Math.max(at, claim.start);
      if (claim.end <= start) return;
      parts.push(document.createTextNode(visible(signs.slice(at, start).join(""))));
      const place = element("span", signs.slice(start, claim.end).join(""), "claim" + (n === chosen ? " selected" : ""));
      place.dataset.claim = n;
      const said = draft.claims[n];
      place.append(element("span", (n + 1) + (said ? " " + words(CLAIMS, said) : "") + (claim.verdict ? " (verifier: " + claim.verdict + ")" : ""), "badge"));
      place.addEventListener("click", () => choose(n));
      parts.push(place);
      at = claim.end;
    });
    parts.push(document.createTextNode(visible(signs.slice(at).join(""))));
    $("answer").replaceChildren(...parts);
  }
  function drawSources() {
    const claim = view.claims[chosen], near = claim && claim.nearest;
    $("sources").replaceChildren(...view.sources.map((source, n) => {
      const place = element("article", undefined, "source" + (claim && claim.cited.includes(n) ? " cited" : ""));
      place.append(element("h4", source.label));
      if (source.about) place.append(element("p", source.about, "small"));
      const text = element("div", undefined, "text");
      if (near && near.source === n) {
        const signs = Array.from(source.text);
        text.append(visible(signs.slice(0, near.start).join("")), element("mark", signs.slice(near.start, near.end).join("")),
          visible(signs.slice(near.end).join("")));
      } else text.append(source.text ? visible(source.text) : "(the run holds no text of this source)");
      place.append(text);
      return place;
    }));
    if (!view.sources.length) $("sources").replaceChildren(element("p", "The run holds no sources of this answer."));
    const mark = $("sources").querySelector("mark");
    const title = mark ? mark.closest("article").offsetTop : 0; // in view with the mark, where both fit
    $("sources").scrollTop = !mark ? 0 : mark.offsetTop - title < $("sources").clientHeight / 2 ? title : mark.offsetTop - 80;
  }
  function drawChoices() {
    buttons($("outcome-choices"), OUTCOMES, draft.outcome, setOutcome);
    $("harm").disabled = draft.outcome !== "incorrect";
    buttons($("harm-choices"), HARMS, draft.harm, setHarm);
    const claim = view.claims[chosen];
    $("claim").hidden = !claim;
    if (claim) {
      $("claim-title").textContent = "Claim " + (chosen + 1) + " of " + view.claims.length + (view.more_claims ? " (" + view.more_claims + " more are not listed)" : "");
      buttons($("claim-choices"), CLAIMS, draft.claims[chosen], setClaim);
    }
    $("save").disabled = !ready();
  }
  function draw() { drawAnswer(); drawSources(); drawChoices(); }
  function show(found) {
    progress(found.progress);
    done = found.done ?? done;
    view = found.view;
    shown = found.shown;
    $("work").hidden = !view;
    $("empty").hidden = Boolean(view);
    cells();
    if (!view) { draft = null; return nothing(found.progress); }
    const fresh = { id: crypto.randomUUID ? crypto.randomUUID() : String(Math.random()).slice(2), outcome: null, harm: null, claims: {}, note: "", seconds: 0, paused_s: 0 };
    const mine = found.mine && { ...fresh, outcome: found.mine.outcome, harm: found.mine.harm, claims: { ...found.mine.claims }, note: found.mine.note };
    draft = store.get(draftKey()) ?? mine ?? fresh;
    chosen = 0;
    last = active = performance.now();
    $("domain").textContent = view.domain;
    const open = [view.model && "model " + view.model, view.policy && "verifier: " + view.policy, view.targets.length && "expected: " + view.targets.join(" | ")];
    $("unblinded").textContent = visible(open.filter(Boolean).map((text) => " · " + text).join(""));
    $("question").textContent = visible(view.question);
    $("choices").replaceChildren(...view.choices.map((choice) => element("li", choice)));
    $("note").value = draft.note;
    drawSaid(found);
    $("save").lastChild.textContent = deciding ? " Decide, next" : " Save, next";
    $("back").lastChild.textContent = deciding ? " Skip" : " Back";
    draw();
    $("question").focus({ preventScroll: true });
    scrollTo(0, 0);
  }
  function drawSaid(found) {
    $("said").hidden = !deciding;
    if (!deciding) return;
    const lines = found.said.map((label, n) => {
      const claims = Object.entries(label.claims).map(([claim, said]) => (Number(claim) + 1) + " " + words(CLAIMS, said).toLowerCase());
      return element("p", "Reviewer " + (n + 1) + ": " + words(OUTCOMES, label.outcome) + (label.harm ? " (harm: " + label.harm + ")" : "") +
        (claims.length ? "; claims: " + claims.join(", ") : "") + (label.note ? "; note: " + label.note : ""));
    });
    if (found.own) lines.push(element("p", "You labelled this answer yourself: better let someone else decide."));
    $("said").replaceChildren(element("h3", "Reviewers disagree: decide"), ...lines);
  }
  function nothing(now) {
    $("empty-title").textContent = deciding ? "No disagreement is open" : "Nothing is left for you";
    $("empty-text").textContent = deciding ? "Press D to go back to labelling."
      : desk === offline ? "Press L to download labels.jsonl, and send that file back. B goes back to the answer before."
      : "All is saved. " + (now.disputed ? "Press D to decide on " + now.disputed + " disagreements. " : "") + "Then run: vcpd score RUN";
    $("empty-title").focus();
  }
  async function cells() {
    try {
      const found = await desk.cells();
      $("standing").hidden = !found.cells.length;
      $("cells").replaceChildren(...found.cells.map((cell) => element("li", cell.domain + ", " + cell.model + ": " + cell.labelled + " of " + cell.pool + " answers labelled; " +
        (cell.half_width === null ? "" : "p is known to ±" + cell.half_width.toFixed(3) + "; ") +
        (cell.more === null ? cell.why : cell.more === 0 ? "the wanted ±" + found.wanted + " is reached" : "about " + cell.more + " more labels reach ±" + found.wanted))));
    } catch { /* the labels matter more */ }
  }

  // ---- labelling
  const ready = () => draft && draft.outcome && (draft.outcome !== "incorrect" || draft.harm);
  function setOutcome(value) { draft.outcome = value; if (value !== "incorrect") draft.harm = null; keep(); drawChoices(); }
  function setHarm(value) { if (draft.outcome === "incorrect") { draft.harm = value; keep(); drawChoices(); } }
  function setClaim(value) {
    if (!view.claims[chosen]) return;
    draft.claims[chosen] = value;
    keep();
    if (chosen + 1 < view.claims.length) choose(chosen + 1); else draw();
  }
  function choose(n) { chosen = Math.min(Math.max(n, 0), view.claims.length - 1); draw(); const place = $("answer").querySelector(".selected"); if (place) place.scrollIntoView({ block: "nearest" }); }
  async function fetched() { return deciding ? desk.disputed(after) : desk.next(); }
  async function save() {
    if (!ready() || busy) return;
    busy = true;
    tick();
    const { id, outcome, harm, claims, note, seconds, paused_s } = draft;
    const label = { id, item: view.item, outcome, harm, claims, note, seconds: Math.round(seconds * 1000) / 1000,
      paused_s: Math.round(paused_s * 1000) / 1000, shown, reviewer };
    keep();
    store.set("outbox/" + reviewer, [...outbox(), { kind: deciding ? "adjudication" : "label", label }]);
    if (await flush()) await go(fetched);
    busy = false;
  }
  async function go(fetching) {
    try { show(await fetching()); }
    catch (error) { banner(error instanceof Refused ? error.message : "The server does not answer. What you typed is kept in this browser."); }
  }
  async function back() {
    keep();
    if (deciding) { // the next disagreement, this one later
      after = view ? view.item : "";
      return go(fetched);
    }
    const at = view ? done.indexOf(view.item) : done.length;
    const before = done[(at < 0 ? done.length : at) - 1];
    if (before) await go(() => desk.item(before));
  }
  async function toggle() {
    if (desk === offline) return;
    keep();
    deciding = !deciding;
    after = "";
    $("disputes").setAttribute("aria-pressed", String(deciding));
    await go(fetched);
  }
  function download() {
    if (desk !== offline) return;
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([offline.lines()], { type: "application/jsonl" }));
    link.download = "labels.jsonl";
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60000);
    store.set("fresh", false);
  }
  const actions = { z: () => rest(!resting), d: toggle, b: back, l: download, "?": () => $("help").showModal(),
    m: () => $("note").focus(), j: () => choose(chosen + 1), k: () => choose(chosen - 1), arrowdown: () => choose(chosen + 1), arrowup: () => choose(chosen - 1), enter: save };
  addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || $("help").open || $("who").open) return;
    const key = event.key.toLowerCase();
    if (event.target === $("note")) {
      if (key === "escape") $("question").focus({ preventScroll: true });
      return;
    }
    if (key === "enter" && event.target.tagName === "BUTTON") return; // the button's own
    if (busy) return; // the next answer is on its way: no key of one may reach the other
    const inSources = event.target === $("sources") && key.startsWith("arrow");
    if (inSources || (resting && key !== "z")) return;
    const needsItem = ["m", "j", "k", "arrowdown", "arrowup", "enter"].includes(key);
    if (actions[key] && (view || !needsItem)) { event.preventDefault(); actions[key](); return; }
    if (!view) return;
    for (const [entries, set] of [[OUTCOMES, setOutcome], [HARMS, setHarm], [CLAIMS, setClaim]]) {
      const entry = entries.find((one) => one[0] === key);
      if (entry) { event.preventDefault(); set(entry[1]); return; }
    }
  });
  $("verdict").addEventListener("submit", (event) => { event.preventDefault(); save(); });
  $("note").addEventListener("input", () => { draft.note = $("note").value; keep(); });
  for (const [id, key] of [["pause", "z"], ["disputes", "d"], ["back", "b"], ["keys", "?"], ["download", "l"]]) {
    $(id).addEventListener("click", () => actions[key]());
  }
  $("help-close").addEventListener("click", () => $("help").close());
  for (const [key, what] of KEYS) if (key !== "L" || desk === offline) $("key-list").append(element("dt", key), element("dd", what));
  addEventListener("beforeunload", (event) => {
    keep();
    if (outbox().length || (desk === offline && store.get("fresh"))) event.preventDefault();
  });

  // ---- begin
  async function named() {
    let saved = null;
    try { saved = sessionStorage.getItem(data.scope + "name"); } catch { storageFails = true; }
    if (saved) return saved;
    $("name").value = store.get("name") ?? "";
    $("who").showModal();
    $("who").addEventListener("cancel", (event) => event.preventDefault());
    return new Promise((resolve) => $("who-form").addEventListener("submit", () => {
      const name = $("name").value.trim();
      store.set("name", name);
      try { sessionStorage.setItem(data.scope + "name", name); } catch { storageFails = true; }
      resolve(name);
    }, { once: true }));
  }
  async function begin() {
    $("download").hidden = desk !== offline;
    try {
      let session = await desk.session();
      reviewer = session.name || await named();
      if ((await flush()) === false) return;
      if (session.role === "adjudicator") { deciding = true; $("disputes").setAttribute("aria-pressed", "true"); }
      show(await fetched());
      if (storageFails) banner("This browser keeps nothing: " + (desk === offline ? "download the labels before you close the page." : "a label counts only when it is saved."));
    } catch (error) {
      banner(error instanceof Refused ? error.message : "The server does not answer: start vcpd review again and open the address that it prints.");
    }
  }
  begin();
})();
