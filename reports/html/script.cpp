#include "reports/html/assets.hpp"

namespace blackout::html {

const std::string_view script = R"js('use strict';
(() => {
  const all = (query, from) => [...(from || document).querySelectorAll(query)];
  const byId = (id) => document.getElementById(id);
  const charts = all('.zooms .chart');
  if (!charts.length) return;
  const plot = all('.plot', charts[0])[0];
  const width = +plot.getAttribute('width');
  const end = +byId('events').dataset.end;
  const rows = all('#events tbody tr');
  const times = rows.map((row) => +row.dataset.t);
  const margin = 3;  // between a word's moment and the word
  const words = all('.zooms .words text').map((element) => ({
    element, x: +element.getAttribute('x') - margin,
    room: +element.dataset.room, need: +element.dataset.need }));
  // The plots' patterns keep their size while the plots are stretched; keys have their own.
  const patterns = all('pattern').map((element) => {
    const key = element.cloneNode(true);
    key.id += '-key';
    element.parentNode.append(key);
    return { element, turn: element.getAttribute('patternTransform') || '' };
  });
  for (const shape of all('.legend rect')) {
    const fill = getComputedStyle(shape).fill;
    if (fill.startsWith('url')) shape.style.fill = fill.replace(/#(\w+)/, '#$1-key');
  }
  let left = 0;    // of the window, in pixels of the whole run
  let scale = 1;
  let here = -1;   // the row that the cursor stands at

  const pixel = (t) => t / end * width;
  const at = (t) => (pixel(t) - left) * scale;

  function draw() {
    const window = width / scale;
    left = Math.max(0, Math.min(width - window, left));
    for (const chart of charts) {
      for (const each of all('.plot', chart)) {
        const height = each.getAttribute('height');
        each.setAttribute('viewBox', `${left} 0 ${window} ${height}`);
      }
      const cursor = all('.cursor', chart)[0];
      const x = here < 0 ? -1 : at(times[here]);
      if (x < 0 || x > width) cursor.setAttribute('display', 'none');
      else {
        cursor.removeAttribute('display');
        cursor.setAttribute('transform', `translate(${x} 0)`);
      }
    }
    for (const { element, x, room, need } of words) {
      const from = (x - left) * scale;
      const to = from + room * scale;
      const shown = Math.max(from, Math.min(0, to)) + margin;
      const seen = shown < width && to >= 0 && (need === 0 ? from >= -1 || to > 60
        : to - shown >= need);
      element.setAttribute('x', shown);
      if (seen) element.removeAttribute('display'); else element.setAttribute('display', 'none');
    }
    for (const { element, turn } of patterns) {
      element.setAttribute('patternTransform', `scale(${1 / scale} 1) ${turn}`);
    }
    byId('zoom').textContent = scale > 1.001 ? `zoom ×${scale.toFixed(1)}` : '';
  }

  function zoom(factor, around) {
    const middle = around === undefined ? left + width / scale / 2 : around;
    scale = Math.max(1, Math.min(5000, scale * factor));
    left = middle - width / scale / 2;
    draw();
  }

  function go(index, jump) {
    if (index < 0 || index >= rows.length) return;
    if (here >= 0) rows[here].classList.remove('here');
    here = index;
    const row = rows[here];
    row.classList.add('here');
    const box = byId('rows');
    if (jump) row.scrollIntoView({ block: 'nearest' });
    else box.scrollTop = row.offsetTop - box.clientHeight / 2;
    const x = pixel(times[here]);
    if (x < left || x > left + width / scale) left = x - width / scale / 2;
    byId('moment').textContent = [...row.cells].slice(1).map((cell) => cell.textContent).join('  ');
    draw();
  }

  function step(direction, wanted) {
    for (let i = here < 0 && direction < 0 ? rows.length - 1 : here + direction;
         i >= 0 && i < rows.length; i += direction) {
      if (!rows[i].hidden && (!wanted || rows[i].dataset.kind === wanted)) return go(i);
    }
  }

  const glob = (pattern) => new RegExp('^' + pattern.toLowerCase().split('*')
    .map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&')).join('.*') + '$');

  function tester(word) {
    const colon = word.indexOf(':');
    const name = word.slice(0, colon);
    const value = word.slice(colon + 1);
    if (['node', 'region', 'kind'].includes(name)) {
      const pattern = glob(value);
      const field = name === 'node' ? 'who' : name;
      return (row) => pattern.test((row.dataset[field] || '').toLowerCase());
    }
    if (name === 't') {
      const [from, to] = value.split('..').map((text) => parseFloat(text));
      return (row) => !(row.dataset.t < from) && !(row.dataset.t > to);
    }
    return (row) => row.textContent.toLowerCase().includes(word.toLowerCase());
  }

  const filter = byId('filter');
  function apply() {
    const tests = filter.value.split(/\s+/).filter(Boolean).map(tester);
    let shown = 0;
    for (const row of rows) {
      row.hidden = !tests.every((test) => test(row));
      shown += row.hidden ? 0 : 1;
    }
    byId('shown').textContent = `${shown} of ${rows.length} listed`;
  }

  function copy(button, text) {
    const done = () => { button.textContent = 'copied'; };
    if (navigator.clipboard) navigator.clipboard.writeText(text).then(done, () => {});
  }

  const keys = byId('keys');
  const actions = {
    ArrowRight: () => step(1), ArrowLeft: () => step(-1),
    n: () => step(1, 'fault'), p: () => step(-1, 'fault'), v: () => {
      filter.value = '';
      apply();
      const first = rows.findIndex((row) => row.dataset.kind === 'finding');
      if (first >= 0) go(first);
    },
    '+': () => zoom(2, here < 0 ? undefined : pixel(times[here])), '-': () => zoom(0.5),
    '0': () => { scale = 1; draw(); },
    '/': () => { filter.focus(); filter.select(); }, '?': () => keys.showModal(),
  };
  actions['='] = actions['+'];
  document.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target === filter) {
      if (event.key === 'Escape' || event.key === 'Enter') filter.blur();
      return;
    }
    if (keys.open || !(event.key in actions)) return;
    event.preventDefault();
    if (event.shiftKey && event.key.startsWith('Arrow')) {
      left += (event.key === 'ArrowRight' ? 1 : -1) * width / scale / 4;
      draw();
    } else actions[event.key]();
  });

  filter.addEventListener('input', apply);
  rows.forEach((row, index) => row.addEventListener('click', () => go(index, true)));
  byId('in').addEventListener('click', () => actions['+']());
  byId('out').addEventListener('click', () => actions['-']());
  byId('fit').addEventListener('click', () => actions['0']());
  byId('help').addEventListener('click', () => actions['?']());
  byId('copy').addEventListener('click', (event) =>
    copy(event.target, byId('command').textContent));
  byId('copy-postmortem').addEventListener('click', (event) =>
    copy(event.target, JSON.parse(byId('postmortem').textContent)));
  for (const chart of charts) {
    chart.addEventListener('wheel', (event) => {
      if (!event.ctrlKey) return;
      event.preventDefault();
      const box = chart.getBoundingClientRect();
      const total = chart.viewBox.baseVal.width;
      const x = (event.clientX - box.left) / box.width * total - plot.getAttribute('x');
      zoom(event.deltaY < 0 ? 1.4 : 1 / 1.4, left + x / scale);
    }, { passive: false });
  }
  all('.controls').forEach((element) => { element.hidden = false; });
  const named = rows.findIndex((row) => '#' + row.id === location.hash);
  apply();
  if (named >= 0) go(named);
})();
)js";

}  // namespace blackout::html
