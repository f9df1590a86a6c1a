import { readFileSync } from 'node:fs';
import { Command, CommanderError, Option } from 'commander';
import { limits } from '../limits.ts';
import { createAuthority } from '../node/authority/pki.ts';
import { note, noteText, print, printJson, reportError } from '../node/terminal/output.ts';
import { suiteOf, suiteOptions } from '../node/terminal/suite.ts';
import {
  describeReadings,
  type PeerOptions,
  parseAddress,
  parseCount,
  parseReading,
  parseSeconds,
  type ServeOptions,
} from '../node/terminal/words.ts';
import type { Address } from '../node/transport/tcp.ts';
import { authorityCommands } from './ca/command.ts';
import { enrolmentCommands } from './cert/enrolment.ts';
import { issueCommand } from './cert/issue.ts';
import { lifecycleCommands } from './cert/lifecycle.ts';
import { verifyCommand } from './cert/verify.ts';
import { runDemo } from './demo.ts';
import { parseExpected, parseIssuer } from './expected.ts';
import { inspectCommand } from './inspect/command.ts';
import { keyCommands } from './key/command.ts';
import { handOver, labCommands } from './lab.ts';
import { passphraseOption, withPassphrases } from './passphrase.ts';
import { runConnect, runServe } from './peers.ts';

const packageFile = new URL('../../package.json', import.meta.url);
const collect = (value: string, before: readonly string[] = []): readonly string[] => [...before, value];

function examples(command: Command, ...lines: readonly string[]): Command {
  return command.addHelpText('after', `\nExamples:\n${lines.map((line) => `  $ pquake ${line}`).join('\n')}`);
}

function peerOptions(command: Command): Command {
  return suiteOptions(command)
    .requiredOption('--cert <file>', 'own certificate, PEM')
    .requiredOption('--key <file>', 'its private key, PKCS#8 PEM')
    .requiredOption('--ca <file>', 'trust anchors, PEM; may be given again', collect)
    .option('--intermediates <file>', 'authorities under them, PEM; may be given again', collect)
    .option('--crl <file>', 'revocation lists, PEM; may be given again', collect)
    .option('--require-crl', 'refuse certificates of issuers without a revocation list')
    .option('--passphrase-file <file>', 'its first line is the passphrase of the key, when that is encrypted')
    .option('--psk-file <file>', 'pre-shared secret: hexadecimal, at least 32 octets; both peers or neither')
    .option(
      '--expect <name>',
      "who the peer must be: common name, CN=... for the subject, URI:..., DNS:..., or 'anyone'; may be given again",
      parseExpected,
    )
    .option(
      '--expect-issuer <anchor>',
      'the trust anchor that vouches for it: CN=... for its subject, or a file; may be given again',
      parseIssuer,
    )
    .hook('preAction', (_, action) => {
      const { expect, expectIssuer } = action.opts<PeerOptions>();
      if (expectIssuer !== undefined && (expect === undefined || expect.includes('anyone')))
        action.error('error: --expect-issuer needs the names that it vouches for: --expect NAME', { exitCode: 2 });
    })
    .option(
      '--reading <k=v,...>',
      `readings of the draft other than the default ones: ${describeReadings()}`,
      parseReading,
    )
    .addOption(new Option('--crypto <name>', 'back end; default the fastest').choices(['noble', 'native']))
    .addOption(new Option('--schedule <name>', 'eager: five flights').choices(['eager', 'lockstep']).default('eager'))
    .addOption(
      new Option('--first <role>', 'in lockstep, who shows its certificate first; the same on both sides')
        .choices(['initiator', 'responder'])
        .default('initiator'),
    )
    .option('--message-timeout <seconds>', 'for each message (default: 10)', parseSeconds)
    .option('--handshake-timeout <seconds>', 'for the whole handshake (default: 30)', parseSeconds)
    .option('--trace', 'every message as a line of JSON on standard error')
    .option('--json', 'one line of JSON for each handshake on standard output')
    .option(
      '--keylog <file>',
      'append the secrets of every handshake to it: breaks every secrecy claim (spec/keylog.md)',
    );
}

/** How much a responder takes on. */
const intakeOptions = (command: Command): Command =>
  command
    .option(
      '--first-octet-timeout <seconds>',
      `for the first octet of a connection (default: ${limits.firstOctet / 1_000})`,
      parseSeconds,
    )
    .option(
      '--max-handshakes <n>',
      `handshakes under way; then a newcomer takes the place of the longest silent (default: ${limits.handshakes})`,
      parseCount,
    )
    .option(
      '--max-handshakes-per-address <n>',
      `of these, those of one IPv4 address or IPv6 /64 (default: ${limits.handshakesPerAddress})`,
      parseCount,
    )
    .option('--max-connections <n>', 'handshakes under way and open sessions together (default: no bound)', parseCount)
    .option(
      '--max-rate <n>',
      `new connections a second of one IPv4 address or IPv6 /64, but for loopback (default: ${limits.handshakesPerSecond})`,
      parseCount,
    );

/** Runs the command line. @returns the exit status: 0, 1 for a failure, 2 for wrong usage */
export async function run(words: readonly string[]): Promise<number> {
  const at = words.findIndex((word) => word.length > limits.optionText);
  if (at >= 0) {
    note(`pquake: word ${at + 1} of the command line has more than ${limits.optionText} characters`);
    return 2;
  }
  const [name = ''] = words;
  if (Object.hasOwn(labCommands, name)) return await handOver(words);
  let status = 0;
  const { version } = JSON.parse(readFileSync(packageFile, 'utf8'));
  const program = new Command('pquake')
    .description('Post-quantum authenticated key exchange (PQuAKE).')
    .version(version);
  const guarded = async (json: boolean | undefined, action: () => number | Promise<number>): Promise<void> => {
    try {
      status = await action();
    } catch (error) {
      status = reportError(error, json === true);
    }
  };

  const ca = program.command('ca').description('certification authority');
  examples(
    suiteOptions(passphraseOption(ca.command('init <directory>'), 'of the key, which encrypts it'))
      .description('make an authority: DIRECTORY/ca.pem and DIRECTORY/ca.key (mode 0600)')
      .option('--name <name>', 'common name', 'PQuAKE CA')
      .option('--force', 'overwrite an authority that is there')
      .option('--json', 'one line of JSON on standard output')
      .action((directory: string, { name, force, json, ...options }) =>
        guarded(json, async () => {
          const { certificateFile, keyFile } = await withPassphrases(options, (access) =>
            createAuthority({ suite: suiteOf(options), directory, name, force, ...access }),
          );
          if (json) printJson({ ok: true, certificate: certificateFile, key: keyFile });
          else print(`wrote ${certificateFile} and ${keyFile}; guard the key`);
          return 0;
        }),
      ),
    'ca init pki',
    "ca init pki --name 'Example CA'",
  );

  authorityCommands(ca, guarded);

  const cert = program.command('cert').description('certificates');
  issueCommand(cert, guarded);
  verifyCommand(cert, (result) => {
    status = result;
  });
  enrolmentCommands(cert, (result) => {
    status = result;
  });
  lifecycleCommands(cert, guarded);
  keyCommands(program, guarded);

  examples(
    intakeOptions(peerOptions(program.command('serve').description('listen as the responder')))
      .requiredOption('--listen <host:port>', 'where to listen; port 0 chooses one', parseAddress)
      .option('--once', 'one handshake, then end with its status')
      .action((options: ServeOptions & { listen: Address }) =>
        guarded(options.json, () => runServe(options.listen, options)),
      ),
    'serve --listen 127.0.0.1:4433 --cert pki/bob.pem --key pki/bob.key --ca pki/ca.pem --expect alice --expect carol',
    'serve --listen 127.0.0.1:4433 --cert pki/bob.pem --key pki/bob.key --ca pki/ca.pem --expect anyone',
    'serve --listen 127.0.0.1:4433 --cert pki/bob.pem --key pki/bob.key --ca pki/ca.pem --expect alice --once --json',
  );

  examples(
    peerOptions(program.command('connect').description('connect as the initiator'))
      .argument('<host:port>', 'where the responder listens', parseAddress)
      .action((address: Address, options: PeerOptions) => guarded(options.json, () => runConnect(address, options))),
    'connect 127.0.0.1:4433 --cert pki/alice.pem --key pki/alice.key --ca pki/ca.pem --expect bob',
    'connect 127.0.0.1:4433 --cert pki/alice.pem --key pki/alice.key --ca pki/ca.pem --expect URI:https://bob.example --json',
    'connect 127.0.0.1:4433 --cert a.pem --key a.key --ca ca.pem --ca partner.pem --expect bob --expect-issuer ca.pem',
    'connect 127.0.0.1:4433 --cert pki/alice.pem --key pki/alice.key --ca pki/ca.pem --expect bob --psk-file psk.hex',
  );

  examples(
    program
      .command('demo')
      .description('two processes complete handshakes over loopback TCP, with a throw-away authority')
      .addOption(new Option('--crypto <name>', 'back end; default the fastest').choices(['noble', 'native']))
      .action(({ crypto }) => guarded(false, () => runDemo(crypto))),
    'demo',
  );

  for (const [name, description] of Object.entries(labCommands)) {
    program.command(name).description(`${description} (of pquake-lab)`);
  }

  inspectCommand(program, guarded);

  return await parse(program, words, () => status);
}

/** Usage errors are status 2; help and version are 0. */
async function parse(program: Command, words: readonly string[], status: () => number): Promise<number> {
  const all = (command: Command): Command[] => [command, ...command.commands.flatMap(all)];
  for (const command of all(program)) {
    command.configureOutput({ writeErr: noteText }).exitOverride().showHelpAfterError('(add --help for examples)');
  }
  try {
    await program.parseAsync(words, { from: 'user' });
    return status();
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    throw error;
  }
}
