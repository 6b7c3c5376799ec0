// The road to a running gateway. What must hold: an answer is whole or it is a failure, slow is said to be slow (O-10),
// and a socket left behind by a dead gateway is told apart from one that broke in the middle.
import { createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { Problem } from '@countersign/protocol/problem';
import { expect, onTestFinished, test } from 'vitest';
import { makeHome } from './fixtures/stand-in.ts';
import { NotListening, socketFetch } from './socket-fetch.ts';

async function serve(talk: (socket: Socket) => void): Promise<string> {
  const path = join(makeHome(), 's.sock');
  const sockets = new Set<Socket>();
  const server: Server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.once('data', () => talk(socket));
  });
  await new Promise<void>((resolve) => server.listen(path, resolve));
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return path;
}

const get = (path: string, ms = 5000) => socketFetch(path, ms)('/x', { method: 'GET' });

test('an answer with a length comes whole', async () => {
  const path = await serve((socket) =>
    socket.end('HTTP/1.1 201 Created\r\nContent-Length: 5\r\n\r\nhällo'.replace('5', '6')),
  );
  const answer = await get(path);
  expect([answer.status, await answer.text()]).toEqual([201, 'hällo']);
});

test('an answer in chunks comes whole, a character split over two of them too', async () => {
  const path = await serve((socket) => {
    socket.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2;x=y\r\nh');
    socket.write(Buffer.from([0xc3]));
    socket.write('\r\n1\r\n');
    socket.write(Buffer.from([0xa4]));
    socket.end('\r\n0\r\n\r\n');
  });
  expect(await (await get(path)).text()).toBe('hä');
});

test.each([
  'HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\n{"items":[]}',
  'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n',
  'HTTP/1.1 200 OK\r\nConte',
  'SSH-2.0-OpenSSH\r\n\r\n',
  '',
])('an answer that ends too early is a failure, never a short answer: %j', async (bytes) => {
  const path = await serve((socket) => socket.end(bytes));
  await expect(get(path).then((answer) => answer.text())).rejects.toMatchObject({ code: 'gateway_down' });
});

test('O-10: a gateway that does not answer in time is said to be slow, and nothing else', async () => {
  const path = await serve(() => {});
  const failure = await get(path, 30).catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(Problem);
  expect(failure).toMatchObject({ code: 'gateway_timeout', exit: 16 });
  expect(String(failure)).toContain('did not answer within');
});

test('no socket, and a socket nobody listens on, are NotListening: nothing was sent', async () => {
  await expect(get(join(makeHome(), 'none.sock'))).rejects.toBeInstanceOf(NotListening);
  const path = await serve((socket) => socket.destroy());
  await expect(get(path)).rejects.not.toBeInstanceOf(NotListening);
});

test('headers go along; what could begin another line is refused before anything is sent', async () => {
  const path = await serve((socket) => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n'));
  const call = (headers: Record<string, string>) => socketFetch(path, 5000)('/x', { method: 'GET', headers });
  await expect(call({ 'x-proof': 'a\r\nhost: b' })).rejects.toMatchObject({ code: 'request_malformed' });
  expect((await call({ 'x-proof': 'totp 123456' })).status).toBe(200);
});
