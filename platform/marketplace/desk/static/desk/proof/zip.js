// Reads a ZIP archive (APPNOTE 6.3): stored and deflated files, checked against their lengths and CRC-32. Nothing else.

import { Fault, bi, textOf } from "./bytes.js";

const END = 0x06054b50;
const CENTRAL = 0x02014b50;
const LOCAL = 0x04034b50;
const MOST_BYTES = 64 * 1024 * 1024;
const MOST_FILES = 20_000;
const CRC = Uint32Array.from({ length: 256 }, (_, n) => {
  let c = n;
  for (let bit = 0; bit < 8; bit += 1) c = c & 1 ? 0xedb88320 ^ (c >>> 1) : c >>> 1;
  return c;
});

const damaged = () => new Fault(bi("ZIP 文件已损坏", "the ZIP file is damaged"));

function crc32(bytes) {
  let crc = 0xffffffff;
  for (const byte of bytes) crc = CRC[(crc ^ byte) & 255] ^ (crc >>> 8);
  return (crc ^ 0xffffffff) >>> 0;
}

async function inflate(bytes, length) {
  const reader = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate-raw")).getReader();
  const whole = new Uint8Array(length);
  let at = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    if (at + value.length > length) {
      await reader.cancel();
      throw damaged();
    }
    whole.set(value, at);
    at += value.length;
  }
  if (at !== length) throw damaged();
  return whole;
}

function endOf(view) {
  for (let at = view.byteLength - 22; at >= Math.max(0, view.byteLength - 22 - 0xffff); at -= 1) {
    if (view.getUint32(at, true) === END && at + 22 + view.getUint16(at + 20, true) === view.byteLength) return at;
  }
  throw new Fault(bi("这不是 ZIP 文件", "this is not a ZIP file"));
}

function* listed(view, bytes) {
  const end = endOf(view);
  const count = view.getUint16(end + 10, true);
  let at = view.getUint32(end + 16, true);
  if (count > MOST_FILES) throw damaged();
  for (let n = 0; n < count; n += 1) {
    if (view.getUint32(at, true) !== CENTRAL) throw damaged();
    const nameLength = view.getUint16(at + 28, true);
    yield {
      name: textOf(bytes.subarray(at + 46, at + 46 + nameLength)),
      encrypted: (view.getUint16(at + 8, true) & 1) === 1,
      method: view.getUint16(at + 10, true),
      crc: view.getUint32(at + 16, true),
      packed: view.getUint32(at + 20, true),
      length: view.getUint32(at + 24, true),
      local: view.getUint32(at + 42, true),
    };
    at += 46 + nameLength + view.getUint16(at + 30, true) + view.getUint16(at + 32, true);
  }
}

async function unpack(view, bytes, file) {
  if (file.encrypted || ![0, 8].includes(file.method) || view.getUint32(file.local, true) !== LOCAL) throw damaged();
  const start = file.local + 30 + view.getUint16(file.local + 26, true) + view.getUint16(file.local + 28, true);
  const packed = bytes.subarray(start, start + file.packed);
  if (packed.length !== file.packed) throw damaged();
  const data = file.method === 8 ? await inflate(packed, file.length) : packed.slice();
  if (data.length !== file.length || crc32(data) !== file.crc) throw damaged();
  return data;
}

/** Every file of the archive by name; a Fault where the archive is damaged, too large or not one at all. */
export async function readZip(bytes) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const files = new Map();
  let total = 0;
  try {
    for (const file of listed(view, bytes)) {
      total += file.length;
      if (total > MOST_BYTES) throw new Fault(bi("ZIP 文件过大", "the ZIP file is larger than any that the log hands out"));
      if (files.has(file.name)) throw damaged();
      files.set(file.name, await unpack(view, bytes, file));
    }
  } catch (error) {
    // Offsets that lead out of the file, and streams that do not inflate.
    throw error instanceof Fault ? error : damaged();
  }
  return files;
}
