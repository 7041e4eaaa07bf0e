// The worklist: follows /api/worklist/live and shows each row in its group. Rows that do not change are not touched.
import { h, time, span, zone, api, post, whoAmI } from '/common.js';
import { words } from '/words.js';
import { follow } from '/live.js';

const ENDED_SHOWN = 200;
const groups = ['person', 'underway', 'ended'];
const items = new Map();
const rows = new Map();
let me = { roles: [] };
let settings = { flagTargetMinutes: 5, escalateMinutes: 10, patients: false };
let clockAhead = 0;
let selected = null;
let known = null;

const byId = (id) => document.getElementById(id);
const now = () => Date.now() - clockAhead;
const since = (iso) => now() - Date.parse(iso);
const unseen = (item) => item.suspected && item.group === 'person' && !item.seenAt;

/** Unseen first, then STAT, then who has waited longest; what ended, newest first. */
function compare(a, b) {
  if (a.group === 'ended') return Date.parse(b.reportedAt ?? b.orderedAt) - Date.parse(a.reportedAt ?? a.orderedAt);
  return unseen(b) - unseen(a) || words.priorities.indexOf(a.priority) - words.priorities.indexOf(b.priority)
    || Date.parse(a.orderedAt) - Date.parse(b.orderedAt);
}

function bar(item) {
  if (item.probability === null) return '';
  const percent = (value) => `${(value * 100).toFixed(1)}`;
  const box = h('span', { class: 'bar', role: 'img', 'aria-label': `probability ${item.probabilityText}, threshold ${item.threshold}` },
    h('span', { class: 'fill' }), h('span', { class: 'mark' }));
  box.children[0].style.width = `${percent(item.probability)}%`;
  box.children[1].style.left = `${percent(item.threshold ?? 0)}%`;
  return [box, ` ${item.probabilityText}`];
}

/** From the last image to the word that all receivers have, against the site's target. */
function flagTime(item) {
  if (!item.imagesCompleteAt) return '';
  const ms = (item.reportedAt ? Date.parse(item.reportedAt) : now()) - Date.parse(item.imagesCompleteAt);
  const late = ms > settings.flagTargetMinutes * 60000;
  return h('span', { class: late ? 'late' : null }, `${item.reportedAt ? '' : 'since '}${span(ms)}${late ? ', over target' : ''}`);
}

function who(item) {
  const p = item.patient;
  if (!p) return [];
  return [h('strong', {}, p.name ?? 'name not known'), h('span', { class: 'quiet' },
    [` ${p.mrn}`, p.age === null ? null : `${p.age} y`, p.sex === 'u' ? null : p.sex, p.class].filter(Boolean).join(', '))];
}

function seenPart(item) {
  if (!item.suspected) return '';
  if (item.readAt) return `read ${time(item.readAt)}`;
  if (item.seenAt) return `seen by ${item.seenBy} ${time(item.seenAt)}`;
  return me.seesPatients ? h('button', { type: 'button', class: 'seen', onclick: () => saySeen(item.jobId) }, 'Seen') : 'not seen yet';
}

function title(item) {
  const name = item.accessionNumber ?? item.jobId.slice(0, 8);
  return me.seesPatients ? h('a', { href: `/studies/${item.jobId}`, class: 'open' }, name) : h('span', {}, name);
}

function draw(item) {
  const loud = unseen(item) && since(item.reportedAt ?? item.imagesCompleteAt ?? item.orderedAt) > settings.escalateMinutes * 60000;
  const row = h('article', { id: `job-${item.jobId}`, class: `row ${item.state}${unseen(item) ? ' unseen' : ''}${loud ? ' loud' : ''}`,
    tabindex: -1, 'aria-label': `${words.states[item.state]}, ${item.accessionNumber ?? ''}` },
    me.seesPatients && item.suspected ? h('img', { src: `/api/studies/${item.jobId}/key-image`, alt: '', loading: 'lazy', width: 64, height: 64 }) : null,
    h('div', {}, h('p', { class: 'state' }, h('span', { class: item.state }, words.states[item.state] ?? item.state),
      item.priority === 'ROUTINE' ? null : h('span', { class: `tag ${item.priority}` }, item.priority),
      loud ? h('span', { class: 'tag STAT' }, `nobody has seen it for over ${settings.escalateMinutes} min`) : null),
      h('p', {}, title(item), ' ', who(item)), item.reason ? h('p', { class: 'reason' }, item.reason) : null),
    h('div', {}, h('p', {}, bar(item)), item.bloodVolumeText ? h('p', { class: 'quiet' }, `blood ${item.bloodVolumeText}`) : null),
    h('div', { class: 'times' }, h('p', {}, `ordered ${time(item.orderedAt)}`), h('p', {}, flagTime(item)),
      item.group === 'ended' ? null : h('p', { class: 'quiet' }, `waiting ${span(since(item.orderedAt))}`)),
    h('div', {}, seenPart(item)));
  row.addEventListener('click', () => select(item.jobId, false));
  return row;
}

function wanted(item) {
  const which = byId('which').value;
  const kind = which === 'all' || (which === 'person' && item.group === 'person') || (which === 'suspected' && item.suspected)
    || (which === 'never' && (item.state === 'NOT_ANALYZED' || item.state === 'FAILED' || (item.probability === null && item.overdue)));
  const text = byId('words').value.trim().toLowerCase();
  const all = [item.accessionNumber, item.studyInstanceUid, item.patient?.name, item.patient?.mrn].join(' ').toLowerCase();
  return kind && text.split(/\s+/).every((word) => all.includes(word));
}

/** Puts the rows of each group in order; only rows of changed jobs are made anew. */
function arrange(changed) {
  changed.forEach((id) => rows.delete(id));
  for (const group of groups) {
    const place = byId(group).querySelector('.rows');
    const shown = [...items.values()].filter((item) => item.group === group && wanted(item)).sort(compare);
    const part = group === 'ended' ? shown.slice(0, ENDED_SHOWN) : shown;
    const made = part.map((item) => {
      if (!rows.has(item.jobId)) rows.set(item.jobId, draw(item));
      return rows.get(item.jobId);
    });
    if (made.length !== place.children.length || made.some((row, i) => place.children[i] !== row)) place.replaceChildren(...made);
    if (!made.length) place.replaceChildren(h('p', { class: 'quiet' }, 'None.'));
    byId(`${group}-title`).textContent = `${words.groups[group]} (${shown.length}${shown.length > part.length ? `, newest ${part.length} shown` : ''})`;
  }
  if (selected) rows.get(selected)?.classList.add('selected');
}

function alarm() {
  const waiting = [...items.values()].filter(unseen);
  document.title = `${waiting.length ? `(${waiting.length}) ` : ''}BloodNet CDS: worklist`;
  const fresh = known === null ? [] : waiting.filter((item) => !known.has(item.jobId));
  known = new Set(waiting.map((item) => item.jobId));
  byId('alert').textContent = waiting.length ? `${waiting.length} suspected hemorrhage${waiting.length > 1 ? 's' : ''} that nobody has seen` : '';
  if (fresh.length && byId('sound').checked) beep();
}

function beep() {
  const audio = new AudioContext();
  const tone = audio.createOscillator();
  tone.frequency.value = 880;
  tone.connect(audio.destination);
  tone.start();
  tone.stop(audio.currentTime + 0.4);
}

async function saySeen(id) {
  try {
    await post(`/api/studies/${id}/seen`);
  } catch (e) {
    byId('connection').textContent = e.message;
  }
}

function select(id, focus) {
  rows.get(selected)?.classList.remove('selected');
  selected = id;
  const row = rows.get(id);
  row?.classList.add('selected');
  if (focus) row?.focus();
}

function move(by) {
  const all = [...document.querySelectorAll('article.row')];
  if (!all.length) return;
  const at = all.findIndex((row) => row.id === `job-${selected}`);
  select(all[Math.min(all.length - 1, Math.max(0, at + by))].id.slice(4), true);
}

document.addEventListener('keydown', (event) => {
  if (event.target.closest('input, select, textarea') || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === 'j') move(1);
  else if (event.key === 'k') move(-1);
  else if (event.key === 's' && selected && me.seesPatients) saySeen(selected);
  else if (event.key === 'Enter' && selected && me.seesPatients && !event.target.closest('a, button')) location.assign(`/studies/${selected}`);
});
byId('filter').addEventListener('input', () => arrange([]));
byId('filter').addEventListener('submit', (event) => event.preventDefault());
byId('zone').textContent = zone;

function counts(all) {
  byId('counts').replaceChildren(...Object.entries(all).map(([state, n]) => h('li', {}, `${words.states[state] ?? state}: ${n}`)));
}

me = await whoAmI();
follow('/api/worklist/live', {
  settings(said) {
    settings = said;
    clockAhead = Date.now() - Date.parse(said.now);
    items.clear();
  },
  rows(said) {
    said.changed.forEach((item) => items.set(item.jobId, item));
    said.gone.forEach((id) => items.delete(id));
    counts(said.counts);
    arrange([...said.changed.map((item) => item.jobId), ...said.gone]);
    alarm();
  },
  state(text) { byId('connection').textContent = text; },
});
// Waiting times grow; what can have become late or loud is drawn again.
setInterval(() => arrange([...items.values()].filter((item) => item.group !== 'ended').map((item) => item.jobId)), 30000);
