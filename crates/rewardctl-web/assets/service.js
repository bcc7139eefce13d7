// What the service is asked, and the outbox: what is decided outlives the page there, and every request has a key of its
// own, so that whatever is sent twice counts once.

import { showSignIn } from './app.js';
import { drawHeader, notice, say } from './draw.js';

export const API = '/api/v1';
export const AHEAD = 3; // tasks that are held: one is looked at, the others come next
export const byId = (id) => document.getElementById(id);

export const state = {
  me: null,
  keys: [],
  tasks: [], // held, the first is looked at
  since: 0, // when it was first seen
  deafUntil: 0, // until then keys are not taken: they were meant for a task that is gone
  note: '',
  tags: [],
  order: [], // places of a ranking, best first
  diff: false,
  last: null, // the task decided last
  sent: 0, // decisions of this session
  own: [], // their tasks, corrections beside a question among them: what else an undo takes back is named
  began: Date.now(),
  counts: null,
  offline: false,
  claiming: false,
  nothing: false,
};

// --- what is kept in the browser ---

const memory = new Map(); // a storage that is full or forbidden takes nothing: then it lasts as long as the page
let isFragile = false; // whether something would be lost with the page

function stored(name) {
  if (memory.has(name)) return memory.get(name);
  try {
    return JSON.parse(localStorage.getItem(name));
  } catch {
    return null;
  }
}

function store(name, value) {
  if (value === null) memory.delete(name);
  else memory.set(name, value);
  try {
    if (value === null) localStorage.removeItem(name);
    else localStorage.setItem(name, JSON.stringify(value));
  } catch {
    isFragile = true;
  }
}

function names() {
  try {
    return new Set([...memory.keys(), ...Object.keys(localStorage)]);
  } catch {
    return new Set(memory.keys());
  }
}

const nameOf = (key) => `rewardctl.${state.me?.name ?? ''}.${key}`;

export const kept = {
  get: (key, otherwise) => stored(nameOf(key)) ?? otherwise,
  set: (key, value) => store(nameOf(key), value),
};

// Names what is asked, so that it is done once; crypto.randomUUID is missing where the page came over plain HTTP.
export const newKey = () => [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, '0')).join('');

// --- asking the service ---

export class Refused extends Error {
  constructor(status, problem) {
    super(problem.detail ?? `status ${status}`);
    this.status = status;
    this.code = problem.code ?? 'unknown';
  }
}

export async function ask(method, path, body, key) {
  const headers = { 'x-rewardctl': '1' };
  if (body !== undefined) headers['content-type'] = 'application/json';
  if (key) headers['idempotency-key'] = key;
  const response = await fetch(API + path, {
    method,
    headers,
    body: body === undefined ? undefined : JSON.stringify(body),
    keepalive: method !== 'GET' && JSON.stringify(body ?? '').length < 30_000,
  });
  setOffline(false);
  if (response.status === 204) return null;
  const answer = await response.json().catch(() => ({}));
  if (response.ok) return answer;
  if (response.status === 401 && path !== '/session') showSignIn();
  throw new Refused(response.status, answer);
}

export const isRefused = (error) => error instanceof Refused && error.status < 500 && error.status !== 429;

export function setOffline(offline) {
  if (state.offline === offline) return;
  state.offline = offline;
  drawHeader();
  say(offline ? 'The connection is lost. Go on: what you decide is kept and sent later.' : 'Connected again.');
}

// --- the outbox: decisions that the service has not confirmed, each under a name of its own, in their order ---

const WAIT = 3000; // milliseconds that an undo waits for what was decided before
let sending = null;
let count = 0;

export function outbox() {
  const prefix = nameOf('outbox.');
  const entries = [...names()].filter((name) => name.startsWith(prefix)).sort();
  return entries.map((name) => ({ name, ...stored(name) })).filter((entry) => entry.body);
}

// Who decided something that is not sent, and how much of it there is, also of those who are signed out.
export function unsent() {
  const found = [...names()].map((name) => name.match(/^rewardctl\.(.*)\.outbox\./)?.[1]).filter((who) => who !== undefined);
  return { count: found.length, who: [...new Set(found)].sort() };
}

export function send(body) {
  const key = newKey();
  const place = [Date.now(), count++].map((number) => String(number).padStart(15, '0')).join('.');
  kept.set(`outbox.${place}.${key}`, { key, body });
  return flush();
}

export function flush() {
  sending ??= sendAll().finally(() => {
    sending = null;
  });
  return sending;
}

// Waits a moment for the outbox, and says whether all of it is sent.
export async function isSent() {
  await Promise.race([flush(), new Promise((done) => setTimeout(done, WAIT))]);
  return outbox().length === 0;
}

async function sendAll() {
  for (let wait = 500; ; ) {
    const [entry] = outbox();
    if (!entry) break;
    try {
      await ask('POST', '/labels', entry.body, entry.key);
    } catch (error) {
      if (!isRefused(error)) {
        setOffline(true);
        drawHeader();
        await new Promise((done) => setTimeout(done, wait));
        wait = Math.min(wait * 2, 10_000);
        continue;
      }
      if (error.status === 401) return;
      const { task, note, tags, answer } = entry.body;
      notice(`Task ${task} was not counted: ${error.message}. What you wrote is kept as a draft.`);
      kept.set(`draft.${task}`, { note, tags, place: answer.place, text: answer.text });
    }
    store(entry.name, null);
    wait = 500;
    drawHeader();
  }
}

addEventListener('beforeunload', (event) => {
  if (isFragile && outbox().length) event.preventDefault();
});
