// Stands in for a prover: prints its version, or the recorded output of the model, or obeys the model.
//   fake: print NAME      prints another recorded output
//   fake: sleep           prints the recorded output, but never ends; a process below it keeps writing to $FAKE_BEAT
//   fake: fail WORDS      prints an error and ends with 2
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { basename, extname } from 'node:path';

const versions: Readonly<Record<string, string>> = {
  proverif: 'Proverif 2.05. Cryptographic protocol verifier, by Bruno Blanchet, Vincent Cheval, and Marc Sylvestre\n',
  cryptoverif: 'Cryptoverif 2.06. Cryptographic protocol verifier, by Bruno Blanchet, David Cadé, and Benjamin Lipp\n',
  verifpal: 'verifpal 1.1.0\n',
};
const [tool = '', ...words] = process.argv.slice(2);
const file = words.at(-1) ?? '';

const recorded = (name: string): string => {
  const path = new URL(`fixtures/outputs/${name}`, import.meta.url);
  return existsSync(path) ? readFileSync(path, 'utf8') : `no output ${name} is recorded\n`;
};

function answer(text: string): void {
  const [, action, about = ''] = /fake: (\w+) ?(.*?) *(?:\*\))?$/m.exec(text) ?? [];
  const own = `${basename(file, extname(file))}.txt`;
  if (action === 'fail') {
    process.stderr.write(`File "${file}", line 1, characters 1-2:\nError: ${about}\n`);
    process.exitCode = 2;
    return;
  }
  process.stdout.write(recorded(action === 'print' ? about : own));
  if (action !== 'sleep') return;
  const beat = "setInterval(() => require('node:fs').appendFileSync(process.env.FAKE_BEAT, '.'), 20)";
  spawn(process.execPath, ['--eval', beat], { stdio: 'ignore' });
  setInterval(() => {}, 1000);
}

if (file.startsWith('-')) process.stdout.write(versions[tool] ?? '');
else answer(readFileSync(file, 'utf8'));
