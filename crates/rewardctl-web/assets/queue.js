// The queue, for curators: tasks by a filter, and what is done with all of them at once.

import { element, notice, row, say, table, visible } from './draw.js';
import { ask, byId, isRefused, newKey } from './service.js';

const SHOWN = 50; // tasks of a list
const MOST = 100_000; // tasks that are changed at once

// What can be done with the tasks of a state.
const CHANGES = {
  open: { path: 'close', did: 'Closed', verb: 'Close', means: 'Nobody is asked them any more. Who holds one may still decide, and nothing that was said is lost.' },
  held: { path: 'release', did: 'Released', verb: 'Release', means: 'Whoever holds one now loses it to the next who asks; what they typed is kept as a draft.' },
  closed: { path: 'reopen', did: 'Reopened', verb: 'Reopen', means: 'They are asked again. Tasks that were answered elsewhere stay closed.' },
};

let due = null; // what is to be confirmed: the change, its tasks, and the key that makes it one however often it is sent

const tasks = (count) => `${count === MOST ? 'the first ' : ''}${count.toLocaleString()} ${count === 1 ? 'task' : 'tasks'}`;
const state = () => byId('queue-state').value;

function filter() {
  const fields = [...byId('queue-form').querySelectorAll('[name]')].map((field) => [field.name, field.value.trim()]);
  return Object.fromEntries(fields.filter(([, value]) => value));
}

// Lists the tasks of the filter, and counts those that can be changed.
async function show() {
  const change = CHANGES[state()];
  byId('queue-change').hidden = true;
  byId('queue-count').textContent = 'Looking…';
  try {
    const query = new URLSearchParams({ ...filter(), state: state(), limit: SHOWN });
    const [list, meant] = await Promise.all([
      ask('GET', `/tasks?${query}`),
      change ? ask('POST', `/tasks/${change.path}`, { filter: filter(), dry_run: true }) : null,
    ]);
    due = change ? { change, tasks: meant.tasks, key: newKey() } : null;
    const rows = list.tasks.map((task) => {
      const asks = [task.question.kind, task.question.dimension].filter(Boolean).join(' on ');
      const awaited = task.filled && task.filled < task.needed ? `, ${task.needed - task.filled} more awaited` : '';
      const answered = task.purpose === 'gold' ? String(task.filled) : `${task.filled} of ${task.needed}${awaited}`;
      return row(String(task.task), visible(asks), task.purpose, visible(task.reason), answered, visible(task.held.map((of) => of.by).join(', ')));
    });
    const more = list.next === null ? '' : ` The first ${SHOWN} are listed.`;
    const listed = list.next === null ? `${tasks(rows.length)} ${state()}.` : '';
    const elsewhere = state() === 'closed' && rows.length ? ` ${tasks(due.tasks.length)} of these closed by somebody; the others were answered elsewhere.` : '';
    const count = change && state() !== 'closed' ? `${tasks(due.tasks.length)} ${state()}.` : listed;
    byId('queue-count').textContent = (count + more + elsewhere).trim();
    byId('queue-body').replaceChildren(...(rows.length ? [table('Tasks', ['task', 'asks', 'for', 'why', 'answered', 'held by'], rows)] : []));
    if (change) byId('queue-change').textContent = `${change.verb} ${tasks(due.tasks.length)}…`;
    byId('queue-change').hidden = !due?.tasks.length;
  } catch (error) {
    byId('queue-count').textContent = isRefused(error) ? error.message : 'This waits for the connection.';
  }
}

function confirm() {
  const what = `${due.change.verb} ${tasks(due.tasks.length)}`;
  byId('sure-title').textContent = `${what}?`;
  byId('sure-text').textContent = due.change.means;
  byId('sure-error').textContent = '';
  byId('sure-do').textContent = what;
  byId('sure').showModal();
}

async function carryOut() {
  byId('sure-do').disabled = true;
  try {
    const { change, tasks: numbers, key } = due;
    const changed = await ask('POST', `/tasks/${change.path}`, { tasks: numbers }, key);
    byId('sure').close();
    say(`${change.did} ${tasks(changed.tasks.length)}.`);
    await show();
    byId('queue-done').textContent = `${change.did} ${tasks(changed.tasks.length)}.`;
    byId('queue-title').focus();
  } catch (error) {
    byId('sure-error').textContent = isRefused(error) ? error.message : 'The service does not answer. Pressed again, it is done once.';
  } finally {
    byId('sure-do').disabled = false;
  }
}

byId('show-queue').addEventListener('click', () => {
  byId('queue').showModal();
  show().catch((error) => notice(error.message));
});
byId('queue-form').addEventListener('submit', (event) => {
  event.preventDefault();
  byId('queue-done').textContent = '';
  show();
});
// What is shown is what would be changed: another filter is shown first.
byId('queue-form').addEventListener('input', () => {
  byId('queue-change').hidden = true;
});
byId('queue-state').addEventListener('change', () => {
  byId('queue-done').textContent = '';
  show();
});
byId('queue-change').addEventListener('click', confirm);
byId('sure-do').addEventListener('click', carryOut);
