// One peer, and the messages that arrive at it; most make it abort. Its answers and its ending are those of the library.
import { noble } from '../../crypto/noble.ts';
import type { RequirementId } from '../../generated/requirements.ts';
import type { Delivery, FileOf } from './format.ts';
import { framing } from './framing.ts';
import { handshakes } from './handshakes.ts';
import { identities } from './identities.ts';
import type { Planned } from './planned.ts';
import { endingOf, player } from './play.ts';
import { content } from './tampering.ts';
import { vector } from './vectorOctets.ts';

const { play } = player(identities.cases, handshakes.cases);

/** The requirements that every abort shows. */
const ofAborts: readonly RequirementId[] = ['PQ-3-04', 'PQ-3-11', 'PQ-P-02', 'PQ-P-03'];

function delivery({
  name,
  about,
  requirements,
  base = 'handshakes/default',
  ends,
  with: given,
  ...rest
}: Planned): Delivery {
  const id = `deliveries/${name}`;
  const more = ends === 'completed' ? [] : ofAborts;
  const planned = {
    ...vector(id, about, ...requirements, ...more),
    base,
    ...(given === undefined ? {} : { with: given }),
    ...rest,
  };
  const { sends, outcome, endedAt } = play(planned, noble);
  const ending = endingOf(outcome);
  const found = ending?.status === 'failed' ? ending.code : (ending?.status ?? 'awaiting');
  if (ending === undefined || found !== ends) throw new Error(`${id}: ${found}, not ${ends}`);
  if (endedAt !== rest.arrivals.length) throw new Error(`${id}: ended with arrival ${endedAt}`);
  return { ...planned, sends, outcome: ending };
}

const planned = [...framing, ...content];
export const deliveries: FileOf<'deliveries'> = { kind: 'deliveries', cases: planned.map(delivery) };
