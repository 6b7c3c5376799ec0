// Text as it is, for somebody who says yes to it: the same everywhere.
export * from '@countersign/protocol/exact';
