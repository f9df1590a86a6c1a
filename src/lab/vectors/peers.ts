// Deliveries to a peer that differs from the other in what it is given, or whose peer shows what it should not.

import { defaultChoice, type ReadingChoice } from '../../generated/keySchedule.ts';
import type { RequirementId } from '../../generated/requirements.ts';
import { fromHex, toHex } from '../../octets.ts';
import { otherRole, type Role } from '../../role.ts';
import { badModulus, refusals } from './certificates.ts';
import type { Arrival } from './format.ts';
import { planOf, plans } from './handshakes.ts';
import { carol, namesake, narrow, revocationList, stranger } from './identities.ts';
import { all, arriving, confirmed, type Planned, roles } from './planned.ts';
import { nameOf, simpleReadings } from './readings.ts';
import { type Plan, run } from './run.ts';
import { coins } from './vectorOctets.ts';

const [made] = plans;
if (made === undefined) throw new Error('no handshake');
const honest = planOf(made);

/** The messages of a dishonest peer, in the place of those of the default handshake. */
function dishonest(role: Role, party: Partial<Plan['initiator']>, type: number): Arrival {
  const liar = otherRole(role);
  const { messages } = run({ ...honest, [liar]: { ...honest[liar], ...party } });
  return { octets: messages.find((one) => one.type === type)?.octets ?? '' };
}

/** Peers that show a wrong certificate, or that have other inputs than their peer. */
const peers: readonly Planned[] = roles.flatMap((role): readonly Planned[] => {
  const [first, certificate, , confirmation] = arriving[role];
  const shown = {
    ...refusals,
    modulus: {
      certificate: badModulus,
      code: 'invalid-encapsulation-key',
      about: 'the subject key fails the modulus check',
      requirements: ['PQ-P-27'],
    },
  } as const;
  const names = [
    'not-der',
    'octet-behind',
    'ml-kem-768',
    'ml-dsa-65',
    'more-usages',
    'signature-changed',
    'other-issuer',
    'modulus',
  ] as const;
  const valid: RequirementId = role === 'initiator' ? 'PQ-3.1-05' : 'PQ-3.1-06';
  const judged = (
    name: string,
    about: string,
    given: Planned['with'],
    ends: Planned['ends'],
    ...requirements: RequirementId[]
  ): Planned => ({
    name: `certificate/${role}/${name}`,
    about,
    role,
    with: given,
    ends,
    requirements: [valid, 'PQ-3.1-07', ...requirements],
    arrivals: [{ message: first }, { message: certificate }],
  });
  const differs = (name: string, about: string, base: string, ss_pre: string): Planned => ({
    name: `psk/${role}/${name}`,
    about,
    role,
    base,
    with: { ss_pre },
    ends: 'decryption-failed',
    requirements: ['PQ-P-23', 'PQ-3.2-03'],
    arrivals: [{ message: first }, { message: certificate }],
  });
  const untrusted = ['PQ-P-17', 'PQ-3.2-06', 'PQ-3.2-07'] as const;
  return [
    ...names.map((name): Planned => {
      const { certificate: der, code, about, requirements } = shown[name];
      return {
        name: `certificate/${role}/${name}`,
        about,
        role,
        requirements: [valid, 'PQ-3.1-07', ...requirements],
        arrivals: [{ message: first }, dishonest(role, { certificate: der }, certificate)],
        ends: code,
      };
    }),
    judged(
      'too-early',
      'a second before the validity period',
      { clock: '2025-12-31T23:59:59Z' },
      'certificate-outside-validity',
      'PQ-P-16',
    ),
    judged(
      'too-late',
      'a second after the validity period',
      { clock: '2030-01-01T00:00:00Z' },
      'certificate-outside-validity',
      'PQ-P-16',
    ),
    judged(
      'untrusted',
      'the trust anchor is another authority',
      { trustAnchors: [stranger.id] },
      'certificate-untrusted',
      ...untrusted,
      'PQ-P-18',
    ),
    judged(
      'namesake',
      'the trust anchor is another authority of the same name',
      { trustAnchors: [namesake.id] },
      'certificate-untrusted',
      ...untrusted,
    ),
    judged(
      'constraint',
      'the trust anchor permits URIs of example.org only',
      { trustAnchors: [narrow.id] },
      'certificate-constraint',
      'PQ-P-71',
    ),
    judged(
      'revoked',
      'the revocation list of the issuer names the certificate',
      { revocationLists: [revocationList('2028-01-01T00:00:00Z', 'alice', 'bob')] },
      'certificate-revoked',
      'PQ-P-72',
    ),
    judged(
      'revocation-list-too-old',
      'a revocation list of the issuer is configured, and its next update is past',
      { revocationLists: [revocationList('2026-12-31T23:59:59Z', 'carol')] },
      'certificate-revocation-unknown',
      'PQ-P-73',
    ),
    {
      name: `impostor/${role}`,
      about: 'a peer shows a certificate whose key it has not',
      role,
      requirements: ['PQ-3-22', ...confirmed],
      ends: 'wrong-confirmation',
      arrivals: [...all(role).slice(0, 3), dishonest(role, { seed: fromHex(carol.seed) }, confirmation)],
    },
    differs(
      'other',
      'the peers have different pre-shared secrets',
      'handshakes/default/psk',
      toHex(coins('psk', 'other', 32)),
    ),
    {
      name: `psk/${role}/zero-octet`,
      about: 'the secret of this peer has a zero octet more at the end: it is the same key of an HMAC',
      role,
      base: 'handshakes/default/psk',
      with: { ss_pre: `${toHex(coins('handshakes/default/psk', 'ss_pre', 32))}00` },
      ends: 'completed',
      requirements: ['PQ-P-23'],
      arrivals: all(role),
    },
    differs('missing', 'only the other peer has a pre-shared secret', 'handshakes/default/psk', ''),
    differs('alone', 'only this peer has a pre-shared secret', 'handshakes/default', toHex(coins('psk', 'alone', 32))),
  ];
});

/** Peers of different readings. */
const readings: readonly Planned[] = roles.flatMap((role) =>
  simpleReadings
    .filter((choice) => nameOf(choice) !== nameOf(defaultChoice))
    .map((reading: ReadingChoice): Planned => {
      const early =
        reading.hidingKey !== defaultChoice.hidingKey || reading.associatedData !== defaultChoice.associatedData;
      return {
        name: `reading/${role}/${nameOf(reading)}`,
        about: `this peer reads ${nameOf(reading)}, the other the default`,
        role,
        with: { reading },
        requirements: ['PQ-P-14'],
        arrivals: all(role).slice(0, early ? 2 : 4),
        ends: early ? 'decryption-failed' : 'wrong-confirmation',
      };
    }),
);

/** Identity failures: they come after both confirmations, whoever speaks first. */
const identity: readonly Planned[] = roles.flatMap((role): readonly Planned[] => {
  const requirements: readonly RequirementId[] = ['PQ-3-08', 'PQ-3-10', 'PQ-3.2-08', 'PQ-P-07', 'PQ-P-08', 'PQ-P-09'];
  const expects = (name: string, expectedPeer: string, base = 'handshakes/default'): Planned => ({
    name: `identity/${role}/${name}`,
    about: `the peer is valid, but ${expectedPeer} is expected`,
    role,
    base,
    with: { expectedPeer },
    requirements,
    arrivals: all(role),
    ends: 'unexpected-peer',
  });
  return [
    expects('common-name', 'carol'),
    expects('subject', 'CN=carol'),
    expects('uri', 'URI:https://carol.example/agent'),
    expects('initiator-first', 'carol', 'handshakes/default/initiator-first'),
    expects('responder-first', 'carol', 'handshakes/default/responder-first'),
    {
      name: `identity/${role}/own-certificate`,
      about: 'the peer shows the same certificate',
      role,
      base: 'handshakes/own-certificate',
      requirements: ['PQ-3-10', 'PQ-3.2-08', 'PQ-P-05', 'PQ-P-06', 'PQ-P-09'],
      arrivals: all(role),
      ends: 'own-certificate',
    },
  ];
});

/** Certificates, secrets, readings and identities that the peer under test does not accept. */
export const differing: readonly Planned[] = [...peers, ...readings, ...identity];
