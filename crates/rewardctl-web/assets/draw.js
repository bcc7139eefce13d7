// Draws the page. Texts of models reach it as text nodes alone.

import { ACTS } from './app.js';
import { ask, byId, isRefused, isSent, kept, outbox, state } from './service.js';

export const SHOWN = 200_000; // characters of a text that are shown at first

export const keyOf = (action) => state.keys.find((line) => line.action === action)?.keys[0] ?? '';

export function describe(answer, task) {
  const words = { left: 'Left is better', right: 'Right is better', tie: 'As good', both_bad: 'Neither will do', cannot_tell: 'Cannot tell' };
  if (answer.kind === 'choose') return words[answer.choice] + (answer.strength ? ', slightly' : '');
  if (answer.kind === 'rate') return `Rated ${answer.value} of ${task.scale.max}`;
  return { rank: 'Ranked', approve: 'Approved', reject: 'Rejected', tag: 'Tagged', skip: 'Skipped', correct: 'Corrected' }[answer.kind];
}

export function element(name, properties = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(properties)) {
    if (key.includes('-') || key === 'role' || key === 'dir') made.setAttribute(key, value);
    else made[key] = value;
  }
  made.append(...children);
  return made;
}

// What drives, hides or turns text is shown as a dot; joiners stay, emoji and scripts need them.
const HIDDEN = /[\u{0}-\u{8}\u{b}-\u{1f}\u{7f}-\u{9f}\u{ad}\u{61c}\u{200b}\u{200e}\u{200f}\u{2028}-\u{202e}\u{2060}-\u{2069}\u{feff}\u{fff9}-\u{fffb}\u{e0000}-\u{e007f}]/gu;
export const visible = (text) => text.replace(HIDDEN, '·');

export function textBlock(text, label) {
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

export const nameOf = (at, task) => (task.responses.length === 2 ? ['Left', 'Right'][at] : task.responses.length === 1 ? 'Response' : `Response ${at + 1}`);

export function asks(task) {
  const of = task.dimension ? ` on ${visible(task.dimension)}` : '';
  return {
    rate: `How good is the response${of}? From ${task.scale.min} to ${task.scale.max}; ${task.scale.low_is_good ? 'low' : 'high'} is good.`,
    choose: `Which response is better${of}?`,
    rank: `Rank the responses${of}, the best first.`,
    correct: 'Write what the response should have been.',
    approve: `May the response pass${of}?`,
    tag: 'Which tags does the response deserve?',
  }[task.kind];
}

export function button(action, label) {
  const made = element('button', { type: 'button', 'data-action': action }, label, ' ', element('kbd', {}, keyOf(action)));
  made.setAttribute('aria-keyshortcuts', keyOf(action));
  made.addEventListener('click', () => ACTS[action]());
  return made;
}

export function answers(task) {
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

export function acts(task) {
  const list = [['undo', 'Undo'], ['skip', 'Skip'], ['correct', 'Correct'], ['note', 'Note'], ['tags', 'Tags']];
  const asked = { correct: 'correct', tag: 'tags' }[task.kind];
  if (task.responses.length === 2) list.push(['diff', state.diff ? 'Side by side' : 'Differences']);
  list.push(['reveal', 'What critics said of the last one']);
  return list.filter(([action]) => action !== asked).map(([action, label]) => button(action, label));
}

export function responses(task) {
  return task.responses.map((response, at) => {
    const rank = state.order.indexOf(at);
    const title = nameOf(at, task) + (rank >= 0 ? ` · ${rank + 1}.` : '');
    const card = element('article', { className: rank >= 0 ? 'response better' : 'response', tabIndex: 0 }, element('h3', {}, title), textBlock(response.text, title));
    card.setAttribute('aria-label', title);
    return card;
  });
}

export async function drawDiff(task) {
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

export function said(answer, task) {
  if (answer.kind !== 'rank') return answer.kind === 'correct' ? 'wrote a better text' : describe(answer, task);
  return `ranked ${answer.order.map((at) => at + 1).join(', ')}`;
}

export function draw() {
  const task = state.tasks[0];
  byId('task').hidden = !task;
  byId('empty').hidden = Boolean(task) || !state.me || !state.nothing;
  drawHeader();
  if (!task) return;
  byId('question').textContent = asks(task);
  const turns = task.prompt.map((turn) => {
    const who = element('div', { className: 'who' }, visible(turn.role));
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
  byId('pending').textContent = visible(`Goes with your decision: ${goes.join(' · ')}`);
  byId('answers').replaceChildren(...answers(task));
  byId('acts').replaceChildren(...acts(task));
}

export function open(before = '') {
  const task = state.tasks[0];
  const draft = task ? (kept.get(`draft.${task.task}`, null) ?? JSON.parse(task.draft ?? '{}')) : {};
  Object.assign(state, { note: draft.note ?? '', tags: draft.tags ?? [], order: [], since: Date.now() });
  if (task && draft.text) kept.set(`draft.${task.task}`, draft);
  draw();
  scrollTo({ top: 0 });
  if (task) byId('task').focus({ preventScroll: true });
  say(before + (task ? asks(task) : state.nothing ? 'Nothing waits for you.' : ''));
}

export function drawHeader() {
  if (!state.me) return;
  const hours = (Date.now() - state.began) / 3_600_000;
  const speed = state.sent > 4 ? ` · ${Math.round(state.sent / hours)} an hour` : '';
  // Whoever answers blindly is told the tens.
  const about = state.me.permissions.includes('see_scores') ? '' : 'about ';
  const left = state.counts ? ` · ${about}${state.counts.open.toLocaleString()} open in all` : '';
  byId('progress').textContent = `${state.me.name}: ${state.sent} decided${speed}${left}`;
  const waiting = outbox().length;
  const offline = state.offline ? 'no connection' : '';
  const unsent = waiting && state.offline ? `${waiting} kept here, sent later` : '';
  byId('connection').textContent = [offline, unsent].filter(Boolean).join(' · ');
}

export const say = (text) => {
  byId('live').textContent = visible(text);
};

// A word on what was just pressed; it goes by itself.
export function hint(text) {
  byId('hint').textContent = text;
  clearTimeout(hint.later);
  hint.later = setTimeout(() => {
    byId('hint').textContent = '';
  }, 3000);
}

export function notice(text) {
  byId('notice-text').textContent = visible(text);
  byId('notice').hidden = false;
}

export async function reveal() {
  if (!state.last) return notice('What critics said is shown when you have decided a task.');
  if (!(await isSent())) return notice('This waits for the connection.');
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

export const row = (...cells) => element('tr', {}, ...cells.map((cell, at) => element(at ? 'td' : 'th', at ? {} : { scope: 'row' }, cell)));

export function table(title, header, rows) {
  const head = element('tr', {}, ...header.map((name) => element('th', { scope: 'col' }, name)));
  return element('table', {}, element('caption', {}, title), element('thead', {}, head), element('tbody', {}, ...rows));
}

// Agreement, by kind of label and by person; shares with what they are of.
export async function figures() {
  try {
    const { agreement, reviewers } = await ask('GET', '/agreement');
    const number = (value) => (value === null ? '–' : value.toFixed(2));
    const share = (of) => (of.share === null ? '–' : `${Math.round(of.share * 100)} % of ${of.count}`);
    const kinds = agreement.map((of) => {
      const interval = of.alpha_interval ? ` (${of.alpha_interval.map(number).join(' to ')})` : '';
      const alpha = of.undefined ?? number(of.alpha) + interval;
      return row(visible([of.kind, of.dimension].filter(Boolean).join(' ')), String(of.labels), String(of.shared), number(of.observed), alpha);
    });
    const people = reviewers.map((of) => {
      const speed = of.per_hour === null ? '–' : String(Math.round(of.per_hour));
      return row(visible(of.name), String(of.decided), String(of.skipped), speed, share(of.with_others), share(of.gold), share(of.with_self), share(of.left));
    });
    byId('figures-body').replaceChildren(
      table('By kind of label', ['labels', 'count', 'shared', 'equal', 'alpha'], kinds),
      table('By person', ['who', 'decided', 'skipped', 'an hour', 'as others', 'known answers', 'as before', 'left'], people),
    );
    byId('figures').showModal();
  } catch (error) {
    notice(isRefused(error) ? error.message : 'This waits for the connection.');
  }
}
