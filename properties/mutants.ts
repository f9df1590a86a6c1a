// The matrix of mutants: the killers of each, on terms, on octets, by vectors and with provers. Fails on a survivor without a stated reason.
//   npm run mutants [-- --json]

import { defaultChoice, readingOf } from '../src/generated/keySchedule.ts';
import type { Variant } from '../src/lab/adversary/session.ts';
import { broken, type Mutant, mutants } from '../src/lab/mutants/index.ts';
import { type Assembled, assemble, loadManifest, readLedger } from '../src/lab/prove/index.ts';
import { judge, readVectors } from '../src/lab/vectors/judge.ts';
import { note, print } from '../src/node/terminal/output.ts';
import { check } from './check.ts';
import { octetsOfHonestRun } from './honestOctets.ts';

const variant: Variant = { reading: readingOf(defaultChoice), schedule: 'eager' };

interface Row {
  readonly mutant: string;
  readonly property: string;
  readonly octets: string;
  /** The first vector that tells the mutant from the protocol. */
  readonly vectors: string;
  readonly provers: string;
  readonly reason: string;
}

const teller = judge(readVectors());
const models = loadManifest('models').map(assemble);
const ledger = readLedger('models');

/** Queries whose recorded verdict on the mutant differs from the one on the default reading. */
function caughtBy(id: string): string[] {
  const verdict = ({ model, digest }: Assembled, query: string): string | undefined => {
    const entry = ledger.get(model.id);
    return entry?.digest === digest ? entry.queries.find((one) => one.id === query)?.verdict : undefined;
  };
  return models
    .filter(({ model }) => model.id.endsWith(`@mutants.${id}`))
    .flatMap((one) => {
      const base = models.find(({ model }) => one.model.id.startsWith(`${model.id}@`));
      return one.queries
        .filter(
          ({ id: query }) =>
            base !== undefined && verdict(one, query) !== undefined && verdict(one, query) !== verdict(base, query),
        )
        .map(({ id: query }) => query);
    });
}

function rowOf(mutant: Mutant, implementation: string): Row {
  const { found } = check(broken(variant, mutant), { seed: 7, runs: 20_000, mutant: mutant.id });
  return {
    mutant: mutant.id,
    property: found?.invariant ?? '-',
    octets: octetsOfHonestRun(broken(variant, mutant)) === implementation ? '-' : 'other octets',
    vectors: teller((real) => broken(real, mutant)) ?? '-',
    provers: caughtBy(mutant.id).join(', ') || '-',
    reason: mutant.survives ?? '',
  };
}

function main(): void {
  const implementation = octetsOfHonestRun(variant);
  const rows = mutants.map((mutant) => rowOf(mutant, implementation));
  const survivors = rows.filter(({ property, reason }) => property === '-' && reason === '');
  const excused = rows.filter(({ property, reason }) => property !== '-' && reason !== '');
  if (process.argv.includes('--json')) print(JSON.stringify(rows, null, 2));
  else {
    for (const { mutant, property, octets, vectors, provers, reason } of rows) {
      print(
        `${mutant.padEnd(30)} ${property.padEnd(22)} ${octets.padEnd(13)} ${vectors.padEnd(52)} ${provers}${reason === '' ? '' : `\n${' '.repeat(31)}survives the properties: ${reason}`}`,
      );
    }
    print(
      `${rows.length} mutants: ${rows.filter(({ property }) => property !== '-').length} killed by a property, ${rows.filter(({ octets }) => octets !== '-').length} seen on octets, ${rows.filter(({ vectors }) => vectors !== '-').length} told by a vector, ${rows.filter(({ provers }) => provers !== '-').length} caught by a prover`,
    );
  }
  for (const { mutant } of survivors) note(`${mutant} survives, and no reason is stated`);
  for (const { mutant } of excused) note(`${mutant} is killed, but a reason is stated why it survives`);
  process.exitCode = survivors.length + excused.length > 0 ? 1 : 0;
}

main();
