// Citations of requirements: which files, vectors, cases, properties and queries name or need each of them.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { defaultChoice } from '../../generated/keySchedule.ts';
import { invariants } from '../adversary/invariants.ts';
import { channelCasesFor } from '../conformance/cases/channel.ts';
import { casesFor } from '../conformance/cases/index.ts';
import { mutants } from '../mutants/index.ts';
import type { Requirement } from '../spec/spec.ts';
import { type Asked, differs } from './models.ts';

/** One kind of evidence: what cites a requirement, and the ids that it cites. */
export type Citations = ReadonlyMap<string, readonly string[]>;

const unique = <T>(values: readonly T[]): T[] => [...new Set(values)];

/** Ids in a text; `PQ-A to PQ-B` is every id from A to B in the order of the file. Comments may break such a range over lines. */
export function citedIn(text: string, ids: readonly string[]): string[] {
  const plain = text.replaceAll(/\n[ \t]*(\*|\/\/|#)?[ \t]*/g, ' ');
  const found = [...plain.matchAll(/\b(PQ-[0-9PC][0-9.]*-\d\d)\b(?: to (PQ-[0-9PC][0-9.]*-\d\d)\b)?/g)];
  return unique(
    found.flatMap(([, first = '', last]) =>
      last === undefined ? [first] : ids.slice(ids.indexOf(first), ids.indexOf(last) + 1),
    ),
  );
}

const filesUnder = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts') && !name.includes('node_modules') && !name.endsWith('.d.ts'))
    .map((name) => join(folder, name))
    .sort();

function ofFiles(files: readonly string[], ids: readonly string[]): Citations {
  const cited = files.map((file): [string, string[]] => [file, citedIn(readFileSync(file, 'utf8'), ids)]);
  return new Map(cited.filter(([, found]) => found.length > 0));
}

interface VectorFile {
  readonly cases: readonly { readonly id: string; readonly requirements?: readonly string[] }[];
}

const vectorFolder = 'spec/vectors/v1';

function ofVectors(): Citations {
  const names = readdirSync(vectorFolder).filter(
    (name) => name.endsWith('.json') && !/^(index|vectors\.schema)/.test(name),
  );
  return new Map(
    names
      .sort()
      .flatMap((name) =>
        (JSON.parse(readFileSync(join(vectorFolder, name), 'utf8')) as VectorFile).cases.map(
          ({ id, requirements = [] }): [string, readonly string[]] => [id, requirements],
        ),
      ),
  );
}

const ofCases = (): Citations =>
  new Map(
    (['responder', 'initiator'] as const).flatMap((role) =>
      [...casesFor(role, defaultChoice), ...channelCasesFor(role)].map(
        ({ id, requirements }): [string, readonly string[]] => [`${role} ${id}`, requirements],
      ),
    ),
  );

/**
 * A query needs the requirements of the mutants that it catches: their models differ from the protocol in these alone. Only
 * recorded verdicts count.
 */
function ofQueries(asked: readonly Asked[]): Citations {
  const cited = new Map<string, string[]>();
  for (const { id, requirements } of mutants) {
    const caught = asked.filter(
      (one) => one.protocol === `mutants/${id}` && one.verdict !== undefined && differs(one, asked),
    );
    for (const { query } of caught) cited.set(query.id, unique([...(cited.get(query.id) ?? []), ...requirements]));
  }
  return cited;
}

/** Every kind of evidence, by name. */
export function loadCitations(
  asked: readonly Asked[],
  requirements: readonly Requirement[],
): Readonly<Record<Evidence, Citations>> {
  const ids = requirements.map(({ id }) => id);
  const own = (file: string): boolean => !/^src\/(generated|lab)\//.test(file);
  return {
    code: ofFiles([...filesUnder('src').filter(own), 'spec/pquake.yaml', 'spec/channel.yaml'], ids),
    tests: ofFiles(filesUnder('test'), ids),
    vectors: ofVectors(),
    cases: ofCases(),
    properties: new Map(invariants.map(({ id, requirements }) => [id, requirements])),
    queries: ofQueries(asked),
  };
}

export const kindsOfEvidence = ['code', 'tests', 'vectors', 'cases', 'properties', 'queries'] as const;
export type Evidence = (typeof kindsOfEvidence)[number];
