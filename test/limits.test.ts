import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { limits } from '../src/limits.ts';
import { mostGates } from '../src/mcp/bridge/conversations.ts';
import { defaultPlaces } from '../src/mcp/bridge/places.ts';
import { stderrBounds } from '../src/mcp/bridge/stderr.ts';
import { defaultLimits as gateLimits } from '../src/mcp/gate/contract.ts';
import { policyBounds } from '../src/mcp/policy/source.ts';
import { defaultLimits as policyLimits } from '../src/mcp/policy/terms.ts';
import { mostAccounts } from '../src/mcp/policy/usage.ts';
import { mostLine } from '../src/mcp/record/entry.ts';
import { standardWaiting } from '../src/mcp/record/recorder.ts';
import { standardRotation } from '../src/mcp/record/writer.ts';
import { mostWaiting } from '../src/mcp/resilience/reconnecting.ts';
import { bounds as toolBounds } from '../src/mcp/tools/bounds.ts';
import { deepest } from '../src/mcp/transport/jsonText.ts';
import { usualUnderWay } from '../src/mcp/transport/places.ts';
import { usualSubscriptions } from '../src/mcp/transport/serveOverChannel.ts';
import { longestMessage } from '../src/mcp/transport/splitMessages.ts';
import { usualAnswerTimeout } from '../src/mcp/transport/upstream.ts';
import { mostSessions } from '../src/mcp/transport/upstreamSessions.ts';
import { mostStars } from '../src/pattern.ts';
import { mostFiles } from '../src/provenance/disk/enumerate.ts';
import { statementBounds } from '../src/provenance/disk/givenStatements.ts';
import { inventoryLimits } from '../src/provenance/disk/inventory.ts';
import { mostInMemory } from '../src/provenance/disk/openVerified.ts';
import { lineageBounds } from '../src/provenance/lineage/lineage.ts';
import { logBounds } from '../src/provenance/log/bounds.ts';
import { bundleLimits } from '../src/provenance/signature/bundle.ts';
import { nameBounds } from '../src/provenance/statement/fileNames.ts';
import { statementLimits } from '../src/provenance/statement/inToto.ts';
import { integrityLimits } from '../src/provenance/statement/integrity.ts';
import { predicateBounds } from '../src/provenance/statement/predicateFields.ts';
import { longestSuccession } from '../src/provenance/trust/history.ts';
import { judgedLimits } from '../src/provenance/trust/judge.ts';
import { keyStatementLimits } from '../src/provenance/trust/keyEnvelope.ts';
import { trustPolicyLimits } from '../src/provenance/trust/policy.ts';
import { longestTimestamp } from '../src/provenance/trust/timestamp.ts';

/** The rows of the page whose name is of such a form. */
function statedAs(name: string): Record<string, number> {
  const page = readFileSync('spec/security.md', 'utf8');
  const rows = [...page.matchAll(new RegExp(`^\\| \`(${name})\` \\| ([\\d,]+) \\| \\S`, 'gm'))];
  const stated = Object.fromEntries(rows.map(([, row, most]) => [row, Number(most?.replaceAll(',', ''))]));
  expect(Object.keys(stated)).toHaveLength(rows.length);
  return stated;
}

/** Names of bounds behind that of the folder that they stand in. */
const named = (folder: string, bounds: Readonly<Record<string, number>>): Record<string, number> =>
  Object.fromEntries(Object.entries(bounds).map(([name, most]) => [`${folder}.${name}`, most]));

it('the table of spec/security.md has every bound, and no other', () => {
  expect(statedAs('\\w+')).toEqual(limits);
});

it('its table of pquake-mcp has the bounds of that package', () => {
  const rules = JSON.parse(readFileSync('spec/schema/mcp-policy.schema.json', 'utf8')).properties.rules.maxItems;
  const { octets: file, depth } = policyBounds;
  const { servers, startsPerSecond } = defaultPlaces;
  expect(statedAs('\\w+\\.\\w+')).toEqual({
    ...named('transport', { longestMessage, deepest, usualUnderWay, usualSubscriptions }),
    ...named('transport', { usualAnswerTimeout, mostSessions }),
    ...named('gate', { ...gateLimits }),
    ...named('policy', { file, depth, rules, mostStars, mostAccounts, ...policyLimits }),
    ...named('record', { mostLine, standardWaiting, standardRotation }),
    ...named('tools', toolBounds),
    ...named('resilience', { mostWaiting }),
    ...named('bridge', {
      servers,
      startsPerSecond,
      stderrLines: stderrBounds.lines,
      stderrCharacters: stderrBounds.characters,
      mostGates,
    }),
  });
});

it('its table of provenance has the bounds of that room', () => {
  expect(statedAs('\\w+\\.\\w+\\.\\w+')).toEqual({
    ...named('signature.bundle', bundleLimits),
    ...named('statement.inToto', statementLimits),
    ...named('statement.integrity', integrityLimits),
    ...named('statement.names', nameBounds),
    ...named('statement.predicate', predicateBounds),
    ...named('trust.policy', trustPolicyLimits),
    ...named('trust.judged', judgedLimits),
    ...named('trust.keyStatement', keyStatementLimits),
    ...named('trust.times', { longestSuccession, longestTimestamp }),
    ...named('lineage.graph', lineageBounds),
    ...named('log.note', logBounds),
    ...named('disk.model', { mostFiles, mostInMemory }),
    ...named('disk.inventory', inventoryLimits),
    ...named('disk.statements', statementBounds),
  });
});
