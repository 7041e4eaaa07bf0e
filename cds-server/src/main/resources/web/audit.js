// Searches /api/audit/events and shows /api/audit/status. Texts go in as text, never as HTML.
import { whoAmI } from '/common.js';

whoAmI();
const form = document.getElementById('search');
const cell = (content, className) => {
  const td = document.createElement('td');
  td.append(content ?? '');
  if (className) td.className = className;
  return td;
};
function jobButton(id) {
  if (!id) return '';
  const button = document.createElement('button');
  button.type = 'button';
  button.textContent = id.slice(0, 8);
  button.title = `timeline of job ${id}`;
  button.onclick = () => { form.reset(); form.elements.job.value = id; search(); };
  return button;
}
/** What only this kind of event says. */
function details(event) {
  const { at, type, outcome, about, ...rest } = event;
  const who = ['patientId', 'accessionNumber', 'studyUid'].filter((key) => about?.[key]).map((key) => [key, about[key]]);
  return [...who, ...Object.entries(rest)]
    .map(([key, value]) => `${key}: ${typeof value === 'object' ? JSON.stringify(value) : value}`).join(', ');
}
async function search() {
  const query = new URLSearchParams([...new FormData(form)].filter(([, value]) => value));
  const answer = await fetch('/api/audit/events?' + query);
  const body = await answer.json();
  document.getElementById('connection').textContent = answer.ok ? `${body.events.length} events` : body.error;
  if (!answer.ok) return;
  document.getElementById('events').replaceChildren(...body.events.map(({ seq, node, event }) => {
    const tr = document.createElement('tr');
    tr.append(cell(String(seq)), cell(event.at), cell(event.type), cell(event.outcome), cell(event.about?.user ?? node),
      cell(jobButton(event.about?.jobId)), cell(details(event), 'reason'));
    return tr;
  }));
}
async function integrity() {
  const status = await (await fetch('/api/audit/status')).json();
  const rows = [['Entries', status.entries], ['Under a signed checkpoint', status.signedEntries], ['Signed at', status.signedAt ?? 'not yet'],
    ['State', status.fault ? `NOT WRITABLE: ${status.fault}` : 'writable'], ['Log', status.origin],
    ...status.anchors.map((a) => [`Copy: ${a.name}`, a.problem ?? `agrees, ${a.keptEntries} entries`]),
    ...status.feeds.map((f) => [`Sent to: ${f.name}`, `${f.sentEntries} entries${f.problem ? `, ${f.problem}` : ''}`])];
  document.getElementById('integrity').replaceChildren(...rows.flatMap(([name, value]) => {
    const dt = document.createElement('dt');
    dt.textContent = name;
    const dd = document.createElement('dd');
    dd.textContent = String(value);
    return [dt, dd];
  }));
}
form.onsubmit = (event) => { event.preventDefault(); search(); };
const wanted = new URLSearchParams(location.search).get('job');
if (wanted) form.elements.job.value = wanted;
integrity();
search();
