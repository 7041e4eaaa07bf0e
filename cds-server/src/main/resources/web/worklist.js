// Shows /api/worklist and follows /api/worklist/events. Texts go in as text, never as HTML.
import { whoAmI } from '/common.js';

whoAmI();
const words = {
  WAITING_FOR_IMAGES: 'waiting for images', ON_HOLD: 'on hold: a person must decide', ANALYZING: 'analyzing', DELIVERING: 'delivering',
  REPORTED_POSITIVE: 'HEMORRHAGE SUSPECTED', REPORTED_NEGATIVE: 'none suspected', NOT_ANALYZED: 'NOT ANALYZED', FAILED: 'FAILED', CANCELLED: 'cancelled',
};
const cell = (text, className) => {
  const td = document.createElement('td');
  td.textContent = text ?? '';
  if (className) td.className = className;
  return td;
};
const time = (iso) => (iso ? new Date(iso).toLocaleString() : '');
function show(list) {
  const body = document.getElementById('items');
  const rows = list.items.map((item) => {
    const tr = document.createElement('tr');
    tr.append(
      cell(words[item.state] ?? item.state, item.state), cell(item.priority), cell(item.accessionNumber),
      cell(item.probabilityText), cell(item.bloodVolumeText),
      cell(time(item.orderedAt)), cell(time(item.imagesCompleteAt)), cell(time(item.reportedAt)), cell(item.reason, 'reason'));
    return tr;
  });
  if (rows.length) body.replaceChildren(...rows);
  document.getElementById('counts').replaceChildren(...Object.entries(list.counts).map(([state, n]) => {
    const li = document.createElement('li');
    li.textContent = `${words[state] ?? state}: ${n}`;
    return li;
  }));
}
const status = document.getElementById('connection');
const events = new EventSource('/api/worklist/events');
events.onmessage = (event) => { show(JSON.parse(event.data)); status.textContent = 'live'; };
events.onerror = () => { status.textContent = 'connection lost, trying again: what is shown may be old'; };
