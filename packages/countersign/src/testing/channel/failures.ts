// How sends fail, as core is told of it: one problem for each way a vendor says no.
import { Problem, type ProblemCode } from '@countersign/protocol/problem';

export const FAILURE_CODES = {
  unreachable: 'channel_unreachable',
  rate_limited: 'rate_limited',
  refused: 'channel_refused',
  cannot_initiate: 'channel_cannot_initiate',
} as const satisfies Record<string, ProblemCode>;

export type VendorFailure = keyof typeof FAILURE_CODES;

export const VENDOR_FAILURE_KINDS = Object.keys(FAILURE_CODES).filter((name): name is VendorFailure =>
  Object.hasOwn(FAILURE_CODES, name),
);

export const VENDOR_FAILURES: Readonly<Record<VendorFailure, () => Problem>> = {
  unreachable: () => new Problem('channel_unreachable'),
  rate_limited: () => new Problem('rate_limited', { members: { retryAfter: 3 } }),
  refused: () => new Problem('channel_refused'),
  cannot_initiate: () => new Problem('channel_cannot_initiate'),
};
