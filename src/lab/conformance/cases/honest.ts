// Handshakes that a peer must accept: sections 1, 3, 4.

import type { Algebra } from '../../../algebra/algebra.ts';
import { headerOctets, sizes } from '../../../generated/constants.ts';
import type { ReadingChoice } from '../../../generated/keySchedule.ts';
import type { Ciphertext } from '../../../generated/kinds.ts';
import type { RequirementId } from '../../../generated/requirements.ts';
import { type Bytes, same } from '../../../octets.ts';
import type { Role } from '../../../role.ts';
import { type Case, type Piece, typeFor } from '../case.ts';
import { unknownExtension } from '../certificates.ts';
import { type Identity, issue, large, type Material, testerName } from '../material.ts';
import { every, flipped } from '../octetEdits.ts';

/** Rules that one alternative of a reading follows. */
const readingRules: readonly {
  readonly axis: keyof ReadingChoice;
  readonly alternative: string;
  readonly rules: readonly RequirementId[];
}[] = [
  { axis: 'transcript', alternative: 'messages', rules: ['PQ-P-30', 'PQ-P-31'] },
  { axis: 'hidingKey', alternative: 'salted', rules: ['PQ-P-25'] },
  { axis: 'hidingKey', alternative: 'bound', rules: ['PQ-3-18'] },
  { axis: 'associatedData', alternative: 'empty', rules: ['PQ-P-52'] },
  { axis: 'keyMaterial', alternative: 'secrets-and-hashes', rules: ['PQ-P-32'] },
  { axis: 'keyMaterial', alternative: 'hiding-key', rules: ['PQ-3-21'] },
  { axis: 'confirmationInput', alternative: 'initiator-first', rules: ['PQ-P-36'] },
  { axis: 'confirmationInput', alternative: 'figure', rules: ['PQ-3.1-16'] },
];

/** The requirements that a completed handshake with the product's state machine shows, for both roles. */
const shown = (peer: Role, reading: ReadingChoice): readonly RequirementId[] => [
  'PQ-3.2-05', // the level of a case is that of its first requirement
  ...(['PQ-1-01', 'PQ-1-02', 'PQ-1.2-01', 'PQ-1.2-02', 'PQ-1.2-03', 'PQ-1.2-04', 'PQ-1.2-05', 'PQ-1.2-06'] as const),
  ...(['PQ-3-01', 'PQ-3-16', 'PQ-3-17', 'PQ-3-19', 'PQ-3-20', 'PQ-3.1-04', 'PQ-3.1-12'] as const),
  ...(['PQ-3.1-13', 'PQ-3.1-14', 'PQ-3.1-15', 'PQ-3.2-02', 'PQ-3.2-04', 'PQ-3.2.2-01'] as const),
  ...(['PQ-3.3-01', 'PQ-3.4-01', 'PQ-3.5-01', 'PQ-3.5-04', 'PQ-3.6-01', 'PQ-4-01', 'PQ-4.1-01'] as const),
  ...(['PQ-4.1-02', 'PQ-4.1-03', 'PQ-4.1-04', 'PQ-4.1-05', 'PQ-4.1-07', 'PQ-4.3-03', 'PQ-4.3-04'] as const),
  ...(['PQ-4.3-05', 'PQ-4.3-06', 'PQ-4.4-01', 'PQ-4.4-02', 'PQ-4.4-03', 'PQ-4.5-03', 'PQ-4.5-04'] as const),
  ...(['PQ-4.6-03', 'PQ-4.6-04', 'PQ-P-33', 'PQ-P-34'] as const),
  ...(['PQ-P-49', 'PQ-P-58'] as const),
  ...readingRules.flatMap(({ axis, alternative, rules }) => (reading[axis] === alternative ? rules : [])),
  ...(peer === 'initiator'
    ? ([
        ...([
          'PQ-3.1-01',
          'PQ-3.1-03',
          'PQ-3.1-08',
          'PQ-3.1-10',
          'PQ-3.2-01',
          'PQ-3.2.3-01',
          'PQ-3.3.1-01',
          'PQ-3.4.1-01',
        ] as const),
        ...(['PQ-3.4.1-02', 'PQ-3.5-02', 'PQ-3.5.1-01', 'PQ-4.2.1-01', 'PQ-4.2.1-02', 'PQ-4.2.1-03'] as const),
        ...(['PQ-4.3-01', 'PQ-4.5-01', 'PQ-4.6-01'] as const),
      ] as const)
    : ([
        ...([
          'PQ-3.1-02',
          'PQ-3.1-09',
          'PQ-3.1-11',
          'PQ-3.2.4-01',
          'PQ-3.3.2-01',
          'PQ-3.4.2-01',
          'PQ-3.4.2-02',
        ] as const),
        ...(['PQ-3.5-03', 'PQ-3.5.2-01', 'PQ-4.2.2-01', 'PQ-4.2.2-02', 'PQ-4.2.2-03', 'PQ-4.3-02'] as const),
        ...(['PQ-4.5-02', 'PQ-4.6-02'] as const),
      ] as const)),
];

/** Cuts octets at places, with a pause between the parts: they come one by one. */
const cutAt =
  (...places: readonly number[]) =>
  (octets: Bytes): Piece[] =>
    [0, ...places].flatMap((from, i): Piece[] => {
      const part = octets.slice(from, places[i] ?? octets.length);
      return part.length === 0 ? [] : [part, { pause: 40 }];
    });

/**
 * A ciphertext that nobody made for the peer's key, and the secret that FIPS 203's decapsulation gives for it. The tester made
 * the key, so it can compute that secret.
 */
function rejectedCiphertext(a: Algebra<Bytes>, { peer }: Material): Algebra<Bytes> {
  return {
    ...a,
    encapsulate: (input) => {
      const encapsulated = a.encapsulate(input);
      const toPeer = same(input.encapsulationKey, peer.key.encapsulationKey);
      if (!encapsulated.ok || !toPeer) return encapsulated;
      const ciphertext = flipped(encapsulated.value.ciphertext, 100) as Ciphertext<Bytes>;
      return { ok: true, value: { ciphertext, sharedSecret: peer.key.decapsulate(ciphertext) } };
    },
  };
}

const largeIdentities = new WeakMap<Material, Identity>();

/** The large identity of a run, which is issued once. */
function largeTester(material: Material): Identity {
  const identity = largeIdentities.get(material) ?? large(material, testerName);
  largeIdentities.set(material, identity);
  return identity;
}

type Honest = Omit<Case, 'peer' | 'expected'>;

const streams: readonly RequirementId[] = ['PQ-P-48'];
const independent: readonly RequirementId[] = ['PQ-3-02', 'PQ-3-03', 'PQ-P-13'];

const honest = (peer: Role, reading: ReadingChoice): readonly Honest[] => [
  { id: 'sanity', title: 'an honest handshake', requirements: shown(peer, reading) },
  {
    id: 'psk',
    title: 'an honest handshake with a pre-shared secret',
    psk: { tester: 'own', peer: 'own' },
    requirements: ['PQ-3.2-03', 'PQ-1-01', 'PQ-3.2.1-01', 'PQ-P-24'],
  },
  {
    id: 'tester-late',
    title: 'the tester sends its message of a step after the peer’s',
    requirements: [...independent, 'PQ-P-12'],
    order: 'late',
  },
  {
    id: 'tester-late-psk',
    title: 'the same with a pre-shared secret',
    psk: { tester: 'own', peer: 'own' },
    requirements: [...independent, 'PQ-3.2-03'],
    order: 'late',
  },
  {
    id: 'coalesced',
    title: 'messages that may travel together come in one write',
    requirements: [...streams, 'PQ-3-02'],
    order: 'paired',
  },
  {
    id: 'coalesced-otherwise',
    title: 'messages that may travel together come in one write, in the other pairs that there are',
    requirements: [...streams, 'PQ-3-02'],
    order: 'straddled',
  },
  { id: 'one-octet-a-write', title: 'one octet in each write', requirements: streams, segments: every(1) },
  { id: 'seven-octets-a-write', title: 'seven octets in each write', requirements: streams, segments: every(7) },
  {
    id: 'header-apart',
    title: 'the header comes before the data',
    requirements: streams,
    segments: cutAt(headerOctets),
  },
  { id: 'header-cut', title: 'the header comes in two parts', requirements: streams, segments: cutAt(2) },
  {
    id: 'first-octet-apart',
    title: 'the first octet comes before the rest',
    requirements: streams,
    segments: cutAt(1),
  },
  {
    id: 'header-and-an-octet',
    title: 'the header and one octet come before the rest',
    requirements: streams,
    segments: cutAt(5),
  },
  {
    id: 'cut-in-the-middle',
    title: 'every message comes in two parts',
    requirements: streams,
    segments: (o) => cutAt(o.length >> 1)(o),
  },
  {
    id: 'last-octet-apart',
    title: 'the last octet comes after the rest',
    requirements: streams,
    segments: (o) => cutAt(o.length - 1)(o),
  },
  {
    id: 'coalesced-and-cut',
    title: 'messages together, cut in the middle of each',
    requirements: streams,
    order: 'paired',
    segments: (o) => cutAt(700, o.length - 700)(o),
  },
  {
    id: 'slow',
    title: 'half a second between messages',
    requirements: ['PQ-3-07', 'PQ-P-48'],
    segments: (o) => [{ pause: 500 }, o],
  },
  {
    id: 'large-certificate',
    title: 'a certificate that almost fills its message',
    requirements: ['PQ-4.1-06', 'PQ-4.1-04'],
    identity: largeTester,
  },
  {
    id: 'large-certificate-cut',
    title: 'the same in writes of 1,000 octets',
    requirements: ['PQ-4.1-06', 'PQ-P-48'],
    identity: largeTester,
    segments: every(1_000),
  },
  {
    id: 'large-own-certificate',
    title: 'the peer shows a certificate that almost fills its message',
    peerCertificate: 'large',
    requirements: ['PQ-4.1-06'],
  },
  {
    id: 'alternative-names',
    title: 'the tester’s certificate has URIs as alternative names',
    requirements: ['PQ-4.4-01'],
    identity: (material) =>
      issue(material, { uris: ['https://tester.example/agent', 'urn:uuid:1b4e28ba-2fa1-11d2-883f-0016d3cca427'] }),
  },
  {
    id: 'far-validity',
    title: 'the tester’s certificate is valid beyond 2050, which X.509 writes otherwise',
    requirements: ['PQ-4.4-01', 'PQ-P-16'],
    identity: (material) => issue(material, { to: 24 * 365 * 40 }),
  },
  {
    id: 'unknown-extension',
    title: 'the tester’s certificate has an unknown extension that is not critical',
    requirements: ['PQ-4.4-01'],
    identity: unknownExtension(false),
  },
  {
    id: 'rejected-ciphertext',
    title: 'a wrong ciphertext, and the secret that FIPS 203 gives for it: nobody can tell',
    algebra: rejectedCiphertext,
    requirements: ['PQ-1.1-04', 'PQ-3-09', 'PQ-3-13', 'PQ-3.2-11', 'PQ-3.2-12', 'PQ-P-29'],
  },
];

/** Fields that must not repeat. */
function freshness(peer: Role): Honest[] {
  const data = headerOctets + sizes.initialVector;
  const hello: Honest =
    peer === 'initiator'
      ? {
          id: 'fresh-pk_e',
          title: 'pk_e differs in every handshake',
          requirements: ['PQ-4.2.1-04', 'PQ-P-28', 'PQ-3-20'],
          fresh: { turn: 1, from: headerOctets, to: headerOctets + sizes.encapsulationKey },
        }
      : {
          id: 'fresh-ct_e',
          title: 'ct_e differs in every handshake',
          requirements: ['PQ-P-28', 'PQ-3-20'],
          fresh: { turn: 1, from: headerOctets, to: headerOctets + sizes.ciphertext },
        };
  return [
    hello,
    {
      id: 'fresh-IV',
      title: 'the initial vector differs in every handshake',
      requirements: ['PQ-P-51'],
      fresh: { turn: 2, from: headerOctets, to: data },
    },
    {
      id: 'fresh-ct',
      title: `the ciphertext to the tester’s key differs in every handshake`,
      requirements: ['PQ-P-28', 'PQ-3.3-01'],
      fresh: { turn: 3, from: headerOctets, to: headerOctets + sizes.ciphertext },
    },
  ];
}

/** The peer must wait: it sends no message of a step before the step before it is complete (PQ-3-03). */
const waits = (peer: Role): Honest[] =>
  ([2, 3, 4] as const).map((turn) => ({
    id: `waits-for-message-${typeFor(peer, turn)}`,
    title: `message ${typeFor(peer, turn)} comes after a while; meanwhile nothing that depends on it is sent`,
    requirements: ['PQ-3-03', 'PQ-3.1-07', 'PQ-3-01'],
    put: { [turn]: (message: Bytes) => [{ pause: 'quiet' as const }, message] },
  }));

export const honestCases = (peer: Role, reading: ReadingChoice): readonly Case[] =>
  [...honest(peer, reading), ...freshness(peer), ...waits(peer)].map((one) => ({
    ...one,
    peer,
    expected: { outcome: 'completes' },
  }));
