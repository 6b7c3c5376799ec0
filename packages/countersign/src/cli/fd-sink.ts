// Bytes to one of our own descriptors, as they come and in order. Written past Node's streams: those end this process when the
// reader goes away, and a command that we ran has to learn of that itself.
import { write } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';

/** A descriptor that does not wait is tried again. */
const AGAIN_MS = 5;

export function fdSink(fd: number): { write(bytes: Uint8Array): Promise<boolean> } {
  return {
    async write(bytes) {
      for (let at = 0; at < bytes.length; ) {
        const done = await part(fd, bytes.subarray(at));
        if (done === null) return false;
        if (done === 0) await pause(AGAIN_MS);
        at += done;
      }
      return true;
    },
  };
}

/** How much was taken; null: nobody reads there any more. */
function part(fd: number, bytes: Uint8Array): Promise<number | null> {
  return new Promise((resolve) => {
    write(fd, bytes, (error, written) => {
      if (error === null) resolve(written);
      else resolve(error.code === 'EAGAIN' ? 0 : null);
    });
  });
}
