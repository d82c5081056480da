// What all the rest stands on: elements, the data's blocks, dates and numbers as people read them.

const SVG = 'http://www.w3.org/2000/svg';
const WEEK_DAYS = 7;
const MONDAY = 4; // 1970-01-05, day 4, began week 0.
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

const byId = (id) => document.getElementById(id);

// Children are nodes or texts: nothing of the data is ever read as markup.
function add(node, children) {
  for (const child of children.flat()) {
    if (child !== null && child !== undefined && child !== false) {
      node.append(child.nodeType ? child : document.createTextNode(String(child)));
    }
  }
  return node;
}

function el(tag, given, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(given || {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith('on')) node.addEventListener(name.slice(2), value);
    else if (name === 'style') Object.assign(node.style, value);
    else node.setAttribute(name, value === true ? '' : value);
  }
  return add(node, children);
}

function shape(tag, given, ...children) {
  const node = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(given || {})) {
    if (value === null || value === undefined) continue;
    if (name === 'fill' || name === 'stroke') node.style[name] = value;
    else node.setAttribute(name, value);
  }
  return add(node, children);
}

const tone = (number) => `var(--tone${((number % 8) + 8) % 8})`;

const whole = JSON.parse(byId('whole').textContent);

// The larger blocks are packed, and read when they are first asked for.
const unpackedBlocks = new Map();

async function block(id) {
  if (!unpackedBlocks.has(id)) unpackedBlocks.set(id, unpackBlock(id));
  return unpackedBlocks.get(id);
}

async function unpackBlock(id) {
  const node = byId(`block-${id}`);
  if (!node) return null;
  const bytes = Uint8Array.from(atob(node.textContent), (character) => character.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('deflate'));
  return new Response(stream).json();
}

const dateOf = (day) => new Date(day * 864e5);
const yearOf = (day) => dateOf(day).getUTCFullYear();
const dayOf = (year, month) => Date.UTC(year, month, 1) / 864e5;
const monthStart = (place) => dayOf(Math.floor(place / 12), place % 12);

function dateText(day) {
  const date = dateOf(Math.floor(day));
  return `${date.getUTCDate()} ${MONTHS[date.getUTCMonth()]} ${date.getUTCFullYear()}`;
}

const monthText = (day) => `${MONTHS[dateOf(day).getUTCMonth()]} ${yearOf(day)}`;

function digits(value, least = 3) {
  const size = Math.abs(value);
  if (size === 0 || size >= 10 ** (least - 1)) return 0;
  return Math.min(4, least - 1 - Math.floor(Math.log10(size)));
}

function number(value, least = 3) {
  if (value === null || value === undefined || Number.isNaN(value)) return '–';
  const places = digits(value, least);
  return value.toLocaleString('en-GB', { maximumFractionDigits: places });
}

function short(value) {
  const size = Math.abs(value);
  if (size >= 1e9) return `${number(value / 1e9)} bn`;
  if (size >= 1e6) return `${number(value / 1e6)} M`;
  if (size >= 1e4) return `${number(value / 1e3)} k`;
  return number(value);
}

const exact = (value) => value === null || value === undefined ? '–' : Math.round(value).toLocaleString('en-GB');
const percent = (share, places = 1) => `${(100 * share).toFixed(places)} %`;

function grams(value) {
  if (value === null || value === undefined) return '–';
  return value >= 1000 ? `${number(value / 1000)} kg` : `${number(value)} g`;
}

function kilos(value) {
  if (value === null || value === undefined) return '–';
  return Math.abs(value) >= 1000 ? `${number(value / 1000)} t` : `${number(value)} kg`;
}

const words = (name) => name.replaceAll('_', ' ').toLowerCase();
const sentence = (name) => { const said = words(name); return said.charAt(0).toUpperCase() + said.slice(1); };

// PD and CMS are abbreviations; other causes and diseases are words.
const causeName = (name) => name.length <= 3 ? name : sentence(name);

// A packed series as points: [day, value] for each value that is there.
function points(packed, dayAt, factor = 1) {
  if (!packed) return [];
  const found = [];
  packed.v.forEach((value, place) => {
    if (value !== null) found.push([dayAt(packed.s + place), value * factor]);
  });
  return found;
}

const weekStart = (week) => week * WEEK_DAYS + MONDAY;
const weekMiddle = (week) => week * WEEK_DAYS + MONDAY + 3.5;
const weekEnd = (week) => week * WEEK_DAYS + MONDAY + WEEK_DAYS;
const at = (packed, place) => packed && place >= packed.s ? packed.v[place - packed.s] ?? null : null;

function sum(packedSeries) {
  const total = new Map();
  for (const packed of packedSeries) {
    if (packed) packed.v.forEach((value, place) => {
      total.set(packed.s + place, (total.get(packed.s + place) || 0) + (value || 0));
    });
  }
  return total;
}
