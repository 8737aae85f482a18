/**
 * One section of the AWS configuration file, found and put in place; everything else is kept to the byte. Texts here
 * are latin1, so that each character is a byte, whatever the file's encoding; values are UTF-8.
 */

export interface ProfileSection {
  /** Offsets in the text: from the header to the end of the last line that says something. */
  readonly begin: number;
  readonly end: number;
  /** Keys in lower case. */
  readonly values: ReadonlyMap<string, string>;
  readonly comments: readonly string[];
}

/** All sections of that name: SDKs read them as one, whose last value counts. */
export function findProfiles(text: string, name: string): ProfileSection[] {
  const sections: ProfileSection[] = [];
  for (const { lines, begin } of sectionsOf(text)) {
    if (!isHeaderOf(lines[0] ?? '', name)) continue;
    const last = lines.findLastIndex((line) => !isComment(line) && line.trim() !== '');
    const own = lines.slice(0, last + 1);
    const body = own.slice(1);
    sections.push({
      begin,
      end: begin + own.join('').length,
      values: new Map(body.filter((line) => line.includes('=') && !isComment(line)).map(keyAndValue)),
      comments: body.filter(isComment),
    });
  }
  return sections;
}

/** The text with this section: in place of the former one, whose comments stay, or at the end. */
export function withProfile(
  text: string,
  {
    name,
    values,
    former,
  }: {
    readonly name: string;
    readonly values: ReadonlyMap<string, string>;
    readonly former: ProfileSection | undefined;
  },
): string {
  const newline = /\r?\n/.exec(text)?.[0] ?? '\n';
  const lines = [header(name), ...[...values].map(([key, value]) => `${key} = ${asBytes(value)}`)].map(
    (line) => line + newline,
  );
  if (former !== undefined) {
    const [first = '', ...others] = lines;
    return text.slice(0, former.begin) + first + former.comments.join('') + others.join('') + text.slice(former.end);
  }
  const gap = text === '' ? '' : text.endsWith('\n') ? newline : newline + newline;
  return text + gap + lines.join('');
}

const asBytes = (value: string): string => Buffer.from(value, 'utf8').toString('latin1');

const header = (name: string): string => (name === 'default' ? '[default]' : `[profile ${name}]`);

const isHeader = (line: string): boolean => /^\s*\[/.test(line);
const isComment = (line: string): boolean => /^\s*[#;]/.test(line);

function isHeaderOf(line: string, name: string): boolean {
  const [, inner = ''] = /^\s*\[([^\]]*)\]/.exec(line) ?? [];
  const [, prefix, named] = /^\s*(profile\s+)?["']?(.*?)["']?\s*$/.exec(inner) ?? [];
  return named === name && (prefix !== undefined || name === 'default');
}

/** `key = value`; what follows a blank and `#` or `;` is a comment. */
function keyAndValue(line: string): [string, string] {
  const [text = ''] = line.split(/\s[#;]/, 1);
  const at = text.indexOf('=');
  return [text.slice(0, at).trim().toLowerCase(), Buffer.from(text.slice(at + 1).trim(), 'latin1').toString('utf8')];
}

function sectionsOf(text: string): { readonly begin: number; readonly lines: string[] }[] {
  const sections: { begin: number; lines: string[] }[] = [{ begin: 0, lines: [] }];
  let at = 0;
  for (const line of text.split(/(?<=\n)/)) {
    if (isHeader(line)) sections.push({ begin: at, lines: [] });
    sections.at(-1)?.lines.push(line);
    at += line.length;
  }
  return sections;
}
