// What the campaign's editor gains with JavaScript: buttons that don't reload, the form beside it, rows to drag, and a
// draft of what was typed in this browser. Without it the same buttons answer with the same page.

const form = document.getElementById('editor');
const file = form.querySelector('input[type="file"]');
document.documentElement.classList.add('js');

/** What is typed, without the file. */
function typed() {
  const data = new FormData(form);
  data.delete('whitepaper');
  return data;
}

/** Asks the server for the page after `wish` and puts its parts in place; `only` names the parts. */
async function ask(wish, only, data = typed()) {
  data.set('do', wish);
  const answer = await fetch(form.action || location.href, { method: 'POST', body: data });
  if (!answer.ok) return;
  const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
  const open = new Set([...form.querySelectorAll('.row details[open]')].map(nameOfRow));
  const focused = document.activeElement?.id;
  for (const part of page.querySelectorAll('[data-swap]')) {
    if (only && !only.includes(part.dataset.swap)) continue;
    const old = document.querySelector(`[data-swap="${part.dataset.swap}"]`);
    if (old.isEqualNode(part)) continue;
    const wasOpen = old.querySelector(':scope > details.preview')?.open;
    for (const row of part.querySelectorAll('.row details')) row.open ||= open.has(nameOfRow(row));
    old.replaceWith(part);
    const preview = part.querySelector(':scope > details.preview');
    if (preview && wasOpen) preview.open = true;
  }
  if (focused && document.activeElement?.id !== focused) document.getElementById(focused)?.focus();
  conditions();
}

/** A row is known by what it asks, wherever it stands. */
function nameOfRow(details) {
  return details.querySelector('[name$=".key"], [name$=".slug"]')?.value || details.textContent.trim();
}

/** Questions of the form beside that wait for an answer. */
function conditions() {
  const live = document.querySelector('form[data-live]');
  for (const field of live.querySelectorAll('[data-if]')) {
    const codes = field.dataset.is.split(',');
    const given = new FormData(live).getAll(field.dataset.if);
    field.hidden = !given.some((code) => codes.includes(code));
    field.querySelector('.field__if').hidden = true;
  }
}
document.addEventListener('change', (event) => {
  if (event.target.closest('form[data-live]')) conditions();
});
document.addEventListener('submit', (event) => {
  if (event.target.matches('form[data-live]')) event.preventDefault();
});

const LISTS = ['form', 'consents', 'mail', 'live', 'sample'];
form.addEventListener(
  'submit',
  (event) => {
    const wish = event.submitter?.name === 'do' ? event.submitter.value : undefined;
    if (!wish) return sent();
    event.preventDefault();
    event.stopImmediatePropagation();
    ask(wish, LISTS).then(() => {
      focusAfter(...wish.split(' '));
      keep();
    });
  },
  true,
);

/** The focus goes with the row that was moved, into the one that is new, and to the next when one is gone. */
function focusAfter(verb, list, at) {
  const rows = [...form.querySelectorAll(`[data-list="${list}"] > .row`)];
  if (verb === 'add' && rows.length > 0) {
    const row = rows.at(-1);
    for (const details of row.querySelectorAll(':scope > details')) details.open = true;
    row.querySelector('.row__body :is(input:not([type="hidden"]), textarea, select)')?.focus();
  }
  const target = { up: Number(at) - 1, down: Number(at) + 1, remove: Math.min(Number(at), rows.length - 1) }[verb];
  const button = form.querySelector(`#do-${list}-${target}-${verb}`) ?? rows[target]?.querySelector('.moves button');
  button?.focus();
}

/** While one types, the form beside and the page below follow. */
let waiting;
form.addEventListener('input', () => {
  keep();
  clearTimeout(waiting);
  waiting = setTimeout(() => ask('look', ['live', 'body', 'thanks', 'sample']), 500);
});
form.addEventListener('change', (event) => {
  if (event.target.matches('[data-refresh]')) ask('look', LISTS);
  if (event.target === file && file.files.length > 0) upload();
});

/** The PDF goes at once, so that it is looked at while one types on, and no mistake elsewhere loses it. */
async function upload() {
  const data = new FormData(form);
  const answer = await send(data);
  const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
  for (const name of answer.ok ? ['state', 'inspection', 'sample'] : []) {
    document.querySelector(`[data-swap="${name}"]`).replaceWith(page.querySelector(`[data-swap="${name}"]`));
  }
  if (answer.ok) file.value = '';
}
function send(data) {
  data.set('do', 'look');
  return fetch(form.action || location.href, { method: 'POST', body: data });
}

/** Rows are dragged by their heads; the buttons do the same for everybody else. */
let dragged;
form.addEventListener('dragstart', (event) => {
  const row = event.target.closest?.('.row');
  if (!row) return;
  dragged = row;
  event.dataTransfer.effectAllowed = 'move';
});
form.addEventListener('dragover', (event) => {
  const row = event.target.closest?.('.row');
  if (dragged && row?.parentElement === dragged.parentElement) event.preventDefault();
});
form.addEventListener('drop', (event) => {
  const row = event.target.closest?.('.row');
  if (!dragged || row?.parentElement !== dragged.parentElement) return;
  event.preventDefault();
  const { list } = row.parentElement.dataset;
  ask(`move ${list} ${dragged.dataset.row} ${row.dataset.row}`, LISTS).then(keep);
  dragged = undefined;
});
form.addEventListener('pointerdown', (event) => {
  const row = event.target.closest('.row');
  if (row) row.draggable = !event.target.closest('input, textarea, select, .row__body');
});

/** What was typed stays in this browser until it is saved: a closed tab loses nothing. */
const key = `gatefold draft ${location.pathname}`;
const revision = () => form.querySelector('[name="revision"]').value;
function keep() {
  const fields = [...typed()].filter(([name]) => name !== '_csrf');
  localStorage.setItem(key, JSON.stringify({ revision: revision(), fields }));
}
function sent() {
  const draft = JSON.parse(localStorage.getItem(key) ?? 'null');
  if (draft) localStorage.setItem(key, JSON.stringify({ ...draft, sent: true }));
}
const bar = document.getElementById('draft');
const draft = JSON.parse(localStorage.getItem(key) ?? 'null');
const mistaken = document.querySelector('.error-summary');
if (draft && !mistaken) {
  // Saved and taken: the page shows a later revision, or a new campaign was made of it.
  if (draft.sent && (draft.revision !== revision() || location.pathname.endsWith('/new'))) localStorage.removeItem(key);
  else bar.hidden = false;
}
bar.addEventListener('click', (event) => {
  const wish = event.target.dataset.draft;
  if (!wish) return;
  bar.hidden = true;
  if (wish === 'drop') return localStorage.removeItem(key);
  const data = new FormData();
  data.set('_csrf', form.querySelector('[name="_csrf"]').value);
  const plain = new Map();
  for (const [name, value] of draft.fields) {
    data.append(name, value);
    plain.set(name, value);
  }
  for (const field of form.elements) {
    if (!plain.has(field.name) || field.type === 'hidden' || field.type === 'checkbox') continue;
    field.value = plain.get(field.name);
  }
  ask('look', undefined, data);
});
conditions();
