// Transcripts as ProVerif text: two functions that make one; scenarios show a judge one of them.
import { guessing } from '../deniability/faults.ts';
import { type Told, toldByPeers, toldBySimulator } from './deniability.ts';
import { type Context, type Form, indent, process, trimmed } from './proverifProcess.ts';
import type { Protocol } from './roles.ts';
import { roleSuffix } from './symbols.ts';

type Given = Pick<Context, 'symbols' | 'form' | 'functions'> & { readonly told: NonNullable<Form['told']> };

const typed = (names: readonly string[]): string => names.map((name) => `${name}: bitstring`).join(', ');

/** A function that runs the lines and answers what is shown. */
function toldFunction(given: Given, name: string, parameters: readonly string[], explored: Told): string {
  const lines = process({ ...given, explored, defined: new Set(parameters) }, explored.lines);
  if (lines.pop() !== '0') throw new Error(`${name} does not come to its end`);
  const body = [...lines, `told(${explored.shown.join(', ')})`];
  return `letfun ${name}(${typed(parameters)}) =\n${trimmed(indent(body))}.`;
}

/** What a judge is told: the constructor, and the two ways to make it. */
export function toldProcesses(given: Given, protocol: Protocol): string[] {
  const { by, guessing: guesses } = given.told;
  const { psk } = given.form;
  const own = roleSuffix[by];
  const peers = ['cert_i', 'sk_i', 'cert_r', 'sk_r', 'ss_pre'];
  const alone = ['cert_i', 'cert_r', `sk_${own}`, 'ss_pre'];
  const real = toldByPeers(given.symbols, protocol, psk, by);
  const simulated = toldBySimulator(given.symbols, protocol, psk, by, guesses ? guessing : {});
  const shown = real.shown.map((name) => name.replaceAll("'", ''));
  const types = shown.map(() => 'bitstring').join(', ');
  return [
    `(* What is told: ${shown.join(', ')}. *)\nfun told(${types}): bitstring [data].`,
    `(* Two honest peers, each with its own key; the ${by} tells. A prime marks what one computed otherwise than the other. *)
${toldFunction(given, 'told_by_peers', peers, real)}`,
    `(* A simulator that has the key of the ${by} alone. *)
${toldFunction(given, 'told_by_simulator', alone, simulated)}`,
  ];
}
