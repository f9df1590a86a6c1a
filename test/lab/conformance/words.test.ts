import { describe, expect, it } from 'vitest';
import { fill, parseCommand, takes } from '../../../src/lab/conformance/runner/words.ts';

const values = { port: '4433', cert: 'c.pem', key: 'k.pem', ca: 'ca.pem', expect: 'tester' };
const secret = { ...values, pskfile: 'psk.hex', pskhex: 'ab12' };
const both = (command: string): string[][] => [
  fill(parseCommand(command), secret),
  fill(parseCommand(command), values),
];

describe('the command of a peer', () => {
  it.each([
    [
      'p {port} --cert={cert} "a b" --psk {pskhex} -v',
      ['p', '4433', '--cert=c.pem', 'a b', '--psk', 'ab12', '-v'],
      ['p', '4433', '--cert=c.pem', 'a b', '-v'],
    ],
    ['p {port} --psk={pskhex}', ['p', '4433', '--psk=ab12'], ['p', '4433']],
    ['p :{port} --psk hex:{pskhex} x', ['p', ':4433', '--psk', 'hex:ab12', 'x'], ['p', ':4433', 'x']],
    ['p {port} {pskfile}', ['p', '4433', 'psk.hex'], ['p', '4433', '']],
    ['p --cert={cert} {pskfile} {port}', ['p', '--cert=c.pem', 'psk.hex', '4433'], ['p', '--cert=c.pem', '', '4433']],
    ['p -- {pskfile} {port}', ['p', '--', 'psk.hex', '4433'], ['p', '--', '', '4433']],
    [
      "sh -c 'p {port} --psk-file {pskfile} && true'",
      ['sh', '-c', 'p 4433 --psk-file psk.hex && true'],
      ['sh', '-c', 'p 4433  && true'],
    ],
    [
      'p {port} *.txt $HOME {other}',
      ['p', '4433', '*.txt', '$HOME', '{other}'],
      ['p', '4433', '*.txt', '$HOME', '{other}'],
    ],
  ])('%s', (command, withSecret, without) => {
    expect(both(command)).toEqual([withSecret, without]);
  });

  it.each([
    ['p {port} && q', /sh -c/],
    ['p {port} > log', /sh -c/],
    ['p {port} # why', /quotes/],
    ['p --port 4433', /\{port\}/],
    ['', /command/],
  ])('%s is refused', (command, reason) => {
    expect(() => parseCommand(command)).toThrow(reason);
  });

  it('has places for some things', () => {
    const [with_, without] = [parseCommand('p {port} --psk={pskhex} -x{crl}'), parseCommand('p {port}')];
    expect([with_, without].map((words) => takes(words, 'pskfile', 'pskhex'))).toEqual([true, false]);
    expect([with_, without].map((words) => takes(words, 'crl'))).toEqual([true, false]);
    expect(takes(with_, 'intermediates', 'expect')).toBe(false);
  });

  it('loses only the options whose placeholder has no text, in words and in a script', () => {
    const words = '--expect {expect} --crl {crl} --sub={intermediates} --psk {pskhex}';
    const some = { ...secret, crl: 'lists.pem' };
    expect(fill(parseCommand(`p {port} ${words}`), some)).toEqual([
      ...['p', '4433', '--expect', 'tester', '--crl', 'lists.pem', '--psk', 'ab12'],
    ]);
    const [, , script] = fill(parseCommand(`sh -c 'p {port} ${words}'`), { ...values, intermediates: 'sub.pem' });
    expect(script?.trim().split(/\s+/)).toEqual(['p', '4433', '--expect', 'tester', '--sub=sub.pem']);
  });
});
