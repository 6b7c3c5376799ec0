// The public surface of @countersign/protocol. Subpaths (`./client`, `./ids`, `./problem`, …) load less.
export * from './action-digest.ts';
export * from './approval.ts';
export * from './canonical.ts';
export * from './channel-login.ts';
export * from './common.ts';
export * from './display.ts';
export * from './frames.ts';
export * from './gateway.ts';
export * from './identity.ts';
export * from './ids.ts';
export * from './pairing.ts';
export * from './policy.ts';
export * from './problem.ts';
export * from './time.ts';
export * from './token.ts';
export * from './user-map.ts';
