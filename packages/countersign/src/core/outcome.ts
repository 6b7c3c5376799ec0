// A denial is a value with a reason; what must be added to make it a yes is a value too.

export type Outcome<Need = never> =
  | { readonly outcome: 'allow' }
  | { readonly outcome: 'deny'; readonly reason: string }
  | ([Need] extends [never] ? never : { readonly outcome: 'require'; readonly need: Need });

export const ALLOW = { outcome: 'allow' } as const;

export function deny<R extends string>(reason: R): { readonly outcome: 'deny'; readonly reason: R } {
  return { outcome: 'deny', reason };
}
