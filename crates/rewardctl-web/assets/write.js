// Writing: notes, tags, corrections, and the drafts of them.

import { decide } from './app.js';
import { draw, nameOf, notice } from './draw.js';
import { ask, byId, kept, state } from './service.js';

let writing = null;

export function write(what) {
  const task = state.tasks[0];
  if (!task) return;
  writing = { what, task };
  const place = byId('write-place');
  byId('write-which').hidden = what !== 'correct' || task.responses.length < 2;
  place.replaceChildren(...task.responses.map((_, at) => new Option(nameOf(at, task), at)));
  place.value = draftOf(task).place ?? 0;
  const hints = {
    correct: 'Write what the response should have been.',
    note: 'The note goes with your next decision on this task.',
    tags: 'Words separated by commas. They go with your next decision on this task.',
  };
  byId('write-title').textContent = { correct: 'Correct', note: 'Note', tags: 'Tags' }[what];
  byId('write-hint').textContent = hints[what];
  const value = { correct: begun(), note: state.note, tags: state.tags.join(', ') }[what];
  byId('write-text').value = value;
  byId('write').showModal();
  byId('write-text').focus();
}

const draftOf = (task) => kept.get(`draft.${task.task}`, {});
const placeWritten = () => Number(byId('write-place').value || 0);

// The correction that was begun of the response that is chosen, or its text.
function begun() {
  const { place = 0, text } = draftOf(writing.task);
  return place === placeWritten() && text !== undefined ? text : writing.task.responses[placeWritten()].text;
}

export function keepDraft(task) {
  const isCorrecting = writing?.what === 'correct';
  const { place, text } = isCorrecting ? { place: placeWritten(), text: byId('write-text').value } : draftOf(task);
  setDraft(task, { note: state.note, tags: state.tags, place, text });
}

export function setDraft(task, draft) {
  kept.set(`draft.${task.task}`, draft);
  clearTimeout(setDraft.later);
  setDraft.later = setTimeout(() => {
    if (state.me) ask('PUT', `/tasks/${task.task}/draft`, { draft }).catch(() => {});
  }, 1500);
}

function saveWriting() {
  const { what, task } = writing;
  const text = byId('write-text').value;
  byId('write').close();
  clearTimeout(setDraft.later);
  writing = null;
  if (task !== state.tasks[0]) return;
  if (what === 'correct') {
    if (!text.trim()) return notice('A correction needs a text.');
    if (text.trim() === task.responses[placeWritten()].text.trim()) return notice('The text is as it was: nothing is corrected.');
    return decide({ kind: 'correct', place: placeWritten(), text });
  }
  if (what === 'note') state.note = text.trim();
  else state.tags = text.split(',').map((tag) => tag.trim()).filter(Boolean);
  keepDraft(task);
  if (what === 'tags' && task.kind === 'tag' && state.tags.length) return decide({ kind: 'tag' });
  draw();
}

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
byId('write-place').addEventListener('change', () => {
  byId('write-text').value = begun();
});
