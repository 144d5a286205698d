'use strict';

// The live page: polls the API for the streams and plays one of them. No framework, no build.

const POLL_MS = 2000;
const RETRY_MS = 3000;
const FIRST_CHOICE = 'demo';
const TOAST_MS = 1800;

const STATUS_TEXT = {
  active: 'Live',
  degraded: 'Degraded',
  idle: 'Waiting',
  stopped: 'Stopped',
};

const $ = (id) => document.getElementById(id);

const page = {
  streams: [],
  selected: null, // code
  playing: null, // code that the player was started for
  hls: null,
  retryTimer: 0,
};

// ---- Reading the API's documents ------------------------------------------------------------

const path = (code) => code.split('/').map(encodeURIComponent).join('/');

/** The API says whether a stream runs; whether anything comes in, its inputs say. */
function statusOf(stream) {
  const runtime = stream.runtime || {};
  const status = runtime.status || stream.status || 'idle';
  const inputs = runtime.inputs || [];
  const flows = inputs.some((input) => input.status === 'active');
  return status === 'active' && !flows ? 'idle' : status;
}

const isLive = (stream) => ['active', 'degraded'].includes(statusOf(stream));
const protocolsOf = (stream) => stream.protocols || {};

function activeInput(stream) {
  const runtime = stream.runtime || {};
  const inputs = runtime.inputs || [];
  return inputs.find((i) => i.input_priority === runtime.active_input_priority) || inputs[0] || {};
}

function track(stream, kind) {
  const runtime = stream.runtime || {};
  const tracks = activeInput(stream).tracks || runtime.tracks || [];
  return tracks.find((t) => t.kind === kind) || null;
}

const CODEC_NAMES = {
  h264: 'H.264', h265: 'H.265', hevc: 'H.265', av1: 'AV1', vp9: 'VP9',
  aac: 'AAC', mp3: 'MP3', ac3: 'AC-3', eac3: 'E-AC-3', opus: 'Opus', flac: 'FLAC',
};
const codecName = (codec) => CODEC_NAMES[String(codec).toLowerCase()] || String(codec);

function videoText(stream) {
  const video = track(stream, 'video');
  if (!video) return '–';
  const size = video.width ? ` ${video.width}×${video.height}` : '';
  const fps = video.fps || video.frame_rate;
  return codecName(video.codec) + size + (fps ? `, ${Math.round(fps * 100) / 100} fps` : '');
}

function audioText(stream) {
  const audio = track(stream, 'audio');
  if (!audio) return '–';
  const rate = audio.sample_rate ? ` ${audio.sample_rate / 1000} kHz` : '';
  const channels = { 1: ', mono', 2: ', stereo' }[audio.channels] || '';
  return codecName(audio.codec) + rate + channels;
}

function bitrateText(stream) {
  const media = (stream.runtime || {}).media || {};
  const kbps = activeInput(stream).bitrate_kbps || media.input_bitrate_kbps || 0;
  if (!kbps) return '–';
  return kbps >= 1000 ? `${(kbps / 1000).toFixed(2)} Mbit/s` : `${Math.round(kbps)} kbit/s`;
}

function viewersText(stream) {
  const viewers = (stream.runtime || {}).viewers;
  return Number.isFinite(viewers) ? String(viewers) : '–';
}

// ---- The list -------------------------------------------------------------------------------

function showList() {
  const list = $('streams');
  const rows = new Map([...list.children].map((row) => [row.dataset.code, row]));
  page.streams.forEach((stream, index) => {
    const row = rows.get(stream.code) || newRow(stream.code);
    rows.delete(stream.code);
    fillRow(row, stream);
    if (list.children[index] !== row) list.insertBefore(row, list.children[index] || null);
  });
  rows.forEach((row) => row.remove());
  $('none').hidden = page.streams.length > 0;
}

function newRow(code) {
  const row = $('stream-row').content.firstElementChild.cloneNode(true);
  row.dataset.code = code;
  row.querySelector('button').addEventListener('click', () => select(code));
  return row;
}

function fillRow(row, stream) {
  const button = row.querySelector('button');
  const status = statusOf(stream);
  button.dataset.status = status;
  button.setAttribute('aria-current', String(stream.code === page.selected));
  setText(row.querySelector('.row-name'), stream.name || stream.code);
  const detail = [stream.code];
  if (isLive(stream) && bitrateText(stream) !== '–') detail.push(bitrateText(stream));
  setText(row.querySelector('.row-detail'), detail.join(' · '));
  setText(row.querySelector('.row-status'), STATUS_TEXT[status] || status);
}

/** Touches the document only on a change, so that selections and screen readers are left alone. */
function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

// ---- The stage ------------------------------------------------------------------------------

const selectedStream = () => page.streams.find((s) => s.code === page.selected) || null;

function select(code) {
  if (page.selected === code) {
    play(code);
    return;
  }
  page.selected = code;
  history.replaceState(null, '', '#' + path(code));
  stopPlayer();
  showList();
  showStage();
}

function chooseFirst() {
  const asked = decodeURIComponent(location.hash.slice(1));
  const has = (code) => page.streams.some((stream) => stream.code === code);
  if (has(asked)) return asked;
  const live = page.streams.filter(isLive);
  const first = live.find((s) => s.code === FIRST_CHOICE) || live[0] ||
      page.streams.find((s) => s.code === FIRST_CHOICE) || page.streams[0];
  return first ? first.code : null;
}

function showStage() {
  const stream = selectedStream();
  if (!stream) {
    setText($('title'), 'Nothing to watch yet');
    $('badge').hidden = true;
    $('description').hidden = true;
    $('facts').hidden = true;
    veil('The first stream that goes live plays here by itself.');
    showUrls('watch', []);
    showUrls('publish', []);
    return;
  }
  const status = statusOf(stream);
  setText($('title'), stream.name || stream.code);
  document.title = (stream.name || stream.code) + ' – Wadi';
  const badge = $('badge');
  badge.hidden = false;
  badge.dataset.status = status;
  setText(badge, STATUS_TEXT[status] || status);
  $('description').hidden = !stream.description;
  setText($('description'), stream.description || '');
  $('facts').hidden = false;
  setText($('fact-video'), videoText(stream));
  setText($('fact-audio'), audioText(stream));
  setText($('fact-bitrate'), bitrateText(stream));
  setText($('fact-viewers'), viewersText(stream));
  showUrls('watch', watchUrls(stream));
  showUrls('publish', publishUrls(stream));
  keepPlaying(stream);
}

function watchUrls(stream) {
  const protocols = protocolsOf(stream);
  const base = `${location.origin}/${path(stream.code)}`;
  const urls = [];
  if (protocols.hls) urls.push(['HLS', `${base}/index.m3u8`]);
  if (protocols.dash) urls.push(['DASH', `${base}/index.mpd`]);
  if (protocols.mpegts) urls.push(['HTTP-TS', `${base}/mpegts`]);
  if (protocols.http_flv) urls.push(['HTTP-FLV', `${base}/live.flv`]);
  return urls;
}

/** Inputs that wait for a publisher: the server that OBS asks for, and the key. */
function publishUrls(stream) {
  const urls = [];
  for (const input of stream.inputs || []) {
    const match = /^(rtmp|publish):\/\/(0\.0\.0\.0|\[::\]|)(:\d+)?\/?(.*)$/.exec(input.url || '');
    if (!match) continue;
    const port = match[3] || ':1935';
    const [app, ...rest] = (match[4].includes('/') ? match[4] : `live/${match[4] || stream.code}`).split('/');
    const server = `rtmp://${location.hostname}${port}/${app}`;
    urls.push(['Server', server], ['Stream key', rest.join('/')], ['FFmpeg', `${server}/${rest.join('/')}`]);
  }
  return urls;
}

function showUrls(id, urls) {
  const list = $(id);
  $(`${id}-part`).hidden = urls.length === 0;
  const key = JSON.stringify(urls);
  if (list.dataset.key === key) return;
  list.dataset.key = key;
  list.replaceChildren(...urls.map(([label, url]) => {
    const row = $('url-row').content.firstElementChild.cloneNode(true);
    row.querySelector('.url-label').textContent = label;
    row.querySelector('.url-text').textContent = url;
    const button = row.querySelector('button');
    button.setAttribute('aria-label', `Copy ${label}: ${url}`);
    button.addEventListener('click', () => copy(url));
    return row;
  }));
}

async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    toast('Copied');
  } catch {
    // Only pages on HTTPS or localhost may write the clipboard.
    const range = document.createRange();
    const shown = [...document.querySelectorAll('.url-text')].find((e) => e.textContent === text);
    if (!shown) return;
    range.selectNodeContents(shown);
    getSelection().removeAllRanges();
    getSelection().addRange(range);
    toast('Selected: press Ctrl+C to copy');
  }
}

let toastTimer = 0;
function toast(text) {
  $('toast').textContent = text;
  $('toast').hidden = false;
  clearTimeout(toastTimer);
  toastTimer = setTimeout(() => { $('toast').hidden = true; }, TOAST_MS);
}

// ---- The player -----------------------------------------------------------------------------

const video = $('video');

function veil(text, withRetry = false) {
  $('veil').hidden = text === '';
  setText($('veil-text'), text);
  $('retry').hidden = !withRetry;
}

function keepPlaying(stream) {
  if (stream.code === page.playing) return;
  if (!protocolsOf(stream).hls) {
    veil('This stream has no HLS output, which the player here needs. See the addresses below.');
  } else if (isLive(stream)) {
    play(stream.code);
  } else if (statusOf(stream) === 'stopped' || stream.disabled) {
    veil('This stream is stopped.');
  } else {
    veil('Waiting for the source…');
  }
}

function stopPlayer() {
  clearTimeout(page.retryTimer);
  page.playing = null;
  if (page.hls) page.hls.destroy();
  page.hls = null;
  video.removeAttribute('src');
  video.load();
  setText($('fact-latency'), '–');
}

function play(code) {
  stopPlayer();
  page.playing = code;
  veil('Loading…');
  const source = `/${path(code)}/index.m3u8`;
  if (window.Hls && Hls.isSupported()) {
    const hls = new Hls({ liveSyncDurationCount: 2, liveMaxLatencyDurationCount: 6, maxLiveSyncPlaybackRate: 1.1 });
    page.hls = hls;
    hls.on(Hls.Events.MANIFEST_PARSED, startVideo);
    hls.on(Hls.Events.ERROR, (event, problem) => onHlsError(code, hls, problem));
    hls.loadSource(source);
    hls.attachMedia(video);
  } else if (video.canPlayType('application/vnd.apple.mpegurl')) {
    video.src = source;
    startVideo();
  } else {
    veil('This browser cannot play HLS.');
  }
}

function startVideo() {
  video.play().catch(() => veil(''));
}

function onHlsError(code, hls, problem) {
  if (!problem.fatal || hls !== page.hls) return;
  if (problem.type === Hls.ErrorTypes.MEDIA_ERROR && !hls.triedRecovery) {
    hls.triedRecovery = true;
    hls.recoverMediaError();
    return;
  }
  const stream = selectedStream();
  const waiting = stream && !isLive(stream);
  veil(waiting ? 'Waiting for the source…' : 'The stream cannot be loaded. Trying again…', !waiting);
  clearTimeout(page.retryTimer);
  page.retryTimer = setTimeout(() => { if (page.playing === code) play(code); }, RETRY_MS);
}

function showLatency() {
  const latency = page.hls && page.hls.latency;
  setText($('fact-latency'), latency > 0 ? `${latency.toFixed(1)} s` : '–');
}

video.addEventListener('playing', () => veil(''));
video.addEventListener('error', () => {
  if (!page.hls && page.playing) veil('The stream cannot be played.', true);
});
$('retry').addEventListener('click', () => { if (page.selected) play(page.selected); });

// ---- Polling --------------------------------------------------------------------------------

async function poll() {
  try {
    const answer = await fetch('/streams', { headers: { Accept: 'application/json' }, cache: 'no-store' });
    if (!answer.ok) throw new Error(`HTTP ${answer.status}`);
    const { data } = await answer.json();
    page.streams = (data || []).sort((a, b) => (a.code < b.code ? -1 : 1));
    $('offline').hidden = true;
    show();
  } catch {
    $('offline').hidden = false;
    setText($('summary'), 'Not connected');
  } finally {
    setTimeout(poll, document.hidden ? 5 * POLL_MS : POLL_MS);
  }
}

function show() {
  const live = page.streams.filter(isLive).length;
  const total = page.streams.length;
  setText($('summary'), `${total} ${total === 1 ? 'stream' : 'streams'}, ${live} live`);
  if (!selectedStream()) {
    stopPlayer();
    page.selected = chooseFirst();
  }
  showList();
  showStage();
  showLatency();
}

poll();
