// The channel, layer by layer: keys, records, the stream of each side through ratchet, inner handshake and close, and what is refused.

import { takeRecord } from '../../channel/inbound.ts';
import { beginOf, rootAfter, rootSecrets } from '../../channel/keys.ts';
import { noble } from '../../crypto/noble.ts';
import { type ChannelRecord, directionOf, type RecordName } from '../../generated/channel.ts';
import { nextSecret } from '../../generated/channelKeys.ts';
import type { ChannelRoot, SessionKey } from '../../generated/kinds.ts';
import type { RequirementId } from '../../generated/requirements.ts';
import { type Channel, type ChannelProgress, openChannel } from '../../index.ts';
import { type Bytes, concat, fromHex, toHex } from '../../octets.ts';
import { otherRole, type Role } from '../../role.ts';
import { type Conversation, conversations, outer } from './channelConversations.ts';
import { algebra, handOf, nonceOf, protectionOf, secretOf } from './channelHand.ts';
import { refusals } from './channelRefusals.ts';
import type { ChannelCase, FileOf } from './format.ts';
import { handshakes } from './handshakes.ts';
import { identities } from './identities.ts';
import { player } from './play.ts';
import { coins, vector } from './vectorOctets.ts';

const rootFor = (id: string): Bytes => coins(id, 'root', 48);

function keys(name: string, about: string): ChannelCase {
  const id = `channel/keys/${name}`;
  const root = rootFor(id) as ChannelRoot<Bytes>;
  const k_session = coins(id, 'k_session', 48) as SessionKey<Bytes>;
  const { sent, received, chain, exporter } = rootSecrets(algebra, 'initiator', root);
  const directions = [
    ['i2r', sent],
    ['r2i', received],
  ] as const;
  const ofDirections = directions.flatMap(([d, secret]) => {
    const { commitment, protection } = beginOf(algebra, secret);
    const values = {
      ...{ secret, commit: commitment, key: protection.key, iv: protection.iv },
      next: nextSecret(algebra, { secret }),
    };
    return Object.entries(values).map(([value, octets]) => [`${value}_${d}`, toHex(octets)]);
  });
  return {
    ...vector(id, about, 'PQ-C-01', 'PQ-C-02', 'PQ-C-03', 'PQ-C-04', 'PQ-C-05', 'PQ-C-06', 'PQ-C-07'),
    layer: 'keys',
    root: toHex(root),
    k_session: toHex(k_session),
    values: {
      ...Object.fromEntries(ofDirections),
      chain: toHex(chain),
      exporter: toHex(exporter),
      nextRoot: toHex(rootAfter(algebra, chain, k_session)),
    },
  };
}

function record(
  name: string,
  about: string,
  of: ChannelRecord<Bytes>,
  { sequence = 0, padding = 0, more = [] as readonly RequirementId[] } = {},
): ChannelCase {
  const id = `channel/record/${name}`;
  const secret = secretOf(rootFor(id), 'initiator');
  const protection = { ...protectionOf(algebra, secret), sequence };
  const { key, iv } = protection;
  return {
    ...vector(id, about, 'PQ-C-05', 'PQ-C-11', 'PQ-C-13', ...more),
    layer: 'record',
    ...{ secret: toHex(secret), sequence, type: of.type },
    content: 'content' in of ? toHex(of.content) : '',
    padding,
    ...{ key: toHex(key), iv: toHex(iv), nonce: toHex(nonceOf(protection)) },
    octets: toHex(algebra.sealRecord({ key, iv, sequence, record: of, padding })),
  };
}

const some = coins('channel', 'content', 40);
const records: readonly ChannelCase[] = [
  record('data', 'data of the application', { type: 'data', content: some }, { more: ['PQ-C-14'] }),
  record('data-empty', 'no data', { type: 'data', content: new Uint8Array(0) }, { more: ['PQ-C-14'] }),
  record(
    'data-padded',
    'data with 23 octets of padding',
    { type: 'data', content: some },
    {
      ...{ padding: 23, more: ['PQ-C-15', 'PQ-C-34', 'PQ-C-35'] },
    },
  ),
  record(
    'data-with-zeros',
    'data that ends with zeros, and padding',
    { type: 'data', content: fromHex('010000') },
    {
      ...{ padding: 4, more: ['PQ-C-15'] },
    },
  ),
  record('data-largest', 'the largest record', { type: 'data', content: coins('channel', 'largest', 16_384) }),
  record('data-second', 'the second record under a key', { type: 'data', content: some }, { sequence: 1 }),
  record(
    'data-late',
    'a record with a sequence number of three octets',
    { type: 'data', content: some },
    {
      ...{ sequence: 0x0a0b0c },
    },
  ),
  record('close', 'the end of a direction', { type: 'close' }, { sequence: 5 }),
  record('ratchet', 'the last record under a secret', { type: 'ratchet' }, { sequence: 1_048_576 }),
  record('handshake', 'octets of an inner handshake', { type: 'handshake', content: some }),
  record('request', 'the responder asks for an inner handshake', { type: 'request' }),
  record('switch', 'the last record under a root', { type: 'switch' }, { padding: 1, more: ['PQ-C-35'] }),
];

const { peer, handshake } = player(identities.cases, handshakes.cases);

/** The sessions of the outer handshake, played by both peers. */
function completed() {
  const of = handshake(outer);
  const peers = { initiator: peer(of, 'initiator', noble), responder: peer(of, 'responder', noble) };
  let role: Role = 'responder';
  peers.responder.start();
  let progress = peers.initiator.start();
  while (progress.send.length > 0) {
    progress = peers[role].receive(concat(...progress.send.map(({ octets }) => octets)));
    role = otherRole(role);
  }
  const sessionOf = (side: Role) => {
    const outcome = peers[side].standing();
    if (outcome.status !== 'completed') throw new Error(`${side} did not complete`);
    return outcome.session;
  };
  return { initiator: sessionOf('initiator'), responder: sessionOf('responder') };
}

const limited = ({ limits }: Pick<Conversation, 'limits'>) => (limits === undefined ? {} : { limits });

/** Both streams of two channels over the session of a handshake vector, with others inside. */
function streams(of: Conversation): readonly ChannelCase[] {
  const sent: Record<Role, Bytes[]> = { initiator: [], responder: [] };
  const waiting: Record<Role, Bytes[]> = { initiator: [], responder: [] };
  const data: Record<Role, Bytes[]> = { initiator: [], responder: [] };
  const sessions = completed();
  const open = (role: Role): Channel => {
    const left = [...of.inner];
    const innerHandshake = () => peer(handshake(left.shift() ?? ''), role, noble);
    return openChannel({ session: sessions[role], suite: noble, innerHandshake, ...limited(of) });
  };
  const channels = { initiator: open('initiator'), responder: open('responder') };

  function keep(role: Role, { output, events, failure }: ChannelProgress): void {
    if (failure !== undefined) throw new Error(`${role}: ${failure.message}`);
    sent[role].push(...output);
    waiting[role].push(...output);
    for (const one of events) if (one.event === 'data') data[otherRole(role)].push(one.data);
  }

  function settle(): void {
    for (
      let role: Role = 'initiator';
      waiting.initiator.length + waiting.responder.length > 0;
      role = otherRole(role)
    ) {
      const octets = concat(...waiting[role].splice(0));
      if (octets.length > 0) keep(otherRole(role), channels[otherRole(role)].receive(octets));
    }
  }

  of.talk({ say: (role, act) => keep(role, act(channels[role])), settle });
  settle();
  return (['initiator', 'responder'] as const).map((sender) => {
    const octets = concat(...sent[sender]);
    const root = handshake(outer).values.k_session;
    const k_sessions = of.inner.map((id) => handshake(id).values.k_session);
    return {
      ...vector(`channel/stream/${of.name}/${sender}`, `${of.about}: what the ${sender} sends`, ...of.requirements),
      layer: 'stream',
      ...{ sender, direction: directionOf[sender], base: outer, inner: of.inner, root, k_sessions },
      ...limited(of),
      octets: toHex(octets),
      types: typesOf({ root, k_sessions, sender, octets }),
      delivered: toHex(concat(...data[sender])),
    };
  });
}

/** The types of the records of a stream, as they open. */
function typesOf(of: { root: string; k_sessions: readonly string[]; sender: Role; octets: Bytes }): RecordName[] {
  const left = of.k_sessions.map(fromHex);
  const types: RecordName[] = [];
  let secrets = rootSecrets(algebra, of.sender, fromHex(of.root) as ChannelRoot<Bytes>);
  let protection = protectionOf(algebra, secrets.sent);
  for (let at = 32; at < of.octets.length; ) {
    const end = at + 2 + (of.octets[at] ?? 0) * 256 + (of.octets[at + 1] ?? 0);
    const opened = takeRecord(algebra, { state: 'open', protection }, of.octets.subarray(at, end));
    if (!opened.ok) throw new Error(opened.code);
    const { record, state } = opened.value;
    types.push(record.type);
    at = end;
    if (state.state === 'open') protection = state.protection;
    if (record.type !== 'switch') continue;
    const root = rootAfter(algebra, secrets.chain, left.shift() as SessionKey<Bytes>);
    secrets = rootSecrets(algebra, of.sender, root);
    protection = protectionOf(algebra, secrets.sent);
    at += 32;
  }
  return types;
}

export const channel: FileOf<'channel'> = {
  kind: 'channel',
  cases: [
    keys('first', 'a root, and the one after an inner handshake'),
    keys('second', 'another root'),
    ...records,
    ...conversations.flatMap(streams),
    ...refusals(handOf),
  ],
};
