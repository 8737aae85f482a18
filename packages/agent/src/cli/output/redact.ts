/** Keeps credentials out of everything that people or logs see. */

const STAND_IN = '[redacted]';
/** Shorter ones would blot out ordinary words. */
const SECRET_LENGTH_MIN = 8;
/** Environment variables whose values are secrets, unless they only say where one is. */
const SECRET_NAMES = /SECRET|TOKEN|PASSWORD|PASSPHRASE|CREDENTIAL|PRIVATE_KEY|ACCESS_KEY/i;
const PLACE_NAMES = /_(?:FILE|PATH|URI|DIR)$/i;

const PATTERNS: readonly (readonly [RegExp, string])[] = [
  // Signed addresses: the signature, the session token and the key id.
  [/([?&](?:X-Amz-(?:Signature|Security-Token|Credential)|AWSAccessKeyId|Signature)=)[^&\s"'<>]+/gi, `$1${STAND_IN}`],
  [/\bAWS4-HMAC-SHA256\b[^"\n]*/g, `AWS4-HMAC-SHA256 ${STAND_IN}`],
  [
    /(["']?\b(?:authorization|x-amz-security-token|proxy-authorization|cookie)["']?\s*[:=]\s*["']?)[^"'\n,}]+/gi,
    `$1${STAND_IN}`,
  ],
  [/\b((?:A3T[A-Z0-9]|AKIA|ASIA)[A-Z0-9]{16})\b/g, STAND_IN],
  // A user and a password in an address.
  [/([a-z][a-z0-9+.-]*:\/\/)[^/\s@"'?#]+@/gi, `$1${STAND_IN}@`],
];

export type Redact = (text: string) => string;

/** A function that takes out the values of secret variables, and whatever looks like credentials. */
export function makeRedactor(environment: Readonly<Record<string, string | undefined>>): Redact {
  const secrets = Object.entries(environment)
    .filter(
      ([name, value]) =>
        SECRET_NAMES.test(name) && !PLACE_NAMES.test(name) && value !== undefined && value.length >= SECRET_LENGTH_MIN,
    )
    .map(([, value]) => value as string)
    .sort((a, b) => b.length - a.length);
  return (text) => {
    let safe = text;
    for (const secret of secrets)
      for (const form of new Set([secret, encodeURIComponent(secret)])) safe = safe.replaceAll(form, STAND_IN);
    for (const [pattern, replacement] of PATTERNS) safe = safe.replace(pattern, replacement);
    return safe;
  };
}
