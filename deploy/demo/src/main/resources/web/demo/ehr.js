// A pretend EHR: opens charts, signs orders, and does with CDS Hooks cards what an EHR does.

const SERVICES = '/cds-services';
const USER = 'Practitioner/demo-clinician';
const RXNORM = 'http://www.nlm.nih.gov/research/umls/rxnorm';
const WORKLIST_EVERY_MS = 5000;
const DRUGS = [
  { code: '11289', name: 'warfarin' },
  { code: '1364430', name: 'apixaban' },
  { code: '5224', name: 'heparin' },
  { code: '32968', name: 'clopidogrel' },
  { code: '1804799', name: 'alteplase' },
  { code: '161', name: 'acetaminophen' },
];

const byId = id => document.getElementById(id);
let patients = [];
let states = new Map();
let current = null;
let encounter = null;

function element(tag, options = {}, ...children) {
  const { text, ...attributes } = options;
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  if (text !== undefined) node.textContent = text;
  node.append(...children);
  return node;
}

// ---- Markdown: the part of GitHub's that our cards use, straight into text nodes; no HTML is ever parsed

function inline(text) {
  const nodes = [];
  let plain = '', bold = null;
  const flush = () => { if (plain) { (bold ?? nodes).push(document.createTextNode(plain)); plain = ''; } };
  for (let i = 0; i < text.length; i++) {
    if (text[i] === '\\' && i + 1 < text.length) plain += text[++i];
    else if (text.startsWith('**', i)) {
      flush();
      if (bold) { nodes.push(element('strong', {}, ...bold)); bold = null; } else bold = [];
      i++;
    } else plain += text[i];
  }
  flush();
  return bold ? [...nodes, ...bold] : nodes;
}

function cells(line) {
  const found = [''];
  for (let i = 1; i < line.length - 1; i++) {
    if (line[i] === '\\') found[found.length - 1] += line[i] + line[++i];
    else if (line[i] === '|') found.push('');
    else found[found.length - 1] += line[i];
  }
  return found.map(cell => cell.trim());
}

function table(lines) {
  const body = element('tbody');
  for (const line of lines) {
    const row = cells(line);
    if (row.every(cell => cell === '' || /^-+$/.test(cell))) continue;
    body.append(element('tr', {}, element('th', { scope: 'row' }, ...inline(row[0])), element('td', {}, ...inline(row[1] ?? ''))));
  }
  return element('table', {}, body);
}

function markdown(text) {
  return text.split(/\n{2,}/).map(block => {
    const lines = block.split('\n');
    return lines[0].startsWith('|') ? table(lines.map(line => line.trim())) : element('p', {}, ...inline(lines.join(' ')));
  });
}

// ---- CDS Hooks

async function post(path, body) {
  const response = await fetch(SERVICES + path, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) });
  if (!response.ok) {
    const problem = await response.json().catch(() => ({}));
    throw new Error(problem.issue?.[0]?.diagnostics ?? `HTTP ${response.status}`);
  }
  return response;
}

async function hook(service, name, context) {
  const began = performance.now();
  const prefetchPatient = { resourceType: 'Patient', id: current.id, identifier: [{ value: current.mrn }] };
  const response = await post('/' + service, {
    hook: name,
    hookInstance: crypto.randomUUID(),
    context: { userId: USER, patientId: current.id, encounterId: encounter, ...context },
    prefetch: { patient: prefetchPatient, medications: { resourceType: 'Bundle', type: 'searchset' } },
  });
  const { cards } = await response.json();
  byId('call').textContent = `${name}: ${cards.length} card${cards.length === 1 ? '' : 's'} in ${Math.round(performance.now() - began)} ms`;
  return cards;
}

function feedback(service, card, outcome) {
  return post(`/${service}/feedback`, { feedback: [{ card: card.uuid, outcomeTimestamp: new Date().toISOString(), ...outcome }] });
}

// ---- cards

function links(card) {
  const list = element('div', { class: 'links' });
  for (const link of card.links ?? []) {
    if (link.type === 'absolute' && /^https?:\/\//.test(link.url)) {
      list.append(element('a', { href: link.url, target: '_blank', rel: 'noopener noreferrer', text: link.label }));
    }
  }
  return list;
}

function ended(box, text) {
  box.querySelector('.actions').replaceChildren(element('span', { class: 'done', role: 'status', text }));
}

function actions(service, card, box, onAccept) {
  const row = element('div', { class: 'actions' });
  const attempt = async (work, text) => {
    row.querySelectorAll('button').forEach(button => { button.disabled = true; });
    try {
      await work();
      ended(box, text);
    } catch (problem) {
      byId('call').textContent = `feedback not taken: ${problem.message}`;
      row.querySelectorAll('button').forEach(button => { button.disabled = false; });
    }
  };
  for (const suggestion of card.suggestions ?? []) {
    const button = element('button', { type: 'button', class: 'primary', text: suggestion.label });
    button.addEventListener('click', () => attempt(async () => {
      await feedback(service, card, { outcome: 'accepted', acceptedSuggestions: [{ id: suggestion.uuid }] });
      onAccept(suggestion);
    }, `Accepted: ${suggestion.label}`));
    row.append(button);
  }
  const reasons = element('select', { 'aria-label': 'Reason for overriding' }, element('option', { value: '', text: 'Reason…' }));
  for (const reason of card.overrideReasons ?? []) reasons.append(element('option', { value: reason.code, text: reason.display }));
  const override = element('button', { type: 'button', text: 'Override' });
  override.addEventListener('click', () => {
    const reason = (card.overrideReasons ?? []).find(r => r.code === reasons.value);
    if (!reason) { reasons.focus(); return; }
    attempt(() => feedback(service, card, { outcome: 'overridden', overrideReason: { reason: { system: reason.system, code: reason.code } } }),
      `Overridden: ${reason.display}`);
  });
  row.append(reasons, override);
  return row;
}

function show(service, cards, onAccept) {
  const boxes = cards.map(card => {
    const box = element('article', { class: `card ${['info', 'warning', 'critical'].includes(card.indicator) ? card.indicator : 'info'}` },
      element('span', { class: 'indicator', text: card.indicator }),
      element('h4', { text: card.summary }),
      ...markdown(card.detail ?? ''),
      links(card),
      element('p', { class: 'note', text: `Source: ${card.source.label}` }));
    box.querySelector('.links').before(actions(service, card, box, onAccept));
    return box;
  });
  byId('cards').replaceChildren(...boxes.length ? boxes : [element('p', { class: 'note', text: 'No cards. Absence of a card does not exclude a hemorrhage.' })]);
}

// ---- the chart

async function openChart(patient) {
  current = patient;
  encounter = 'demo-' + patient.id;
  byId('nobody').hidden = true;
  byId('open-chart').hidden = false;
  byId('patient-name').textContent = patient.name;
  byId('patient-mrn').textContent = patient.mrn;
  byId('patient-accession').textContent = patient.accession;
  byId('order-note').textContent = '';
  listPatients();
  byId('chart').focus();
  try {
    show('ich-patient-view', await hook('ich-patient-view', 'patient-view', {}), () => {});
  } catch (problem) {
    byId('call').textContent = problem.message;
  }
}

async function sign(event) {
  event.preventDefault();
  const drug = DRUGS.find(d => d.code === byId('drug').value);
  const order = {
    resourceType: 'MedicationRequest', id: 'draft-1', status: 'draft', intent: 'order', subject: { reference: 'Patient/' + current.id },
    medicationCodeableConcept: { coding: [{ system: RXNORM, code: drug.code, display: drug.name }], text: drug.name },
  };
  try {
    const cards = await hook('ich-order-sign', 'order-sign', { draftOrders: { resourceType: 'Bundle', type: 'collection', entry: [{ resource: order }] } });
    show('ich-order-sign', cards, () => { byId('order-note').textContent = `The draft order of ${drug.name} was deleted.`; });
    byId('order-note').textContent = cards.length ? `${drug.name} is not signed: see the card.` : `${drug.name} is signed, no card stood against it.`;
  } catch (problem) {
    byId('order-note').textContent = problem.message;
  }
}

const words = state => (state ?? 'no order yet').toLowerCase().replaceAll('_', ' ');

function listPatients() {
  byId('patients').replaceChildren(...patients.map(patient => {
    const button = element('button', { type: 'button', 'aria-current': String(patient === current) },
      element('strong', { text: patient.name }),
      element('span', { class: 'note', text: `${patient.mrn} · ${words(states.get(patient.accession))}` }));
    button.addEventListener('click', () => openChart(patient));
    return element('li', {}, button);
  }));
  if (current) byId('patient-state').textContent = words(states.get(current.accession));
}

async function readWorklist() {
  try {
    const answer = await fetch('/api/worklist');
    if (answer.status === 401) throw new Error('not signed in');
    const worklist = await answer.json();
    states = new Map(worklist.items.map(item => [item.accessionNumber, item.state]));
    byId('patients-note').textContent = `${patients.length} patients, state of their head CT`;
  } catch (e) {
    byId('patients-note').textContent = e.message === 'not signed in'
      ? 'Sign in to the worklist to see the states of the head CTs.' : 'The worklist cannot be read just now.';
  }
  const focused = document.activeElement?.closest('.patients li');
  const index = focused ? [...byId('patients').children].indexOf(focused) : -1;
  listPatients();
  if (index >= 0) byId('patients').children[index].querySelector('button').focus();
}

for (const drug of DRUGS) byId('drug').append(element('option', { value: drug.code, text: drug.name }));
byId('order').addEventListener('submit', sign);
patients = await (await fetch('/demo/patients.json')).json();
await readWorklist();
setInterval(readWorklist, WORKLIST_EVERY_MS);
