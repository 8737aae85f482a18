/** Answers, and refusals in S3's form. */

export interface Reply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
}

/** Thrown by operations; answered as S3's error document. */
export class S3Refusal extends Error {
  readonly status: number;
  readonly code: string;
  readonly fields: Readonly<Record<string, string>>;

  constructor(status: number, code: string, fields: Readonly<Record<string, string>> = {}) {
    super(code);
    this.status = status;
    this.code = code;
    this.fields = fields;
  }
}

const escapeXml = (text: string): string =>
  text.replace(/[&<>"\u0000-\u001f]/g, (character) => `&#${character.charCodeAt(0)};`);

/** `<name>` with these children; an array is repeated, undefined left out. */
export function xml(name: string, children: XmlChildren): string {
  const inner = Object.entries(children).flatMap(([child, value]) =>
    (Array.isArray(value) ? value : [value]).map((one: XmlValue) => element(child, one)),
  );
  return `<?xml version="1.0" encoding="UTF-8"?>\n<${name} xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${inner.join('')}</${name}>`;
}

type XmlValue = string | number | boolean | undefined | { readonly [name: string]: string | number | undefined };
export interface XmlChildren {
  readonly [name: string]: XmlValue | readonly XmlValue[];
}

function element(name: string, value: XmlValue): string {
  if (value === undefined) return '';
  if (typeof value !== 'object') return `<${name}>${escapeXml(String(value))}</${name}>`;
  return `<${name}>${Object.entries(value)
    .map(([child, text]) => element(child, text))
    .join('')}</${name}>`;
}

export const xmlReply = (body: string): Reply => ({
  status: 200,
  headers: { 'content-type': 'application/xml' },
  body,
});

/** Answers to HEAD have no document, whatever went wrong. */
export function refusalReply({ status, code, fields }: S3Refusal, head: boolean): Reply {
  const { 'x-amz-bucket-region': region, ...document } = fields;
  const headers = {
    'content-type': 'application/xml',
    ...(region === undefined ? {} : { 'x-amz-bucket-region': region }),
  };
  if (head) return { status, headers };
  return {
    status,
    headers,
    body: xml('Error', {
      Code: code,
      Message: `the test endpoint says ${code}`,
      ...document,
      RequestId: '0123456789',
    }).replace(/ xmlns="[^"]*"/, ''),
  };
}
