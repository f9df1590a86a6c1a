// The handshakes of a tester that goes on with a channel: the outer one, and those inside.

import { parseCertificate } from '../../../certificate/parse.ts';
import type { ReadingChoice } from '../../../generated/keySchedule.ts';
import type { ExpectedPeer } from '../../../handshake/expectedPeer.ts';
import { type Handshake, initiator, responder } from '../../../handshake/handshake.ts';
import type { Case } from '../case.ts';
import { anchorOf, type Identity, type Material } from '../material.ts';

/** Makes a handshake of the tester with the peer of a case. */
export function handshakeWith(
  { peer, psk }: Case,
  { certificate, key }: Identity,
  material: Material,
  reading: ReadingChoice,
  expectedPeer: ExpectedPeer,
): Handshake {
  const { suite } = material;
  const parsed = parseCertificate(certificate, suite.algorithms);
  if (!parsed.ok) throw new TypeError(`the tester has no valid certificate: ${parsed.code}`);
  return (peer === 'responder' ? initiator : responder)({
    ...{ suite, allowedSuites: [suite.algorithms.name], reading, expectedPeer, time: new Date() },
    credentials: { certificate: parsed.value, decapsulationKey: key },
    trustAnchors: [anchorOf(material)],
    preSharedSecret: psk?.tester === 'own' ? material.preSharedSecret : undefined,
  });
}
