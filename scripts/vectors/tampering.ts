// Deliveries that a peer judges by cryptography, certificates and identity; and those with which it completes.
import { noble } from '../../src/crypto/noble.ts';
import { defaultChoice, type ReadingChoice } from '../../src/generated/keySchedule.ts';
import type { RequirementId } from '../../src/generated/requirements.ts';
import type { Role } from '../../src/protocol/parameters.ts';
import { badModulus, refusals } from './certificates.ts';
import type { Arrival, Change } from './format.ts';
import { handshakes, planOf, plans } from './handshakes.ts';
import { carol, identities, namesake, stranger } from './identities.ts';
import { coins, hex, octetsOfHex } from './octets.ts';
import type { Planned } from './planned.ts';
import { player } from './play.ts';
import { nameOf, simpleReadings } from './readings.ts';
import { type Plan, run } from './run.ts';

const roles: readonly Role[] = ['initiator', 'responder'];
/** The messages that arrive at a role, in order. */
const arriving = { initiator: [2, 4, 6, 8], responder: [1, 3, 5, 7] } as const;
const all = (role: Role, of?: string): Arrival[] =>
  arriving[role].map((message) => ({ message, ...(of === undefined ? {} : { of }) }));
/** All messages, one of them changed. */
const withChange = (role: Role, at: number, change: Change): Arrival[] =>
  arriving[role].map((message, index) => (index === at ? { message, ...change } : { message }));

const found = handshakes.cases[0];
const made = plans[0];
if (found === undefined || made === undefined) throw new Error('no handshake');
const honest = planOf(made);
const octetOf = (message: number, offset: number): number =>
  octetsOfHex(found.messages.find(({ type }) => type === message)?.octets ?? '')[offset] ?? 0;
const lengthOf = (message: number): number =>
  (found.messages.find(({ type }) => type === message)?.octets.length ?? 0) / 2;
/** A message with the lowest bit of one octet changed; a negative offset counts from its end. */
function flip(message: number, offset: number): Change {
  const at = offset < 0 ? lengthOf(message) + offset : offset;
  return { patch: [{ offset: at, octets: hex(Uint8Array.of(octetOf(message, at) ^ 1)) }] };
}

const corrupted: readonly RequirementId[] = ['PQ-3-06', 'PQ-3.6-02', 'PQ-3-17'];
const sealed: readonly RequirementId[] = ['PQ-3-06', 'PQ-3.6-02', 'PQ-P-15', 'PQ-4.3-06', 'PQ-3.1-04'];
const confirmed: readonly RequirementId[] = ['PQ-3.5-04', 'PQ-P-37', 'PQ-P-39'];
const implicit: readonly RequirementId[] = ['PQ-1.1-04', 'PQ-3-09', 'PQ-3-13', 'PQ-3.2-11', 'PQ-3.2-12'];

const modulus: Change = { patch: [{ offset: 4, octets: '01ad00' }] };

/** Octets changed on the way. */
const tampered: readonly Planned[] = [
  {
    ...{ name: 'hello/modulus', about: 'the first coefficient of pk_e is q', role: 'responder' },
    ...{ requirements: ['PQ-P-26'], arrivals: [{ message: 1, ...modulus }], ends: 'invalid-encapsulation-key' },
  },
  {
    ...{ name: 'hello/modulus-last', about: 'the last coefficient of pk_e is 4095', role: 'responder' },
    ...{ requirements: ['PQ-P-26'], ends: 'invalid-encapsulation-key' },
    arrivals: [{ message: 1, patch: [{ offset: 4 + 1533, octets: '00f0ff' }] }],
  },
  {
    ...{
      name: 'hello/other-key',
      about: 'a bit of the seed in pk_e is another: ct_e is to another key',
      role: 'responder',
    },
    ...{ requirements: corrupted, ends: 'decryption-failed' },
    arrivals: [{ message: 1, ...flip(1, -1) }, { message: 3 }],
  },
  {
    ...{
      name: 'hello/other-ciphertext',
      about: 'a bit of ct_e is another: the certificate does not open',
      role: 'initiator',
    },
    ...{ requirements: [...corrupted, ...implicit, 'PQ-P-20'], ends: 'decryption-failed' },
    arrivals: [{ message: 2, ...flip(2, 4) }, { message: 4 }],
  },
  ...roles.flatMap((role): readonly Planned[] => {
    const [, certificate, encapsulation, confirmation] = arriving[role];
    const place = `${role === 'initiator' ? 'responder' : 'initiator'}`;
    const refuses = (name: string, about: string, change: Change): Planned => ({
      ...{ name: `${place}Certificate/${name}`, about, role, requirements: sealed, ends: 'decryption-failed' },
      arrivals: withChange(role, 1, change).slice(0, 2),
    });
    const ciphertext = (name: string, about: string, change: Change): Planned => ({
      ...{ name: `${place}Encapsulation/${name}`, about, role, ends: 'wrong-confirmation' },
      requirements: [...corrupted, ...implicit, ...confirmed, 'PQ-P-29'],
      arrivals: withChange(role, 2, change),
    });
    const value = (name: string, about: string, change: Change): Planned => ({
      ...{ name: `${place}Confirmation/${name}`, about, role, ends: 'wrong-confirmation' },
      requirements: ['PQ-3-06', ...confirmed],
      arrivals: withChange(role, 3, change),
    });
    const shorter = lengthOf(certificate) - 1;
    const header = (shorter - 4).toString(16).padStart(4, '0');
    return [
      refuses('other-iv', 'a bit of the initial vector is another', flip(certificate, 4)),
      refuses('other-octet', 'a bit of the encrypted certificate is another', flip(certificate, 4 + 12)),
      refuses('other-tag', 'a bit of the tag is another', flip(certificate, -1)),
      refuses('short-tag', 'the last octet is missing, and the length says so', {
        ...{ patch: [{ offset: 2, octets: header }], length: shorter },
      }),
      ciphertext('first-bit', 'a bit of the ciphertext is another', flip(encapsulation, 4)),
      ciphertext('last-bit', 'a bit of the last octet of the ciphertext is another', flip(encapsulation, -1)),
      ciphertext('zeros', 'a ciphertext of zeros', { patch: [{ offset: 4, octets: '00'.repeat(1568) }] }),
      value('first-bit', 'a bit of the first octet is another', flip(confirmation, 4)),
      value('last-bit', 'a bit of the last octet is another', flip(confirmation, -1)),
      value('zeros', 'zeros', { patch: [{ offset: 4, octets: '00'.repeat(48) }] }),
    ];
  }),
];

/** Messages of other handshakes, and one's own ones. */
const replayed: readonly Planned[] = roles.flatMap((role): readonly Planned[] => {
  const of = 'handshakes/default/initiator-first'; // the same peers, other coins
  const requirements: readonly RequirementId[] = ['PQ-3.6-01', 'PQ-3-20'];
  const own = arriving[role].map((message) => (message % 2 === 1 ? message + 1 : message - 1));
  const retyped = (index: number): Arrival => ({
    message: own[index] ?? 0,
    patch: [{ offset: 1, octets: (arriving[role][index] ?? 0).toString(16).padStart(2, '0') }],
  });
  const first = (index: number): Arrival[] => all(role).slice(0, index);
  return [
    {
      ...{
        name: `replay/${role}/all`,
        about: 'the messages of another handshake of the same peers',
        role,
        requirements,
      },
      ...{ arrivals: all(role, of).slice(0, 2), ends: 'decryption-failed' },
    },
    {
      ...{
        name: `replay/${role}/certificate`,
        about: 'the certificate message of another handshake',
        role,
        requirements,
      },
      ...{ arrivals: [...first(1), ...all(role, of).slice(1, 2)], ends: 'decryption-failed' },
    },
    {
      ...{ name: `replay/${role}/encapsulation`, about: 'the ciphertext of another handshake', role, requirements },
      ...{ arrivals: [...first(2), ...all(role, of).slice(2, 3), ...all(role).slice(3)], ends: 'wrong-confirmation' },
    },
    {
      ...{ name: `replay/${role}/confirmation`, about: 'the confirmation of another handshake', role },
      ...{ requirements: [...requirements, ...confirmed] },
      ...{ arrivals: [...first(3), ...all(role, of).slice(3)], ends: 'wrong-confirmation' },
    },
    {
      ...{ name: `reflection/${role}/confirmation`, about: 'one’s own confirmation value under the other type', role },
      ...{ requirements: confirmed, arrivals: [...first(3), retyped(3)], ends: 'wrong-confirmation' },
    },
    {
      ...{ name: `reflection/${role}/certificate-bound`, role, base: 'handshakes/header' },
      about: 'one’s own certificate message under the other type, in the reading that binds the header',
      // A responder has sent message 4 when it awaits message 3, an initiator message 3 when it awaits message 4.
      ...{ requirements: ['PQ-P-15'], arrivals: [...first(1), retyped(1)], ends: 'decryption-failed' },
    },
  ].map((one) => ({ ...one, about: one.about.replace('’', "'") }) as Planned);
});

/** Everything that the initiator says comes back to it under the other type: it gets as far as confirmation. */
function reflected(): Planned {
  const base = 'handshakes/own-certificate';
  const type = (octets: string) => [{ offset: 1, octets }];
  const arrivals: Arrival[] = [{ message: 2 }, { message: 3, patch: type('04') }, { message: 5, patch: type('06') }];
  const about = 'certificate, ciphertext and confirmation of the initiator come back to it under the other types';
  const rest = { about, base, role: 'initiator', arrivals } as const;
  const { play } = player(identities.cases, handshakes.cases);
  const { sends } = play({ id: 'reflected', version: 1, draft: '', requirements: [], ...rest }, noble);
  const confirmation = sends.flat().find(({ message }) => message === 7)?.octets ?? '';
  return {
    ...{
      ...rest,
      name: 'reflection/initiator/all',
      requirements: [...confirmed, 'PQ-3-22'],
      ends: 'wrong-confirmation',
    },
    arrivals: [...arrivals, { octets: confirmation.replace(/^0107/, '0108') }],
  };
}

/** What a dishonest peer sends in place of a message of the default handshake. */
function dishonest(role: Role, party: Partial<Plan['initiator']>, type: number): Arrival {
  const liar: Role = role === 'initiator' ? 'responder' : 'initiator';
  const { messages } = run({ ...honest, [liar]: { ...honest[liar], ...party } });
  return { octets: messages.find((one) => one.type === type)?.octets ?? '' };
}

/** Peers that show what they should not, or that differ from the other in what they are given. */
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
    ...{ name: `certificate/${role}/${name}`, about, role, with: given, ends },
    ...{
      requirements: [valid, 'PQ-3.1-07', ...requirements],
      arrivals: [{ message: first }, { message: certificate }],
    },
  });
  const differs = (name: string, about: string, base: string, ss_pre: string): Planned => ({
    ...{ name: `psk/${role}/${name}`, about, role, base, with: { ss_pre }, ends: 'decryption-failed' },
    ...{ requirements: ['PQ-P-23', 'PQ-3.2-03'], arrivals: [{ message: first }, { message: certificate }] },
  });
  const untrusted = ['PQ-P-17', 'PQ-3.2-06', 'PQ-3.2-07'] as const;
  return [
    ...names.map((name): Planned => {
      const { certificate: der, code, about, requirements } = shown[name];
      return {
        ...{ name: `certificate/${role}/${name}`, about, role, requirements: [valid, 'PQ-3.1-07', ...requirements] },
        ...{ arrivals: [{ message: first }, dishonest(role, { certificate: der }, certificate)], ends: code },
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
    {
      ...{ name: `impostor/${role}`, about: 'a peer shows a certificate whose key it has not', role },
      ...{ requirements: ['PQ-3-22', ...confirmed], ends: 'wrong-confirmation' },
      arrivals: [...all(role).slice(0, 3), dishonest(role, { seed: octetsOfHex(carol.seed) }, confirmation)],
    },
    differs(
      'other',
      'the peers have different pre-shared secrets',
      'handshakes/default/psk',
      hex(coins('psk', 'other', 32)),
    ),
    differs('missing', 'only the other peer has a pre-shared secret', 'handshakes/default/psk', ''),
    differs('alone', 'only this peer has a pre-shared secret', 'handshakes/default', hex(coins('psk', 'alone', 32))),
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
        ...{
          name: `reading/${role}/${nameOf(reading)}`,
          about: `this peer reads ${nameOf(reading)}, the other the default`,
          role,
        },
        ...{ with: { reading }, requirements: ['PQ-P-14'], arrivals: all(role).slice(0, early ? 2 : 4) },
        ends: early ? 'decryption-failed' : 'wrong-confirmation',
      };
    }),
);

/** Identity failures: after both confirmations, whoever speaks first. */
const identity: readonly Planned[] = roles.flatMap((role): readonly Planned[] => {
  const requirements: readonly RequirementId[] = ['PQ-3-08', 'PQ-3-10', 'PQ-3.2-08', 'PQ-P-07', 'PQ-P-08', 'PQ-P-09'];
  const expects = (name: string, expectedPeer: string, base = 'handshakes/default'): Planned => ({
    ...{ name: `identity/${role}/${name}`, about: `the peer is valid, but ${expectedPeer} is expected`, role, base },
    ...{ with: { expectedPeer }, requirements, arrivals: all(role), ends: 'unexpected-peer' },
  });
  return [
    expects('common-name', 'carol'),
    expects('subject', 'CN=carol'),
    expects('uri', 'URI:https://carol.example/agent'),
    expects('initiator-first', 'carol', 'handshakes/default/initiator-first'),
    expects('responder-first', 'carol', 'handshakes/default/responder-first'),
    {
      ...{ name: `identity/${role}/own-certificate`, about: 'the peer shows the same certificate', role },
      ...{
        base: 'handshakes/own-certificate',
        requirements: ['PQ-3-10', 'PQ-3.2-08', 'PQ-P-05', 'PQ-P-06', 'PQ-P-09'],
      },
      ...{ arrivals: all(role), ends: 'own-certificate' },
    },
  ];
});

/** Octets behind the last message, and messages in other pieces. */
const pieces: readonly Planned[] = roles.flatMap((role): readonly Planned[] => [
  {
    ...{
      name: `behind/${role}/refused`,
      about: 'an octet behind the last message, on a transport for the handshake only',
      role,
    },
    ...{ with: { afterwards: 'refuse' }, requirements: ['PQ-P-50'], arrivals: withChange(role, 3, { append: '00' }) },
    ends: 'trailing-octets',
  },
  {
    ...{ name: `behind/${role}/kept`, about: "octets behind the last message are the application's", role },
    ...{ requirements: ['PQ-P-50'], arrivals: withChange(role, 3, { append: '0708' }), ends: 'completed' },
  },
  {
    ...{
      name: `pieces/${role}/cut`,
      about: 'every message in three pieces',
      role,
      requirements: ['PQ-P-48'],
      ends: 'completed',
    },
    arrivals: arriving[role].flatMap((message): Arrival[] => [
      { message, length: 1 },
      { message, length: 6, from: 1 },
      { message, from: 6 },
    ]),
  },
  {
    ...{
      name: `pieces/${role}/across`,
      about: 'the first header octet of a message comes with the message before',
      role,
    },
    ...{ requirements: ['PQ-P-48'], ends: 'completed' },
    arrivals: arriving[role].map(
      (message, index): Arrival => ({
        ...{ message, from: index === 0 ? 0 : 1 },
        ...(index === 3 ? {} : { append: '01' }),
      }),
    ),
  },
]);

/** What is wrong, or right, in what the messages hold. */
export const content: readonly Planned[] = [
  ...[...tampered, ...replayed, reflected(), ...peers, ...readings, ...identity, ...pieces],
];
