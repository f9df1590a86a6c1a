// Who shows its certificate first, on octets (PQ-P-12): a peer that speaks second sends no certificate to a stranger.
import { expect, it } from 'vitest';
import { createTrustAnchor } from '../../src/certificate/issue/issue.ts';
import { parseTrustAnchor } from '../../src/certificate/trustAnchor.ts';
import { noble } from '../../src/crypto/noble.ts';
import type { MessageName } from '../../src/generated/messages.ts';
import { initiator, responder } from '../../src/handshake/handshake.ts';
import type { Schedule } from '../../src/protocol/parameters.ts';
import type { Role } from '../../src/role.ts';
import { anchorFor, converse, credentialsFor, issuerSeed, time, validity, valueFrom } from './peers.ts';

const another = createTrustAnchor({
  ...{ suite: noble, name: 'Another CA', seed: issuerSeed, serialNumber: Uint8Array.of(9) },
  ...validity,
});
const foreign = valueFrom(parseTrustAnchor(noble, another));

/** What bob sends in a role to a peer that speaks at once, whose certificate bob's authority signed, or another one. */
function sentBy(role: Role, schedule: Schedule, trusted: boolean): MessageName[] {
  const sent: MessageName[] = [];
  const who = (name: string) => ({
    ...{ suite: noble, time, credentials: credentialsFor(noble, name), expectedPeer: 'anyone' as const },
  });
  const bob = { ...who('bob'), trustAnchors: [trusted ? anchorFor(noble) : foreign], schedule };
  const peer = { ...who('alice'), trustAnchors: [anchorFor(noble)] };
  converse(
    initiator(role === 'initiator' ? bob : peer),
    responder(role === 'responder' ? bob : peer),
    ({ message, octets }) => {
      if (message.startsWith(role)) sent.push(message);
      return [octets];
    },
  );
  return sent;
}

it.each([
  ['initiator', 'responder'],
  ['responder', 'initiator'],
] as const)('a %s that speaks second sends a stranger its hello, and no certificate', (role, other) => {
  expect(sentBy(role, { first: other }, false)).toEqual([`${role}Hello`]);
  expect(sentBy(role, { first: other }, true)).toContain(`${role}Certificate`);
  for (const schedule of ['eager', { first: role }] as const) {
    expect(sentBy(role, schedule, false)).toEqual([`${role}Hello`, `${role}Certificate`]);
  }
});
