// The system's clock, behind the Clock port. Nothing else in the project asks what time it is.
import type { Clock } from '../core/ports.ts';

export const systemClock: Clock = { now: () => Date.now() };
