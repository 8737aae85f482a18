import { expect, test } from 'vitest';
import { signRequest } from '../../src/s3/sign-request.ts';

const CREDENTIALS = { accessKey: 'AKIAIOSFODNN7EXAMPLE', secretKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY' };
const time = new Date('2013-05-24T00:00:00Z');

// The examples of https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html
test.each([
  [
    'an object, with a header of its own',
    { path: '/test.txt', headers: { range: 'bytes=0-9' } },
    'f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41',
  ],
  [
    'a setting of the bucket',
    { path: '/?lifecycle' },
    'fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543',
  ],
  ['a listing', { path: '/?max-keys=2&prefix=J' }, '34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7'],
])('the signature of a GET of %s is that of the documentation', (_, { path, ...more }, signature) => {
  const url = new URL(`https://examplebucket.s3.amazonaws.com${path}`);
  const signed = signRequest({ method: 'GET', url, region: 'us-east-1', time, ...more }, CREDENTIALS);
  expect(signed['authorization']).toMatch(new RegExp(`Signature=${signature}$`));
});
