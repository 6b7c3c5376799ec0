import { HARNESSES } from '../channel/all.ts';
import { pairingCases } from './pairing-cases.ts';

for (const harness of HARNESSES) pairingCases(harness);
