// What does not fit in one message: the same everywhere.
export * from '@countersign/protocol/parts';
