/**
 * The text that `getfattr --dump --encoding=base64` writes and `setfattr --restore` reads: getfattr(1), setfattr(1).
 * Paths and names have bytes that would break a line as `\ooo`.
 */
import { pathFromBytes, pathToBytes } from '@backup-agent/core';
import type { Xattrs } from './metadata-tools.ts';

const FILE_LINE = '# file: ';

/** Path -> attributes. Lines that are neither a path nor an attribute in base64 are ignored. */
export function parseDump(dump: Uint8Array): Map<string, Xattrs> {
  const files = new Map<string, Record<string, string>>();
  let current: Record<string, string> | undefined;
  // As latin1 each byte is a character, and none is lost.
  for (const line of Buffer.from(dump).toString('latin1').split('\n')) {
    if (line.startsWith(FILE_LINE)) {
      current = {};
      files.set(unquote(line.slice(FILE_LINE.length)), current);
      continue;
    }
    const equals = line.indexOf('=');
    if (equals <= 0) continue;
    const value = /^0s([A-Za-z0-9+/]*={0,2})$/.exec(line.slice(equals + 1))?.[1];
    if (value !== undefined && current !== undefined) current[unquote(line.slice(0, equals))] = value;
  }
  return files;
}

/** The inverse of `parseDump`. Values are encoded anew, so that no value can pass for another line. */
export function formatDump(files: ReadonlyMap<string, Xattrs>): Buffer {
  let text = '';
  for (const [path, xattrs] of files) {
    text += `${FILE_LINE}${quote(path)}\n`;
    for (const [name, value] of Object.entries(xattrs))
      text += `${quote(name)}=0s${Buffer.from(value, 'base64').toString('base64')}\n`;
    text += '\n';
  }
  return Buffer.from(text, 'latin1');
}

/** Undoes the tools' quoting of a path or name, given as latin1. */
export const unquote = (text: string): string =>
  pathFromBytes(
    Buffer.from(
      text.replaceAll(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8) & 0xff)),
      'latin1',
    ),
  );

const quote = (text: string): string =>
  pathToBytes(text)
    .toString('latin1')
    .replaceAll(
      /[^\x20-\x5b\x5d-\x7e\x80-\xff]|[=#]/g,
      (character) => `\\${character.charCodeAt(0).toString(8).padStart(3, '0')}`,
    );
