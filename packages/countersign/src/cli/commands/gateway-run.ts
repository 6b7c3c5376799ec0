// `gateway run`, in the foreground and as the child of `gateway start`. The child says nothing anywhere but to its
// parent: what it would print holds a claim link, and its output may be a file.
import type { Cli } from '../cli.ts';
import { asProblem } from '../problems.ts';

export async function runHere({ home, env, terminal }: Cli): Promise<void> {
  const { runGateway } = await import('../../gateway/run.ts');
  await runGateway({ home, env, terminal });
}

export async function runDetached({ home, env }: Cli): Promise<void> {
  // No listener on the channel to the parent: one would keep this process alive after its work has failed.
  const silent = { out: () => {}, err: () => {}, isTTY: false };
  try {
    const { runGateway } = await import('../../gateway/run.ts');
    await runGateway({ home, env, terminal: silent });
  } catch (failure) {
    await tellParent(failure);
    throw failure;
  }
}

function tellParent(failure: unknown): Promise<void> {
  const problem = asProblem(failure);
  return new Promise((resolve) => {
    if (process.send === undefined || !process.connected) resolve();
    else process.send({ ...problem.toJSON(), detail: problem.message }, () => resolve());
  });
}
