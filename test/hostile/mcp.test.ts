// Time of the parsers of pquake-mcp, for hostile input beside harmless input of the same length.
import { describe, expect, it } from 'vitest';
import { ConfigurationError } from '../../src/configuration.ts';
import { isObject } from '../../src/mcp/contract.ts';
import { asMaySee, withPeer } from '../../src/mcp/gate/change.ts';
import { readSource } from '../../src/mcp/policy/source.ts';
import { shown } from '../../src/mcp/tools/shown.ts';
import { type Framed, splitMessages } from '../../src/mcp/transport/splitMessages.ts';
import { type Parser, slowOnes } from './timing.ts';

/** The messages of a text that comes in small chunks, to the first that is none: there a connection ends. */
function messagesIn(text: string): readonly Framed[] {
  const octets = Buffer.from(text);
  const splitter = splitMessages();
  for (let at = 0; at < octets.length; at += 100) splitter.push(octets.subarray(at, at + 100));
  splitter.push(Buffer.from('\n'));
  const found: Framed[] = [];
  for (let one = splitter.next(); one?.ok === true; one = splitter.next()) found.push(one);
  return found;
}

/** Reads messages, and changes them as a gate does. */
function changed(text: string): void {
  for (const one of messagesIn(text)) {
    if (one.kind === 'request') withPeer(one.octets, { identity: 'nurse' });
    if (isObject(one.message['result'])) asMaySee(one.octets, one.message, 'tools/list', (_kind, name) => name !== 'a');
  }
}

const call = '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"a","arguments":';
const list = '{"jsonrpc":"2.0","id":1,"result":{"tools":[';

const parsers: readonly Parser[] = [
  {
    name: 'messages on lines, and what a gate changes in them',
    read: changed,
    benign: (length) => `${list}${'{"name":"b","description":"c"},'.repeat(length >> 5)}{"name":"a"}]}}`,
    hostile: [
      [`${call}"`, '\\\\', '"}}'],
      [`${call}"`, '\\"', '"}}'],
      [`${call}{"a":0`, ',"a":0', '}}}'],
      [`${call}{"a":0`, ',"\\u0061":0', '}}}'],
      [call, '[', ''],
      [`${call}`, ' ', '0}}'],
      [`${list}"`, '\\\\', '"]}}'],
      [`${list}{"name":"a"}`, ',{"name":"a"}', ']}}'],
      [`${list}{"name":"a"}`, '                                ,{"name":"b"}', ']}}'],
      [list, '{"name":[', ''],
      ['', '{"jsonrpc":"2.0","method":"a"}\n', ''],
      ['', '\n', ''],
    ],
  },
  {
    name: 'a policy',
    read: (text) => {
      try {
        readSource('policy.yaml', Buffer.from(text));
      } catch (error) {
        if (!(error instanceof ConfigurationError)) throw error;
      }
    },
    benign: (length) =>
      `version: 1\nrules:\n${'  - { id: a, effect: permit, who: { names: ["a"] }, tools: [b] }\n'.repeat(1 + (length >> 6))}`,
    hostile: [
      ['version: 1\nrules:\n', '  - a\n', ''],
      ['version: ', '&a ', ''],
      ['version: ', '!a ', ''],
      ['version: |\n', ' a\n', ''],
      ['a: &a [x]\nb: [', '*a,', '*a]'],
      ['a: ', '{a: ', ''],
      ['', '%TAG ! a\n', '---\n'],
    ],
    longest: 16_384,
  },
  {
    name: 'what a server declares, as a person sees it',
    read: shown,
    benign: (length) => 'a\u202e'.repeat(length >> 1),
    hostile: [
      ['', '\u202e', ''],
      ['', '\u00a0', ''],
      ['', '\u{e0001}', ''],
    ],
  },
];

describe('hostile input to pquake-mcp takes no longer than harmless input of its length, by a factor', () => {
  it.each(parsers.map((one) => [one.name, one] as const))('%s', (_, parser) => {
    expect(slowOnes(parser)).toEqual([]);
  });
});
