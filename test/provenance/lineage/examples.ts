// Statements about three versions of a model, as lineages are built from them.
import { sha256 } from '../../../src/crypto/sha256.ts';
import { toHex } from '../../../src/octets.ts';
import type { Signer, Statement } from '../../../src/provenance/contract.ts';
import { buildLineage, type LineageInput } from '../../../src/provenance/lineage/build.ts';
import type { GivenStatement, Lineage, Verdict } from '../../../src/provenance/lineage/lineage.ts';
import { encodeStatement } from '../../../src/provenance/statement/inToto.ts';
import { type Dependency, type Origin, originStatement } from '../../../src/provenance/statement/origin.ts';
import { accepted, digestOf, parent } from '../statement/examples.ts';

export const signer = (name: string): Signer => ({ algorithm: 'ml-dsa-87', key: digestOf('0'), name });

export const trusted: Verdict = { trusted: true, signer: signer('CN=maker') };
export const unsigned: Verdict = { trusted: false, code: 'unsigned', reason: 'signature-invalid' };
export const refused: Verdict = { trusted: false, code: 'signer-refused', reason: 'signature-unknown-key' };

/** A statement as a folder of statements gives it. */
export const given = (source: string, statement: Statement, more: Partial<GivenStatement> = {}): GivenStatement => ({
  source,
  digest: toHex(sha256(encodeStatement(statement))),
  statement,
  verdict: trusted,
  beside: false,
  ...more,
});

export const digests = { v1: digestOf('1'), v2: digestOf('2'), v3: digestOf('3') } as const;

const day = (at: number): Date => new Date(Date.UTC(2026, 0, at));

/** How a model was made from others, on two days. */
export const made = (dependencies: readonly Dependency[], from: number, more: Partial<Origin> = {}): Origin => ({
  parameters: {},
  dependencies,
  builder: { id: 'https://example.com/trainer' },
  started: day(from),
  finished: day(from + 1),
  ...more,
});

export const originOf = (name: string, digest: string, origin: Origin): Statement =>
  accepted(originStatement({ name, digest: { sha256: digest } }, origin));

export const corpus: Dependency = { role: 'data-set', name: 'corpus', digest: { sha256: digestOf('c') } };

export const origins = {
  v1: originOf('v1', digests.v1, made([corpus], 1)),
  v2: originOf('v2', digests.v2, made([parent('v1', digests.v1)], 10)),
  v3: originOf('v3', digests.v3, made([parent('v2', digests.v2), corpus], 20)),
} as const;

/** All three, as they should be. */
export const whole: readonly GivenStatement[] = [
  given('v1.origin.sig', origins.v1),
  given('v2.origin.sig', origins.v2),
  given('v3.origin.sig', origins.v3, { beside: true }),
];

/** The lineage of the third version. */
export const trace = (statements: readonly GivenStatement[], more: Partial<LineageInput> = {}): Lineage =>
  buildLineage({ model: { name: 'v3', digest: digests.v3 }, statements, schema: () => undefined, ...more });

/** The links that fail: `from -> to: code`. */
export function failuresOf({ nodes, links }: Lineage): string[] {
  const nameOf = (id: string): string | undefined => nodes.find((one) => one.id === id)?.name;
  return links.flatMap(({ from, to, failures }) =>
    failures.map(({ code }) => `${nameOf(from)} -> ${nameOf(to)}: ${code}`),
  );
}
