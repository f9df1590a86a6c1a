// What a drawing says of a node, in lines.
import { match } from 'ts-pattern';
import { timeText } from '../../time.ts';
import type { Evaluation } from '../statement/evaluation.ts';
import type { Believed } from './evidence.ts';
import { lineageBounds } from './lineage.ts';

function factsOfEvaluation({ result, passed, warned, failed, metrics }: Evaluation): string[] {
  const shown = metrics.slice(0, lineageBounds.facts).map(({ name, value, test }) => {
    const of = test === undefined ? '' : ` (${test})`;
    return `${name}${of}: ${value}`;
  });
  const more = metrics.length - shown.length;
  return [
    `${result}: ${passed.length} passed, ${warned.length} with warnings, ${failed.length} failed`,
    ...shown,
    ...(more > 0 ? [`${more} more values`] : []),
  ];
}

/** The lines of a statement that is believed. */
export const factsOf = (believed: Believed): string[] =>
  match(believed)
    .with({ kind: 'origin' }, ({ value: { builder, started, finished } }) => [
      `built by ${builder.id}`,
      ...(started === undefined ? [] : [`started ${timeText(started)}`]),
      ...(finished === undefined ? [] : [`finished ${timeText(finished)}`]),
    ])
    .with({ kind: 'evaluation' }, ({ value }) => factsOfEvaluation(value))
    .with({ kind: 'card' }, ({ value: { version } }) => (version === undefined ? [] : [`version ${version}`]))
    .with({ kind: 'summary' }, ({ value: { verifier, time, result, levels } }) => [
      `${result} at ${timeText(time)}`,
      `by ${verifier.id}`,
      ...levels.slice(0, lineageBounds.facts),
    ])
    .exhaustive();

/** What the node of a statement is called. */
export const nameOf = (believed: Believed): string =>
  match(believed)
    .with({ kind: 'card' }, ({ value }) => value.name)
    .with({ kind: 'evaluation' }, ({ value: { url } }) => url ?? believed.given.source)
    .with({ kind: 'summary' }, ({ value: { policy } }) => policy.uri ?? believed.given.source)
    .with({ kind: 'origin' }, () => believed.given.source)
    .exhaustive();
