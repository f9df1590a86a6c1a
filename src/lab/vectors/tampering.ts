// Deliveries that a peer judges by cryptography, certificates and identity; and those with which it completes.

import { noble } from '../../crypto/noble.ts';
import type { RequirementId } from '../../generated/requirements.ts';
import { fromHex, toHex } from '../../octets.ts';
import { otherRole } from '../../role.ts';
import type { Arrival, Change } from './format.ts';
import { handshakes } from './handshakes.ts';
import { identities } from './identities.ts';
import { differing } from './peers.ts';
import { all, arriving, confirmed, type Planned, roles, withChange } from './planned.ts';
import { player } from './play.ts';

const found = handshakes.cases[0];
if (found === undefined) throw new Error('no handshake');
const octetOf = (message: number, offset: number): number =>
  fromHex(found.messages.find(({ type }) => type === message)?.octets ?? '')[offset] ?? 0;
const lengthOf = (message: number): number =>
  (found.messages.find(({ type }) => type === message)?.octets.length ?? 0) / 2;
/** A message with the lowest bit of one octet changed; a negative offset counts from its end. */
function flip(message: number, offset: number): Change {
  const at = offset < 0 ? lengthOf(message) + offset : offset;
  return { patch: [{ offset: at, octets: toHex(Uint8Array.of(octetOf(message, at) ^ 1)) }] };
}

const corrupted: readonly RequirementId[] = ['PQ-3-06', 'PQ-3.6-02', 'PQ-3-17'];
const sealed: readonly RequirementId[] = ['PQ-3-06', 'PQ-3.6-02', 'PQ-P-15', 'PQ-4.3-06', 'PQ-3.1-04'];
const implicit: readonly RequirementId[] = ['PQ-1.1-04', 'PQ-3-09', 'PQ-3-13', 'PQ-3.2-11', 'PQ-3.2-12'];

const modulus: Change = { patch: [{ offset: 4, octets: '01ad00' }] };

/** Octets changed on the way. */
const tampered: readonly Planned[] = [
  {
    name: 'hello/modulus',
    about: 'the first coefficient of pk_e is q',
    role: 'responder',
    requirements: ['PQ-P-26'],
    arrivals: [{ message: 1, ...modulus }],
    ends: 'invalid-encapsulation-key',
  },
  {
    name: 'hello/modulus-last',
    about: 'the last coefficient of pk_e is 4095',
    role: 'responder',
    requirements: ['PQ-P-26'],
    ends: 'invalid-encapsulation-key',
    arrivals: [{ message: 1, patch: [{ offset: 4 + 1533, octets: '00f0ff' }] }],
  },
  {
    name: 'hello/other-key',
    about: 'a bit of the seed in pk_e is another: ct_e is to another key',
    role: 'responder',
    requirements: corrupted,
    ends: 'decryption-failed',
    arrivals: [{ message: 1, ...flip(1, -1) }, { message: 3 }],
  },
  {
    name: 'hello/other-ciphertext',
    about: 'a bit of ct_e is another: the certificate does not open',
    role: 'initiator',
    requirements: [...corrupted, ...implicit, 'PQ-P-20'],
    ends: 'decryption-failed',
    arrivals: [{ message: 2, ...flip(2, 4) }, { message: 4 }],
  },
  ...roles.flatMap((role): readonly Planned[] => {
    const [, certificate, encapsulation, confirmation] = arriving[role];
    const place = otherRole(role);
    const refuses = (name: string, about: string, change: Change): Planned => ({
      name: `${place}Certificate/${name}`,
      about,
      role,
      requirements: sealed,
      ends: 'decryption-failed',
      arrivals: withChange(role, 1, change).slice(0, 2),
    });
    const ciphertext = (name: string, about: string, change: Change): Planned => ({
      name: `${place}Encapsulation/${name}`,
      about,
      role,
      ends: 'wrong-confirmation',
      requirements: [...corrupted, ...implicit, ...confirmed, 'PQ-P-29'],
      arrivals: withChange(role, 2, change),
    });
    const value = (name: string, about: string, change: Change): Planned => ({
      name: `${place}Confirmation/${name}`,
      about,
      role,
      ends: 'wrong-confirmation',
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
        patch: [{ offset: 2, octets: header }],
        length: shorter,
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

/** Messages of other handshakes, and the peer's own ones. */
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
      name: `replay/${role}/all`,
      about: 'the messages of another handshake of the same peers',
      role,
      requirements,
      arrivals: all(role, of).slice(0, 2),
      ends: 'decryption-failed',
    },
    {
      name: `replay/${role}/certificate`,
      about: 'the certificate message of another handshake',
      role,
      requirements,
      arrivals: [...first(1), ...all(role, of).slice(1, 2)],
      ends: 'decryption-failed',
    },
    {
      name: `replay/${role}/encapsulation`,
      about: 'the ciphertext of another handshake',
      role,
      requirements,
      arrivals: [...first(2), ...all(role, of).slice(2, 3), ...all(role).slice(3)],
      ends: 'wrong-confirmation',
    },
    {
      name: `replay/${role}/confirmation`,
      about: 'the confirmation of another handshake',
      role,
      requirements: [...requirements, ...confirmed],
      arrivals: [...first(3), ...all(role, of).slice(3)],
      ends: 'wrong-confirmation',
    },
    {
      name: `reflection/${role}/confirmation`,
      about: 'one’s own confirmation value under the other type',
      role,
      requirements: confirmed,
      arrivals: [...first(3), retyped(3)],
      ends: 'wrong-confirmation',
    },
    {
      name: `reflection/${role}/certificate-bound`,
      role,
      base: 'handshakes/header',
      about: 'one’s own certificate message under the other type, in the reading that binds the header',
      // A responder has sent message 4 when it awaits message 3, an initiator message 3 when it awaits message 4.
      requirements: ['PQ-P-15'],
      arrivals: [...first(1), retyped(1)],
      ends: 'decryption-failed',
    },
  ].map((one) => ({ ...one, about: one.about.replace('’', "'") }) as Planned);
});

/** The initiator's messages come back to it under the other type: it gets as far as confirmation. */
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
    ...rest,
    name: 'reflection/initiator/all',
    requirements: [...confirmed, 'PQ-3-22'],
    ends: 'wrong-confirmation',
    arrivals: [...arrivals, { octets: confirmation.replace(/^0107/, '0108') }],
  };
}

/** Octets behind the last message, and messages cut differently. */
const pieces: readonly Planned[] = roles.flatMap((role): readonly Planned[] => [
  {
    name: `behind/${role}/refused`,
    about: 'an octet behind the last message, on a transport for the handshake only',
    role,
    with: { afterwards: 'refuse' },
    requirements: ['PQ-P-50'],
    arrivals: withChange(role, 3, { append: '00' }),
    ends: 'trailing-octets',
  },
  {
    name: `behind/${role}/kept`,
    about: "octets behind the last message are the application's",
    role,
    requirements: ['PQ-P-50'],
    arrivals: withChange(role, 3, { append: '0708' }),
    ends: 'completed',
  },
  {
    name: `pieces/${role}/cut`,
    about: 'every message in three pieces',
    role,
    requirements: ['PQ-P-48'],
    ends: 'completed',
    arrivals: arriving[role].flatMap((message): Arrival[] => [
      { message, length: 1 },
      { message, length: 6, from: 1 },
      { message, from: 6 },
    ]),
  },
  {
    name: `pieces/${role}/across`,
    about: 'the first header octet of a message comes with the message before',
    role,
    requirements: ['PQ-P-48'],
    ends: 'completed',
    arrivals: arriving[role].map(
      (message, index): Arrival => ({
        message,
        from: index === 0 ? 0 : 1,
        ...(index === 3 ? {} : { append: '01' }),
      }),
    ),
  },
]);

/** Faults, and good variants, in the contents of messages. */
export const content: readonly Planned[] = [...[...tampered, ...replayed, reflected(), ...differing, ...pieces]];
