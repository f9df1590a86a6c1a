// The table of models/harvest.md: whose identity a record shows when the KEM falls later.
import { table } from '../spec/text.ts';
import { modelLink } from './links.ts';
import type { Asked } from './models.ts';

/** How the KEM falls, by the name in the models. */
const falls = {
  broken: 'ciphertexts show their secrets, and nothing else',
  coins: 'ciphertexts show their coins (`m`)',
  recovered: 'public keys show their secret keys',
} as const;
const secrets = { 'secret-psk': 'secret', nopsk: 'none' } as const;
const roles = ['initiator', 'responder'] as const;
const readings = ['default', 'hiding-key', 'bound', 'header'] as const;

/** Hidden where the equivalence is proved; shown where it is not and a trace names the agent. */
function cell(asked: readonly Asked[], name: string, role: string, reading: string): string {
  const id = `harvest-${role}.${name}${reading === 'default' ? '' : `@readings.${reading}`}`;
  const found = asked.find((one) => one.id === id);
  if (found === undefined) return '';
  if (found.verdict === 'true') return `[hidden](${target(id)})`;
  const trace = id.replace('harvest-', 'harvest-attack-');
  const shown = asked.some((one) => one.id === trace && one.query.reachability && one.verdict === 'false');
  return found.verdict === 'unproved' && shown ? `**[shown](${target(trace)})**` : (found.verdict ?? 'not recorded');
}

function target(id: string): string {
  const link = modelLink(id);
  return link.slice(link.lastIndexOf('(') + 1, -1);
}

/** The table, by the name of its marker. */
export const harvestTables = (asked: readonly Asked[]): Readonly<Record<string, string>> => ({
  harvest: table(
    ['how the KEM falls', '`ss_pre`', 'identity of the', ...readings],
    Object.entries(falls).flatMap(([fall, words]) =>
      Object.entries(secrets).flatMap(([secret, told]) =>
        roles.map((role) => [
          words,
          told,
          role,
          ...readings.map((reading) => cell(asked, `${fall}.${secret}`, role, reading)),
        ]),
      ),
    ),
  ),
});
