import { once } from 'node:events';
import http from 'node:http';
import net, { type AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { startCountingForwarder } from '../../src/s3/counting-forwarder.ts';
import { startTestEndpoint } from '../kit/s3-endpoint.ts';

async function startBoth() {
  const endpoint = await startTestEndpoint('bench');
  const forwarder = await startCountingForwarder(endpoint.url);
  onTestFinished(() => forwarder.close());
  return { endpoint, forwarder };
}

test('a request arrives as it was signed: with the host, headers and body that the client sent', async () => {
  const { endpoint, forwarder } = await startBoth();
  const body = Buffer.alloc(300_000, 7);
  await fetch(`${forwarder.endpoint}/bench`, { method: 'PUT' });
  const answer = await fetch(`${forwarder.endpoint}/bench/a%20key?x=1`, {
    method: 'PUT',
    body,
    headers: { authorization: 'signed', 'X-Amz-Meta-Case': 'kept' },
  });

  expect(answer.status).toBe(200);
  expect(answer.headers.get('x-amz-request-id')).toBe('an id');
  const arrived = endpoint.received.at(-1)!;
  expect(arrived.line).toBe('PUT /bench/a%20key?x=1');
  expect(arrived.headers).toMatchObject({
    host: new URL(forwarder.endpoint).host,
    authorization: 'signed',
    'x-amz-meta-case': 'kept',
  });
  expect(arrived.body.equals(body)).toBe(true);
});

test('requests are counted by kind, from one asking to the next', async () => {
  const { forwarder } = await startBoth();
  const send = (method: string, path: string) => fetch(`${forwarder.endpoint}${path}`, { method });
  await send('PUT', '/bench');
  await send('GET', '/bench?list-type=2&prefix=a');
  await send('GET', '/bench/?location=');
  await send('GET', '/bench/object?prefix=of-an-object');
  await send('HEAD', '/bench/object');
  await send('HEAD', '/bench/missing');
  expect(forwarder.takeCounts()).toEqual({ PUT: 1, LIST: 1, GET: 2, HEAD: 2 });
  expect(forwarder.takeCounts()).toEqual({});
});

test('an answer that breaks off breaks off for the client, too', async () => {
  const server = http.createServer((_, response) => {
    response.writeHead(200, { 'content-length': '100' });
    response.write('half of it');
    setTimeout(() => response.destroy(), 20);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const forwarder = await startCountingForwarder(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  onTestFinished(() => forwarder.close());
  const answer = await fetch(forwarder.endpoint);
  await expect(answer.text()).rejects.toThrow();
});

test('a refusal arrives though the server reads no more of the body', async () => {
  const server = net.createServer((socket) => {
    socket.on('error', () => {});
    socket.once('data', () => {
      socket.pause();
      socket.write('HTTP/1.1 403 Forbidden\r\nContent-Length: 7\r\nConnection: close\r\n\r\nrefused');
      setTimeout(() => socket.destroy(), 100);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const forwarder = await startCountingForwarder(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  onTestFinished(() => forwarder.close());

  const sending = http.request(forwarder.endpoint, { method: 'PUT' });
  // A client that listens only when it has sent everything has to get that far.
  const sent = once(sending, 'finish');
  const answered = once(sending, 'response') as Promise<[http.IncomingMessage]>;
  sending.end(Buffer.alloc(20_000_000));
  const [[answer]] = await Promise.all([answered, sent]);
  expect(answer.statusCode).toBe(403);
  await once(answer.resume(), 'end');
}, 5_000);

test.each([
  ['asked for', 'continue', 200],
  ['refused', 'refuse', 403],
] as const)('a body that waits to be asked for is %s by the server', async (_, decision, status) => {
  let bodyBytes = 0;
  const server = http.createServer();
  server.on('checkContinue', (request: http.IncomingMessage, response: http.ServerResponse) => {
    if (decision === 'refuse') return void response.writeHead(403).end();
    response.writeContinue();
    request.on('data', (part: Buffer) => (bodyBytes += part.length));
    request.on('end', () => response.end());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const forwarder = await startCountingForwarder(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  onTestFinished(() => forwarder.close());

  const headers = { expect: '100-continue', 'content-length': 1000 };
  const sending = http.request(forwarder.endpoint, { method: 'PUT', headers });
  sending.once('continue', () => sending.end(Buffer.alloc(1000))).flushHeaders();
  const [answer] = (await once(sending, 'response')) as [http.IncomingMessage];
  expect(answer.statusCode).toBe(status);
  expect(bodyBytes).toBe(decision === 'continue' ? 1000 : 0);
  answer.resume();
  sending.on('error', () => {}).destroy();
});

test('a server that is not there breaks the connection and does not end the bench', async () => {
  const forwarder = await startCountingForwarder('http://127.0.0.1:1');
  onTestFinished(() => forwarder.close());
  await expect(fetch(forwarder.endpoint)).rejects.toThrow();
  expect(forwarder.takeCounts()).toEqual({ GET: 1 });
});
