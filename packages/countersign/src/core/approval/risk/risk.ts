// The contract of the classifier: facts in, a tier with its reasons out. The tier comes from our tables and the owner's
// rules; nothing an action says about itself is read (H53).
import type { Tier } from '@countersign/protocol/tier';
import type { Listed } from '../shell/listing.ts';

/** What an action is, as far as its risk goes. `Action` of the wire fits. */
export type ActionFacts =
  | {
      readonly kind: 'exec';
      readonly argv: readonly string[];
      readonly cwd: { readonly path: string };
      readonly env?: Readonly<Record<string, string>>;
      readonly program?: { readonly path: string };
      readonly stdin?:
        | { readonly kind: 'none' | 'terminal' }
        | { readonly kind: 'bytes'; readonly size: number };
      readonly host?: string;
    }
  | {
      readonly kind: 'exec';
      readonly shell: string;
      readonly cwd: { readonly path: string };
      readonly env?: Readonly<Record<string, string>>;
      readonly program?: { readonly path: string };
      readonly stdin?:
        | { readonly kind: 'none' | 'terminal' }
        | { readonly kind: 'bytes'; readonly size: number };
      readonly host?: string;
    }
  | {
      readonly kind: 'tool';
      readonly tool: string;
      readonly arguments: Readonly<Record<string, unknown>>;
      readonly cwd: { readonly path: string } | null;
      readonly host?: string;
    }
  | { readonly kind: 'message' };

/** What is Countersign's own on the host that runs the action: nothing may name it. */
export interface Guarded {
  /** Absolute paths: home, sockets, configuration, the program's own folder. */
  readonly paths: readonly string[];
  /** TCP ports the gateway listens on. */
  readonly ports: readonly number[];
  readonly pids: readonly number[];
}

/** A rule of the owner. `command` is words: `*` stands for any one word, a last `**` for any that follow. */
export interface OwnerRule {
  readonly id: string;
  readonly match:
    | { readonly command: readonly string[] }
    | { readonly tool: string }
    | { readonly path: string };
  readonly tier: Tier;
  readonly why: string;
}

/** What a tool does, in the registry of the host: which argument is a shell line, a path, an address. */
export interface ToolRule {
  readonly tier: Tier;
  readonly why: string;
  readonly shell?: readonly string[];
  readonly reads?: readonly string[];
  readonly writes?: readonly string[];
  readonly urls?: readonly string[];
}

export interface RiskContext {
  /** Home of the gateway's own user; null when not known. For rules that name `~`, and where an action does not say its own. */
  readonly home: string | null;
  /** The id of this machine, as actions name it. */
  readonly host?: string;
  /** Homes of the accounts of this machine, as far as it could find out. */
  readonly accounts?: readonly string[];
  /** Whether a folder is the home of an account of this machine, and nobody else's to write in. */
  readonly isHome?: (path: string) => boolean;
  readonly guarded: Guarded;
  readonly rules: readonly OwnerRule[];
  /** Tools by their full name, on top of the built-in ones. */
  readonly tools: Readonly<Record<string, ToolRule>>;
  /** Where a path leads after links, when the host could find out. */
  readonly realPath?: (path: string) => string | null;
}

export interface Reason {
  /** Id of the rule that fired. */
  readonly rule: string;
  readonly tier: Tier;
  /** One sentence for the person who decides. */
  readonly why: string;
  /** Which of `commands` it is about. */
  readonly command?: number;
}

export interface Risk {
  readonly tier: Tier;
  /** Highest tier first; never empty. */
  readonly reasons: readonly Reason[];
  /** Every simple command that would run. */
  readonly commands: readonly Listed[];
  /** May "always allow" be offered for it, and why not. */
  readonly always: { readonly ok: true } | { readonly ok: false; readonly why: string };
}
