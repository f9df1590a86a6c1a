// The environment of a process that is started here: the variables that every program needs, the named ones, and no
// others.
import { InvalidArgumentError } from 'commander';

/**
 * Variables for the places of programs, homes and temporary files, for language, formats and time zone. They hold
 * neither secrets nor options of Node.
 */
const passedOn = ['PATH', 'HOME', 'TMPDIR', 'TZ', 'LANG'] as const;

const isPassedOn = (name: string): boolean => passedOn.some((one) => one === name) || name.startsWith('LC_');

/** The environment of a new process: PATH, HOME, TMPDIR, TZ, LANG, LC_*, and the variables named. */
export function environmentFor(
  named: readonly string[] = [],
  from: Readonly<NodeJS.ProcessEnv> = process.env,
): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(from).filter(([name]) => isPassedOn(name) || named.includes(name)));
}

/** Adds a variable, by its name, to those passed on. @throws InvalidArgumentError when it is not set */
export function collectVariable(name: string, before: readonly string[] = []): readonly string[] {
  if (process.env[name] === undefined) {
    throw new InvalidArgumentError('Expected the name of a variable of the environment that is set.');
  }
  return [...before, name];
}
