// Follows server-sent events and comes back after every break, with growing pauses; says since when what is shown may be old.
import { api, time } from '/common.js';

const PAUSE_MS = 1000;
const PAUSE_MAX_MS = 30000;

export function follow(path, on) {
  let pause = PAUSE_MS;
  let lostAt = null;

  function connect() {
    const events = new EventSource(path);
    for (const name of ['settings', 'rows']) {
      if (!on[name]) continue;
      events.addEventListener(name, (event) => {
        pause = PAUSE_MS;
        on[name](JSON.parse(event.data));
        if (name === 'rows') {
          on.state(lostAt ? `live again; nothing came from ${time(lostAt)} to ${time(new Date().toISOString())}` : 'live');
          lostAt = null;
        }
      });
    }
    events.onerror = () => {
      events.close(); // a refused stream is not tried again by the browser, so we do
      lostAt ??= new Date().toISOString();
      on.state(`connection lost at ${time(lostAt)}: what is shown may be old`);
      api('/api/me').then((me) => { if (me.signIn && !me.name) return api('/api/worklist'); }).catch(() => {});
      setTimeout(connect, pause * (0.75 + Math.random() / 2));
      pause = Math.min(PAUSE_MAX_MS, pause * 2);
    };
  }
  connect();
}
