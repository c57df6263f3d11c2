// Keeps the status page up to date: asks for the page again, and applies what has changed in it.

const EVERY = 5_000;
const EVERY_HIDDEN = 60_000;
const TIMEOUT = 15_000;
const WHILE_TYPING = 200;

const byId = (id) => document.getElementById(id);
let tag = "";
let latest = 0;
let timer = 0;
let answeredAt = Date.now();
let version = document.body.dataset.version;

/** Fetch the page at the current address; null if it has not changed. */
async function fetched() {
  const headers = tag ? { "If-None-Match": tag } : {};
  const address = location.pathname + location.search;
  const answer = await fetch(address, { headers, signal: AbortSignal.timeout(TIMEOUT), cache: "no-store" });
  if (answer.status === 304) return null;
  if (!answer.ok) throw new Error(`it answers ${answer.status} ${answer.statusText}`);
  // No script runs in a document that is parsed this way, nor in what is taken from it.
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  if (page.getElementById("status") === null) throw new Error("it answers something else");
  return { page, tag: answer.headers.get("ETag") ?? "" };
}

/** Make an element like another one; what does not differ keeps its focus and selection. */
function morph(here, wanted) {
  for (const { name, value } of wanted.attributes) {
    if (name !== "open" && here.getAttribute(name) !== value) here.setAttribute(name, value);
  }
  for (const { name } of [...here.attributes]) {
    if (name !== "open" && !wanted.hasAttribute(name)) here.removeAttribute(name);
  }
  const children = [...wanted.childNodes];
  children.forEach((child, place) => {
    const present = counterpart(here, child, place);
    if (!present) here.append(child);
    else if (!isAlike(present, child)) present.replaceWith(child);
    else if (child.nodeType === Node.ELEMENT_NODE) morph(present, child);
    else if (present.data !== child.data) present.data = child.data;
  });
  while (here.childNodes.length > children.length) here.lastChild.remove();
}

/** Return the child at a place; one with the wanted key that comes later is moved there first. */
function counterpart(here, wanted, place) {
  const present = here.childNodes[place];
  if (!wanted.dataset?.key || !present || isAlike(present, wanted)) return present;
  const later = [...here.childNodes].slice(place).find((one) => isAlike(one, wanted));
  if (later) here.insertBefore(later, present);
  return later ?? present;
}

/** A source that is added or removed must not pass its open card or its selection to another. */
function isAlike(one, other) {
  return one.nodeName === other.nodeName && one.dataset?.key === other.dataset?.key;
}

function show(page) {
  const focused = document.activeElement;
  document.title = page.title;
  morph(byId("status"), page.getElementById("status"));
  // An element that is moved loses the focus.
  if (focused.isConnected && document.activeElement !== focused) focused.focus({ preventScroll: true });
}

function note(text) {
  const lost = byId("lost");
  if (lost.textContent !== text) lost.textContent = text;
  lost.hidden = !text;
}

/** Return why there was no answer. */
function cause({ name, message }) {
  if (name === "TimeoutError") return "no answer in time";
  return name === "TypeError" ? "it cannot be reached" : message;
}

function showLost(error) {
  const since = new Date(answeredAt).toLocaleTimeString([], { hourCycle: "h23" });
  note(`The exporter has not answered since ${since}: ${cause(error)}. What is shown is from then; this page keeps asking.`);
}

async function refresh() {
  const mine = ++latest;
  clearTimeout(timer);
  try {
    const found = await fetched();
    if (mine !== latest) return;
    answeredAt = Date.now();
    if (found) {
      tag = found.tag;
      version = found.page.body.dataset.version;
      show(found.page);
    }
    document.body.classList.remove("lost");
    note(version === document.body.dataset.version ? "" : `The exporter is now version ${version}: please reload this page.`);
  } catch (error) {
    if (mine !== latest) return;
    document.body.classList.add("lost");
    showLost(error);
  }
  timer = setTimeout(refresh, document.hidden ? EVERY_HIDDEN : EVERY);
}

/**
 * Put what the form asks for into the address, which can be passed on. A link changes the order or
 * the number of rows; the rest of its address may be older than the form.
 */
function choose(link) {
  const form = byId("finder");
  const wanted = new URLSearchParams(link?.search);
  if (link) form.elements.sort.value = wanted.get("sort") ?? "";
  const fields = [...new FormData(form), ["show", wanted.get("show")]].filter(([, value]) => value);
  history.replaceState(null, "", fields.length ? `?${new URLSearchParams(fields)}` : location.pathname);
  latest += 1;
}

function narrow() {
  choose();
  clearTimeout(timer);
  timer = setTimeout(refresh, WHILE_TYPING);
}

async function follow(link) {
  const { rows } = byId("cases").tBodies[0];
  const before = rows.length;
  choose(link);
  await refresh();
  // Where the link is gone, the keyboard goes on at the first of the new rows.
  if (link.id === "more" && !link.isConnected && rows[before]) {
    rows[before].tabIndex = -1;
    rows[before].focus();
  }
}

byId("finder").addEventListener("input", narrow);
byId("finder").addEventListener("submit", (event) => event.preventDefault());
byId("attention").addEventListener("click", (event) => {
  const link = event.target.closest('a[href^="?"]');
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  follow(link);
});
document.addEventListener("visibilitychange", () => {
  if (!document.hidden) refresh();
});
window.addEventListener("online", refresh);
// On a phone the collectors of a source that is well would only be in the way.
if (matchMedia("(max-width: 52rem)").matches) {
  for (const card of byId("sources").children) if (card.dataset.state === "ok") card.open = false;
}
timer = setTimeout(refresh, EVERY);
