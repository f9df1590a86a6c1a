// spec/traceability.md and spec/traceability.json: from each requirement to its evidence, and from each evidence back.
import type { Requirement } from '../spec/spec.ts';
import { table } from '../spec/text.ts';
import { type Citations, type Evidence, kindsOfEvidence, loadCitations } from './citations.ts';
import { code, queryLink } from './links.ts';
import type { Asked } from './models.ts';

const by = (citations: Citations, id: string): string[] =>
  [...citations].filter(([, cited]) => cited.includes(id)).map(([name]) => name);

const link = (file: string): string => `[${file.replace(/^.*\//, '')}](../${file})`;
const most = 4;

/** The first few names, and how many more there are; the JSON has all. */
const few = (names: readonly string[], show: (name: string) => string): string =>
  names.length <= most
    ? names.map(show).join(', ')
    : `${names.slice(0, most).map(show).join(', ')} and ${names.length - most} more`;

/** The reason why nothing in this repository shows a requirement, by who has to meet it. */
function elsewhere({ role, observable }: Requirement): string {
  if (role === 'deployer') return 'for who deploys it: [operating](operating.md)';
  if (role === 'components')
    return 'assumed of the algorithms: [models](../models/README.md#what-is-proved-what-is-only-tested-what-is-assumed)';
  return observable === 'none' ? 'by construction' : '';
}

function rows(
  requirements: readonly Requirement[],
  all: Readonly<Record<Evidence, Citations>>,
  query: (id: string) => string,
): string[][] {
  return requirements.map((requirement) => {
    const { id, section, level } = requirement;
    const at = (kind: Evidence): string[] => by(all[kind], id);
    const bare = kindsOfEvidence.every((kind) => kind === 'code' || at(kind).length === 0);
    return [
      `<a id="${id}"></a>${id}`,
      section,
      level,
      few(at('code'), link),
      bare ? elsewhere(requirement) : few(at('tests'), link),
      few(at('vectors'), code),
      few(at('cases'), code),
      few(at('properties'), code),
      few(at('queries'), query),
    ];
  });
}

const backRows = (citations: Citations, show: (name: string) => string): string[][] =>
  [...citations].map(([name, ids]) => [show(name), ids.map((id) => `[${id}](#${id})`).join(', ')]);

/** Every requirement with the names of its evidence of each kind. */
export function traceabilityJson(asked: readonly Asked[], stated: readonly Requirement[]): string {
  const all = loadCitations(asked, stated);
  const requirements = stated.map(({ id, section, level }) => ({
    id,
    section,
    level,
    ...Object.fromEntries(kindsOfEvidence.map((kind) => [kind, by(all[kind], id)])),
  }));
  const lines = requirements.map((one) => `    ${JSON.stringify(one)}`).join(',\n');
  return `{\n  "requirements": [\n${lines}\n  ]\n}\n`;
}

/** The tables of spec/traceability.md. */
export function traceabilityTables(
  asked: readonly Asked[],
  requirements: readonly Requirement[],
): Readonly<Record<string, string>> {
  const all = loadCitations(asked, requirements);
  const tools = new Map(asked.map(({ tool, query }) => [query.id, tool]));
  const head = ['requirement', 'section', 'level', 'code', 'tests', 'vectors', 'cases', 'properties', 'queries'];
  const query = (id: string): string =>
    queryLink(tools.get(id) ?? '', id).replace('(queries.md', '(../models/queries.md');
  return {
    requirements: table(head, rows(requirements, all, query)),
    code: table(['file', 'requirements'], backRows(all.code, link)),
    tests: table(['file', 'requirements'], backRows(all.tests, link)),
    properties: table(['property', 'requirements'], backRows(all.properties, code)),
    queries: table(['query', 'requirements'], backRows(all.queries, query)),
    cases: table(['case', 'requirements'], backRows(all.cases, code)),
  };
}
