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
  began: Date.now(),
  counts: null,
  offline: false,
  claiming: false,
  nothing: false,
};

// --- what is kept in the browser ---

export const kept = {
  name: (key) => `rewardctl.${state.me?.name ?? ''}.${key}`,
  get(key, otherwise) {
    try {
      return JSON.parse(localStorage.getItem(this.name(key))) ?? otherwise;
    } catch {
      return otherwise;
    }
  },
  set(key, value) {
    try {
      if (value === null) localStorage.removeItem(this.name(key));
      else localStorage.setItem(this.name(key), JSON.stringify(value));
    } catch {
      // A full or forbidden storage loses drafts at a reload, and nothing else.
    }
  },
};

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

// --- the outbox: decisions that the service has not confirmed ---

let sending = null;

export function send(entry) {
  kept.set('outbox', [...kept.get('outbox', []), entry]);
  return flush();
}

export function flush() {
  sending ??= sendAll().finally(() => {
    sending = null;
  });
  return sending;
}

export async function sendAll() {
  for (let wait = 500; ; ) {
    const [entry, ...rest] = kept.get('outbox', []);
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
      notice(`Task ${entry.body.task} was not counted: ${error.message}. What you wrote is kept as a draft.`);
      kept.set(`draft.${entry.body.task}`, { note: entry.body.note, tags: entry.body.tags, text: entry.body.answer.text });
    }
    const left = kept.get('outbox', []);
    kept.set('outbox', left.filter((other) => other.key !== entry.key));
    wait = 500;
    drawHeader();
  }
}
