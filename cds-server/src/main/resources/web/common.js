// What all pages share: who is signed in, elements made of text (never of HTML), times in the viewer's zone.

/** An element; children are elements or texts, absent ones are left out. */
export function h(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith('on')) made.addEventListener(key.slice(2), value);
    else if (value !== null && value !== undefined && value !== false) made.setAttribute(key, value === true ? '' : value);
  }
  made.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return made;
}

export const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
const clockFormat = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit' });
const dayFormat = new Intl.DateTimeFormat('en-GB', { year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit', second: '2-digit' });

/** A time in the viewer's zone: without the day when it is today. */
export function time(iso) {
  if (!iso) return '';
  const at = new Date(iso);
  const today = at.toDateString() === new Date().toDateString();
  return (today ? clockFormat : dayFormat).format(at);
}

/** A duration in the two largest units. */
export function span(ms) {
  const s = Math.max(0, Math.round(ms / 1000));
  if (s < 60) return `${s} s`;
  if (s < 3600) return `${Math.floor(s / 60)} min ${s % 60 ? `${s % 60} s` : ''}`.trim();
  if (s < 86400) return `${Math.floor(s / 3600)} h ${Math.floor((s % 3600) / 60)} min`;
  return `${Math.floor(s / 86400)} d ${Math.floor((s % 86400) / 3600)} h`;
}

/** The session has ended: what was typed stays on the page, and a link leads to sign in and back. */
export class SessionEnded extends Error {}

/** JSON of our API. Throws SessionEnded, or an Error whose message is the server's own sentence. */
export async function api(path, options = {}) {
  let answer;
  try {
    answer = await fetch(path, options);
  } catch {
    throw new Error('the server cannot be reached');
  }
  const body = await answer.json().catch(() => ({}));
  if (answer.status === 401) {
    sessionEnded();
    throw new SessionEnded(body.error ?? 'the session has ended');
  }
  if (!answer.ok) throw new Error(body.error ?? `the server answered ${answer.status}`);
  return body;
}

/** Sends JSON. */
export const post = (path, body = {}) =>
  api(path, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) });

function sessionEnded() {
  if (document.getElementById('session-ended')) return;
  document.querySelector('main').prepend(h('p', { id: 'session-ended', class: 'notice', role: 'alert' },
    'Your session has ended. What you typed is still here. ',
    h('a', { href: '/signin?to=' + encodeURIComponent(location.pathname), target: '_blank' }, 'Sign in in another tab'), ', then go on here.'));
}

async function signOut() {
  const { to } = await post('/signout');
  location.assign(to);
}

/** Shows who is signed in, in the page's header. Returns {signIn, name, roles, seesPatients}. */
export async function whoAmI() {
  const me = await api('/api/me');
  const place = document.getElementById('who');
  if (me.name) {
    place.replaceChildren(`${me.name} (${me.roles.join(', ')}) `, h('button', { type: 'button', onclick: signOut }, 'Sign out'));
  } else if (me.signIn) {
    place.replaceChildren(h('a', { href: '/signin?to=' + encodeURIComponent(location.pathname) }, 'Sign in'));
  } else {
    place.replaceChildren('Nobody signs in here: no patients are shown, and only this machine sees this page.');
  }
  return me;
}
