// Slices on a canvas: HU to gray by window, outline, zoom. Slices are fetched once and kept; the neighbours come first.
import { api } from '/common.js';

export const PRESETS = { brain: [40, 80], subdural: [75, 215], stroke: [35, 35], bone: [600, 2800] };
const AHEAD = 4;

export class Viewer {
  /** @param canvas where to draw @param path of the study's API @param count slices @param says told what is shown, or why not */
  constructor(canvas, path, count, says) {
    Object.assign(this, { canvas, path, count, says, slices: new Map(), masks: new Map(), at: 0, level: 40, width: 80, outline: true, zoom: 1, x: 0, y: 0 });
    canvas.addEventListener('wheel', (event) => { event.preventDefault(); this.show(this.at - Math.sign(event.deltaY)); }, { passive: false });
    canvas.addEventListener('keydown', (event) => this.key(event));
    canvas.addEventListener('pointerdown', (event) => canvas.setPointerCapture(event.pointerId));
    canvas.addEventListener('pointermove', (event) => { if (event.buttons) this.drag(event); });
  }

  key(event) {
    const steps = { ArrowUp: 1, ArrowRight: 1, ArrowDown: -1, ArrowLeft: -1, PageUp: 5, PageDown: -5 };
    if (steps[event.key]) this.show(this.at + steps[event.key]);
    else if (event.key === '+' || event.key === '-') this.setZoom(event.key === '+' ? 1.25 : 0.8);
    else return;
    event.preventDefault();
  }

  drag(event) {
    if (event.shiftKey) {
      const scale = this.canvas.width / this.canvas.clientWidth / this.zoom;
      this.x -= event.movementX * scale;
      this.y -= event.movementY * scale;
    } else {
      this.width = Math.max(1, this.width + event.movementX);
      this.level += event.movementY;
    }
    this.draw();
  }

  setZoom(factor) { this.zoom = Math.min(8, Math.max(1, this.zoom * factor)); this.draw(); }
  setWindow([level, width]) { Object.assign(this, { level, width }); this.draw(); }
  whole() { Object.assign(this, { zoom: 1, x: 0, y: 0 }); this.draw(); }
  toggleOutline() { this.outline = !this.outline; this.draw(); return this.outline; }

  /** Shows a slice, and fetches its neighbours after it. */
  async show(n) {
    this.at = Math.min(this.count - 1, Math.max(0, n));
    const wanted = this.at;
    this.onslice?.(wanted);
    try {
      await this.load(wanted);
      if (wanted === this.at) this.draw();
      for (let step = 1; step <= AHEAD && wanted === this.at; step++) {
        await Promise.all([wanted + step, wanted - step].filter((i) => i >= 0 && i < this.count).map((i) => this.load(i)));
      }
    } catch (e) {
      if (wanted === this.at) this.says(`slice ${wanted + 1} of ${this.count}: ${e.message}`);
    }
  }

  load(n) {
    if (!this.slices.has(n)) {
      const slice = Promise.all([this.fetchSlice(n), this.fetchMask(n)]).then(([hu, mask]) => ({ ...hu, mask }));
      slice.catch(() => this.slices.delete(n)); // the next look tries again
      this.slices.set(n, slice);
    }
    return this.slices.get(n).then((slice) => { this.masks.set(n, slice); return slice; });
  }

  async fetchSlice(n) {
    const answer = await this.ask(`${this.path}/slices/${n}`);
    const head = (name) => Number(answer.headers.get(name));
    return { rows: head('X-Rows'), columns: head('X-Columns'), rowMm: head('X-Row-Mm'), columnMm: head('X-Column-Mm'), edges: answer.headers.get('X-Edges') ?? '????', hu: new Int16Array(await answer.arrayBuffer()) };
  }

  async fetchMask(n) {
    const answer = await this.ask(`${this.path}/masks/${n}`);
    return answer.status === 204 ? null : new Uint8Array(await answer.arrayBuffer());
  }

  async ask(path) {
    let answer;
    try { answer = await fetch(path); } catch { throw new Error('the server cannot be reached'); }
    if (!answer.ok) {
      if (answer.status === 401) await api('/api/worklist');
      throw new Error((await answer.json().catch(() => ({}))).error ?? `the server answered ${answer.status}`);
    }
    return answer;
  }

  draw() {
    const slice = this.masks.get(this.at);
    if (!slice) return;
    const image = new ImageData(slice.columns, slice.rows);
    const low = this.level - this.width / 2;
    const pixels = new Uint32Array(image.data.buffer);
    for (let i = 0; i < pixels.length; i++) {
      const gray = Math.max(0, Math.min(255, ((slice.hu[i] - low) * 255) / this.width)) | 0;
      pixels[i] = 0xff000000 | (gray << 16) | (gray << 8) | gray;
    }
    if (this.outline && slice.mask) this.drawOutline(slice, pixels);
    const whole = document.createElement('canvas');
    whole.width = slice.columns;
    whole.height = slice.rows;
    whole.getContext('2d').putImageData(image, 0, 0);
    const tall = (slice.rows * slice.rowMm) / (slice.columns * slice.columnMm);
    this.canvas.width = 768;
    this.canvas.height = Math.round(768 * (tall || 1));
    const w = slice.columns / this.zoom;
    const t = slice.rows / this.zoom;
    const context = this.canvas.getContext('2d');
    context.drawImage(whole, (slice.columns - w) / 2 + this.x, (slice.rows - t) / 2 + this.y, w, t, 0, 0, this.canvas.width, this.canvas.height);
    this.drawEdges(context, slice.edges);
    this.says(`slice ${this.at + 1} of ${this.count}, window ${Math.round(this.level)}/${Math.round(this.width)} HU${slice.mask ? ', the AI outlined blood here' : ''}`);
    this.canvas.dataset.slice = this.at;
  }

  /** The patient's sides at the edges: a slice may be stored mirrored, and is shown as it is stored. */
  drawEdges(context, edges) {
    const { width, height } = this.canvas;
    context.font = 'bold 28px sans-serif';
    context.fillStyle = '#ffd75f';
    context.textAlign = 'center';
    context.textBaseline = 'middle';
    [[22, height / 2], [width - 22, height / 2], [width / 2, 22], [width / 2, height - 22]]
      .forEach(([x, y], i) => context.fillText(edges[i], x, y));
    this.canvas.dataset.edges = edges;
  }

  /** Voxels of the mask that touch one outside it. */
  drawOutline(slice, pixels) {
    const inside = (x, y) => x >= 0 && y >= 0 && x < slice.columns && y < slice.rows
      && (slice.mask[(y * slice.columns + x) >> 3] >> ((y * slice.columns + x) & 7)) & 1;
    for (let y = 0; y < slice.rows; y++) {
      for (let x = 0; x < slice.columns; x++) {
        if (inside(x, y) && !(inside(x - 1, y) && inside(x + 1, y) && inside(x, y - 1) && inside(x, y + 1))) {
          pixels[y * slice.columns + x] = 0xff4040ff;
        }
      }
    }
  }
}
