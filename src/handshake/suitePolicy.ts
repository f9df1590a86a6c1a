import { ConfigurationError } from '../configuration.ts';
import type { SuiteAlgorithms, SuiteId } from '../generated/suites.ts';

/** Which suites a deployment permits. Nothing on the wire names a suite; peers with different ones abort. */
export interface SuitePolicy {
  /** Suites other than the mandatory one that may be used; by default none. */
  readonly allowedSuites?: readonly SuiteId[] | undefined;
  /**
   * Called, in words, for doubtful options when they are checked: a deprecated suite; an expected name that several
   * trust anchors, or none, may vouch for. Must not throw.
   */
  readonly onWarning?: ((warning: string) => void) | undefined;
}

/**
 * Checks a suite against its status and the local policy. A suite that is not mandatory must be allowed by name; a
 * deprecated one causes a warning; a broken one is always refused.
 * @throws ConfigurationError when it may not be used
 */
export function checkSuite({ name, status }: SuiteAlgorithms, policy: SuitePolicy): void {
  const { allowedSuites = [], onWarning } = policy;
  if (status === 'broken')
    throw new ConfigurationError(`the suite ${name} is broken and not used, whatever is allowed`);
  if (status !== 'mandatory' && !allowedSuites.includes(name)) {
    throw new ConfigurationError(`the suite ${name} is ${status}: it must be allowed by name`);
  }
  if (status === 'deprecated') onWarning?.(`the suite ${name} is deprecated`);
}
