import { expect, test } from 'vitest';
import { makeRedactor } from '../../../src/cli/output/redact.ts';

const redact = makeRedactor({
  AWS_SECRET_ACCESS_KEY: 'wJalr/XUtnFEMI+K7MDENG',
  AWS_SHARED_CREDENTIALS_FILE: '/home/ann/.aws/credentials',
  API_TOKEN: 'short',
  PATH: '/usr/bin:/usr/local/bin',
});

test.each([
  ['the key wJalr/XUtnFEMI+K7MDENG is wrong', 'the key [redacted] is wrong'],
  ['?k=wJalr%2FXUtnFEMI%2BK7MDENG', '?k=[redacted]'],
  [
    'GET https://b.s3.amazonaws.com/x?X-Amz-Signature=abc123&X-Amz-Expires=60&X-Amz-Security-Token=t%2Fx',
    'GET https://b.s3.amazonaws.com/x?X-Amz-Signature=[redacted]&X-Amz-Expires=60&X-Amz-Security-Token=[redacted]',
  ],
  ['{"authorization":"AWS4-HMAC-SHA256 Credential=x, Signature=y"}', '{"authorization":"[redacted]"}'],
  ['Authorization: Bearer abc', 'Authorization: [redacted]'],
  ['the access key AKIAIOSFODNN7EXAMPLE', 'the access key [redacted]'],
  ['cannot reach https://ann:pass@host:9000/x', 'cannot reach https://[redacted]@host:9000/x'],
  ['short words and /home/ann/.aws/credentials stay', 'short words and /home/ann/.aws/credentials stay'],
  ['mail ann@example.org, s3://bucket/office@home', 'mail ann@example.org, s3://bucket/office@home'],
])('%s', (text, safe) => expect(redact(text)).toBe(safe));
