/** Options that no handshake can be made of; thrown before anything is sent. */
export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError';
}
