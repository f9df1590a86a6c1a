import { ConfigurationError } from '../configuration.ts';
import type { SuiteAlgorithms, SuiteId } from '../generated/suites.ts';

/** Which suites a deployment permits. Nothing on the wire names a suite; peers with different ones abort. */
export interface SuitePolicy {
  /** Suites other than the mandatory one that may be used; by default none. */
  readonly allowedSuites?: readonly SuiteId[] | undefined;
  /**
   * Told, in words, what is doubtful about the options when they are checked: a deprecated suite; an expected name that several
   * trust anchors may vouch for, or none. Must not throw.
   */
  readonly onWarning?: ((warning: string) => void) | undefined;
}

/**
 * Judges a suite by its status and the local policy: one that is not mandatory has to be allowed by name, a deprecated one
 * warns, a broken one is refused whatever the policy says.
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
