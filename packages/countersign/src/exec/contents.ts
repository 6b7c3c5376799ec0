// Whether a file that was looked at still says the same, to its last byte. Its size and its times do not tell: what is mapped for
// writing is written to without a mark. So it is read again, but where nobody else than root could have been at it.
import { hashOf, isLarge, isSame, isStillThere, isUnchanged, type OpenFile, withFile } from './file.ts';
import { isFixed } from './file-rights.ts';
import type { Reading } from './reading.ts';

interface How {
  /** For all files of one look together. */
  readonly reading: Reading;
  /** Of which large files the mark is enough. */
  readonly isSure?: typeof isFixed;
}

/** What is held open: also where another file has its name by now. */
export async function isContent(
  file: OpenFile,
  sha256: string,
  { reading, isSure = isFixed }: How,
): Promise<boolean> {
  if (isLarge(file) && (await isSure(file)) && (await isUnchanged(file))) return true;
  return (await hashOf(file.handle, reading)) === sha256;
}

/** What is opened by its path, by whoever reads it. */
export async function isStillContent(
  file: Omit<OpenFile, 'handle' | 'head'>,
  sha256: string,
  how: Pick<How, 'reading'>,
): Promise<boolean> {
  const read = await withFile(
    file.asked,
    async (opened) =>
      opened.path === file.path && isSame(opened.seen, file.seen) && (await isContent(opened, sha256, how)),
  );
  // By which file it is, too: what was put in its place for a moment and taken away again was read.
  return read === true && (await isStillThere(file));
}
