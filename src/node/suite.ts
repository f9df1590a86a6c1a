import crypto from 'node:crypto';
import { ConfigurationError } from '../configuration.ts';
import { native } from '../crypto/native.ts';
import { nobleSuite } from '../crypto/nobleSuites.ts';
import type { Suite, SuiteName } from '../crypto/suite.ts';
import { mandatorySuite, type SuiteId, suiteTable } from '../generated/suites.ts';

/** Whether this Node provides ML-KEM-1024 and ML-DSA-87: Node >= 24.7 built on OpenSSL >= 3.5. */
function hasNative(): boolean {
  if (typeof crypto.encapsulate !== 'function') return false;
  try {
    crypto.generateKeyPairSync('ml-kem-1024');
    return true;
  } catch {
    return false;
  }
}

let platform: boolean | undefined;

/**
 * The named back end, or the fastest one of this Node, with the algorithms of a suite (default the mandatory one).
 * @throws ConfigurationError when `native` is asked for and this Node lacks it
 */
export function chooseSuite(name?: SuiteName, suite: SuiteId = mandatorySuite.name): Suite {
  const algorithms = suiteTable[suite];
  if (name === 'noble') return nobleSuite(algorithms);
  platform ??= hasNative();
  if (platform) return native(crypto, algorithms);
  if (name === undefined) return nobleSuite(algorithms);
  throw new ConfigurationError(
    `the native back end needs Node >= 24.7 with OpenSSL >= 3.5; this is Node ${process.versions.node} with ${process.versions.openssl}`,
  );
}
