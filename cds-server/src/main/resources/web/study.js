// One study: images, result, what order and images say, what people say of it.
import { h, time, api, post, whoAmI } from '/common.js';
import { words } from '/words.js';
import { Viewer, PRESETS } from '/viewer.js';

const job = location.pathname.split('/').pop();
const path = `/api/studies/${job}`;
const byId = (id) => document.getElementById(id);
const says = (text) => { byId('connection').textContent = text; };
let viewer = null;

function facts(list, pairs) {
  list.replaceChildren(...pairs.filter(([, value]) => value !== null && value !== undefined && value !== '')
    .flatMap(([name, value]) => [h('dt', {}, name), h('dd', {}, value)]));
}

function showResult(study) {
  const r = study.result;
  facts(byId('result'), [
    ['State', h('span', { class: `word ${study.state}` }, words.states[study.state])],
    ['Why', study.reason ?? study.notAnalyzed],
    ['Probability', r && `${r.probability} (threshold ${r.threshold}, ${r.positive ? 'suspected' : 'not suspected'})`],
    ['Blood', r?.positive ? r.volume : null],
    ['Model', r?.model],
    ['Brain covered', r?.coverageMm && `${Math.round(r.coverageMm)} mm`],
    ['Slices left out', r?.slicesLeftOut || null],
    ['About the images', r?.flags.join(', ')],
  ]);
  const seen = byId('seen');
  if (study.seen) seen.replaceChildren(`Seen by ${study.seen.by} at ${time(study.seen.at)}.`);
  else if (study.suspected) seen.replaceChildren(h('button', { type: 'button', onclick: () => act('seen', {}) }, 'I have seen this suspicion'));
  else seen.replaceChildren();
}

function showSides({ order, images }) {
  const rows = [['Patient', 'name'], ['MRN', 'mrn'], ['Born', 'born'], ['Sex', 'sex'], ['Accession', 'accession']];
  byId('sides').replaceChildren(...rows.map(([name, key]) => {
    const differ = key !== 'name' && order[key] && images[key] && order[key] !== images[key];
    return h('tr', {}, h('th', { scope: 'row' }, name), h('td', {}, order[key] ?? 'not said'),
      h('td', { class: differ ? 'STAT' : null }, `${images[key] ?? 'not said'}${differ ? ' (differs)' : ''}`));
  }));
}

function showDecision(study) {
  const open = ['ON_HOLD', 'FAILED', 'NOT_ANALYZED'].includes(study.state);
  byId('decide').replaceChildren(...(open ? [
    h('button', { type: 'button', onclick: () => decide('retry') }, study.state === 'ON_HOLD' ? 'It is right: go on' : 'Try again'), ' ',
    study.state === 'NOT_ANALYZED' ? '' : h('button', { type: 'button', onclick: () => decide('dismiss') }, 'Have done with it')] : []));
}

function showPeople(study) {
  byId('opinions').replaceChildren(...study.opinions.map((o) => h('li', {},
    `${o.by} ${o.agrees ? 'agrees' : `disagrees: ${words.reasons[o.reason]}`}, ${time(o.at)}${o.current ? '' : ' (of an earlier result)'}`, o.note ? h('br') : null, o.note)));
  byId('timeline').replaceChildren(...study.timeline.map((step) => h('li', {}, `${time(step.at)} ${step.what}`)));
  byId('deliveries').replaceChildren(...study.deliveries.map((d) => h('tr', {}, h('td', {}, d.destination), h('td', {}, d.kind),
    h('td', {}, d.state), h('td', {}, String(d.attempts)), h('td', { class: 'reason' }, d.said ?? ''))));
}

function showImages(study) {
  const count = study.slices.length;
  if (!count || viewer) {
    if (!count) byId('slice-says').textContent = 'no slices of this study were analyzed, so there is nothing to show';
    return;
  }
  viewer = new Viewer(byId('slice'), path, count, (text) => { byId('slice-says').textContent = text; });
  const top = Math.max(...study.slices.map((s) => s.probability), 0.0001);
  const bars = study.slices.map((s, i) => {
    const bar = h('button', { type: 'button', class: s.over ? 'over' : null, 'aria-label': `slice ${i + 1}, probability ${s.probability.toFixed(3)}`, onclick: () => viewer.show(i) });
    bar.style.height = `${Math.max(4, (s.probability / Math.max(top, 0.5)) * 100)}%`;
    return bar;
  });
  byId('strip').replaceChildren(...bars);
  viewer.onslice = (n) => bars.forEach((bar, i) => (i === n ? bar.setAttribute('aria-current', 'true') : bar.removeAttribute('aria-current')));
  byId('presets').replaceChildren(...Object.entries(PRESETS).map(([name, window]) => h('button', { type: 'button', 'aria-pressed': name === 'brain',
    onclick: (event) => {
      byId('presets').querySelectorAll('button').forEach((b) => b.setAttribute('aria-pressed', b === event.target));
      viewer.setWindow(window);
    } }, name)));
  byId('outline').onclick = (event) => event.target.setAttribute('aria-pressed', viewer.toggleOutline());
  byId('whole').onclick = () => viewer.whole();
  viewer.show(study.slices.findIndex((s) => s.probability === Math.max(...study.slices.map((x) => x.probability))));
}

async function act(what, body) {
  try {
    await post(`${path}/${what}`, body);
    await load();
    return true;
  } catch (e) {
    byId('said').textContent = e.message;
    return false;
  }
}

async function decide(wish) {
  try {
    await post(`/api/jobs/${job}/${wish}`);
    await load();
  } catch (e) {
    says(e.message);
  }
}

async function opine(agrees) {
  const reason = byId('reason').value;
  if (!agrees && !reason) {
    byId('said').textContent = 'Choose the reason for which you disagree.';
    byId('reason').focus();
    return;
  }
  const body = { agrees, note: byId('note').value };
  if (!agrees) body.reason = reason;
  if (await act('opinion', body)) {
    byId('opinion').reset();
    byId('said').textContent = 'Your opinion is stored. The result itself stays as it is.';
  }
}

async function load() {
  const study = await api(path);
  const patient = study.order;
  byId('title').textContent = [patient.name ?? 'name not known', patient.mrn, patient.born && `born ${patient.born}`, patient.accession].filter(Boolean).join(', ');
  showResult(study);
  showSides(study);
  showDecision(study);
  showPeople(study);
  showImages(study);
  says('');
}

byId('reason').append(...Object.entries(words.reasons).map(([code, text]) => h('option', { value: code }, text)));
byId('agree').onclick = () => opine(true);
byId('disagree').onclick = () => opine(false);
await whoAmI();
load().catch((e) => says(e.message));
