// The vectors as a consumer has them: the JSON files, nothing else.
import { readFileSync } from 'node:fs';
import type { Suite } from '../../../src/crypto/suite.ts';
import type { FileOf, Index, VectorFile } from '../../../src/lab/vectors/format.ts';
import { player } from '../../../src/lab/vectors/play.ts';
import { chooseSuite } from '../../../src/node/suite.ts';

export const directory = 'spec/vectors/v1';
export const suites: readonly Suite[] = [chooseSuite('noble'), chooseSuite('native')];

export const read = (file: string): unknown => JSON.parse(readFileSync(`${directory}/${file}`, 'utf8'));
export const index = read('index.json') as Index;
export const files = index.files.map(({ file }) => read(file) as VectorFile);

/** The file of a kind. @throws Error when there is none, or it has no cases */
export function fileOf<K extends VectorFile['kind']>(kind: K): FileOf<K> {
  const found = files.find((one) => one.kind === kind);
  if (found === undefined || found.cases.length === 0) throw new Error(`no ${kind}`);
  return found as FileOf<K>;
}

export const identities = fileOf('identities').cases;
export const handshakes = fileOf('handshakes').cases;
export const vectors = player(identities, handshakes);

/** Rows for `it.each`: every vector under its id. */
export const rows = <C extends { readonly id: string }>(cases: readonly C[]): [string, C][] =>
  cases.map((one) => [one.id, one]);

/** The octets of an identity's certificate. */
export function certificateOf(id: string): string {
  const found = identities.find((one) => one.id === id);
  if (found === undefined) throw new Error(`there is no ${id}`);
  return found.certificate;
}
