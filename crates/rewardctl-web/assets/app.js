// The page where people review. Texts of models reach the page as text nodes alone. What is decided goes into an outbox
// that outlives the page, and every request has a key of its own, so that whatever is sent twice counts once.

const API = '/api/v1';
const AHEAD = 3; // tasks that are held: one is looked at, the others come next
const SHOWN = 200_000; // characters of a text that are shown at first
const byId = (id) => document.getElementById(id);

const state = {
  me: null,
  keys: [],
  tasks: [], // held, the first is looked at
  since: 0, // when it was first seen
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
  skew: 0, // the server's clock less ours
};

// --- what is kept in the browser ---

const kept = {
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

class Refused extends Error {
  constructor(status, problem) {
    super(problem.detail ?? `status ${status}`);
    this.status = status;
    this.code = problem.code ?? 'unknown';
  }
}

async function ask(method, path, body, key) {
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

const isRefused = (error) => error instanceof Refused && error.status < 500 && error.status !== 429;

function setOffline(offline) {
  if (state.offline === offline) return;
  state.offline = offline;
  drawHeader();
  say(offline ? 'The connection is lost. Go on: what you decide is kept and sent later.' : 'Connected again.');
}

// --- the outbox: decisions that the service has not confirmed ---

let sending = null;

function send(entry) {
  kept.set('outbox', [...kept.get('outbox', []), entry]);
  return flush();
}

function flush() {
  sending ??= sendAll().finally(() => {
    sending = null;
  });
  return sending;
}

async function sendAll() {
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

// --- taking tasks ---

async function fill(resume = false) {
  if (state.claiming || !state.me) return;
  const count = AHEAD - state.tasks.length;
  if (count <= 0) return;
  state.claiming = true;
  try {
    const body = resume ? { count: AHEAD, resume: true } : { count };
    const { leases } = await ask('POST', '/tasks/claim', body, crypto.randomUUID());
    const outbox = kept.get('outbox', []).map((entry) => entry.body.task);
    const known = new Set([...state.tasks.map((task) => task.task), ...outbox]);
    const fresh = leases.filter((lease) => !known.has(lease.task));
    const wasEmpty = state.tasks.length === 0;
    state.tasks.push(...fresh);
    state.nothing = state.tasks.length === 0;
    if (wasEmpty) open();
  } catch (error) {
    if (!isRefused(error)) {
      setOffline(true);
      setTimeout(() => fill(resume), 2000);
    } else if (error.status !== 401) notice(error.message);
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
  }
  fill();
}

function letGo() {
  for (const task of state.tasks) {
    ask('POST', `/tasks/${task.task}/give-back`, { token: task.token }).catch(() => {});
  }
}

// --- deciding ---

function decide(answer) {
  const task = state.tasks[0];
  if (!task) return;
  const isWhole = answer.kind !== 'correct' || task.kind === 'correct';
  const elapsed = Math.min(Date.now() - state.since, 4_294_967_295);
  const body = { task: task.task, token: task.token, answer, note: state.note, tags: state.tags, elapsed_ms: elapsed };
  send({ key: crypto.randomUUID(), body });
  if (!isWhole) {
    kept.set(`draft.${task.task}`, null);
    say('The correction is saved. The question is still open.');
    return;
  }
  state.last = task;
  state.sent += 1;
  state.tasks.shift();
  kept.set(`draft.${task.task}`, null);
  const said = describe(answer, task);
  open(`${said}. `);
  fill();
}

async function undo() {
  await flush();
  if (kept.get('outbox', []).length) return notice('Undo waits for the connection.');
  try {
    const { lease } = await ask('POST', '/labels/undo', {}, crypto.randomUUID());
    state.tasks = [lease, ...state.tasks.filter((task) => task.task !== lease.task)];
    state.sent = Math.max(0, state.sent - 1);
    open('Taken back. ');
  } catch (error) {
    notice(isRefused(error) ? error.message : 'Undo waits for the connection.');
  }
}

function describe(answer, task) {
  const words = { left: 'Left is better', right: 'Right is better', tie: 'As good', both_bad: 'Neither will do', cannot_tell: 'Cannot tell' };
  if (answer.kind === 'choose') return words[answer.choice] + (answer.strength ? ', slightly' : '');
  if (answer.kind === 'rate') return `Rated ${answer.value} of ${task.scale.max}`;
  return { rank: 'Ranked', approve: 'Approved', reject: 'Rejected', tag: 'Tagged', skip: 'Skipped', correct: 'Corrected' }[answer.kind];
}

function rank(place) {
  const task = state.tasks[0];
  if (place >= task.responses.length || state.order.includes(place)) return;
  state.order.push(place);
  if (state.order.length === task.responses.length - 1) {
    state.order.push(task.responses.findIndex((_, at) => !state.order.includes(at)));
    return decide({ kind: 'rank', order: state.order });
  }
  draw();
}

// --- what keys and buttons do ---

const slight = 0.5;
const ACTS = {
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

const keyOf = (action) => state.keys.find((line) => line.action === action)?.keys[0] ?? '';
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
  if (!state.me || !byId('keys-on').checked) return;
  // A button that has the focus takes Enter and Space for itself.
  if (event.target.closest('button, summary, a') && ['Enter', 'Space'].includes(key)) return;
  const task = state.tasks[0];
  const places = ['everywhere', task?.kind];
  const line = state.keys.find((line) => places.includes(line.place) && line.keys.includes(key));
  const isIdle = ['undo', 'help', 'reveal', 'up', 'down'].includes(line?.action);
  if (!line || (!task && !isIdle)) return;
  event.preventDefault();
  // A key that is held down would decide tasks that nobody has seen.
  if (event.repeat && !['up', 'down'].includes(line.action)) return;
  byId('task').querySelector(`[data-action="${line.action}"]`)?.classList.add('pressed');
  ACTS[line.action]();
}

// --- writing: notes, tags, corrections ---

let writing = null;

function write(what) {
  const task = state.tasks[0];
  if (!task) return;
  const draft = kept.get(`draft.${task.task}`, {});
  writing = { what, task };
  const place = byId('write-place');
  const texts = task.responses.map((response) => response.text);
  byId('write-which').hidden = what !== 'correct' || texts.length < 2;
  place.replaceChildren(...texts.map((_, at) => new Option(nameOf(at, task), at)));
  const hints = {
    correct: 'Write what the response should have been.',
    note: 'The note goes with your next decision on this task.',
    tags: 'Words separated by commas. They go with your next decision on this task.',
  };
  byId('write-title').textContent = { correct: 'Correct', note: 'Note', tags: 'Tags' }[what];
  byId('write-hint').textContent = hints[what];
  const value = { correct: draft.text ?? texts[0], note: state.note, tags: state.tags.join(', ') }[what];
  byId('write-text').value = value;
  byId('write').showModal();
  byId('write-text').focus();
}

function keepDraft(task) {
  const text = writing?.what === 'correct' ? byId('write-text').value : kept.get(`draft.${task.task}`, {}).text;
  const draft = { note: state.note, tags: state.tags, text };
  kept.set(`draft.${task.task}`, draft);
  clearTimeout(keepDraft.later);
  keepDraft.later = setTimeout(() => {
    if (state.me) ask('PUT', `/tasks/${task.task}/draft`, { draft }).catch(() => {});
  }, 1500);
}

function saveWriting() {
  const { what, task } = writing;
  const text = byId('write-text').value;
  byId('write').close();
  clearTimeout(keepDraft.later);
  writing = null;
  if (task !== state.tasks[0]) return;
  if (what === 'correct') {
    if (!text.trim()) return notice('A correction needs a text.');
    return decide({ kind: 'correct', place: Number(byId('write-place').value || 0), text });
  }
  if (what === 'note') state.note = text.trim();
  else state.tags = text.split(',').map((tag) => tag.trim()).filter(Boolean);
  keepDraft(task);
  if (what === 'tags' && task.kind === 'tag' && state.tags.length) return decide({ kind: 'tag' });
  draw();
}

// --- drawing ---

function element(name, properties = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(properties)) {
    if (key.includes('-') || key === 'role' || key === 'dir') made.setAttribute(key, value);
    else made[key] = value;
  }
  made.append(...children);
  return made;
}

// Control characters and those that turn text around are shown as a dot; joiners stay, emoji and scripts need them.
const visible = (text) => text.replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200b\u202a-\u202e\u2060-\u2069\ufeff]/g, '·');

function textBlock(text, label) {
  const block = element('pre', { className: 'text', dir: 'auto' });
  block.textContent = visible(text.slice(0, SHOWN));
  if (text.length <= SHOWN) return block;
  const more = element('button', { type: 'button' }, `Show all ${text.length.toLocaleString()} characters`);
  more.setAttribute('aria-label', `Show all of ${label}`);
  more.addEventListener('click', () => {
    block.textContent = visible(text);
    more.remove();
  });
  return element('div', {}, block, more);
}

const nameOf = (at, task) => (task.responses.length === 2 ? ['Left', 'Right'][at] : task.responses.length === 1 ? 'Response' : `Response ${at + 1}`);

function asks(task) {
  const of = task.dimension ? ` on ${task.dimension}` : '';
  return {
    rate: `How good is the response${of}? From ${task.scale.min} to ${task.scale.max}; ${task.scale.low_is_good ? 'low' : 'high'} is good.`,
    choose: `Which response is better${of}?`,
    rank: `Rank the responses${of}, the best first.`,
    correct: 'Write what the response should have been.',
    approve: `May the response pass${of}?`,
    tag: 'Which tags does the response deserve?',
  }[task.kind];
}

function button(action, label) {
  const made = element('button', { type: 'button', 'data-action': action }, label, ' ', element('kbd', {}, keyOf(action)));
  made.setAttribute('aria-keyshortcuts', keyOf(action));
  made.addEventListener('click', () => ACTS[action]());
  return made;
}

function answers(task) {
  const choose = [['left', 'Left'], ['slightly_left', 'Slightly left'], ['tie', 'As good'], ['slightly_right', 'Slightly right'], ['right', 'Right'], ['both_bad', 'Neither will do'], ['cannot_tell', 'Cannot tell']];
  const made = {
    rate: () => task.values.map((value, at) => button(`value_${at + 1}`, String(value))),
    choose: () => choose.map(([action, label]) => button(action, label)),
    rank: () => task.responses.map((_, at) => {
      const it = button(`next_${at + 1}`, state.order.includes(at) ? `Response ${at + 1}: ${state.order.indexOf(at) + 1}.` : `Response ${at + 1}`);
      it.disabled = state.order.includes(at);
      return it;
    }),
    approve: () => [button('approve', 'May pass'), button('reject', 'May not')],
    correct: () => [button('correct', 'Write')],
    tag: () => [button('tags', 'Tag')],
  };
  return made[task.kind]();
}

function acts(task) {
  const list = [['undo', 'Undo'], ['skip', 'Skip'], ['correct', 'Correct'], ['note', 'Note'], ['tags', 'Tags']];
  const asked = { correct: 'correct', tag: 'tags' }[task.kind];
  if (task.responses.length === 2) list.push(['diff', state.diff ? 'Side by side' : 'Differences']);
  list.push(['reveal', 'What critics said of the last one']);
  return list.filter(([action]) => action !== asked).map(([action, label]) => button(action, label));
}

function responses(task) {
  return task.responses.map((response, at) => {
    const rank = state.order.indexOf(at);
    const title = nameOf(at, task) + (rank >= 0 ? ` · ${rank + 1}.` : '');
    const card = element('article', { className: rank >= 0 ? 'response better' : 'response', tabIndex: 0 }, element('h3', {}, title), textBlock(response.text, title));
    card.setAttribute('aria-label', title);
    return card;
  });
}

async function drawDiff(task) {
  const [left, right] = task.responses.map((response) => response.id);
  try {
    const { pieces } = await ask('GET', `/diff?left=${left}&right=${right}`);
    if (task !== state.tasks[0] || !state.diff) return;
    const block = element('pre', { className: 'text', dir: 'auto' });
    for (const { side, text } of pieces) {
      const of = { left: 'del', right: 'ins' }[side];
      block.append(of ? element(of, {}, visible(text)) : visible(text));
    }
    const key = element('p', { className: 'hint' }, element('del', {}, 'only left'), ' ', element('ins', {}, 'only right'));
    byId('responses').replaceChildren(element('article', { className: 'response', tabIndex: 0, 'aria-label': 'Differences' }, key, block));
  } catch {
    state.diff = false;
    notice('The differences cannot be shown now.');
  }
}

function said(answer, task) {
  if (answer.kind !== 'rank') return answer.kind === 'correct' ? 'wrote a better text' : describe(answer, task);
  return `ranked ${answer.order.map((at) => at + 1).join(', ')}`;
}

function draw() {
  const task = state.tasks[0];
  byId('task').hidden = !task;
  byId('empty').hidden = Boolean(task) || !state.me || !state.nothing;
  drawHeader();
  if (!task) return;
  byId('question').textContent = asks(task);
  const turns = task.prompt.map((turn) => {
    const who = element('div', { className: 'who' }, turn.role);
    return element('div', { className: 'turn' }, ...(task.prompt.length > 1 ? [who] : []), textBlock(turn.content, 'the prompt'));
  });
  byId('prompt').replaceChildren(...turns);
  const context = [task.reference && ['Reference', task.reference], ...task.documents.map((text, at) => [`Document ${at + 1}`, text])].filter(Boolean);
  byId('context').hidden = context.length === 0;
  byId('context-body').replaceChildren(...context.flatMap(([title, text]) => [element('h3', {}, title), textBlock(text, title)]));
  byId('opinions').hidden = task.opinions.length === 0;
  const lines = task.opinions.map((opinion, at) => element('p', {}, `Person ${at + 1}: ${said(opinion.answer, task)}${opinion.note ? ` (${visible(opinion.note)})` : ''}`));
  byId('opinions').replaceChildren(element('h3', {}, 'People contradict each other: you decide'), ...lines);
  byId('responses').replaceChildren(...responses(task));
  if (state.diff && task.responses.length === 2) drawDiff(task);
  const goes = [state.note && `note: ${state.note}`, state.tags.length && `tags: ${state.tags.join(', ')}`].filter(Boolean);
  byId('pending').hidden = goes.length === 0;
  byId('pending').textContent = `Goes with your decision: ${goes.join(' · ')}`;
  byId('answers').replaceChildren(...answers(task));
  byId('acts').replaceChildren(...acts(task));
}

function open(before = '') {
  const task = state.tasks[0];
  const draft = task ? (kept.get(`draft.${task.task}`, null) ?? JSON.parse(task.draft ?? '{}')) : {};
  Object.assign(state, { note: draft.note ?? '', tags: draft.tags ?? [], order: [], since: Date.now() });
  if (task && draft.text) kept.set(`draft.${task.task}`, draft);
  draw();
  scrollTo({ top: 0 });
  if (task) byId('task').focus({ preventScroll: true });
  say(before + (task ? asks(task) : state.nothing ? 'Nothing waits for you.' : ''));
}

function drawHeader() {
  if (!state.me) return;
  const hours = (Date.now() - state.began) / 3_600_000;
  const speed = state.sent > 4 ? ` · ${Math.round(state.sent / hours)} an hour` : '';
  const left = state.counts ? ` · ${state.counts.open.toLocaleString()} open` : '';
  byId('progress').textContent = `${state.me.name}: ${state.sent} decided${speed}${left}`;
  const waiting = kept.get('outbox', []).length;
  const offline = state.offline ? 'no connection' : '';
  const unsent = waiting && state.offline ? `${waiting} kept here, sent later` : '';
  byId('connection').textContent = [offline, unsent].filter(Boolean).join(' · ');
}

const say = (text) => {
  byId('live').textContent = text;
};

function notice(text) {
  byId('notice-text').textContent = text;
  byId('notice').hidden = false;
}

async function reveal() {
  if (!state.last) return notice('What critics said is shown when you have decided a task.');
  await flush();
  try {
    const { responses, reason, opinions, expected } = await ask('GET', `/tasks/${state.last.task}/reveal`);
    const task = state.last;
    const number = (value) => (value === null || value === undefined ? '–' : value.toFixed(2));
    const tables = responses.map((judged, at) => {
      const by = judged.generator ? `, by ${visible(judged.generator)}` : '';
      const caption = element('caption', {}, `${nameOf(at, task)}${by}: reward ${number(judged.reward)} ± ${number(judged.uncertainty)}`);
      // What found fault comes first; who had nothing to judge is only counted.
      const spoke = judged.verdicts.filter((verdict) => !verdict.outcome.abstained);
      spoke.sort((one, other) => (one.outcome.scored?.score ?? -1) - (other.outcome.scored?.score ?? -1));
      const rows = spoke.map((verdict) => {
        const { scored, failed } = verdict.outcome;
        const said = scored ? number(scored.score) : 'failed';
        return element('tr', {}, element('th', { scope: 'row' }, visible(verdict.critic)), element('td', {}, said), element('td', {}, visible(verdict.rationale || failed?.reason || '')));
      });
      const silent = judged.verdicts.length - spoke.length;
      if (silent) rows.push(element('tr', {}, element('th', { scope: 'row' }, `${silent} more`), element('td', {}, '–'), element('td', {}, 'had nothing to judge')));
      return element('table', {}, caption, element('tbody', {}, ...rows));
    });
    const lines = [element('p', {}, `Asked because: ${visible(reason)}`)];
    if (expected) lines.push(element('p', {}, `The known answer: ${said(expected, task)}`));
    if (opinions.length > 1) lines.push(...opinions.map((opinion, at) => element('p', {}, `Person ${at + 1}: ${said(opinion.answer, task)}`)));
    byId('reveal-body').replaceChildren(...lines, ...tables);
    byId('reveal').showModal();
  } catch (error) {
    notice(isRefused(error) ? error.message : 'This waits for the connection.');
  }
}

// --- signing in and beginning ---

function showSignIn() {
  state.me = null;
  state.tasks = [];
  byId('sign-in').hidden = false;
  for (const id of ['task', 'empty', 'sign-out']) byId(id).hidden = true;
  byId('progress').textContent = '';
  byId('token').focus();
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
  setInterval(hold, Math.max(1000, me.lease_ms / 3));
  watch();
}

function watch() {
  const events = new EventSource(`${API}/events`);
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
byId('look-again').addEventListener('click', () => fill());
byId('empty-undo').addEventListener('click', undo);
byId('notice-close').addEventListener('click', () => {
  byId('notice').hidden = true;
});
byId('keys-on').addEventListener('change', (event) => kept.set('keys-on', event.target.checked));
byId('write-form').addEventListener('submit', (event) => {
  event.preventDefault();
  saveWriting();
});
byId('write-back').addEventListener('click', () => byId('write').close());
byId('write-text').addEventListener('input', () => writing?.what === 'correct' && keepDraft(writing.task));
byId('write-text').addEventListener('keydown', (event) => {
  if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
    event.preventDefault();
    saveWriting();
  }
});
byId('write-place').addEventListener('change', (event) => {
  byId('write-text').value = state.tasks[0].responses[Number(event.target.value)].text;
});
byId('sign-in').addEventListener('submit', (event) => {
  event.preventDefault();
  signIn(byId('token').value);
});
byId('sign-out').addEventListener('click', async () => {
  letGo();
  await ask('DELETE', '/session').catch(() => {});
  location.reload();
});

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
