// The models of the channel follow the code: their formulas and processes come from a run of its transitions on terms.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { channelFormulas } from '../../../src/lab/models/channel/cryptoverif.ts';
import { type ChannelProtocol, channels } from '../../../src/lab/models/channel/mutants.ts';
import { channelForms, channelText } from '../../../src/lab/models/channel/proverif.ts';
import { runChannel } from '../../../src/lab/models/channel/run.ts';
import { statedFormulas } from '../../../src/lab/models/cryptoverif.ts';

const channel = channels.get('default') as ChannelProtocol;
const form = (name: string) => channelForms[name] ?? { epoch: 0, generation: 0, sequence: 0 };
const textOf = (id: string, of: string): string => channelText(channels.get(id) as ChannelProtocol, form(of));
const bodyOf = (text: string, name: string): string => text.slice(text.indexOf(`let ${name}(`)).split('\n\n')[0] ?? '';

describe('a run of the channel on terms', () => {
  const { sends, receives } = runChannel(channel, form('switch'));
  const typesOf = (nodes: ReturnType<typeof sends>, epoch: number) =>
    nodes.find(({ place }) => place.epoch === epoch)?.alternatives.map(({ types }) => types);

  it.each([
    ['initiator', ['data', 'handshake']],
    ['responder', ['data', 'handshake', 'request']],
  ] as const)('what the %s seals leaves the direction, moves it on, or ends it', (role, same) => {
    expect(typesOf(sends(role), 0)).toEqual([[...same], ['close'], ['ratchet'], ['switch']]);
  });

  it.each([
    ['initiator', ['data', 'handshake', 'request']],
    ['responder', ['data', 'handshake']],
  ] as const)('what the %s opens does the same there', (role, same) => {
    expect(typesOf(receives(role), 0)).toEqual([[...same], ['close'], ['ratchet'], ['switch']]);
  });

  it('a switch begins a place under the next root, with the commitment to it', () => {
    const moved = sends('initiator')
      .find(({ place }) => place.epoch === 0)
      ?.alternatives.at(-1);
    expect(moved?.next?.place).toEqual({ epoch: 1, generation: 0, sequence: 0 });
    expect(moved?.output.map(({ symbol }) => symbol)).toEqual(['expand', 'seal', 'expand']);
  });
});

describe('the ProVerif text of the channel', () => {
  const text = textOf('default', 'records');

  it('opens under the key, the nonce and the header under which it seals', () => {
    const sealed = 'seal(key_of(secret_d), nonce_1(iv_of(secret_d)), header_record, record)';
    expect(bodyOf(text, 'InitiatorOut_0_0_1')).toContain(sealed);
    const opened = sealed.replace('seal', 'open').replace('record)', 'octets)');
    expect(bodyOf(text, 'ResponderIn_0_0_1')).toContain(opened);
  });

  it('the sender commits with its first record only, and the receiver compares before it opens', () => {
    expect(bodyOf(text, 'InitiatorOut_0_0_0')).toContain('out(c, commitment_of(secret_d));');
    expect(bodyOf(text, 'InitiatorOut_0_0_1')).not.toContain('commitment_of');
    const first = bodyOf(text, 'ResponderIn_0_0_0');
    expect(first.indexOf('if commitment = commitment_of(secret_d) then')).toBeLessThan(
      first.indexOf('let record = open('),
    );
    expect(bodyOf(text, 'ResponderIn_0_0_1')).not.toContain('if commitment =');
  });

  it('the memory behind a ratchet holds the next secret only', () => {
    const ratchet = textOf('default', 'ratchet');
    expect(bodyOf(ratchet, 'InitiatorOut_0_0_0')).toContain(
      'InitiatorOut_0_1_0(cid, next_of(secret_d), chain, exporter',
    );
    expect(bodyOf(ratchet, 'InitiatorOut_0_1_0')).toContain(
      'out(c, (secret_d, key_of(secret_d), iv_of(secret_d), chain, exporter))',
    );
  });

  it.each([
    ['one-key', 'records', 'secret_r2i_of(root: bitstring)', 'text_i2r'],
    ['no-sequence-number', 'records', 'let InitiatorOut_0_0_1', 'nonce_0'],
    ['no-close', 'records', 'let ResponderIn_0_0_1', 'event ResponderEnds(cid, place(0, 0, 1)); 0'],
    ['ratchet-keeps-secret', 'ratchet', 'let InitiatorOut_0_0_0', 'InitiatorOut_0_1_0(cid, secret_d, '],
    ['root-without-session-key', 'switch', 'let InitiatorOut_0_0_0', 'secret_i2r_of(chain)'],
    ['root-without-chain', 'switch', 'let InitiatorOut_0_0_0', 'secret_i2r_of(k_session)'],
  ])('the mutant %s is another text', (id, of, head, has) => {
    const part = (all: string): string => all.slice(all.indexOf(head)).split(/\n\n|\nletfun/)[0] ?? '';
    expect(part(textOf(`mutants/${id}`, of))).toContain(has);
    expect(part(textOf('default', of))).not.toContain(has);
  });

  it('the mutant no-commitment compares nothing', () => {
    expect(textOf('mutants/no-commitment', 'records')).not.toContain('if commitment =');
  });
});

describe('the CryptoVerif files of the channel', () => {
  const expected = channelFormulas(channel);
  const stated = (name: string) => statedFormulas(name, readFileSync(`models/cryptoverif/${name}.cv`, 'utf8'));

  it.each([
    ['channel-records', ['commitment', 'key', 'iv', 'next']],
    ['channel-commitment', ['secret_d', 'commitment']],
  ])('%s states the formulas of the code', (file, names) => {
    const found = stated(file);
    expect(found.map(({ name }) => name)).toEqual(names);
    for (const { name, formula } of found) expect(expected.get(name), name).toContain(formula);
  });

  it('follows the code: with a fault there, they differ', () => {
    const broken = channelFormulas(channels.get('mutants/ratchet-keeps-secret') as ChannelProtocol);
    expect(stated('channel-records').filter(({ name, formula }) => !broken.get(name)?.includes(formula))).toHaveLength(
      1,
    );
  });

  it('seals and opens as the code does', () => {
    const text = readFileSync('models/cryptoverif/channel-records.cv', 'utf8');
    expect(text).toContain('Enc(record, header, key, nonce(iv, sequence))');
    expect(text).toContain("Dec(sealed, header', key, nonce(iv, sequence'))");
  });
});
