// What is said over the channels whose streams are vectors.
import type { RequirementId } from '../../generated/requirements.ts';
import type { Channel, ChannelProgress } from '../../index.ts';
import type { Bytes } from '../../octets.ts';
import type { Role } from '../../role.ts';

/** The handshake vector whose session the channels protect. */
export const outer = 'handshakes/default';
const text = (ascii: string): Bytes => new TextEncoder().encode(ascii);

interface Talk {
  readonly say: (role: Role, act: (channel: Channel) => ChannelProgress) => void;
  /** Delivers until nothing is on the way. */
  readonly settle: () => void;
}

export interface Conversation {
  readonly name: string;
  readonly about: string;
  readonly requirements: readonly RequirementId[];
  /** Handshake vectors inside, in the order in which they are started. */
  readonly inner: readonly string[];
  readonly limits?: { readonly recordsBeforeRatchet: number };
  readonly talk: (talk: Talk) => void;
}

export const conversations: readonly Conversation[] = [
  {
    name: 'whole',
    about: 'data, padding, ratchets, two inner handshakes, and both closes',
    ...{
      inner: ['handshakes/default/again', outer],
      requirements: [
        'PQ-C-10',
        'PQ-C-13',
        'PQ-C-19',
        'PQ-C-21',
        'PQ-C-23',
        ...(['PQ-C-26', 'PQ-C-27', 'PQ-C-30', 'PQ-C-33', 'PQ-C-34'] as const),
      ],
    },
    talk: ({ say, settle }) => {
      say('initiator', (channel) => channel.send(text('first words')));
      say('responder', (channel) => channel.send(text('an answer'), 'power-of-two'));
      say('initiator', (channel) => channel.ratchet());
      say('initiator', (channel) => channel.send(text('behind the ratchet'), { multipleOf: 32 }));
      say('responder', (channel) => channel.requestHandshake());
      settle();
      say('initiator', (channel) => channel.startHandshake());
      say('initiator', (channel) => channel.send(text('meanwhile')));
      settle();
      say('responder', (channel) => channel.send(text('under the new root')));
      say('initiator', (channel) => channel.startHandshake());
      settle();
      say('initiator', (channel) => channel.send(text('under a newer one')));
      say('initiator', (channel) => channel.close());
      say('responder', (channel) => channel.ratchet());
      say('responder', (channel) => channel.send(text('after the other has closed')));
      say('responder', (channel) => channel.close());
    },
  },
  {
    name: 'own-ratchets',
    about: 'ratchets after every two records, also before close',
    ...{ inner: [], limits: { recordsBeforeRatchet: 2 }, requirements: ['PQ-C-31', 'PQ-C-33'] },
    talk: ({ say }) => {
      for (const role of ['initiator', 'responder'] as const) {
        for (const word of ['one', 'two', 'three', 'four']) say(role, (channel) => channel.send(text(word)));
        say(role, (channel) => channel.close());
      }
    },
  },
  {
    name: 'abandoned-by-initiator',
    about: 'the initiator closes before it has sent all of an inner handshake',
    ...{ inner: ['handshakes/default/again'], requirements: ['PQ-C-28', 'PQ-C-29'] },
    talk: ({ say, settle }) => {
      say('initiator', (channel) => channel.startHandshake());
      say('initiator', (channel) => channel.close());
      settle();
      say('responder', (channel) => channel.send(text('still open')));
      say('responder', (channel) => channel.close());
    },
  },
  {
    name: 'abandoned-by-responder',
    about: 'the responder closes before it knows of an inner handshake',
    ...{ inner: ['handshakes/default/again'], requirements: ['PQ-C-28', 'PQ-C-29'] },
    talk: ({ say, settle }) => {
      say('initiator', (channel) => channel.startHandshake());
      say('responder', (channel) => channel.close());
      settle();
      say('initiator', (channel) => channel.send(text('still open')));
      say('initiator', (channel) => channel.close());
    },
  },
];
