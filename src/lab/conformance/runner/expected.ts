// Expected failures: a file with the ids of cases, and why each fails.
import { ConfigurationError } from '../../../configuration.ts';
import { limits } from '../../../limits.ts';
import { readBounded } from '../../../node/files/files.ts';
import { parseYaml, YamlError } from '../../yaml.ts';

/**
 * Reads YAML or JSON: `id: reason`. Every id must be that of a case, and no reason empty. @throws ConfigurationError
 */
export function readExpectedFailures(file: string, known: readonly string[]): ReadonlyMap<string, string> {
  const refuse = (reason: string): never => {
    throw new ConfigurationError(`${file}: ${reason}`);
  };
  let content: unknown;
  try {
    content = parseYaml(readBounded(file, limits.expectedFailuresFile).toString('utf8'));
  } catch (error) {
    if (!(error instanceof YamlError)) throw error;
    refuse(error.message);
  }
  if (content === null) return new Map();
  if (typeof content !== 'object' || Array.isArray(content)) refuse('expected a mapping of ids of cases to reasons');
  return new Map(
    Object.entries(content as object).map(([id, reason]) => {
      if (!known.includes(id)) refuse(`there is no case ${id}; --list shows them`);
      if (typeof reason !== 'string' || reason.trim() === '') refuse(`${id}: expected a reason, in words`);
      return [id, String(reason)];
    }),
  );
}
