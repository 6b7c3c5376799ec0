import { GROUPS } from '../channel/all.ts';
import { pairingCases } from './pairing-cases.ts';

for (const harness of GROUPS.ours) pairingCases(harness);
