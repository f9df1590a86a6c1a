// The proposals on octets (spec/proposals.md): handshakes with each and with all complete, and a peer of the draft refuses them.
import { describe, expect, it } from 'vitest';
import { noble } from '../../src/crypto/noble.ts';
import { initiator, responder } from '../../src/handshake/handshake.ts';
import type { HandshakeOptions } from '../../src/handshake/options.ts';
import { type ProposedProtocol, proposedProtocol } from '../../src/handshake/proposed.ts';
import { type ProposalId, profile } from '../../src/proposals/index.ts';
import { anchorFor, converse, credentialsFor, time } from '../handshake/peers.ts';

const suite = noble;
const preSharedSecret = Uint8Array.from({ length: 32 }, (_, at) => at);
const alice = credentialsFor(suite, 'alice');
const bob = credentialsFor(suite, 'bob');
const base = { suite, time, trustAnchors: [anchorFor(suite)], expectedPeer: 'anyone' as const, preSharedSecret };

type Changes = Partial<HandshakeOptions>;
const between = (ofInitiator: Changes, ofResponder: Changes = ofInitiator) =>
  converse(
    initiator({ ...base, credentials: alice, ...ofInitiator }),
    responder({ ...base, credentials: bob, ...ofResponder }),
  );

const only = (...ids: ProposalId[]): ProposedProtocol => proposedProtocol({ ids });

/** The statuses or codes of both ends. */
const endsOf = ({ initiator: one, responder: other }: ReturnType<typeof between>): string[] =>
  [one, other].map((end) => (end.status === 'failed' ? end.failure.code : end.status));

const draft = between({});
const octetsOf = (finished: ReturnType<typeof between>): number => finished.initiatorOctets + finished.responderOctets;

describe('a handshake with proposals', () => {
  it.each(profile)('%s: completes, and both peers have one key', (id) => {
    const done = between({ proposals: only(id) });
    expect(endsOf(done)).toEqual(['completed', 'completed']);
    if (done.initiator.status !== 'completed' || done.responder.status !== 'completed') return;
    expect(done.initiator.session.identifier).toEqual(done.responder.session.identifier);
  });

  it('all together complete, with and without a pre-shared secret', () => {
    expect(endsOf(between({ proposals: proposedProtocol() }))).toEqual(['completed', 'completed']);
    expect(endsOf(between({ proposals: proposedProtocol(), preSharedSecret: undefined }))).toEqual([
      'completed',
      'completed',
    ]);
  });

  it('costs the octets that its formulas say', () => {
    const more = (...ids: ProposalId[]): number => octetsOf(between({ proposals: only(...ids) })) - octetsOf(draft);
    expect(more('sealed-encapsulations')).toBe(2 * 16);
    expect(more('committed-hiding-key')).toBe(2 * 48);
    expect(more('certificates-by-reference')).toBe(2);
    const padded = (octets: number): number => Math.ceil((4 + octets) / 1024) * 1024 - octets;
    const [one, other] = [alice, bob].map(({ certificate }) => padded(certificate.octets.length));
    expect(more('padded-certificates')).toBe((one ?? 0) + (other ?? 0));
    expect(more('directional-hiding-keys', 'hiding-key-in-S', 'labelled-derivations', 'context-in-transcript')).toBe(0);
  });

  it('with certificates that both hold sends digests, and one that is not held aborts like an invalid one', () => {
    const held = (...of: { readonly certificate: { readonly octets: Uint8Array } }[]) => ({
      proposals: proposedProtocol({
        ids: ['certificates-by-reference'],
        heldCertificates: { ofPeers: of.map(({ certificate }) => certificate.octets), own: true },
      }),
    });
    const done = between(held(bob), held(alice));
    expect(endsOf(done)).toEqual(['completed', 'completed']);
    const saved = alice.certificate.octets.length + bob.certificate.octets.length - 2 * 49;
    expect(octetsOf(draft) - octetsOf(done)).toBe(saved);
    expect(endsOf(between(held(), held(alice)))[0]).toBe('certificate-untrusted');
  });
});

describe('a peer that does not have the proposals of the other', () => {
  it.each(profile)('%s: neither completes against the draft', (id) => {
    for (const ends of [between({ proposals: only(id) }, {}), between({}, { proposals: only(id) })]) {
      expect(endsOf(ends)).not.toContain('completed');
    }
  });

  it('refuses the profile at the tag of the certificate', () => {
    expect(endsOf(between({ proposals: proposedProtocol() }, {}))).toContain('decryption-failed');
  });
});

describe('options', () => {
  const refused =
    (changes: Changes): (() => unknown) =>
    () =>
      between(changes);
  it('refuse an unknown proposal, readings beside proposals, and a store that nothing reads', () => {
    for (const name of ['no-such', 'hedged-coins', 'toString'])
      expect(() => only(name as ProposalId)).toThrow(
        `there is no proposal ${name} between peers: expected of directional-`,
      );
    const reading = { associatedData: 'empty' } as const;
    expect(refused({ proposals: proposedProtocol(), reading })).toThrow('another reading');
    const held = { ofPeers: [] };
    expect(() => proposedProtocol({ ids: ['padded-certificates'], heldCertificates: held })).toThrow(
      'certificates-by-reference',
    );
  });

  it('refuse the profile unless it is chosen: no option is the draft, octet for octet', () => {
    const coins = {
      initiator: { ephemeralKey: 64, initialVector: 12, encapsulation: 32 },
      responder: { ephemeralEncapsulation: 32, initialVector: 12, encapsulation: 32 },
    };
    const fixed = (of: Readonly<Record<string, number>>) =>
      Object.fromEntries(Object.entries(of).map(([name, length]) => [name, new Uint8Array(length).fill(7)]));
    const sentWith = (changes: Changes): Uint8Array[] => {
      const sent: Uint8Array[] = [];
      converse(
        initiator({ ...base, credentials: alice, coins: fixed(coins.initiator), ...changes }),
        responder({ ...base, credentials: bob, coins: fixed(coins.responder), ...changes }),
        ({ octets }) => {
          sent.push(octets);
          return [octets];
        },
      );
      return sent;
    };
    expect(sentWith({ proposals: only() })).toEqual(sentWith({}));
    expect(sentWith({ proposals: proposedProtocol() })).not.toEqual(sentWith({}));
  });
});
