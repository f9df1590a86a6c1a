// Groups of requirements that many vectors share.
import type { RequirementId } from '../../generated/requirements.ts';

/** Some requirements if a condition holds, else none. */
export const stated = (holds: boolean, ...ids: readonly RequirementId[]): readonly RequirementId[] =>
  holds ? ids : [];

/** The requirements that every derivation of keys shows. */
export const ofKeys: readonly RequirementId[] = [
  'PQ-3.2-02',
  'PQ-3.1-15',
  'PQ-3.4-01',
  'PQ-3.4.1-01',
  'PQ-3.4.1-02',
  'PQ-3.4.2-01',
  'PQ-3.4.2-02',
  'PQ-3.5-01',
  'PQ-3.5-02',
  'PQ-3.5-03',
  'PQ-P-33',
  'PQ-P-34',
  'PQ-3-17',
  'PQ-3.1-12',
  'PQ-3.1-13',
];

/** The requirements that every completed handshake shows. */
export const ofHandshakes: readonly RequirementId[] = [
  'PQ-1-02',
  'PQ-1.2-01',
  'PQ-1.2-02',
  'PQ-1.2-03',
  'PQ-1.2-04',
  'PQ-1.2-05',
  'PQ-1.2-06',
  'PQ-3-01',
  'PQ-3-02',
  'PQ-3-03',
  'PQ-3-19',
  'PQ-3-20',
  'PQ-3.1-01',
  'PQ-3.1-02',
  'PQ-3.1-03',
  'PQ-3.1-04',
  'PQ-3.1-07',
  'PQ-3.1-08',
  'PQ-3.1-09',
  'PQ-3.1-10',
  'PQ-3.1-11',
  'PQ-3.2-01',
  'PQ-3.2-04',
  'PQ-3.2-05',
  'PQ-3.2-06',
  'PQ-3.2.3-01',
  'PQ-3.2.4-01',
  'PQ-3.3-01',
  'PQ-3.3.1-01',
  'PQ-3.3.2-01',
  'PQ-3.5-04',
  'PQ-4-01',
  'PQ-4.1-01',
  'PQ-4.1-03',
  'PQ-4.1-05',
];
