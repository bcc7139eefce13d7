// The page where people review: tasks that are held, what is decided, and what keys do.

import { describe, draw, drawHeader, element, figures, hint, keyOf, notice, open, reveal, say, visible } from './draw.js';
import './queue.js';
import { AHEAD, API, Refused, ask, byId, flush, isRefused, isSent, kept, newKey, outbox, send, setOffline, state, unsent } from './service.js';
import { keepDraft, setDraft, write } from './write.js';

// --- taking tasks ---

let claim = null; // what was asked for and not answered: it is asked again as it was, so that it is granted once

async function fill(resume = false) {
  if (state.claiming || !state.me) return;
  const count = AHEAD - state.tasks.length;
  if (count <= 0) return;
  state.claiming = true;
  try {
    claim ??= { body: resume ? { count: AHEAD, resume: true } : { count }, key: newKey() };
    const { leases } = await ask('POST', '/tasks/claim', claim.body, claim.key);
    claim = null;
    const unsent = outbox().map((entry) => entry.body.task);
    const known = new Set([...state.tasks.map((task) => task.task), ...unsent]);
    const fresh = leases.filter((lease) => !known.has(lease.task));
    const wasEmpty = state.tasks.length === 0;
    state.tasks.push(...fresh);
    state.nothing = state.tasks.length === 0;
    if (wasEmpty) open();
  } catch (error) {
    if (!isRefused(error)) {
      setOffline(true);
      setTimeout(() => fill(resume), 2000);
    } else {
      claim = null;
      if (error.status !== 401) notice(error.message);
    }
  } finally {
    state.claiming = false;
  }
}

async function hold() {
  if (document.hidden || !state.me) return;
  for (const task of [...state.tasks]) {
    try {
      const { expires_ms } = await ask('POST', `/tasks/${task.task}/heartbeat`, { token: task.token });
      task.expires_ms = expires_ms;
    } catch (error) {
      if (!isRefused(error)) return setOffline(true);
      if (error.code === 'lease_lost') lose(task);
    }
  }
}

function lose(task) {
  const isSeen = state.tasks[0] === task;
  state.tasks = state.tasks.filter((other) => other !== task);
  if (isSeen) {
    notice('This task was given to somebody else meanwhile. What you wrote is kept as a draft.');
    keepDraft(task);
    open();
    state.deafUntil = Date.now() + DEAF;
  }
  fill();
}

function letGo() {
  for (const task of state.tasks) {
    ask('POST', `/tasks/${task.task}/give-back`, { token: task.token }).catch(() => {});
  }
}

// --- deciding ---

export function decide(answer) {
  const task = state.tasks[0];
  if (!task) return;
  const isWhole = answer.kind !== 'correct' || task.kind === 'correct';
  const elapsed = Math.min(Date.now() - state.since, 4_294_967_295);
  const body = { task: task.task, token: task.token, answer, note: state.note, tags: state.tags, elapsed_ms: elapsed };
  send(body);
  undoKey = null;
  state.own.push(task.task);
  if (!isWhole) {
    setDraft(task, { note: state.note, tags: state.tags });
    say('The correction is saved. The question is still open.');
    return;
  }
  state.last = task;
  state.sent += 1;
  state.tasks.shift();
  clearTimeout(setDraft.later);
  kept.set(`draft.${task.task}`, null);
  const said = describe(answer, task);
  open(`${said}. `);
  fill();
}

let isUndoing = false;
let undoKey = null; // of an undo that was not answered: asked again, it takes nothing more back

async function undo() {
  if (isUndoing) return;
  isUndoing = true;
  const wait = 'Undo needs the connection: press it again when it is back.';
  try {
    if (!(await isSent())) return notice(wait);
    undoKey ??= newKey();
    const { lease } = await ask('POST', '/labels/undo', {}, undoKey);
    undoKey = null;
    state.tasks = [lease, ...state.tasks.filter((task) => task.task !== lease.task)];
    if (state.own.at(-1) === lease.task) {
      state.own.pop();
      state.sent = Math.max(0, state.sent - 1);
      return open('Taken back. ');
    }
    open();
    notice(`Taken back from before: task ${lease.task}, “${lease.prompt.at(-1)?.content.slice(0, 40) ?? ''}”.`);
  } catch (error) {
    if (isRefused(error)) undoKey = null;
    notice(isRefused(error) ? error.message : wait);
  } finally {
    isUndoing = false;
  }
}

function rank(place) {
  const task = state.tasks[0];
  if (place >= task.responses.length || state.order.includes(place)) return;
  state.order.push(place);
  // The last place takes its key, too: whoever names all would answer the next task with it.
  if (state.order.length === task.responses.length) return decide({ kind: 'rank', order: state.order });
  draw();
}

// --- what keys and buttons do ---

const DEAF = 700; // milliseconds, longer than it takes to press a key that was meant for a task that went away
const slight = 0.5;
export const ACTS = {
  left: () => decide({ kind: 'choose', choice: 'left' }),
  right: () => decide({ kind: 'choose', choice: 'right' }),
  slightly_left: () => decide({ kind: 'choose', choice: 'left', strength: slight }),
  slightly_right: () => decide({ kind: 'choose', choice: 'right', strength: slight }),
  tie: () => decide({ kind: 'choose', choice: 'tie' }),
  both_bad: () => decide({ kind: 'choose', choice: 'both_bad' }),
  cannot_tell: () => decide({ kind: 'choose', choice: 'cannot_tell' }),
  approve: () => decide({ kind: 'approve' }),
  reject: () => decide({ kind: 'reject' }),
  undo,
  skip: () => byId('skip').showModal(),
  correct: () => write('correct'),
  note: () => write('note'),
  tags: () => write('tags'),
  diff: () => {
    state.diff = !state.diff;
    draw();
  },
  reveal,
  help: () => byId('help').showModal(),
  down: () => scrollBy({ top: innerHeight * 0.6 }),
  up: () => scrollBy({ top: -innerHeight * 0.6 }),
  top: () => scrollTo({ top: 0 }),
  bottom: () => scrollTo({ top: document.documentElement.scrollHeight }),
  quit: () => {
    letGo();
    state.tasks = [];
    state.nothing = true;
    open();
    say('Your tasks are given back. You can close the page.');
  },
};
for (let at = 0; at < 10; at++) {
  ACTS[`value_${at + 1}`] = () => {
    const value = state.tasks[0].values[at];
    if (value !== undefined) decide({ kind: 'rate', value });
  };
  ACTS[`next_${at + 1}`] = () => rank(at);
}

const PLAIN = { ' ': 'Space' };

function onKey(event) {
  const key = PLAIN[event.key] ?? event.key;
  const opened = document.querySelector('dialog[open]');
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (opened?.id === 'skip') {
    const line = state.keys.find((line) => line.place === 'skip' && line.keys.includes(key));
    if (line) byId('reasons').querySelector(`[data-reason="${line.action}"]`)?.click();
    return;
  }
  if (opened?.id === 'help' && keyOf('help') === key) return opened.close();
  if (opened?.id === 'reveal' && keyOf('reveal') === key) return opened.close();
  if (opened || event.target.closest('input, textarea, select, [contenteditable]')) return;
  if (event.key === 'Escape') byId('notice').hidden = true;
  if (!state.me || !byId('keys-on').checked) return;
  // A button that has the focus takes Enter and Space for itself.
  if (event.target.closest('button, summary, a') && ['Enter', 'Space'].includes(key)) return;
  const task = state.tasks[0];
  const places = ['everywhere', task?.kind];
  const line = state.keys.find((line) => places.includes(line.place) && line.keys.includes(key));
  const isMove = ['up', 'down', 'top', 'bottom'].includes(line?.action);
  const isIdle = isMove || ['undo', 'help', 'reveal'].includes(line?.action);
  if (!line || (!task && !isIdle)) return;
  event.preventDefault();
  if (!isMove && Date.now() < state.deafUntil) return hint('Too soon: the task before went away.');
  // A key that is held down would decide tasks that nobody has seen.
  if (!isMove && event.repeat) return hint('A key that is held down is taken once.');
  byId('task').querySelector(`[data-action="${line.action}"]`)?.classList.add('pressed');
  ACTS[line.action]();
}

// --- signing in and beginning ---

let holding = null;
let events = null;

export function showSignIn() {
  clearInterval(holding);
  events?.close();
  state.me = null;
  state.tasks = [];
  byId('sign-in').hidden = false;
  for (const id of ['task', 'empty', 'sign-out', 'show-figures', 'show-queue']) byId(id).hidden = true;
  byId('progress').textContent = '';
  const { count, who } = unsent();
  byId('unsent').hidden = count === 0;
  byId('unsent').textContent = visible(`${decisions(count)} not sent yet, and kept in this browser. Sign in again as ${who.join(' or ')} to send what is yours.`);
  byId('token').focus();
}

const decisions = (count) => (count === 1 ? '1 decision is' : `${count} decisions are`);
let isWarned = false; // of what is not sent

async function signOut() {
  const wasWarned = isWarned;
  isWarned = !(await isSent());
  if (isWarned && !wasWarned) {
    return notice(`${decisions(outbox().length)} not sent yet. Stay until the connection is back, or press “Sign out” again: what you decided stays in this browser, and is sent when you sign in here again.`);
  }
  letGo();
  try {
    await ask('DELETE', '/session');
  } catch (error) {
    if (!isRefused(error)) return notice('Signing out needs the connection: you are still signed in.');
  }
  location.reload();
}

async function signIn(token) {
  try {
    await begin(await ask('POST', '/session', { token }));
  } catch (error) {
    showSignIn();
    byId('sign-in-error').textContent = error instanceof Refused ? error.message : 'The service does not answer.';
  }
}

async function begin(me) {
  state.me = me;
  byId('sign-in').hidden = true;
  byId('sign-out').hidden = false;
  byId('show-figures').hidden = !me.permissions.includes('see_scores');
  byId('show-queue').hidden = !me.permissions.includes('curate');
  byId('token').value = '';
  state.keys = (await ask('GET', '/keymap')).keys;
  drawHelp();
  if (!me.permissions.includes('review')) {
    state.nothing = true;
    draw();
    return notice(`A ${me.role} looks, and decides nothing.`);
  }
  await flush();
  await fill(true);
  draw();
  clearInterval(holding);
  holding = setInterval(hold, Math.max(1000, me.lease_ms / 3));
  watch();
}

function watch() {
  events?.close();
  events = new EventSource(`${API}/events`);
  events.addEventListener('counts', (event) => {
    state.counts = JSON.parse(event.data);
    drawHeader();
    if (state.tasks.length === 0 && state.counts.open > 0) fill();
  });
  events.onerror = () => setOffline(!navigator.onLine || state.offline);
}

function drawHelp() {
  const places = [...new Set(state.keys.map((line) => line.place))];
  const titles = { choose: 'Choose', rate: 'Rate', rank: 'Rank', approve: 'Approve', everywhere: 'Everywhere', skip: 'Reasons to skip' };
  byId('help-body').replaceChildren(...places.map((place) => {
    const rows = state.keys.filter((line) => line.place === place).map((line) => {
      const keys = line.keys.flatMap((key) => [element('kbd', {}, key), ' ']);
      return element('tr', {}, element('th', { scope: 'row' }, ...keys), element('td', {}, line.help));
    });
    return element('table', {}, element('caption', {}, titles[place] ?? place), element('tbody', {}, ...rows));
  }));
  byId('help-key').textContent = keyOf('help');
  byId('reasons').replaceChildren(...state.keys.filter((line) => line.place === 'skip').map((line) => {
    const made = element('button', { type: 'button', 'data-reason': line.action }, line.help, ' ', element('kbd', {}, line.keys[0]));
    made.addEventListener('click', () => {
      byId('skip').close();
      decide({ kind: 'skip', reason: line.action });
    });
    return made;
  }));
  byId('keys-on').checked = kept.get('keys-on', true);
}

addEventListener('keydown', onKey);
addEventListener('online', () => flush().then(() => fill()));
addEventListener('offline', () => setOffline(true));
addEventListener('pagehide', letGo);
byId('show-help').addEventListener('click', () => byId('help').showModal());
byId('show-figures').addEventListener('click', figures);
byId('look-again').addEventListener('click', () => fill());
byId('empty-undo').addEventListener('click', undo);
byId('notice-close').addEventListener('click', () => {
  byId('notice').hidden = true;
});
byId('keys-on').addEventListener('change', (event) => kept.set('keys-on', event.target.checked));
byId('sign-in').addEventListener('submit', (event) => {
  event.preventDefault();
  signIn(byId('token').value);
});
byId('sign-out').addEventListener('click', signOut);

// A token in the fragment never leaves the browser by itself, and is taken out of the address at once.
const token = new URLSearchParams(location.hash.slice(1)).get('token');
if (token) {
  history.replaceState(null, '', location.pathname);
  signIn(token);
} else {
  ask('GET', '/me').then(begin, (error) => {
    if (!(error instanceof Refused)) notice('The service does not answer. Reload the page when it does.');
    else showSignIn();
  });
}
