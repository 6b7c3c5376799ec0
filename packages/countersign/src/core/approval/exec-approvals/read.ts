// Reads a document into a policy. Version 1 is never weaker here than where it came from (the floor stays, silence denies,
// a rule whose reach cannot be told allows nothing); a document with a mistake changes nothing at all.
import { execApprovalsV1Schema, execApprovalsV2Schema } from '@countersign/protocol/policy';
import { parseStrict } from '@countersign/protocol/strict-json';
import type { Millis } from '../../ports.ts';
import type { Policy } from '../policy.ts';
import type { Read } from './reading.ts';
import { policyOfV1 } from './version-1.ts';
import { policyOfV2 } from './version-2.ts';

/** `current`: what holds now, and goes on to hold where a document of version 1 says nothing. Its version is kept. */
export function readExecApprovals(text: string, current: Policy, now: Millis): Read {
  let document: unknown;
  try {
    document = parseStrict(text);
  } catch (fault) {
    const why = fault instanceof TypeError ? fault.message : 'not JSON';
    return { outcome: 'mistakes', mistakes: [{ path: '', text: why }] };
  }
  const version = versionOf(document);
  if (version === 1) {
    const parsed = execApprovalsV1Schema.safeParse(document);
    return parsed.success ? policyOfV1(parsed.data, current) : mistaken(parsed.error.issues);
  }
  if (version === 2) {
    const parsed = execApprovalsV2Schema.safeParse(document);
    return parsed.success ? policyOfV2(parsed.data, current, now) : mistaken(parsed.error.issues);
  }
  return { outcome: 'mistakes', mistakes: [{ path: 'version', text: 'this must be 1 or 2' }] };
}

function versionOf(document: unknown): unknown {
  return typeof document === 'object' && document !== null && 'version' in document ? document.version : null;
}

interface Issue {
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

function mistaken(issues: readonly Issue[]): Read {
  return {
    outcome: 'mistakes',
    mistakes: issues.map(({ path, message }) => ({ path: path.map(String).join('.'), text: message })),
  };
}
