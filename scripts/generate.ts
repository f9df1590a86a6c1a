// Writes src/generated/, the tables of spec/*.md and the dissector of spec/wireshark/ from spec/*.yaml. Then, in a process that imports
// the new sources, it writes the models and the pages about them. With --check it only compares, and fails on drift.
import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { loadSpec, type Spec } from '../src/lab/spec/spec.ts';
import { fillTables } from '../src/lab/spec/text.ts';
import { type Rendered, settle, tell } from '../src/lab/spec/written.ts';
import { removeDirectory, temporaryDirectory } from '../src/node/temporary/temporary.ts';
import { channel, channelKeys, channelTables } from './generate/channel.ts';
import { keySchedule } from './generate/keySchedule.ts';
import { codec, constants, failures, keyLog, kinds, messages, requirements } from './generate/modules.ts';
import { proposals } from './generate/proposals.ts';
import { keyLogTables, tables } from './generate/readme.ts';
import { suites } from './generate/suites.ts';
import { wireshark } from './generate/wireshark.ts';

const directory = 'src/generated';
const modules: Readonly<Record<string, (spec: Spec) => string>> = {
  'kinds.ts': kinds,
  'constants.ts': constants,
  'messages.ts': messages,
  'codec.ts': codec,
  'requirements.ts': requirements,
  'failures.ts': failures,
  'keySchedule.ts': keySchedule,
  'suites.ts': suites,
  'keyLog.ts': keyLog,
  'proposals.ts': proposals,
  'channel.ts': channel,
  'channelKeys.ts': channelKeys,
};

/** Formats texts by file name, all at once, as the formatter is slow to start. */
function formatted(texts: Readonly<Record<string, string>>): [string, string][] {
  const place = temporaryDirectory('generated');
  try {
    for (const [name, text] of Object.entries(texts)) writeFileSync(join(place, name), text);
    const words = ['check', '--write', '--vcs-enabled=false', `--config-path=${resolve('biome.json')}`, place];
    execFileSync('biome', words, { stdio: ['ignore', 'ignore', 'pipe'] });
    return Object.keys(texts).map((name) => [`${directory}/${name}`, readFileSync(join(place, name), 'utf8')]);
  } finally {
    removeDirectory(place);
  }
}

const fill = (page: string, parts: Readonly<Record<string, string>>): [string, string] => [
  page,
  fillTables(page, readFileSync(page, 'utf8'), parts),
];

function render(spec: Spec): Rendered {
  return new Map([
    ...formatted(Object.fromEntries(Object.entries(modules).map(([name, make]) => [name, make(spec)]))),
    fill('spec/README.md', tables(spec)),
    fill('spec/keylog.md', keyLogTables(spec)),
    fill('spec/channel.md', channelTables(spec)),
    ['spec/wireshark/pquake.lua', wireshark(spec)],
  ]);
}

const check = process.argv.includes('--check');
const status = tell('code and specification', settle(render(loadSpec()), [directory], check), check);
const fromRuns = spawnSync(process.execPath, ['src/lab/generate.ts', ...(check ? ['--check'] : [])], {
  stdio: 'inherit',
});
process.exitCode = Math.max(status, fromRuns.status ?? 1);
