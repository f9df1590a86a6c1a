import { fileURLToPath } from 'node:url';
import { Argument, Option } from 'commander';
import { wipeMaterial } from '../../node/files/material.ts';
import { type CommandDefinition, UsageError } from '../../node/terminal/command.ts';
import { type JsonOptions, jsonOption } from '../../node/terminal/options.ts';
import { note, print, printJson } from '../../node/terminal/output.ts';
import { checkExpected } from '../../node/terminal/peer/expected.ts';
import { suiteOf } from '../../node/terminal/suite.ts';
import { parseAddress } from '../../node/terminal/words.ts';
import { addressText } from '../../node/transport/network.ts';
import type { Address } from '../../node/transport/tcp.ts';
import { type Finding, skipped } from '../doctor/check.ts';
import { type GivenPeerOptions, optionalPeerOptions, peerOptionsOf } from '../doctor/dial.ts';
import { checkHostFile } from '../doctor/entries.ts';
import { configurationFor, fileOf, type Host, hosts, nameInHost, wordsOf } from '../doctor/hosts.ts';
import { checkServer } from '../doctor/reach.ts';
import { checkMaterial, checkNode, checkOtherFiles } from '../doctor/setup.ts';
import { readPolicy } from '../policy/policy.ts';
import { readPins } from '../tools/files.ts';
import { type PinsWords, pinsOptions } from './pins.ts';

interface DoctorOptions extends GivenPeerOptions, PinsWords, JsonOptions {
  readonly policy?: string;
  readonly config?: string;
  readonly print?: Host;
  readonly name?: string;
}

/** The script that hosts start: its source in a checkout, otherwise what was built. */
const script = (): string =>
  fileURLToPath(new URL(import.meta.url.endsWith('.ts') ? '../main.ts' : '../main.js', import.meta.url));

const peerWords = optionalPeerOptions.filter(({ long }) => long !== '--json');

/** Prints the configuration of a host, and says where it belongs. */
function printFor(host: Host, address: Address | undefined, options: DoctorOptions): number {
  if (address === undefined) throw new UsageError('--print needs HOST:PORT of the server');
  const given = peerOptionsOf(options);
  const words = wordsOf([...peerWords, ...pinsOptions], { ...given });
  const args = [script(), 'connect', addressText(address), ...words];
  const name = nameInHost(options.name ?? given.expect?.[0] ?? 'pquake');
  const text = configurationFor(host, { name, command: process.execPath, args });
  for (const line of text.split('\n')) print(line);
  note(`for ${fileOf(host)}`);
  return 0;
}

async function checkPeer(address: Address | undefined, options: DoctorOptions, now: Date): Promise<readonly Finding[]> {
  const isGiven = [options.cert, options.key, options.ca].some((one) => one !== undefined);
  if (address === undefined && !isGiven) return [];
  const given = peerOptionsOf(options);
  checkExpected(given);
  const { findings, value: material } = await checkMaterial(given, now);
  if (material === undefined)
    return address === undefined ? findings : [...findings, skipped('TCP', 'what is wrong above')];
  try {
    if (address === undefined) return findings;
    const pins = options.pins === undefined ? undefined : readPins(options.pins);
    return [
      ...findings,
      ...(await checkServer({ address, options: given, material, pins, pinsOnly: options.pinsOnly === true, now })),
    ];
  } finally {
    wipeMaterial(material);
  }
}

const marks = { ok: 'ok   ', look: 'look ', wrong: 'WRONG', skipped: '  -  ' } as const;

const lineOf = ({ check, standing, found, todo }: Finding): string =>
  `${marks[standing]} ${check}: ${found}${todo === undefined ? '' : ` -> ${todo}`}`;

async function runDoctor(
  commands: readonly CommandDefinition[],
  address: Address | undefined,
  options: DoctorOptions,
): Promise<number> {
  if (options.print !== undefined) return printFor(options.print, address, options);
  const other = checkOtherFiles(options, readPolicy);
  const isBad = other.some(({ check, standing }) => check === 'pins' && standing === 'wrong');
  const { pins: _, ...withoutPins } = options;
  const findings = [
    checkNode(suiteOf(options)),
    ...other,
    ...(options.config === undefined ? [] : checkHostFile(options.config, commands)),
    ...(await checkPeer(address, isBad ? withoutPins : options, new Date())),
  ];
  const isFine = findings.every(({ standing }) => standing !== 'wrong');
  if (options.json === true) printJson({ ok: isFine, findings });
  else for (const finding of findings) print(lineOf(finding));
  return isFine ? 0 : 1;
}

/** The command `doctor`. @param commands - those that entries of hosts may start */
export const doctorCommand = (commands: readonly CommandDefinition[]): CommandDefinition => ({
  words: 'doctor',
  description: 'try a set-up step by step, and say what is wrong; print the configuration of hosts',
  arguments: [new Argument('[host:port]', 'where the server listens').argParser(parseAddress)],
  options: [
    new Option('--print <host>', 'print the configuration that starts `connect` with these options').choices(hosts),
    new Option('--name <name>', 'of the server in that configuration (default: the expected name)'),
    new Option('--config <file>', "check the entries of a host's file that start pquake; JSON, nothing is written"),
    new Option('--policy <file>', 'check a policy'),
    ...pinsOptions,
    ...peerWords,
    new Option(jsonOption.flags, 'the findings as one line of JSON'),
  ],
  examples: [
    'doctor 127.0.0.1:4433 --cert alice.pem --key alice.key --ca ca.pem --expect bob --pins pins.json',
    'doctor 127.0.0.1:4433 --cert alice.pem --key alice.key --ca ca.pem --expect bob --print claude-desktop',
    'doctor --config .vscode/mcp.json',
  ],
  action: (address: Address | undefined, options: DoctorOptions) => runDoctor(commands, address, options),
});
